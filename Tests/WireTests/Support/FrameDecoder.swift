import Wire

/// Reads a frame with the views of Wire and names what it finds as tshark does, so that the two can be compared.
struct FrameDecoder {
  var fields: [String: [String]] = [:]

  static func decode(_ frame: UnsafeMutableRawPointer, _ available: Int) -> [String: [String]] {
    var decoder = FrameDecoder()
    decoder.ethernet(frame, available)
    return decoder.fields
  }

  private mutating func add(_ name: String, _ value: some CustomStringConvertible) {
    fields[name, default: []].append(value.description)
  }

  private mutating func add(_ name: String, flag: Bool) { add(name, flag ? 1 : 0) }

  private mutating func ethernet(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let header = EthernetHeader(at: base, available: available) else { return }
    add("eth.dst", header.destination)
    add("eth.src", header.source)
    add("eth.type", header.etherType)
    payload(header.etherType, base + EthernetHeader.length, available - EthernetHeader.length)
  }

  private mutating func payload(_ etherType: UInt16, _ base: UnsafeMutableRawPointer, _ available: Int) {
    switch etherType {
    case EtherType.vlan, EtherType.serviceVLAN:
      guard let tag = VLANTag(at: base, available: available) else { return }
      let prefix = etherType == EtherType.vlan ? "vlan" : "ieee8021ad"
      add(prefix + ".priority", tag.pcp)
      add(prefix + ".dei", flag: tag.dropEligible)
      add(prefix + ".id", tag.vid)
      if etherType == EtherType.vlan { add("vlan.etype", tag.etherType) }
      payload(tag.etherType, base + VLANTag.length, available - VLANTag.length)
    case EtherType.arp: arp(base, available)
    case EtherType.ipv4: ipv4(base, available)
    case EtherType.ipv6: ipv6(base, available)
    case EtherType.macControl: macControl(base, available)
    case EtherType.roceV1: globalRoute(base, available)
    default: break
    }
  }

  private mutating func arp(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let packet = ARPPacket(at: base, available: available) else { return }
    add("arp.opcode", packet.operation)
    add("arp.src.hw_mac", packet.senderHardwareAddress)
    add("arp.src.proto_ipv4", packet.senderProtocolAddress)
    add("arp.dst.hw_mac", packet.targetHardwareAddress)
    add("arp.dst.proto_ipv4", packet.targetProtocolAddress)
  }

  private mutating func macControl(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let control = MACControl(at: base, available: available) else { return }
    add("macc.opcode", control.opcode)
    if let pause = PauseFrame(at: base, available: available) { add("macc.pause_time", pause.time) }
    if let pause = PFCFrame(at: base, available: available) {
      add("macc.cbfc.enbv", pause.classEnableVector)
      for priority in 0..<8 { add("macc.cbfc.pause_time.c\(priority)", pause.time(of: priority)) }
    }
  }

  private mutating func ipv4(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let header = IPv4Header(at: base, available: available) else { return }
    add("ip.hdr_len", header.headerLength)
    add("ip.dsfield", header.trafficClassOctet)
    add("ip.dsfield.dscp", header.dscp)
    add("ip.dsfield.ecn", header.ecn)
    add("ip.len", header.totalLength)
    add("ip.id", header.identification)
    add("ip.flags.df", flag: header.dontFragment)
    add("ip.flags.mf", flag: header.moreFragments)
    add("ip.frag_offset", header.fragmentOffset / 8)
    add("ip.ttl", header.timeToLive)
    add("ip.proto", header.ipProtocol)
    add("ip.checksum", header.checksum)
    add("ip.checksum.status", flag: header.isChecksumValid)
    add("ip.src", header.source)
    add("ip.dst", header.destination)
    guard !header.isLaterFragment else { return }
    let length = min(available - header.headerLength, header.payloadLength)
    let pseudo = InternetChecksum.pseudoHeader(
      source: header.source, destination: header.destination, ipProtocol: header.ipProtocol,
      length: header.payloadLength)
    let whole = !header.isFragment && length == header.payloadLength
    upper(header.ipProtocol, base + header.headerLength, length, whole ? pseudo : nil, isV6: false)
  }

