import CShims
import Wire

/// ARP (RFC 826) and neighbour discovery (RFC 4861) for the switch's own addresses and for its next hops.
extension Switch {
  /// Looks at a frame to a group address on a routed interface. True: it was for the switch, and is gone.
  ///
  /// On a VLAN, ARP that asks for somebody else is still flooded.
  mutating func answersGroup(_ packet: Packet, interface: Int, at now: Tick) -> Bool {
    if hasForeignTags(packet) { return false }
    let isPort = tables.interfaces.interfaces.base[interface].port != .none
    if packet.state.pointee.ether_type == EtherType.arp {
      let isForSwitch = learnAndAnswerARP(packet, interface: interface, at: now)
      if isForSwitch || isPort { consume(packet, at: now) }
      return isForSwitch || isPort
    }
    guard packet.flags.contains(.ipv6), packet.state.pointee.ip_protocol == IPProtocol.icmpV6 else { return false }
    let isForSwitch = learnAndAnswerND(packet, interface: interface, at: now)
    if isForSwitch || isPort { consume(packet, at: now) }
    return isForSwitch || isPort
  }

  /// Handles ARP that is addressed to the switch's MAC address.
  mutating func receiveARP(_ packet: Packet, interface: Int, at now: Tick) {
    _ = learnAndAnswerARP(packet, interface: interface, at: now)
    consume(packet, at: now)
  }

  private mutating func learnAndAnswerARP(_ packet: Packet, interface: Int, at now: Tick) -> Bool {
    let offset = Int(packet.state.pointee.network_offset)
    guard let arp = ARPPacket(at: packet.bytes + offset, available: packet.capturedLength &- offset) else {
      return false
    }
    let sender = arp.senderProtocolAddress
    let senderMAC = arp.senderHardwareAddress
    // RFC 1812 section 3.3.2: a router must not believe that somebody is reached at a group address.
    if senderMAC.isGroup { return false }
    if isNeighbor(.v4(sender), senderMAC, on: interface) {
      learnNeighbor(interface: interface, address: .v4(sender), mac: senderMAC, at: now)
    }
    guard isOwn(.v4(arp.targetProtocolAddress)) else { return false }
    guard arp.operation == ARPPacket.Operation.request else { return true }
    let length = EthernetHeader.length + ARPPacket.length
    guard let reply = newFrame(length: length, at: now) else { return true }
    writeEthernet(reply, destination: senderMAC, etherType: EtherType.arp)
    if let answer = ARPPacket(
      creatingAt: reply.bytes + EthernetHeader.length, available: ARPPacket.length, operation: ARPPacket.Operation.reply
    ) {
      answer.senderHardwareAddress = mac
      answer.senderProtocolAddress = arp.targetProtocolAddress
      answer.targetHardwareAddress = senderMAC
      answer.targetProtocolAddress = sender
    }
    sendFrame(reply, interface: interface, at: now)
    return true
  }

  /// Learns from a solicitation or advertisement, and answers a solicitation for an own address.
  ///
  /// Whatever does not pass the checks of RFC 4861 section 7.1 and RFC 6980 is left alone, and so is a message of which a
  /// capture holds only a part: its checksum cannot be checked.
  mutating func learnAndAnswerND(_ packet: Packet, interface: Int, at now: Tick) -> Bool {
    let state = packet.state
    let header = packet.bytes + Int(state.pointee.network_offset)
    let offset = Int(state.pointee.transport_offset)
    let end = Int(state.pointee.network_offset) &+ Int(state.pointee.network_length)
    let source = IPv6Address(at: header + 8)
    let destination = IPv6Address(at: header + 24)
    // Hop limit 255 proves that no router forwarded it.
    guard offset != 0, end <= packet.capturedLength, !packet.flags.contains(.fragment),
      header.load(fromByteOffset: 7, as: UInt8.self) == 255,
      let message = ICMPv6Header(at: packet.bytes + offset, available: end &- offset),
      message.isChecksumValid(source: source, destination: destination)
    else { return false }
    if let advertisement = NeighborAdvertisement(at: message.base, available: message.available) {
      return learn(from: advertisement, isToGroup: destination.isMulticast, interface: interface, at: now)
    }
    guard let solicitation = NeighborSolicitation(at: message.base, available: message.available) else { return false }
    let sender = solicitation.sourceLinkLayerAddress
    let isUnspecified = source.high == 0 && source.low == 0
    if isUnspecified {
      guard sender == nil, destination.isSolicitedNode else { return false }
    } else if let sender, isNeighbor(.v6(source), sender, on: interface) {
      learnNeighbor(interface: interface, address: .v6(source), mac: sender, at: now)
    }
    let target = solicitation.target
    guard target.isLinkLocal ? tables.interfaces.owns(target, on: interface) : isOwn(.v6(target)) else { return false }
    var destinationMAC = MACAddress(at: packet.bytes + 6)
    if isUnspecified {
      destinationMAC = MACAddress(bits: 0x3333_0000_0001)
    } else if let sender, !sender.isGroup {
      destinationMAC = sender
    }
    sendAdvertisement(
      of: target, to: isUnspecified ? .allNodes : source, destinationMAC, isSolicited: !isUnspecified,
      interface: interface, at: now)
    return true
  }

  /// Learns from an advertisement. True: it was for the switch alone.
  private func learn(
    from advertisement: NeighborAdvertisement, isToGroup: Bool, interface: Int, at now: Tick
  ) -> Bool {
    let flags = advertisement.flags.rawValue
    if isToGroup, flags & NeighborAdvertisement.Flags.solicited.rawValue != 0 { return false }
    let target = IPAddress.v6(advertisement.target)
    if let address = advertisement.targetLinkLayerAddress, isNeighbor(target, address, on: interface) {
      // RFC 4861 section 7.2.5: only an overriding advertisement replaces what is known.
      let position = tables.neighbors.find(interface: interface, address: target)
      let isKnown = position >= 0 && tables.neighbors.entries.base[position].isResolved
      if !isKnown || flags & NeighborAdvertisement.Flags.overrides.rawValue != 0 {
        learnNeighbor(interface: interface, address: target, mac: address, at: now)
      }
    }
    return !isToGroup
  }

