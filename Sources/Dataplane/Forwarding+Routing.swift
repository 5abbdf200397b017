import CShims
import Wire

extension Switch {
  /// Handles a frame on a routed port.
  @inline(__always)
  mutating func receiveRouted(_ packet: Packet, destination: MACAddress, target: RouteTarget, at now: Tick) {
    let interface = packet.ingressPort.index
    if destination == mac || (routesForeignMAC && !destination.isGroup) {
      if packet.flags.contains(.ipv4) {
        return route(packet, target: target, at: now)
      }
      return receiveForSwitch(packet, interface: interface, at: now)
    }
    if destination.isGroup {
      if answersGroup(packet, interface: interface, at: now) { return }
      return drop(packet, .multicastNotRouted, at: now)
    }
    drop(packet, .foreignMAC, at: now)
  }

  /// Handles a frame that is addressed to the switch's MAC address.
  mutating func receiveForSwitch(_ packet: Packet, interface: Int, at now: Tick) {
    let flags = packet.flags
    if packet.state.pointee.ether_type == EtherType.arp {
      if hasForeignTags(packet) { return drop(packet, .notRoutable, at: now) }
      return receiveARP(packet, interface: interface, at: now)
    }
    let header = packet.bytes + Int(packet.state.pointee.network_offset)
    if !flags.isDisjoint(with: .ip) { tables.groups.hashFlow(of: packet) }
    if flags.contains(.ipv4) {
      return route(
        packet, target: tables.routes.lookup(IPv4Address(bits: header.loadBigEndian(UInt32.self, at: 16))), at: now)
    }
    if flags.contains(.ipv6) {
      return route(packet, target: tables.routes.lookup(ipv6Destination: header + 24), at: now)
    }
    if flags.contains(.malformed) {
      return drop(packet, DropReason(notedByParser: packet.state.pointee.drop_reason), at: now)
    }
    drop(packet, .notRoutable, at: now)
  }

  /// Finds where the plain frames of a burst go, if groups choose by flow. Those among them that a route leads to a resolved
  /// member of a next-hop group on a port, which takes their length, are ``PacketFlags/plainRouted`` afterwards.
  ///
  /// A loop of its own, before anything is queued: each step waits for the memory that the one before has named, and so
  /// the processor has several packets under way.
  ///
  /// Cost: 45 instructions a packet.
  @inline(always)
  func resolvePlain(_ burst: borrowing PacketBurst, at now: Tick) {
    for index in 0..<burst.count {
      let packet = burst.packet(known: index)
      let target = RouteTarget(found: scratch.lookupResults.base[index])
      guard packet.flags.contains(.plain), target.kind == .group,
        let member = tables.groups.select(target.index, for: packet, at: now)
      else { continue }
      _ = address(packet, to: member)
    }
  }

  /// Addresses a plain frame to a member of a next-hop group, and counts it there. False: the member is not resolved, not
  /// on a port, or does not take its length, and nothing was done.
  @inline(always)
  private func address(_ packet: Packet, to member: Int) -> Bool {
    let state = packet.state
    let counted = tables.groups.members.base + member
    let neighbor = tables.neighbors.entries.base + Int(counted.pointee.neighbor)
    let length = state.pointee.wire_length
    guard length <= neighbor.pointee.longestFrame else { return false }
    state.pointee.member = UInt32(truncatingIfNeeded: member)
    state.pointee.adjacency = counted.pointee.neighbor
    state.pointee.egress_port = neighbor.pointee.port.rawValue
    state.pointee.flags |= PacketFlags.routed.rawValue
    counted.pointee.packets &+= 1
    counted.pointee.bytes &+= UInt64(length)
    return true
  }

  /// Sends a plain frame where its route leads that ``resolvePlain(_:at:)`` was not asked for, or has not resolved.
  @inline(always)
  mutating func routePlain(_ packet: Packet, target: RouteTarget, at now: Tick) {
    guard target.kind == .group, !tables.groups.choosesByFlow,
      let member = tables.groups.select(target.index, for: packet, at: now)
    else { return routeUnusual(packet, target: target, at: now) }
    if address(packet, to: member) { return enqueue(packet, on: packet.egressPort, at: now) }
    packet.state.pointee.member = UInt32(truncatingIfNeeded: member)
    forward(packet, to: Int(tables.groups.members.base[member].neighbor), at: now)
  }

  @inline(never)
  private mutating func routeUnusual(_ packet: Packet, target: RouteTarget, at now: Tick) {
    route(packet, target: target, at: now)
  }

  /// Sends a packet where its route leads. The order of the checks is RFC 1812's: header, addresses, route, TTL, MTU.
  @inline(__always)
  mutating func route(_ packet: Packet, target: RouteTarget, at now: Tick) {
    if let reason = headerFault(of: packet) { return drop(packet, reason, at: now) }
    if packet.flags.contains(.ipv6), concernsLink(packet) { return receiveLinkLocal(packet, target: target, at: now) }
    switch target.kind {
    case .group:
      guard hasTimeToLive(packet) else { return expire(packet, at: now) }
      guard let member = tables.groups.select(target.index, for: packet, at: now) else {
        return reject(packet, .noNextHop, at: now)
      }
      packet.state.pointee.member = UInt32(truncatingIfNeeded: member)
      forward(packet, to: Int(tables.groups.members.base[member].neighbor), at: now)
    case .connected:
      guard hasTimeToLive(packet) else { return expire(packet, at: now) }
      let neighbor = tables.neighbors.findOrAdd(
        interface: target.index, address: destinationAddress(of: packet), at: now)
      guard neighbor >= 0 else { return drop(packet, .unresolvedNeighbor, at: now) }
      forward(packet, to: neighbor, at: now)
    case .local: receiveLocal(packet, interface: target.index, at: now)
    case .broadcast: drop(packet, .multicastNotRouted, at: now)
    case .none: reject(packet, .noRoute, at: now)
    case .discard: drop(packet, .discardRoute, at: now)
    }
  }