  private mutating func ipv6(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let header = IPv6Header(at: base, available: available) else { return }
    add("ipv6.tclass", header.trafficClass)
    add("ipv6.tclass.dscp", header.dscp)
    add("ipv6.tclass.ecn", header.ecn)
    add("ipv6.flow", header.flowLabel)
    add("ipv6.plen", header.payloadLength)
    add("ipv6.nxt", header.nextHeader)
    add("ipv6.hlim", header.hopLimit)
    add("ipv6.src", header.source)
    add("ipv6.dst", header.destination)
    let payload = base + IPv6Header.length
    let length = min(available - IPv6Header.length, header.payloadLength)
    hopByHop(header.nextHeader, payload, length)
    let layer = IPv6Extensions.walk(nextHeader: header.nextHeader, at: payload, available: length)
    var destination = header.destination
    if layer.routingHeaderOffset >= 0,
      let routing = SegmentRoutingHeader(
        at: payload + layer.routingHeaderOffset, available: length - layer.routingHeaderOffset)
    {
      destination = segmentRouting(routing, destination)
    }
    if header.nextHeader == IPProtocol.ipv6Fragment, layer.offset >= 8 {
      let word = payload.loadBigEndian(UInt16.self, at: 2)
      add("ipv6.fraghdr.offset", word >> 3)
      add("ipv6.fraghdr.more", word & 1)
    }
    guard !layer.isTruncated, !layer.isLaterFragment else { return }
    let upperLength = header.payloadLength - layer.offset
    let pseudo = InternetChecksum.pseudoHeader(
      source: header.source, destination: destination, ipProtocol: layer.ipProtocol, length: upperLength)
    let whole = !layer.isFragment && length == header.payloadLength
    upper(layer.ipProtocol, payload + layer.offset, length - layer.offset, whole ? pseudo : nil, isV6: true)
  }

  private mutating func hopByHop(_ nextHeader: UInt8, _ base: UnsafeMutableRawPointer, _ available: Int) {
    guard nextHeader == IPProtocol.ipv6HopByHop,
      let offset = IPv6Options.offset(ofOption: IOAMTraceOption.optionType, in: base, available: available),
      let option = IOAMTraceOption(at: base + offset, available: available - offset)
    else { return }
    add("ipv6.opt.ioam.trace.ns", option.namespaceID)
    add("ipv6.opt.ioam.trace.nodelen", option.nodeLength)
    add("ipv6.opt.ioam.trace.flag.o", flag: option.overflow)
    add("ipv6.opt.ioam.trace.remlen", option.remainingLength)
    add("ipv6.opt.ioam.trace.type", option.traceType)
  }

  /// Adds the fields and returns the destination that the pseudo-header holds.
  private mutating func segmentRouting(_ header: SegmentRoutingHeader, _ destination: IPv6Address) -> IPv6Address {
    add("ipv6.routing.segleft", header.segmentsLeft)
    add("ipv6.routing.srh.last_entry", header.lastEntry)
    add("ipv6.routing.srh.flags", header.flags)
    add("ipv6.routing.srh.tag", header.tag)
    for index in 0...Int(header.lastEntry) {
      if let segment = header.segment(index) { add("ipv6.routing.srh.addr", segment) }
    }
    return header.segmentsLeft > 0 ? header.segment(0) ?? destination : destination
  }

  /// - Parameter pseudo: the sum of the pseudo-header; nil if the message is not whole and its checksum says nothing.
  private mutating func upper(
    _ ipProtocol: UInt8, _ base: UnsafeMutableRawPointer, _ available: Int, _ pseudo: UInt64?, isV6: Bool
  ) {
    let message = UnsafeRawBufferPointer(start: base, count: max(0, available))
    let status = pseudo.map { InternetChecksum.isValid(message, pseudoHeader: $0) ? 1 : 0 } ?? 2
    switch ipProtocol {
    case IPProtocol.udp:
      guard let header = UDPHeader(at: base, available: available) else { return }
      add("udp.srcport", header.sourcePort)
      add("udp.dstport", header.destinationPort)
      add("udp.length", header.length)
      add("udp.checksum", header.checksum)
      // Not there, or (over IPv6) not allowed to be missing.
      add("udp.checksum.status", header.checksum != 0 ? status : isV6 ? 4 : 3)
      udp(header.destinationPort, base + UDPHeader.length, available - UDPHeader.length)
    case IPProtocol.tcp:
      guard let header = TCPHeader(at: base, available: available) else { return }
      add("tcp.srcport", header.sourcePort)
      add("tcp.dstport", header.destinationPort)
      add("tcp.seq_raw", header.sequenceNumber)
      add("tcp.ack_raw", header.acknowledgementNumber)
      add("tcp.hdr_len", header.headerLength)
      add("tcp.flags", header.flags.rawValue)
      add("tcp.window_size_value", header.window)
      add("tcp.checksum", header.checksum)
      add("tcp.checksum.status", status)
      add("tcp.urgent_pointer", header.urgentPointer)
    case IPProtocol.icmp: icmpV4(base, available)
    case IPProtocol.icmpV6: icmpV6(base, available, status)
    default: break
    }
  }

  private mutating func icmpV4(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let header = ICMPv4Header(at: base, available: available) else { return }
    add("icmp.type", header.type)
    add("icmp.code", header.code)
    add("icmp.checksum", header.checksum)
    add("icmp.checksum.status", flag: header.isChecksumValid)
    if header.isError {
      if header.code == ICMPv4Header.UnreachableCode.fragmentationNeeded { add("icmp.mtu", header.nextHopMTU) }
      ipv4(base + ICMPv4Header.length, available - ICMPv4Header.length)
    } else {
      add("icmp.ident", header.identifier)
      add("icmp.seq", header.sequenceNumber)
    }
  }