  private mutating func sendAdvertisement(
    of target: IPv6Address, to destination: IPv6Address, _ destinationMAC: MACAddress, isSolicited: Bool,
    interface: Int, at now: Tick
  ) {
    let offset = EthernetHeader.length + IPv6Header.length
    guard let reply = newFrame(length: offset + NeighborAdvertisement.createdLength, at: now) else { return }
    writeEthernet(reply, destination: destinationMAC, etherType: EtherType.ipv6)
    writeIPv6(
      reply, source: target, destination: destination, hopLimit: 255,
      payload: NeighborAdvertisement.createdLength, dscp: Switch.networkControlDSCP)
    typealias Flags = NeighborAdvertisement.Flags
    var flags = Flags.router.rawValue | Flags.overrides.rawValue
    if isSolicited { flags |= Flags.solicited.rawValue }
    if let advertisement = NeighborAdvertisement(
      creatingAt: reply.bytes + offset, available: NeighborAdvertisement.createdLength, flags: Flags(rawValue: flags),
      target: target, linkLayerAddress: mac)
    {
      advertisement.icmp.updateChecksum(source: target, destination: destination)
    }
    sendFrame(reply, interface: interface, at: now)
  }

  /// Drops a packet whose next hop's MAC address is not known, and asks for it, at most once a second.
  mutating func resolve(_ position: Int, for packet: Packet, at now: Tick) {
    let neighbor = tables.neighbors.entries.base + position
    if neighbor.pointee.asked == .never || now - neighbor.pointee.asked >= ticksPerSecond {
      neighbor.pointee.asked = now
      ask(for: neighbor.pointee.address, interface: Int(neighbor.pointee.interface), at: now)
    }
    drop(packet, .unresolvedNeighbor, at: now)
  }

  private mutating func ask(for address: IPAddress, interface: Int, at now: Tick) {
    switch address {
    case .v4(let target):
      guard let frame = newFrame(length: EthernetHeader.length + ARPPacket.length, at: now) else { return }
      writeEthernet(frame, destination: .broadcast, etherType: EtherType.arp)
      if let request = ARPPacket(
        creatingAt: frame.bytes + EthernetHeader.length, available: ARPPacket.length,
        operation: ARPPacket.Operation.request)
      {
        request.senderHardwareAddress = mac
        request.senderProtocolAddress = tables.interfaces.source(of: interface, towards: target)
        request.targetProtocolAddress = target
      }
      sendFrame(frame, interface: interface, at: now)
    case .v6(let target):
      // RFC 4291 section 2.7.1: the solicited-node address holds the last 24 bits.
      let group = IPv6Address(high: 0xFF02_0000_0000_0000, low: 0x1_FF00_0000 | target.low & 0xFF_FFFF)
      let offset = EthernetHeader.length + IPv6Header.length
      guard let frame = newFrame(length: offset + NeighborSolicitation.createdLength, at: now) else { return }
      writeEthernet(
        frame, destination: MACAddress(bits: 0x3333_0000_0000 | group.low & 0xFFFF_FFFF), etherType: EtherType.ipv6)
      let source = tables.interfaces.source(of: interface, towards: target)
      writeIPv6(
        frame, source: source, destination: group, hopLimit: 255, payload: NeighborSolicitation.createdLength,
        dscp: Switch.networkControlDSCP)
      if let solicitation = NeighborSolicitation(
        creatingAt: frame.bytes + offset, available: NeighborSolicitation.createdLength, target: target,
        linkLayerAddress: mac)
      {
        solicitation.icmp.updateChecksum(source: source, destination: group)
      }
      sendFrame(frame, interface: interface, at: now)
    }
  }

  /// Lays an Ethernet header with the switch's address as source.
  func writeEthernet(_ packet: Packet, destination: MACAddress, etherType: UInt16) {
    destination.store(to: packet.bytes)
    mac.store(to: packet.bytes + 6)
    packet.bytes.storeBigEndian(etherType, at: 12)
  }

  /// Lays an IPv6 header behind the Ethernet header; the caller says what follows with `nextHeader` ICMPv6.
  func writeIPv6(
    _ packet: Packet, source: IPv6Address, destination: IPv6Address, hopLimit: UInt8, payload: Int, dscp: UInt8
  ) {
    let header = packet.bytes + EthernetHeader.length
    header.storeBigEndian(6 << 28 | UInt32(dscp) << 22, at: 0)
    header.storeBigEndian(UInt16(truncatingIfNeeded: payload), at: 4)
    header.storeBytes(of: IPProtocol.icmpV6, toByteOffset: 6, as: UInt8.self)
    header.storeBytes(of: hopLimit, toByteOffset: 7, as: UInt8.self)
    source.store(to: header + 8)
    destination.store(to: header + 24)
  }
}

extension IPv6Address {
  /// ff02::1, all nodes of a link (RFC 4291 section 2.7.1).
  fileprivate static var allNodes: IPv6Address { IPv6Address(high: 0xFF02_0000_0000_0000, low: 1) }

  /// True for ff02::1:ff00:0/104, the solicited-node addresses (RFC 4291 section 2.7.1).
  fileprivate var isSolicitedNode: Bool { high == 0xFF02_0000_0000_0000 && low >> 24 == 0x1_FF }
}