  /// Sends a packet to a neighbour.
  @inline(never)
  mutating func forward(_ packet: Packet, to position: Int, at now: Tick) {
    let neighbor = tables.neighbors.entries.base + position
    guard neighbor.pointee.isResolved else { return resolve(position, for: packet, at: now) }
    let mtu = neighbor.pointee.mtu
    let port = neighbor.pointee.port
    let length = UInt32(packet.state.pointee.network_length)
    if length > mtu, !losesTelemetry(packet, on: port, length: length, limit: mtu) {
      return rejectTooBig(packet, mtu: mtu, at: now)
    }
    packet.state.pointee.adjacency = UInt32(truncatingIfNeeded: position)
    if !packet.flags.contains(.originated) { packet.flags.insert(.routed) }
    if packet.state.pointee.member != ~0 {
      let member = tables.groups.members.base + Int(packet.state.pointee.member)
      member.pointee.packets &+= 1
      member.pointee.bytes &+= UInt64(packet.state.pointee.wire_length)
    }
    if port != .none {
      // A routed port sends untagged: a priority tag that came in goes.
      if packet.flags.contains(.tagged) { packet.state.pointee.wire_length &-= 4 }
      packet.state.pointee.vlan = 0
      // Octets behind the IP packet count for the frame.
      let limit = egress.ports.base[port.index].largestFrame
      let frame = packet.state.pointee.wire_length
      if frame > limit, !losesTelemetry(packet, on: port, length: frame, limit: limit) {
        return drop(packet, .mtuExceeded, at: now)
      }
      return enqueue(packet, on: port, at: now)
    }
    let vlan = tables.interfaces.interfaces.base[Int(neighbor.pointee.interface)].vlan
    bridge(packet, vlan: vlan, destination: MACAddress(bits: neighbor.pointee.mac), at: now)
  }

  /// Why a packet must not be routed, judged by its header alone.
  @inline(__always)
  private func headerFault(of packet: Packet) -> DropReason? {
    let flags = packet.flags
    if flags.contains(.malformed) { return DropReason(notedByParser: packet.state.pointee.drop_reason) }
    let offset = Int(packet.state.pointee.network_offset)
    if hasForeignTags(packet) { return .notRoutable }
    let base = packet.bytes + offset
    if flags.contains(.ipv4) {
      let header = IPv4Header(knownAt: base)
      if !header.isChecksumValid { return .networkChecksum }
      let source = header.source.bits
      let destination = header.destination.bits
      // RFC 1812 section 5.3.7: source must be a unicast address, neither may be in 0/8 or 127/8.
      if source >> 28 >= 0xE || source >> 24 == 127 || source >> 24 == 0 { return .martianAddress }
      if destination >> 24 == 127 || destination >> 24 == 0 { return .martianAddress }
      if destination >> 28 >= 0xE { return .multicastNotRouted }
      return nil
    }
    let source = IPv6Address(at: base + 8)
    let destination = IPv6Address(at: base + 24)
    if source.isMulticast || (source.high == 0 && source.low <= 1) { return .martianAddress }
    if destination.high == 0 && destination.low <= 1 { return .martianAddress }
    if destination.isMulticast { return .multicastNotRouted }
    return nil
  }

  /// True for a frame with more tags than the one of its VLAN, which would stay on it when it is routed elsewhere.
  @inline(__always)
  func hasForeignTags(_ packet: Packet) -> Bool {
    let own = packet.flags.contains(.tagged) ? VLANTag.length : 0
    return Int(packet.state.pointee.network_offset) != EthernetHeader.length &+ own
  }

  /// True for an IPv6 packet of others from or to a link-local address, which must not leave its link (RFC 4291
  /// section 2.5.6).
  @inline(__always)
  private func concernsLink(_ packet: Packet) -> Bool {
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    return (IPv6Address(at: base + 24).isLinkLocal || IPv6Address(at: base + 8).isLinkLocal)
      && !packet.flags.contains(.originated)
  }

  @inline(__always)
  private func hasTimeToLive(_ packet: Packet) -> Bool {
    if packet.flags.contains(.originated) { return true }
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    let offset = packet.flags.contains(.ipv4) ? 8 : 7
    return base.load(fromByteOffset: offset, as: UInt8.self) > 1
  }

  /// The destination of a parsed IP packet.
  @inline(__always)
  func destinationAddress(of packet: Packet) -> IPAddress {
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    if packet.flags.contains(.ipv4) {
      return .v4(IPv4Address(bits: base.loadBigEndian(UInt32.self, at: 16)))
    }
    return .v6(IPv6Address(at: base + 24))
  }
}
