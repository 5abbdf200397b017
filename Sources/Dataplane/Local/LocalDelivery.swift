import CShims
import Wire

/// Packets that are addressed to the switch.
extension Switch {
  /// Handles an IP packet to one of the switch's addresses: answers echo requests and neighbour solicitations, rejects
  /// UDP (so that traceroute ends here), and consumes the rest.
  mutating func receiveLocal(_ packet: Packet, interface: Int, at now: Tick) {
    if packet.flags.contains(.originated) { return consume(packet, at: now) }
    let ipProtocol = packet.state.pointee.ip_protocol
    let isWhole = !packet.flags.contains(.fragment) && packet.state.pointee.transport_offset != 0
    if isWhole, ipProtocol == IPProtocol.icmp, packet.flags.contains(.ipv4) {
      answerEchoIPv4(packet, interface: interface, at: now)
    } else if isWhole, ipProtocol == IPProtocol.icmpV6, packet.flags.contains(.ipv6) {
      let ingress = ingressInterface(of: packet) ?? interface
      if !learnAndAnswerND(packet, interface: ingress, at: now) {
        answerEchoIPv6(packet, interface: ingress, at: now)
      }
    } else if isWhole, ipProtocol == IPProtocol.udp {
      sendError(
        about: packet, ipv4: (ICMPv4Header.MessageType.destinationUnreachable, ICMPv4Header.UnreachableCode.port),
        ipv6: (ICMPv6Header.MessageType.destinationUnreachable, ICMPv6Header.UnreachableCode.port), parameter: 0,
        at: now)
    }
    consume(packet, at: now)
  }

  /// Handles a packet from or to a link-local address: it is for the switch, or not for it to pass on.
  mutating func receiveLinkLocal(_ packet: Packet, target: RouteTarget, at now: Tick) {
    if case .v6(let address) = destinationAddress(of: packet), address.isLinkLocal {
      if let interface = ingressInterface(of: packet), tables.interfaces.owns(address, on: interface) {
        return receiveLocal(packet, interface: interface, at: now)
      }
      return drop(packet, .multicastNotRouted, at: now)
    }
    if target.kind == .local { return receiveLocal(packet, interface: target.index, at: now) }
    sendError(
      about: packet, ipv4: (0, 0),
      ipv6: (ICMPv6Header.MessageType.destinationUnreachable, Switch.beyondScopeOfSource), parameter: 0, at: now)
    drop(packet, .multicastNotRouted, at: now)
  }

  /// Code of "destination unreachable": the source address means nothing there (RFC 4443 section 3.1).
  private static var beyondScopeOfSource: UInt8 { 2 }

  private mutating func answerEchoIPv4(_ packet: Packet, interface: Int, at now: Tick) {
    let state = packet.state
    let offset = Int(state.pointee.network_offset)
    let transport = Int(state.pointee.transport_offset)
    let end = offset &+ Int(state.pointee.network_length)
    guard end <= packet.capturedLength,
      let request = ICMPv4Header(at: packet.bytes + transport, available: end &- transport),
      request.type == ICMPv4Header.MessageType.echoRequest, request.isChecksumValid
    else { return }
    let length = end &- transport
    guard let reply = newFrame(length: EthernetHeader.length + 20 + length, at: now) else { return }
    let header = packet.bytes + offset
    writeEthernet(reply, destination: .broadcast, etherType: EtherType.ipv4)
    writeIPv4(
      reply, source: IPv4Address(bits: header.loadBigEndian(UInt32.self, at: 16)),
      destination: IPv4Address(bits: header.loadBigEndian(UInt32.self, at: 12)), payload: length,
      trafficClassOctet: header.load(fromByteOffset: 1, as: UInt8.self))
    let body = reply.bytes + EthernetHeader.length + 20
    body.copyMemory(from: packet.bytes + transport, byteCount: length)
    if let answer = ICMPv4Header(at: body, available: length) {
      answer.type = ICMPv4Header.MessageType.echoReply
      answer.updateChecksum()
    }
    originate(reply, interface: interface, at: now)
  }

  private mutating func answerEchoIPv6(_ packet: Packet, interface: Int, at now: Tick) {
    let state = packet.state
    let offset = Int(state.pointee.network_offset)
    let transport = Int(state.pointee.transport_offset)
    let end = offset &+ Int(state.pointee.network_length)
    let header = packet.bytes + offset
    let source = IPv6Address(at: header + 8)
    let destination = IPv6Address(at: header + 24)
    guard end <= packet.capturedLength,
      let request = ICMPv6Header(at: packet.bytes + transport, available: end &- transport),
      request.type == ICMPv6Header.MessageType.echoRequest,
      request.isChecksumValid(source: source, destination: destination)
    else { return }
    let length = end &- transport
    let start = EthernetHeader.length + IPv6Header.length
    guard let reply = newFrame(length: start + length, at: now) else { return }
    writeEthernet(reply, destination: .broadcast, etherType: EtherType.ipv6)
    writeIPv6(
      reply, source: destination, destination: source, hopLimit: 64, payload: length, dscp: state.pointee.dscp)
    reply.bytes.advanced(by: start).copyMemory(from: packet.bytes + transport, byteCount: length)
    if let answer = ICMPv6Header(at: reply.bytes + start, available: length) {
      answer.type = ICMPv6Header.MessageType.echoReply
      answer.updateChecksum(source: destination, destination: source)
    }
    originate(reply, interface: interface, at: now)
  }

  /// Lays an IPv4 header without options behind the Ethernet header, for ICMP with TTL 64.
  func writeIPv4(
    _ packet: Packet, source: IPv4Address, destination: IPv4Address, payload: Int, trafficClassOctet: UInt8
  ) {
    let header = packet.bytes + EthernetHeader.length
    header.storeBytes(of: 0x45, as: UInt8.self)
    header.storeBytes(of: trafficClassOctet, toByteOffset: 1, as: UInt8.self)
    header.storeBigEndian(UInt16(truncatingIfNeeded: 20 + payload), at: 2)
    // The identification tells fragments apart; what is not fragmented needs none (RFC 6864 section 4.1).
    header.storeBytes(of: 64, toByteOffset: 8, as: UInt8.self)
    header.storeBytes(of: IPProtocol.icmp, toByteOffset: 9, as: UInt8.self)
    header.storeBigEndian(source.bits, at: 12)
    header.storeBigEndian(destination.bits, at: 16)
    header.storeBigEndian(UInt16(0), at: 10)
    let checksum = InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: header, count: 20))
    header.storeBigEndian(checksum, at: 10)
  }
}
