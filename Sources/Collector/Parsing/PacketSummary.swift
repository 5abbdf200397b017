import Wire

/// How in-band telemetry is announced in packets, and what its numbers mean.
public struct TelemetryFormat: Equatable, Sendable {
  /// The UDP destination port that announces INT (it has no assigned one).
  public var intPort: UInt16 = 51_000
  /// The DSCP that announces INT in TCP and UDP packets with their own ports, 0 to 63; nil: none does.
  public var intDSCP: UInt8?
  /// The UDP port that reports are sent to.
  public var reportPort: UInt16 = 32_766
  /// Nanoseconds in a unit of hop latency and of time stamps.
  public var nanosecondsPerUnit: UInt64 = 1
  /// Bytes in a unit of queue and buffer occupancy.
  public var bytesPerUnit: UInt64 = 1

  /// What the fraction of IOAM's time stamps counts.
  public var ioamFraction = Fraction.microseconds

  /// Units of a fraction of a second (RFC 9197 section 5).
  public enum Fraction: String, CaseIterable, Sendable {
    /// POSIX time, which Linux writes.
    case microseconds
    /// Truncated PTP time.
    case nanoseconds

    var unitsPerSecond: UInt32 { self == .microseconds ? 1_000_000 : 1_000_000_000 }
  }

  /// What Penstock itself sends.
  public init() {}
}

/// What a collector wants to know of a packet, of which the end may be cut off.
struct PacketSummary {
  var flow = FlowIdentity()
  /// Bytes of the frame without check sequence and without telemetry, as its headers tell.
  var bytes: UInt64 = 0
  var hopLimit: UInt8 = 0
  /// Equal for one packet wherever on its way it is seen, and almost always different for two.
  var signature: UInt64 = 0
  /// The INT-MD header.
  var metadata: UnsafeMutableRawPointer?
  /// Octets of header and stack that are there.
  var metadataLength = 0
  /// An INT-MX header was seen.
  var hasInstructions = false
  /// The IOAM trace option.
  var trace: UnsafeMutableRawPointer?
  var traceLength = 0
  /// Telemetry was announced, and what is there is not.
  var isMalformed = false
  /// The end of the telemetry was cut off.
  var isCut = false
  /// To whom a UDP datagram is, for reports in captures: where its payload begins and ends.
  var datagram: UnsafeMutableRawPointer?
  var datagramLength = 0

  /// What a packet begins with.
  enum Layer { case ethernet, ipv4, ipv6 }

  /// Reads a packet. Nothing beyond the available octets is looked at.
  static func read(
    _ base: UnsafeMutableRawPointer, available: Int, as layer: Layer, _ format: TelemetryFormat
  ) -> PacketSummary {
    var summary = PacketSummary()
    var reader = PacketReader(base: base, available: available, format: format)
    reader.read(layer, &summary)
    return summary
  }
}

/// Walks the headers of one packet.
private struct PacketReader {
  let base: UnsafeMutableRawPointer
  let available: Int
  let format: TelemetryFormat
  /// Octets in front of the IP header.
  private var network = 0
  private var telemetryBytes = 0
  private var dscp: UInt8 = 0
  private var mixer = Mixer(0)

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

