import CShims
import Wire

/// The datagrams that reports travel in: originated packets like ICMP errors, routed like any other.
extension Switch {
  /// A frame with Ethernet, IP and UDP header for so many octets of payload; nil without memory or a way.
  func newReportDatagram(payload: Int, at now: Tick) -> Packet? {
    let state = telemetry.reports.state.base
    let length = UDPHeader.length &+ payload
    switch state.pointee.collector {
    case .v4(let destination):
      guard let source = reportSource(towards: destination),
        let packet = newFrame(length: state.pointee.transportOffset &+ length, at: now)
      else { return nil }
      writeEthernet(packet, destination: .broadcast, etherType: EtherType.ipv4)
      writeIPv4(
        packet, source: source, destination: destination, payload: length, trafficClassOctet: state.pointee.dscp << 2)
      let header = IPv4Header(plainAt: packet.bytes + EthernetHeader.length)
      header.ipProtocol = IPProtocol.udp
      header.dontFragment = true
      header.updateChecksum()
      writeUDP(packet, length: length)
      return packet
    case .v6(let destination):
      guard let source = reportSource(towards: destination),
        let packet = newFrame(length: state.pointee.transportOffset &+ length, at: now)
      else { return nil }
      writeEthernet(packet, destination: .broadcast, etherType: EtherType.ipv6)
      writeIPv6(
        packet, source: source, destination: destination, hopLimit: 64, payload: length, dscp: state.pointee.dscp)
      let header = packet.bytes + EthernetHeader.length
      header.storeBytes(of: IPProtocol.udp, toByteOffset: 6, as: UInt8.self)
      writeUDP(packet, length: length)
      return packet
    }
  }

  private func writeUDP(_ packet: Packet, length: Int) {
    let state = telemetry.reports.state.base
    let base = packet.bytes + state.pointee.transportOffset
    base.storeBigEndian(state.pointee.sourcePort, at: 0)
    base.storeBigEndian(state.pointee.port, at: 2)
    base.storeBigEndian(UInt16(truncatingIfNeeded: length), at: 4)
  }

  /// Completes a datagram whose payload is in place.
  func writeReportChecksum(_ packet: Packet, payload: Int) {
    let offset = telemetry.reports.state.base.pointee.transportOffset
    let length = UDPHeader.length &+ payload
    let header = packet.bytes + EthernetHeader.length
    let pseudo: UInt64
    if case .v4 = telemetry.reports.state.base.pointee.collector {
      pseudo = InternetChecksum.pseudoHeader(
        source: IPv4Address(bits: header.loadBigEndian(UInt32.self, at: 12)),
        destination: IPv4Address(bits: header.loadBigEndian(UInt32.self, at: 16)), ipProtocol: IPProtocol.udp,
        length: length)
    } else {
      pseudo = InternetChecksum.pseudoHeader(
        source: IPv6Address(at: header + 8), destination: IPv6Address(at: header + 24), ipProtocol: IPProtocol.udp,
        length: length)
    }
    let base = packet.bytes + offset
    base.storeBigEndian(
      InternetChecksum.udp(UnsafeRawBufferPointer(start: base, count: length), pseudoHeader: pseudo), at: 6)
  }

  private func reportSource(towards destination: IPv4Address) -> IPv4Address? {
    if case .v4(let source) = telemetry.reports.state.base.pointee.source { return source }
    let target = tables.routes.lookup(destination)
    let interface = interface(towards: target)
    guard interface >= 0 else { return nil }
    let source = tables.interfaces.source(of: interface, towards: nextHopIPv4(of: target, destination))
    return source.bits == 0 ? nil : source
  }

  private func reportSource(towards destination: IPv6Address) -> IPv6Address? {
    if case .v6(let source) = telemetry.reports.state.base.pointee.source { return source }
    let target = tables.routes.lookup(destination)
    let interface = interface(towards: target)
    guard interface >= 0 else { return nil }
    return tables.interfaces.source(of: interface, towards: nextHopIPv6(of: target, destination))
  }
}
