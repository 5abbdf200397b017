import Dataplane

/// `packets.csv`: one line for each packet, when it left or ended.
///
/// `rx_start_ps` is when its first bit came in, or, of a packet that the switch made, when it did. Copies have the
/// number of the packet that they were made of; a packet that the switch made has none. `pause_ps` is the part of the
/// latency for which the packet's queue was paused. Pause frames of the switch are no packets and have no line.
struct PacketLog: ~Copyable {
  private var file: CSVFile
  private let portNames: [String]

  static let columns =
    "packet,ingress,rx_start_ps,bytes,outcome,egress,queue,enqueue_ps,tx_start_ps,latency_ps,pause_ps"

  init(path: String, portNames: [String]) throws(CaptureError) {
    file = try CSVFile(path: path, columns: PacketLog.columns, option: "--packets")
    self.portNames = portNames.map { CSVFile.quoted($0) }
  }

  /// A packet left.
  mutating func transmitted(_ packet: Packet) {
    let state = packet.state.pointee
    begin(number: state.number, ingress: packet.ingressPort)
    file.append(state.wire_start)
    file.append(UInt64(state.wire_length))
    file.append("tx")
    file.append(portNames[packet.egressPort.index])
    file.append(UInt64(state.queue))
    file.append(state.ready)
    file.append(state.departure)
    file.append(state.departure &- state.arrival)
    file.append(packet.pausedTicks)
    file.endLine()
  }

  /// A packet ended otherwise.
  ///
  /// - Parameter start: when its first bit came in, or when the switch made it.
  mutating func ended(_ ending: PacketEnding, start: Tick) {
    begin(number: ending.number, ingress: ending.ingressPort)
    file.append(start.rawValue)
    file.append(UInt64(ending.wireLength))
    file.append(ending.dropReason.map { "drop:" + $0.name } ?? "consumed")
    for _ in 0..<6 { file.appendEmpty() }
    file.endLine()
  }

  /// Completes the file, still under its temporary name.
  mutating func finish() throws(CaptureError) { try file.finish() }

  /// Gives the finished file its own name.
  mutating func commit() throws(CaptureError) { try file.commit() }

  /// Throws if a write has failed.
  func check() throws(CaptureError) { try file.check() }

  private mutating func begin(number: UInt64, ingress: PortID) {
    if number == .max { file.appendEmpty() } else { file.append(number) }
    if ingress == .none { file.appendEmpty() } else { file.append(portNames[ingress.index]) }
  }
}
