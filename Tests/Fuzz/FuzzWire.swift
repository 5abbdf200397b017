// A libFuzzer target: every view and walker of Wire over arbitrary octets that end where an untouchable page begins, so
// that one octet too far is a crash even without the address sanitizer. It is part of the package only when
// PENSTOCK_FUZZ is set:
//
//   PENSTOCK_FUZZ=1 swift build --build-path .build/fuzz --sanitize fuzzer --product FuzzWire
//   SWIFT_BACKTRACE=enable=no .build/fuzz/debug/FuzzWire -max_total_time=60 -max_len=512
//
// The first octet chooses the view, the rest is its input.

import Glibc
import Wire

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  guard size > 0, size - 1 <= FuzzWire.capacity else { return 0 }
  let copy = UnsafeMutableRawPointer(bitPattern: FuzzWire.end - (size - 1))
  guard let copy else { return 0 }
  copy.copyMemory(from: data + 1, byteCount: size - 1)
  let views = FuzzWire.views
  views[Int(data[0]) % views.count](copy, size - 1)
  return 0
}

/// Keeps a value from being optimised away.
@inline(never)
@_optimize(none)
private func use<Value>(_ value: Value) {}

private enum FuzzWire {
  typealias View = @Sendable (UnsafeMutableRawPointer, Int) -> Void

  /// Longest input that is looked at.
  static let capacity = 1 << 16

