import CShims
import Wire

/// ICMP errors (RFC 792, RFC 1812 section 4.3, RFC 4443), each with the drop that it reports.
extension Switch {
  /// Drops a packet whose TTL or hop limit is used up: time exceeded.
  mutating func expire(_ packet: Packet, at now: Tick) {
    sendError(
      about: packet, ipv4: (ICMPv4Header.MessageType.timeExceeded, 0),
      ipv6: (ICMPv6Header.MessageType.timeExceeded, 0), parameter: 0, at: now)
    drop(packet, .timeToLive, at: now)
  }

  /// Drops a packet that leads nowhere: network unreachable, or no route to destination.
  mutating func reject(_ packet: Packet, _ reason: DropReason, at now: Tick) {
    sendError(
      about: packet, ipv4: (ICMPv4Header.MessageType.destinationUnreachable, ICMPv4Header.UnreachableCode.network),
      ipv6: (ICMPv6Header.MessageType.destinationUnreachable, ICMPv6Header.UnreachableCode.noRoute), parameter: 0,
      at: now)
    drop(packet, reason, at: now)
  }

  /// Drops a packet that is too large for its egress interface: fragmentation needed, or packet too big. As an ASIC, the
  /// switch never fragments, whatever the DF bit says.
  mutating func rejectTooBig(_ packet: Packet, mtu: UInt32, at now: Tick) {
    sendError(
      about: packet,
      ipv4: (ICMPv4Header.MessageType.destinationUnreachable, ICMPv4Header.UnreachableCode.fragmentationNeeded),
      ipv6: (ICMPv6Header.MessageType.packetTooBig, 0), parameter: mtu, at: now)
    drop(packet, .mtuExceeded, at: now)
  }

  /// Sends an error about a packet to its source, unless RFC 1812 section 4.3.2.7 or RFC 4443 section 2.4 e forbid it or
  /// the rate limit does.
  mutating func sendError(
    about packet: Packet, ipv4: (type: UInt8, code: UInt8), ipv6: (type: UInt8, code: UInt8), parameter: UInt32,
    at now: Tick
  ) {
    // Asked first: whoever floods the switch with packets for nowhere shall not make it look for an answer's way each time.
    guard errorLimit.wouldAllow(at: now) else { return }
    guard !packet.flags.contains(.originated), !MACAddress(at: packet.bytes).isGroup, Switch.mayAnswer(packet)
    else { return }
    if packet.flags.contains(.ipv4) {
      sendErrorIPv4(about: packet, type: ipv4.type, code: ipv4.code, mtu: parameter, at: now)
    } else {
      sendErrorIPv6(about: packet, type: ipv6.type, code: ipv6.code, parameter: parameter, at: now)
    }
  }

  /// False for later fragments and for ICMP errors, whose answers could go on for ever.
  private static func mayAnswer(_ packet: Packet) -> Bool {
    let state = packet.state
    let offset = Int(state.pointee.transport_offset)
    // Without a transport header it is a later fragment, or cut off: it might be an error.
    guard offset != 0 else { return false }
    let available = packet.capturedLength &- offset
    if state.pointee.ip_protocol == IPProtocol.icmp, packet.flags.contains(.ipv4) {
      guard let message = ICMPv4Header(at: packet.bytes + offset, available: available) else { return false }
      return !message.isError
    }
    if state.pointee.ip_protocol == IPProtocol.icmpV6, packet.flags.contains(.ipv6) {
      guard let message = ICMPv6Header(at: packet.bytes + offset, available: available) else { return false }
      return !message.isError && message.type != Switch.redirect
    }
    return true
  }

  /// ICMPv6 type of a redirect, which counts as an error here (RFC 4443 section 2.4 e 2).
  private static var redirect: UInt8 { 137 }

