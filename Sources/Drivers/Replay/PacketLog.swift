import Dataplane
import Glibc

/// `packets.csv`: one line for each packet, when it left or ended.
///
/// `rx_start_ps` is when its first bit came in, or, of a packet that the switch made, when it did. Copies have the
/// number of the packet that they were made of; a packet that the switch made has none.
struct PacketLog: ~Copyable {
  private let file: UnsafeMutablePointer<FILE>
  private let path: String
  private let temporary: String
  private let portNames: [String]
  private var line: [UInt8] = []
  private var isOpen = true
  private var isCommitted = false
  /// Why the first write that failed did, as an `errno` value.
  private var failure: Int32 = 0

  static let header =
    "packet,ingress,rx_start_ps,bytes,outcome,egress,queue,enqueue_ps,tx_start_ps,latency_ps\n"

  init(path: String, portNames: [String]) throws(CaptureError) {
    temporary = path + ".partial"
    self.path = path
    self.portNames = portNames.map { PacketLog.quoted($0) }
    guard let file = fopen(temporary, "w") else {
      throw CaptureError(
        path: path, problem: String(cString: strerror(errno)), remedy: "Choose a directory that can be written to.")
    }
    self.file = file
    setvbuf(file, nil, _IOFBF, 1 << 20)
    fputs(PacketLog.header, file)
  }

  deinit {
    if isOpen { fclose(file) }
    if !isCommitted { unlink(temporary) }
  }

  /// A packet left.
  mutating func transmitted(_ packet: Packet) {
    let state = packet.state.pointee
    begin(number: state.number, ingress: packet.ingressPort)
    append(state.wire_start)
    append(UInt64(state.wire_length))
    append("tx")
    append(portNames[packet.egressPort.index])
    append(UInt64(state.queue))
    append(state.ready)
    append(state.departure)
    append(state.departure &- state.arrival)
    end()
  }

  /// A packet ended otherwise.
  ///
  /// - Parameter start: when its first bit came in, or when the switch made it.
  mutating func ended(_ ending: PacketEnding, start: Tick) {
    begin(number: ending.number, ingress: ending.ingressPort)
    append(start.rawValue)
    append(UInt64(ending.wireLength))
    append(ending.dropReason.map { "drop:" + $0.name } ?? "consumed")
    line.append(contentsOf: ",,,,,".utf8)
    end()
  }

  /// Completes the file, still under its temporary name.
  mutating func finish() throws(CaptureError) {
    isOpen = false
    if fclose(file) != 0, failure == 0 { failure = errno }
    try check()
  }

  /// Gives the finished file its own name.
  mutating func commit() throws(CaptureError) {
    if rename(temporary, path) == 0 { isCommitted = true } else { failure = errno }
    try check()
  }

  /// Throws if a write has failed.
  func check() throws(CaptureError) {
    guard failure != 0 else { return }
    throw CaptureError(
      path: path, problem: String(cString: strerror(failure)),
      remedy: failure == ENOSPC ? "Free space, or do without --packets." : "Check the directory and run again.")
  }

  private mutating func begin(number: UInt64, ingress: PortID) {
    line.removeAll(keepingCapacity: true)
    if number != .max { digits(number) }
    append(ingress == .none ? "" : portNames[ingress.index])
  }

  private mutating func append(_ text: String) {
    line.append(UInt8(ascii: ","))
    line.append(contentsOf: text.utf8)
  }

  private mutating func append(_ number: UInt64) {
    line.append(UInt8(ascii: ","))
    digits(number)
  }

  private mutating func digits(_ number: UInt64) {
    let start = line.count
    var rest = number
    repeat {
      line.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest != 0
    line[start...].reverse()
  }

  private mutating func end() {
    line.append(UInt8(ascii: "\n"))
    let written = line.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) }
    if written != line.count, failure == 0 { failure = errno }
  }

  /// A name as a CSV field (RFC 4180).
  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { ",\"\n\r".contains($0) }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
