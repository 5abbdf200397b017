import Dataplane
import Glibc

/// `packets.csv`: one line for each packet, when it left or ended.
struct PacketLog: ~Copyable {
  private let file: UnsafeMutablePointer<FILE>
  private let path: String
  private let temporary: String
  private let portNames: [String]
  private var line: [UInt8] = []
  private var isOpen = true

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
    if isOpen {
      fclose(file)
      unlink(temporary)
    }
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
  mutating func ended(_ ending: PacketEnding) {
    begin(number: ending.number, ingress: ending.ingressPort)
    append(ending.tick.rawValue)
    append(UInt64(ending.wireLength))
    append(ending.dropReason.map { "drop:" + $0.name } ?? "consumed")
    line.append(contentsOf: ",,,,".utf8)
    end()
  }

  /// Completes the file under its own name.
  mutating func commit() throws(CaptureError) {
    let failed = ferror(file) != 0
    isOpen = false
    if fclose(file) == 0, !failed, rename(temporary, path) == 0 { return }
    let problem = String(cString: strerror(errno))
    unlink(temporary)
    throw CaptureError(path: path, problem: problem, remedy: "Free space, or do without --packets.")
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
    _ = line.withUnsafeBufferPointer { fwrite($0.baseAddress, 1, $0.count, file) }
  }

  /// A name as a CSV field (RFC 4180).
  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { ",\"\n\r".contains($0) }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