  private mutating func sendErrorIPv4(about packet: Packet, type: UInt8, code: UInt8, mtu: UInt32, at now: Tick) {
    let offset = Int(packet.state.pointee.network_offset)
    let header = packet.bytes + offset
    let destination = IPv4Address(bits: header.loadBigEndian(UInt32.self, at: 12))
    let target = tables.routes.lookup(destination)
    let interface = interface(towards: target)
    guard interface >= 0 else { return }
    // What was sent to an own address is answered from there.
    let asked = IPv4Address(bits: header.loadBigEndian(UInt32.self, at: 16))
    let source =
      isOwn(.v4(asked))
      ? asked : tables.interfaces.source(of: interface, towards: nextHopIPv4(of: target, destination))
    guard source.bits != 0, errorLimit.allows(at: now) else { return }
    // RFC 1812 section 4.3.2.3: as much of the packet as fits into 576 bytes.
    let whole = min(Int(packet.state.pointee.network_length), packet.capturedLength &- offset)
    let quoted = min(whole, 576 - 28)
    let length = EthernetHeader.length + 28 + quoted
    guard let error = newFrame(length: length, at: now) else { return }
    writeEthernet(error, destination: .broadcast, etherType: EtherType.ipv4)
    writeIPv4(
      error, source: source, destination: destination, payload: 8 + quoted,
      trafficClassOctet: Switch.networkControlDSCP << 2)
    let body = error.bytes + EthernetHeader.length + 20
    guard let message = ICMPv4Header(creatingAt: body, available: 8 + quoted, type: type, code: code) else { return }
    body.advanced(by: 8).copyMemory(from: header, byteCount: quoted)
    if mtu != 0 { message.nextHopMTU = UInt16(truncatingIfNeeded: mtu) }
    message.updateChecksum()
    originate(error, interface: interface, at: now)
  }

  private mutating func sendErrorIPv6(
    about packet: Packet, type: UInt8, code: UInt8, parameter: UInt32, at now: Tick
  ) {
    let offset = Int(packet.state.pointee.network_offset)
    let header = packet.bytes + offset
    let destination = IPv6Address(at: header + 8)
    let target = tables.routes.lookup(ipv6Destination: header + 8)
    let interface = destination.isLinkLocal ? ingressInterface(of: packet) ?? -1 : interface(towards: target)
    guard interface >= 0, errorLimit.allows(at: now) else { return }
    // What was sent to an own address is answered from there.
    let asked = IPv6Address(at: header + 24)
    let source =
      asked.isLinkLocal || isOwn(.v6(asked))
      ? asked : tables.interfaces.source(of: interface, towards: nextHopIPv6(of: target, destination))
    // RFC 4443 section 2.4 c: as much of the packet as fits into the minimum MTU of 1280.
    let whole = min(Int(packet.state.pointee.network_length), packet.capturedLength &- offset)
    let quoted = min(whole, 1280 - 48)
    let start = EthernetHeader.length + IPv6Header.length
    let length = start + 8 + quoted
    guard let error = newFrame(length: length, at: now) else { return }
    writeEthernet(error, destination: .broadcast, etherType: EtherType.ipv6)
    writeIPv6(
      error, source: source, destination: destination, hopLimit: 64, payload: 8 + quoted,
      dscp: Switch.networkControlDSCP)
    let body = error.bytes + start
    guard let message = ICMPv6Header(creatingAt: body, available: 8 + quoted, type: type, code: code) else { return }
    body.advanced(by: 8).copyMemory(from: header, byteCount: quoted)
    message.parameter = parameter
    message.updateChecksum(source: source, destination: destination)
    originate(error, interface: interface, at: now)
  }

  /// The interface on which a route leaves, or -1. Errors come from its address, as Linux's do.
  func interface(towards target: RouteTarget) -> Int {
    switch target.kind {
    case .connected: return target.index
    case .group:
      let member = tables.groups.firstMember(of: target.index)
      return member < 0
        ? -1 : Int(tables.neighbors.entries.base[Int(tables.groups.members.base[member].neighbor)].interface)
    case .none, .local, .discard, .broadcast: return -1
    }
  }

  /// The neighbour to which a route to `destination` leads; of several, the first.
  private func nextHop(of target: RouteTarget) -> IPAddress? {
    guard target.kind == .group else { return nil }
    let member = tables.groups.firstMember(of: target.index)
    return member < 0 ? nil : tables.neighbors.entries.base[Int(tables.groups.members.base[member].neighbor)].address
  }

  func nextHopIPv4(of target: RouteTarget, _ destination: IPv4Address) -> IPv4Address {
    if case .v4(let address) = nextHop(of: target) { return address }
    return destination
  }

  func nextHopIPv6(of target: RouteTarget, _ destination: IPv6Address) -> IPv6Address {
    if !destination.isLinkLocal, case .v6(let address) = nextHop(of: target) { return address }
    return destination
  }
}