  /// Address of the untouchable page behind ``capacity`` octets that can be used.
  static let end: Int = {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    guard let region = mmap(nil, capacity + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      region != MAP_FAILED, mprotect(region + capacity, page, PROT_NONE) == 0
    else { abort() }
    return Int(bitPattern: region) + capacity
  }()

  static let views: [View] = [
    ethernet, ethernet, ipv4, ipv6, extensions, options, tcp, transport, extended, icmp, neighbor, segmentRouting,
    telemetry, ioam, macControl, arp, crc, checksum, mutate,
  ]

  @Sendable static func ethernet(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let header = EthernetHeader(at: base, available: count) else { return }
    use((header.destination, header.source))
    payload(header.etherType, base + EthernetHeader.length, count - EthernetHeader.length)
  }

  static func payload(_ etherType: UInt16, _ base: UnsafeMutableRawPointer, _ count: Int) {
    switch etherType {
    case EtherType.vlan, EtherType.serviceVLAN:
      guard let tag = VLANTag(at: base, available: count) else { return }
      use((tag.pcp, tag.vid, tag.dropEligible))
      payload(tag.etherType, base + VLANTag.length, count - VLANTag.length)
    case EtherType.ipv4: ipv4(base, count)
    case EtherType.ipv6: ipv6(base, count)
    case EtherType.arp: arp(base, count)
    case EtherType.macControl: macControl(base, count)
    case EtherType.roceV1:
      guard let header = GlobalRouteHeader(at: base, available: count) else { return }
      use((header.trafficClass, header.flowLabel, header.payloadLength, header.hopLimit, header.source))
      use((header.destination, header.isFollowedByTransport))
      transport(base + GlobalRouteHeader.length, count - GlobalRouteHeader.length)
    default: break
    }
  }

  @Sendable static func ipv4(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let header = IPv4Header(at: base, available: count) else { return }
    use((header.dscp, header.ecn, header.totalLength, header.identification, header.fragmentOffset))
    use((header.isFragment, header.isLaterFragment, header.moreFragments, header.dontFragment, header.timeToLive))
    use((header.source, header.destination, header.checksum, header.isChecksumValid, header.payloadLength))
    upper(header.ipProtocol, base + header.headerLength, count - header.headerLength)
  }

  @Sendable static func ipv6(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let header = IPv6Header(at: base, available: count) else { return }
    use((header.dscp, header.ecn, header.flowLabel, header.payloadLength, header.hopLimit))
    use((header.source, header.destination))
    walk(header.nextHeader, base + IPv6Header.length, count - IPv6Header.length)
  }

  @Sendable static func extensions(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard count > 0 else { return }
    walk(base.load(as: UInt8.self), base + 1, count - 1)
  }

  static func walk(_ next: UInt8, _ base: UnsafeMutableRawPointer, _ count: Int) {
    if next == IPProtocol.ipv6HopByHop { options(base, count) }
    let layer = IPv6Extensions.walk(nextHeader: next, at: base, available: count)
    precondition(layer.offset >= 0 && layer.offset <= count && layer.routingHeaderOffset < max(1, count))
    if layer.routingHeaderOffset >= 0 {
      segmentRouting(base + layer.routingHeaderOffset, count - layer.routingHeaderOffset)
    }
    if !layer.isTruncated { upper(layer.ipProtocol, base + layer.offset, count - layer.offset) }
  }

  @Sendable static func options(_ base: UnsafeMutableRawPointer, _ count: Int) {
    for type in [IOAMTraceOption.optionType, 0x05, IPv6Options.padN] {
      guard let offset = IPv6Options.offset(ofOption: type, in: base, available: count) else { continue }
      precondition(offset + 2 <= count)
      ioam(base + offset, count - offset)
    }
  }

  static func upper(_ ipProtocol: UInt8, _ base: UnsafeMutableRawPointer, _ count: Int) {
    switch ipProtocol {
    case IPProtocol.udp:
      guard let header = UDPHeader(at: base, available: count) else { return }
      use((header.sourcePort, header.destinationPort, header.length, header.checksum))
      let (behind, left) = (base + UDPHeader.length, count - UDPHeader.length)
      switch header.destinationPort {
      case UDPPort.vxlan:
        guard let header = VXLANHeader(at: behind, available: left) else { return }
        use((header.isValid, header.vni))
        ethernet(behind + VXLANHeader.length, left - VXLANHeader.length)
      case UDPPort.roceV2: transport(behind, left)
      default: telemetry(behind, left)
      }
    case IPProtocol.tcp: tcp(base, count)
    case IPProtocol.icmp, IPProtocol.icmpV6: icmp(base, count)
    default: break
    }
  }

  @Sendable static func tcp(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let header = TCPHeader(at: base, available: count) else { return }
    use((header.sourcePort, header.destinationPort, header.sequenceNumber, header.acknowledgementNumber))
    use((header.flags, header.window, header.checksum, header.urgentPointer))
    telemetry(base + header.headerLength, count - header.headerLength)
  }

  @Sendable static func transport(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let header = BaseTransportHeader(at: base, available: count) else { return }
    use((header.opcode.description, header.destinationQP, header.packetSequenceNumber, header.partitionKey))
    use((header.fecn, header.becn, header.ackRequest, header.padCount, header.version, header.solicitedEvent))
    use(CongestionNotification(at: base, available: count)?.destinationQP)
    let headers = header.opcode.extendedHeaders
    var rest = headers.rawValue
    while rest != 0 {
      let offset = BaseTransportHeader.length + headers.offset(of: RoCEExtendedHeaders(rawValue: rest & (0 &- rest)))
      precondition(offset >= BaseTransportHeader.length)
      if offset <= count { extended(base + offset, count - offset) }
      rest &= rest - 1
    }
  }

  @Sendable static func extended(_ base: UnsafeMutableRawPointer, _ count: Int) {
    if let header = DatagramETH(at: base, available: count) { use((header.queueKey, header.sourceQP)) }
    if let header = RDMAETH(at: base, available: count) {
      use((header.virtualAddress, header.remoteKey, header.length))
    }
    if let header = AcknowledgeETH(at: base, available: count) { use((header.syndrome, header.messageSequenceNumber)) }
    if let header = AtomicETH(at: base, available: count) {
      use((header.virtualAddress, header.remoteKey, header.swapOrAdd, header.compare))
    }
    use(AtomicAcknowledgeETH(at: base, available: count)?.original)
    use(ImmediateData(at: base, available: count)?.value)
  }

  @Sendable static func icmp(_ base: UnsafeMutableRawPointer, _ count: Int) {
    if let header = ICMPv4Header(at: base, available: count) {
      use((header.type, header.code, header.isError, header.isChecksumValid, header.nextHopMTU))
    }
    if let header = ICMPv6Header(at: base, available: count) {
      let none = IPv6Address(high: 0, low: 0)
      use((header.isError, header.parameter, header.isChecksumValid(source: none, destination: none)))
    }
    neighbor(base, count)
  }

  @Sendable static func neighbor(_ base: UnsafeMutableRawPointer, _ count: Int) {
    if let message = NeighborSolicitation(at: base, available: count) {
      use((message.target, message.sourceLinkLayerAddress))
    }
    if let message = NeighborAdvertisement(at: base, available: count) {
      use((message.target, message.flags, message.targetLinkLayerAddress))
    }
    use(NeighborOptions.linkLayerAddress(type: 1, at: base, available: count))
    use(NeighborOptions.areWellFormed(at: base, available: count))
  }

  @Sendable static func segmentRouting(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let header = SegmentRoutingHeader(at: base, available: count) else { return }
    use((header.nextHeader, header.flags, header.tag, header.isConsistent, header.hasWellFormedTLVs))
    for index in -1...256 { use(header.segment(index)) }
    for type: UInt8 in 0...6 { use(header.offset(ofTLV: type)) }
    var steps = 0
    while header.advance() != nil { steps += 1 }
    precondition(steps <= 128)
  }

  @Sendable static func telemetry(_ base: UnsafeMutableRawPointer, _ count: Int) {
    if let shim = INTShim(at: base, available: count) {
      use((shim.kind, shim.nextProtocol, shim.originalPort, shim.originalProtocol, shim.originalDSCP))
      metadata(shim.content, shim.contentLength)
    }
    metadata(base, count)
    if let group = TelemetryReportGroup(at: base, available: count) {
      use((group.hardwareID, group.sequenceNumber, group.nodeID))
    }
    if let report = TelemetryReport(at: base, available: count) {
      precondition(report.length <= count)
      use((report.kind, report.contents, report.metadataBits, report.domainID, report.isDropped))
      for index in -1...256 { use(report.metadataWord(index)) }
      for bit: UInt16 in 0..<16 { use(report.value(of: INTInstructions(rawValue: 1 << bit))) }
      use((report.value(of: report.metadataBits), report.dropReason, report.domainMetadataBits))
      precondition(report.contentsOffset + report.contentsLength <= report.length && report.contentsLength >= 0)
    }
  }

  static func metadata(_ base: UnsafeMutableRawPointer, _ count: Int) {
    if let header = INTMetadataHeader(at: base, available: count) {
      use((header.domainID, header.domainInstructions, header.domainFlags, header.remainingHops))
      for hop in [-1, 0, 1, header.hopCount - 1, header.hopCount] {
        for bit: UInt16 in 0..<16 { use(header.value(of: INTInstructions(rawValue: 1 << bit), hop: hop)) }
        use(header.value(of: header.instructions, hop: hop))
      }
    }
    if let header = INTInstructionHeader(at: base, available: count) {
      use((header.instructions, header.domainID, header.domainInstructions, header.domainFlags, header.discard))
    }
  }

  @Sendable static func ioam(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let option = IOAMTraceOption(at: base, available: count) else { return }
    use((option.namespaceID, option.traceType, option.kind, option.loopback, option.active))
    for index in -1...64 { use(option.word(index)) }
    let length = option.nodeLength
    while let data = option.claimNodeData() {
      data.initializeMemory(as: UInt8.self, repeating: 0xFF, count: length * 4)
    }
    precondition(option.overflow)
  }

  @Sendable static func macControl(_ base: UnsafeMutableRawPointer, _ count: Int) {
    use(MACControl(at: base, available: count)?.opcode)
    use(PauseFrame(at: base, available: count)?.time)
    if let frame = PFCFrame(at: base, available: count) {
      for priority in 0..<8 { use((frame.classEnableVector, frame.time(of: priority))) }
    }
  }

  @Sendable static func arp(_ base: UnsafeMutableRawPointer, _ count: Int) {
    guard let packet = ARPPacket(at: base, available: count) else { return }
    use((packet.operation, packet.senderHardwareAddress, packet.senderProtocolAddress))
    use((packet.targetHardwareAddress, packet.targetProtocolAddress))
  }

  @Sendable static func crc(_ base: UnsafeMutableRawPointer, _ count: Int) {
    let packet = UnsafeMutableRawBufferPointer(start: base, count: count)
    if ICRC.store(in: packet) { precondition(ICRC.isValid(UnsafeRawBufferPointer(packet))) }
  }

  @Sendable static func checksum(_ base: UnsafeMutableRawPointer, _ count: Int) {
    let bytes = UnsafeRawBufferPointer(start: base, count: count)
    use(InternetChecksum.udp(bytes, pseudoHeader: 0))
  }

  /// The changes a switch makes to a packet keep a right checksum right.
  @Sendable static func mutate(_ base: UnsafeMutableRawPointer, _ count: Int) {
    if let header = IPv4Header(at: base, available: count) {
      header.updateChecksum()
      header.decrementTimeToLive()
      header.setECN(ECN.congestionExperienced)
      header.setDSCP(header.timeToLive)
      precondition(header.isChecksumValid)
    }
    if let header = IPv6Header(at: base, available: count) {
      header.decrementHopLimit()
      header.setECN(ECN.congestionExperienced)
      header.setDSCP(header.hopLimit)
      precondition(header.ecn == ECN.congestionExperienced && header.dscp == header.hopLimit & 63)
    }
  }
}