  private mutating func icmpV6(_ base: UnsafeMutableRawPointer, _ available: Int, _ status: Int) {
    guard let header = ICMPv6Header(at: base, available: available) else { return }
    add("icmpv6.type", header.type)
    add("icmpv6.code", header.code)
    add("icmpv6.checksum", header.checksum)
    add("icmpv6.checksum.status", status)
    if header.isError {
      if header.type == ICMPv6Header.MessageType.packetTooBig { add("icmpv6.mtu", header.parameter) }
      ipv6(base + ICMPv6Header.length, available - ICMPv6Header.length)
    } else if header.type == ICMPv6Header.MessageType.echoRequest {
      add("icmpv6.echo.identifier", header.identifier)
      add("icmpv6.echo.sequence_number", header.sequenceNumber)
    }
    if let message = NeighborSolicitation(at: base, available: available) {
      add("icmpv6.nd.ns.target_address", message.target)
      if let address = message.sourceLinkLayerAddress { add("icmpv6.opt.linkaddr", address) }
    }
    if let message = NeighborAdvertisement(at: base, available: available) {
      add("icmpv6.nd.na.target_address", message.target)
      add("icmpv6.nd.na.flag.r", flag: message.flags.contains(.router))
      add("icmpv6.nd.na.flag.s", flag: message.flags.contains(.solicited))
      add("icmpv6.nd.na.flag.o", flag: message.flags.contains(.overrides))
      if let address = message.targetLinkLayerAddress { add("icmpv6.opt.linkaddr", address) }
    }
  }

  private mutating func udp(_ port: UInt16, _ base: UnsafeMutableRawPointer, _ available: Int) {
    switch port {
    case UDPPort.vxlan:
      guard let header = VXLANHeader(at: base, available: available) else { return }
      add("vxlan.flag_i", flag: header.isValid)
      add("vxlan.vni", header.vni)
      ethernet(base + VXLANHeader.length, available - VXLANHeader.length)
    case UDPPort.roceV2: transport(base, available)
    default: break
    }
  }

  private mutating func globalRoute(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let header = GlobalRouteHeader(at: base, available: available) else { return }
    add("infiniband.grh.ipver", 6)
    add("infiniband.grh.tclass", header.trafficClass)
    add("infiniband.grh.flowlabel", header.flowLabel)
    add("infiniband.grh.paylen", header.payloadLength)
    add("infiniband.grh.nxthdr", header.fields.nextHeader)
    add("infiniband.grh.hoplmt", header.hopLimit)
    add("infiniband.grh.sgid", header.source)
    add("infiniband.grh.dgid", header.destination)
    guard header.isFollowedByTransport else { return }
    transport(base + GlobalRouteHeader.length, available - GlobalRouteHeader.length)
  }

  private mutating func transport(_ base: UnsafeMutableRawPointer, _ available: Int) {
    guard let header = BaseTransportHeader(at: base, available: available) else { return }
    add("infiniband.bth.opcode", header.opcode.rawValue)
    add("infiniband.bth.se", flag: header.solicitedEvent)
    add("infiniband.bth.m", flag: header.migrationRequest)
    add("infiniband.bth.padcnt", header.padCount)
    add("infiniband.bth.tver", header.version)
    add("infiniband.bth.p_key", header.partitionKey)
    add("infiniband.bth.destqp", header.destinationQP)
    add("infiniband.bth.a", flag: header.ackRequest)
    add("infiniband.bth.psn", header.packetSequenceNumber)
    let behind = base + BaseTransportHeader.length
    let left = available - BaseTransportHeader.length - ICRC.length
    let headers = header.opcode.extendedHeaders
    func place(_ header: RoCEExtendedHeaders) -> (UnsafeMutableRawPointer, Int) {
      let offset = headers.offset(of: header)
      return offset < 0 ? (behind, -1) : (behind + offset, left - offset)
    }
    var (at, count) = place(.datagram)
    if let header = DatagramETH(at: at, available: count) {
      add("infiniband.deth.q_key", header.queueKey)
      add("infiniband.deth.srcqp", header.sourceQP)
    }
    (at, count) = place(.rdma)
    if let header = RDMAETH(at: at, available: count) {
      add("infiniband.reth.va", header.virtualAddress)
      add("infiniband.reth.r_key", header.remoteKey)
      add("infiniband.reth.dmalen", header.length)
    }
    (at, count) = place(.atomic)
    if let header = AtomicETH(at: at, available: count) {
      // tshark has the same names for address and key here as in RETH.
      add("infiniband.reth.va", header.virtualAddress)
      add("infiniband.reth.r_key", header.remoteKey)
      add("infiniband.atomiceth.swapdt", header.swapOrAdd)
      add("infiniband.atomiceth.cmpdt", header.compare)
    }
    (at, count) = place(.acknowledge)
    if let header = AcknowledgeETH(at: at, available: count) {
      add("infiniband.aeth.syndrome", header.syndromeOctet)
      add("infiniband.aeth.msn", header.messageSequenceNumber)
    }
    (at, count) = place(.atomicAcknowledge)
    if let header = AtomicAcknowledgeETH(at: at, available: count) {
      add("infiniband.atomicacketh.origremdt", header.original)
    }
  }
}
