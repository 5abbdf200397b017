import CShims
import Wire

extension Switch {
  /// The priority group that a frame belongs to by what its port trusts, before access rules: what its sender takes it
  /// for. Nil for MAC control, which belongs to none and which no pause stops.
  ///
  /// - Parameters:
  ///   - bytes: the frame, of which the first `captured` bytes are there.
  ///   - length: bytes of the frame on the wire.
  ///   - port: where it is to arrive.
  /// - Complexity: constant; about 50 ns.
  package mutating func priorityGroup(
    ofFrame bytes: UnsafeRawPointer, captured: Int, length: Int, on port: PortID
  ) -> PriorityGroup? {
    // Headers that decide lie within the first 256 bytes, and the pool of pause frames has what nobody else takes.
    guard let packet = memory.allocatePause() else { return PriorityGroup(0) }
    defer { PacketMemory.free(packet) }
    packet.fill(bytes, count: min(captured, PacketMemory.capacities.0))
    packet.state.pointee.wire_length = UInt32(truncatingIfNeeded: length)
    let state = egress.ports.base[port.index]
    let isParsed = Parser.parse(packet) == nil
    if isParsed, packet.state.pointee.ether_type == EtherType.macControl { return nil }
    classifier.classify(packet, trust: isParsed ? state.trust : .port, portClass: state.trafficClass)
    return PriorityGroup(Int(packet.state.pointee.priority_group))
  }
}
