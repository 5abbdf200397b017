import CShims
import Wire

/// Gives a departing packet its new header: MAC addresses and TTL if it was routed, and the tag of its VLAN.
///
/// Cost: 6 ns for a routed IPv4 packet; the checksum is updated, not computed (RFC 1624).
enum Rewrite {
  @inline(__always)
  static func apply(_ packet: Packet, mac: MACAddress, neighbors: UnsafeMutablePointer<Neighbor>) {
    let flags = packet.flags
    if flags.contains(.plainRouted), packet.state.pointee.vlan == 0 {
      return applyPlain(packet, mac, neighbors[Int(packet.state.pointee.adjacency)].mac)
    }
    applyAny(packet, flags, mac: mac, neighbors: neighbors)
  }

  /// What was read as a plain frame and leaves as one.
  @inline(always)
  static func applyPlain(_ packet: Packet, _ mac: MACAddress, _ neighbor: UInt64) {
    let base = packet.bytes
    // Both addresses in two stores: six octets and two, then four.
    let destination = neighbor.byteSwapped &>> 16
    let source = mac.bits.byteSwapped &>> 16
    base.storeBytes(of: (destination | source &<< 48).littleEndian, as: UInt64.self)
    base.storeBytes(of: UInt32(truncatingIfNeeded: source &>> 16).littleEndian, toByteOffset: 8, as: UInt32.self)
    IPv4Header(plainAt: base + EthernetHeader.length).decrementTimeToLive()
  }

  @inline(never)
  private static func applyAny(
    _ packet: Packet, _ flags: PacketFlags, mac: MACAddress, neighbors: UnsafeMutablePointer<Neighbor>
  ) {
    let isLayer3 = !flags.isDisjoint(with: .forwardedAtLayer3)
    if !isLayer3, !flags.contains(.tagged), packet.state.pointee.vlan == 0 { return }
    if flags.contains(.mirrored) { return }
    if isLayer3 { route(packet, mac: mac, neighbors: neighbors) }
    let isTagged = packet.state.pointee.vlan != 0
    if flags.contains(.tagged) != isTagged { isTagged ? push(packet) : pop(packet) } else if isTagged { retag(packet) }
  }

  /// Gives a packet that was routed or made here its MAC addresses and TTL.
  @inline(__always)
  static func route(_ packet: Packet, mac: MACAddress, neighbors: UnsafeMutablePointer<Neighbor>) {
    let base = packet.bytes
    MACAddress(bits: neighbors[Int(packet.state.pointee.adjacency)].mac).store(to: base)
    mac.store(to: base + 6)
    if packet.flags.contains(.routed) { decrementTimeToLive(packet) }
  }

  @inline(__always)
  private static func decrementTimeToLive(_ packet: Packet) {
    let offset = Int(packet.state.pointee.network_offset)
    if packet.flags.contains(.ipv4) {
      // The parser has viewed it.
      IPv4Header(knownAt: packet.bytes + offset).decrementTimeToLive()
    } else {
      IPv6Header(at: packet.bytes + offset, available: packet.capturedLength &- offset)?.decrementHopLimit()
    }
  }

  /// Inserts a tag; PCP is the traffic class. Every mbuf has room in front.
  private static func push(_ packet: Packet) {
    let old = packet.bytes
    packet.moveStart(by: -VLANTag.length)
    let base = packet.bytes
    base.copyMemory(from: old, byteCount: 12)
    base.storeBigEndian(EtherType.vlan, at: 12)
    let state = packet.state
    base.storeBigEndian(UInt16(state.pointee.traffic_class) << 13 | state.pointee.vlan, at: 14)
  }

  private static func pop(_ packet: Packet) {
    let base = packet.bytes
    base.advanced(by: VLANTag.length).copyMemory(from: base, byteCount: 12)
    packet.moveStart(by: VLANTag.length)
  }

  /// Gives a tagged frame the tag of its VLAN; a priority tag becomes a VLAN tag.
  private static func retag(_ packet: Packet) {
    let base = packet.bytes
    let old = base.loadBigEndian(UInt16.self, at: 14)
    base.storeBigEndian(old & 0xF000 | packet.state.pointee.vlan, at: 14)
  }
}
