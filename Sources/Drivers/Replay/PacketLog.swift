import Dataplane

/// `packets.csv`: one line for each packet, when it left or ended.
///
/// `rx_start_ps` is when its first bit came in, or, of a packet that the switch made, when it did. Copies have the
/// number of the packet that they were made of; a packet that the switch made has none. `pause_ps` is the part of the
/// latency for which the packet's queue was paused. Pause frames of the switch are no packets and have no line.
///
/// With telemetry a last column, `left_bytes`, has what the packet left behind in its queue, on ports that take part.
struct PacketLog: ~Copyable {
  private var file: CSVFile
  private let portNames: [String]
  /// By port: whether it takes part in telemetry.
  private let hasTelemetry: [Bool]
  private let hasLeftBytes: Bool

  static let columns =
    "packet,ingress,rx_start_ps,bytes,outcome,egress,queue,enqueue_ps,tx_start_ps,latency_ps,pause_ps"

  init(path: String, portNames: [String], hasTelemetry: [Bool] = []) throws(CaptureError) {
    let hasLeftBytes = hasTelemetry.contains(true)
    file = try CSVFile(
      path: path, columns: PacketLog.columns + (hasLeftBytes ? ",left_bytes" : ""), option: "--packets")
    self.hasTelemetry = hasTelemetry
    self.hasLeftBytes = hasLeftBytes
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
    if hasLeftBytes {
      if hasTelemetry[packet.egressPort.index] { file.append(UInt64(state.queued_bytes)) } else { file.appendEmpty() }
    }
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
    for _ in 0..<(hasLeftBytes ? 7 : 6) { file.appendEmpty() }
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
