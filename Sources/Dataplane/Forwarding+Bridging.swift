import CShims
import Wire

extension Switch {
  /// The VLAN of a frame on a bridged port, or nil if the port does not carry it.
  @inline(__always)
  func bridgedVLAN(of packet: Packet, on port: UnsafeMutablePointer<Port>, _ portID: PortID) -> UInt16? {
    let tag = packet.state.pointee.vlan
    if tag == 0 { return port.pointee.nativeVLAN == 0 ? nil : port.pointee.nativeVLAN }
    return tables.vlans.contains(tag, portID) ? tag : nil
  }

  /// Learns, then forwards a frame within its VLAN (IEEE 802.1Q clause 8.6), or hands it to the VLAN's interface.
  ///
  /// Cost: two hash look-ups, about 40 ns.
  mutating func receiveBridged(
    _ packet: Packet, vlan: UInt16, source: MACAddress, destination: MACAddress, at now: Tick
  ) {
    if source != mac { learnStation(vlan: vlan, mac: source, port: packet.ingressPort, at: now) }
    let interface = tables.interfaces.byVLAN.base[Int(vlan)]
    if interface != InterfaceTable.noInterface {
      if destination == mac {
        return receiveForSwitch(packet, interface: Int(interface), at: now)
      }
      if destination.isGroup, answersGroup(packet, interface: Int(interface), at: now) { return }
    }
    bridge(packet, vlan: vlan, destination: destination, at: now)
  }

  /// Sends a frame to the port of its destination within a VLAN, or floods it.
  mutating func bridge(_ packet: Packet, vlan: UInt16, destination: MACAddress, at now: Tick) {
    if !destination.isGroup, let port = tables.stations.port(vlan: vlan, mac: destination, at: now) {
      if port == packet.ingressPort, !isRouted(packet) { return drop(packet, .samePort, at: now) }
      return sendBridged(packet, vlan: vlan, to: port, at: now)
    }
    flood(packet, vlan: vlan, at: now)
  }

  /// True for a packet that comes out of routing: it may go back to where it came from.
  @inline(__always)
  private func isRouted(_ packet: Packet) -> Bool { !packet.flags.isDisjoint(with: .forwardedAtLayer3) }

  /// Sends a frame to every other port of its VLAN that is up, in the order of the configuration.
  private mutating func flood(_ packet: Packet, vlan: UInt16, at now: Tick) {
    let ingress = isRouted(packet) ? PortID.none : packet.ingressPort
    var last = PortID.none
    for member in tables.vlans.members(of: vlan) {
      guard member.port != ingress, egress.ports.base[member.port.index].isUp else { continue }
      if last != .none { floodCopy(of: packet, vlan: vlan, to: last, at: now) }
      last = member.port
    }
    if last == .none { return drop(packet, .nowhereToFlood, at: now) }
    sendBridged(packet, vlan: vlan, to: last, at: now)
  }

  private mutating func floodCopy(of packet: Packet, vlan: UInt16, to port: PortID, at now: Tick) {
    counters.replicatedPackets &+= 1
    guard let copy = copy(of: packet) else { return dropMissingCopy(of: packet, at: now) }
    sendBridged(copy, vlan: vlan, to: port, at: now)
  }

  /// Queues a frame on a port of its VLAN, which may tag it differently than it came in.
  private mutating func sendBridged(_ packet: Packet, vlan: UInt16, to port: PortID, at now: Tick) {
    let wasTagged = packet.flags.contains(.tagged)
    let isTagged = tables.vlans.isTagged(vlan, port)
    if isTagged != wasTagged {
      let length = packet.state.pointee.wire_length
      packet.state.pointee.wire_length = isTagged ? length &+ 4 : length &- 4
    }
    packet.state.pointee.vlan = isTagged ? vlan : 0
    let limit = egress.ports.base[port.index].largestFrame
    let length = packet.state.pointee.wire_length
    if length > limit, !losesTelemetry(packet, on: port, length: length, limit: limit) {
      return drop(packet, .mtuExceeded, at: now)
    }
    enqueue(packet, on: port, at: now)
  }

  /// Sends a copy of a frame, as it was received, out of a port.
  mutating func mirror(_ packet: Packet, to port: PortID, at now: Tick) {
    counters.replicatedPackets &+= 1
    guard let copy = copy(of: packet) else { return dropMissingCopy(of: packet, at: now) }
    copy.flags.insert(.mirrored)
    enqueue(copy, on: port, at: now)
  }

  /// A copy with memory of its own, or nil if memory is used up.
  func copy(of packet: Packet) -> Packet? {
    guard let copy = memory.allocate(capacity: packet.capturedLength) else { return nil }
    copy.fill(packet.bytes, count: packet.capturedLength)
    copy.copyState(from: packet)
    return copy
  }

  /// Counts the copy that could not be made: it is replicated and dropped at once, so that packets are conserved.
  mutating func dropMissingCopy(of packet: Packet, at now: Tick) {
    let reason = Int(DropReason.packetMemory.rawValue)
    if packet.ingressPort == .none {
      counters.dropsWithoutPort[reason] &+= 1
    } else {
      measured.ports.base[packet.ingressPort.index].drops[reason] &+= 1
    }
    recordEnding(of: packet, .packetMemory, at: now)
  }
}

extension Packet {
  /// Takes over all that is known about another packet.
  package func copyState(from other: Packet) {
    // CShims asserts that the private area begins behind the 128 bytes of the mbuf.
    let first = 128
    let size = MemoryLayout<pst_packet>.size &- first
    UnsafeMutableRawPointer(state).advanced(by: first).copyMemory(
      from: UnsafeRawPointer(other.state).advanced(by: first), byteCount: size)
  }
}