  private mutating func readIPv4(_ summary: inout PacketSummary) {
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

  private mutating func readIPv6(_ summary: inout PacketSummary) {
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

  private mutating func readTransport(_ ipProtocol: UInt8, at offset: Int, _ summary: inout PacketSummary) {
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

  private mutating func readUDP(_ header: UDPHeader, at offset: Int, _ summary: inout PacketSummary) {
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
  private mutating func readOriginal(_ ipProtocol: UInt8, at offset: Int, _ summary: inout PacketSummary) {
    let isUDP = ipProtocol == IPProtocol.udp
    // As of a packet without telemetry.
    sign(from: isUDP ? offset + UDPHeader.length : offset, upTo: 16)
    guard isUDP || ipProtocol == IPProtocol.tcp, offset + 4 <= available else { return }
    summary.flow.sourcePort = base.loadBigEndian(UInt16.self, at: offset)
    summary.flow.destinationPort = base.loadBigEndian(UInt16.self, at: offset + 2)
    if isUDP { readQueuePair(at: offset + UDPHeader.length, &summary) }
  }

  private func readQueuePair(at offset: Int, _ summary: inout PacketSummary) {
    guard summary.flow.destinationPort == UDPPort.roceV2, offset < available,
      let header = BaseTransportHeader(at: base + offset, available: available - offset)
    else { return }
    summary.flow.queuePair = header.destinationQP
  }

  /// Takes octets that no switch changes into the signature.
  private mutating func sign(from offset: Int, upTo length: Int) {
    var offset = offset
    let end = min(available, offset + length)
    while offset + 4 <= end {
      // BTH's congestion bits lie in its second word, and switches may set them.
      mixer.add(UInt64(base.loadBigEndian(UInt32.self, at: offset) & 0x3FFF_FFFF))
      offset += 4
    }
  }

  private struct Shim {
    var next: INTShim.NextProtocol
    var original: UInt16
    var end: Int
  }

  /// Reads a shim over TCP or UDP, of which the end of the content may be cut off.
  private mutating func readShim(
    at offset: Int, announcedBy wanted: INTShim.NextProtocol?, _ summary: inout PacketSummary
  ) -> Shim? {
    guard offset + INTShim.length <= available else {
      summary.isCut = true
      return nil
    }
    let first = base.load(fromByteOffset: offset, as: UInt8.self)
    guard let kind = INTShim.Kind(rawValue: first >> 4), let next = INTShim.NextProtocol(rawValue: first >> 2 & 3),
      wanted == nil || wanted == next
    else {
      summary.isMalformed = true
      return nil
    }
    let length = Int(base.load(fromByteOffset: offset + 1, as: UInt8.self)) * 4
    let original = base.loadBigEndian(UInt16.self, at: offset + 2)
    take(kind, at: offset + INTShim.length, length: length, &summary)
    telemetryBytes += INTShim.length + length
    return Shim(
      next: next, original: next == .originalProtocol ? original & 0xFF : original,
      end: offset + INTShim.length + length)
  }

  /// VXLAN-GPE: next protocol 0x82, and a shim of its own form (INT 2.1 section 5.7.3).
  private mutating func readGPE(at offset: Int, _ summary: inout PacketSummary) {
    guard offset + 12 <= available, base.load(fromByteOffset: offset, as: UInt8.self) & 4 != 0,
      base.load(fromByteOffset: offset + 3, as: UInt8.self) == 0x82,
      let kind = INTShim.Kind(rawValue: base.load(fromByteOffset: offset + 8, as: UInt8.self) >> 4)
    else { return }
    let length = Int(base.load(fromByteOffset: offset + 9, as: UInt8.self)) * 4
    take(kind, at: offset + 12, length: length, &summary)
    telemetryBytes += 4 + length
  }

  /// Geneve: options of class 0x0103 (INT 2.1 section 5.7.4).
  private mutating func readGeneve(at offset: Int, _ summary: inout PacketSummary) {
    guard offset + 8 <= available else { return }
    let end = offset + 8 + Int(base.load(fromByteOffset: offset, as: UInt8.self) & 0x3F) * 4
    var option = offset + 8
    while option + 4 <= min(end, available) {
      let length = Int(base.load(fromByteOffset: option + 3, as: UInt8.self) & 0x1F) * 4
      if base.loadBigEndian(UInt16.self, at: option) == 0x0103,
        let kind = INTShim.Kind(rawValue: base.load(fromByteOffset: option + 2, as: UInt8.self) & 0x7F)
      {
        take(kind, at: option + 4, length: length, &summary)
        telemetryBytes += 4 + length
      }
      option += 4 + length
    }
  }

  private func take(_ kind: INTShim.Kind, at offset: Int, length: Int, _ summary: inout PacketSummary) {
    let there = max(0, min(length, available - offset))
    if there < length { summary.isCut = true }
    switch kind {
    case .metadata where summary.metadata == nil:
      summary.metadata = base + min(offset, available)
      summary.metadataLength = there
    case .instructions: summary.hasInstructions = true
    case .metadata, .destination: break
    }
  }
}
