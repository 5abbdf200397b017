import Wire

/// Walks the headers of one packet.
struct PacketReader {
  let base: UnsafeMutableRawPointer
  let available: Int
  let format: TelemetryFormat
  /// Octets in front of the IP header.
  var network = 0
  var telemetryBytes = 0
  var dscp: UInt8 = 0
  var mixer = Mixer(0)

  init(base: UnsafeMutableRawPointer, available: Int, format: TelemetryFormat) {
    self.base = base
    self.available = available
    self.format = format
  }

  mutating func read(_ layer: PacketSummary.Layer, _ summary: inout PacketSummary) {
    // Without an Ethernet header in the report, the frame had one nevertheless.
    var header = EthernetHeader.length
    switch layer {
    case .ethernet:
      guard let ethernet = EthernetHeader(at: base, available: available) else { return }
      var etherType = ethernet.etherType
      network = EthernetHeader.length
      while EtherType.isVLAN(etherType), network < EthernetHeader.length + 2 * VLANTag.length,
        let tag = VLANTag(at: base + network, available: available - network)
      {
        etherType = tag.etherType
        network += VLANTag.length
      }
      header = network
      if etherType == EtherType.ipv4 { readIPv4(&summary) } else if etherType == EtherType.ipv6 { readIPv6(&summary) }
    case .ipv4: readIPv4(&summary)
    case .ipv6: readIPv6(&summary)
    }
    guard summary.flow.version != 0 else { return }
    let telemetry = min(UInt64(telemetryBytes), summary.bytes)
    summary.bytes = summary.bytes - telemetry + UInt64(header)
    mixer.add(summary.flow.hash(seed: 0))
    summary.signature = mixer.value
  }

  mutating func readIPv4(_ summary: inout PacketSummary) {
    guard let header = IPv4Header(at: base + network, available: available - network) else { return }
    summary.flow.version = 4
    summary.flow.sourceLow = UInt64(header.source.bits)
    summary.flow.destinationLow = UInt64(header.destination.bits)
    summary.flow.ipProtocol = header.ipProtocol
    summary.bytes = UInt64(header.totalLength)
    summary.hopLimit = header.timeToLive
    dscp = header.dscp
    mixer.add(UInt64(header.identification))
    guard !header.isFragment else {
      mixer.add(UInt64(header.fragmentOffset))
      return
    }
    readTransport(header.ipProtocol, at: network + header.headerLength, &summary)
  }

  mutating func readIPv6(_ summary: inout PacketSummary) {
    guard let header = IPv6Header(at: base + network, available: available - network) else { return }
    summary.flow.version = 6
    (summary.flow.sourceHigh, summary.flow.sourceLow) = (header.source.high, header.source.low)
    (summary.flow.destinationHigh, summary.flow.destinationLow) = (header.destination.high, header.destination.low)
    summary.flow.ipProtocol = header.nextHeader
    summary.bytes = UInt64(IPv6Header.length + header.payloadLength)
    summary.hopLimit = header.hopLimit
    dscp = header.dscp
    let payload = network + IPv6Header.length
    if header.nextHeader == IPProtocol.ipv6HopByHop, payload < available,
      let offset = IPv6Options.offset(
        ofOption: IOAMTraceOption.optionType, in: base + payload, available: available - payload)
    {
      summary.trace = base + payload + offset
      summary.traceLength = available - payload - offset
    }
    let upper = IPv6Extensions.walk(
      nextHeader: header.nextHeader, at: base + min(payload, available), available: max(0, available - payload))
    summary.flow.ipProtocol = upper.ipProtocol
    guard !upper.isFragment, !upper.isTruncated else { return }
    readTransport(upper.ipProtocol, at: payload + upper.offset, &summary)
  }

  mutating func readTransport(_ ipProtocol: UInt8, at offset: Int, _ summary: inout PacketSummary) {
    guard offset < available else { return }
    let rest = available - offset
    switch ipProtocol {
    case IPProtocol.udp:
      // Reports may cut a packet behind its ports.
      guard rest >= 4 else { return }
      summary.flow.sourcePort = base.loadBigEndian(UInt16.self, at: offset)
      summary.flow.destinationPort = base.loadBigEndian(UInt16.self, at: offset + 2)
      guard let header = UDPHeader(at: base + offset, available: rest) else { return }
      readUDP(header, at: offset, &summary)
    case IPProtocol.tcp:
      guard rest >= 4 else { return }
      summary.flow.sourcePort = base.loadBigEndian(UInt16.self, at: offset)
      summary.flow.destinationPort = base.loadBigEndian(UInt16.self, at: offset + 2)
      sign(from: offset, upTo: 16)
      if dscp == format.intDSCP, let header = TCPHeader(at: base + offset, available: rest) {
        _ = readShim(at: offset + header.headerLength, announcedBy: .unchanged, &summary)
      }
    default: sign(from: offset, upTo: 16)
    }
  }

  mutating func readUDP(_ header: UDPHeader, at offset: Int, _ summary: inout PacketSummary) {
    let payload = offset + UDPHeader.length
    let claimed = Int(header.length) - UDPHeader.length
    summary.datagram = base + payload
    summary.datagramLength = max(0, min(available - payload, claimed))
    var end = payload
    switch header.destinationPort {
    case format.intPort:
      guard let shim = readShim(at: payload, announcedBy: nil, &summary) else { return }
      end = shim.end
      switch shim.next {
      case .originalPort: summary.flow.destinationPort = shim.original
      case .originalProtocol:
        telemetryBytes += UDPHeader.length
        summary.flow.ipProtocol = UInt8(truncatingIfNeeded: shim.original)
        summary.flow.sourcePort = 0
        summary.flow.destinationPort = 0
        return readOriginal(summary.flow.ipProtocol, at: end, &summary)
      case .unchanged: break
      }
    case _ where dscp == format.intDSCP:
      guard let shim = readShim(at: payload, announcedBy: .unchanged, &summary) else { break }
      end = shim.end
    case 4790: readGPE(at: payload, &summary)
    case 6081: readGeneve(at: payload, &summary)
    default: break
    }
    sign(from: end, upTo: 16)
    readQueuePair(at: end, &summary)
  }

  /// The packet's own transport behind a UDP header that was put in.
  mutating func readOriginal(_ ipProtocol: UInt8, at offset: Int, _ summary: inout PacketSummary) {
    let isUDP = ipProtocol == IPProtocol.udp
    // As of a packet without telemetry.
    sign(from: isUDP ? offset + UDPHeader.length : offset, upTo: 16)
    guard isUDP || ipProtocol == IPProtocol.tcp, offset + 4 <= available else { return }
    summary.flow.sourcePort = base.loadBigEndian(UInt16.self, at: offset)
    summary.flow.destinationPort = base.loadBigEndian(UInt16.self, at: offset + 2)
    if isUDP { readQueuePair(at: offset + UDPHeader.length, &summary) }
  }

  func readQueuePair(at offset: Int, _ summary: inout PacketSummary) {
    guard summary.flow.destinationPort == UDPPort.roceV2, offset < available,
      let header = BaseTransportHeader(at: base + offset, available: available - offset)
    else { return }
    summary.flow.queuePair = header.destinationQP
  }

  /// Takes octets that no switch changes into the signature.
  mutating func sign(from offset: Int, upTo length: Int) {
    var offset = offset
    let end = min(available, offset + length)
    while offset + 4 <= end {
      // BTH's congestion bits lie in its second word, and switches may set them.
      mixer.add(UInt64(base.loadBigEndian(UInt32.self, at: offset) & 0x3FFF_FFFF))
      offset += 4
    }
  }
}
