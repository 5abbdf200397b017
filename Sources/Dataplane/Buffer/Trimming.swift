import CShims
import Wire

/// Trimming, compiled: which packets are cut, what is left of them, and where that goes.
struct Trimmer {
  /// Queues whose packets are trimmed, a bit each; 0: nothing is trimmed.
  private let queues: UInt8
  private let size: Int
  private let dscp: UInt8
  private let queue: UInt8
  private let trafficClass: UInt8
  private let priorityGroup: UInt8
  private let hasClass: Bool

  init(_ configuration: SwitchConfiguration) {
    let trim = configuration.buffer.trim
    let qos = configuration.qos
    queues = trim?.queues ?? 0
    size = trim?.size ?? 0
    dscp = trim?.dscp ?? 0
    queue = trim?.queue.rawValue ?? 0
    // The class of the new DSCP if it leads to the queue, or else the first that does.
    let classes = [Int(qos.dscpToTrafficClass[Int(dscp & 63)].rawValue)] + Array(0..<8)
    let found = classes.first { qos.trafficClassToQueue[$0] == trim?.queue }
    hasClass = found != nil
    trafficClass = UInt8(found ?? 0)
    priorityGroup = qos.trafficClassToPriorityGroup[found ?? 0].rawValue
  }

  /// How many bytes of a packet's frame, as it now is in memory, are kept; 0 if it must not be trimmed.
  ///
  /// Trimmed are unicast packets of UDP and TCP that go to an eligible queue and whose headers survive. Not trimmed are:
  /// - packets of the switch itself, mirrored copies, fragments, and what has a routing header, whose checksum covers
  ///   another destination than the header's;
  /// - VXLAN, whose cut inner packet nobody could tell from a broken one;
  /// - acknowledgements and congestion notifications of RoCE;
  /// - TCP segments that end a connection: cut, they would end it before its last bytes;
  /// - packets that fit in the size anyway, and packets that carry the DSCP of trimmed ones.
  func keptBytes(of packet: Packet, queue: Int) -> Int {
    let state = packet.state
    let flags = packet.flags
    guard queues & 1 << UInt8(truncatingIfNeeded: queue) != 0, flags.contains(.ports),
      flags.isDisjoint(with: .neverTrimmed), packet.ingressPort != .none, state.pointee.dscp & 63 != dscp,
      !MACAddress(at: packet.bytes).isGroup, !isMulticast(packet)
    else { return 0 }
    let kept = size &+ pendingBytes(packet)
    guard Int(state.pointee.network_offset) &+ Int(state.pointee.network_length) > kept else { return 0 }
    let headers = headerBytes(packet)
    return headers > 0 && headers <= kept ? kept : 0
  }

  /// By how many bytes the frame in memory is longer than what will leave: tags come and go with the last rewrite.
  private func pendingBytes(_ packet: Packet) -> Int {
    let present = packet.flags.contains(.tagged) ? VLANTag.length : 0
    return packet.state.pointee.vlan != 0 ? present &- VLANTag.length : present
  }

  private func isMulticast(_ packet: Packet) -> Bool {
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    if packet.flags.contains(.ipv4) { return base.load(fromByteOffset: 16, as: UInt8.self) >= 224 }
    return base.load(fromByteOffset: 24, as: UInt8.self) == 0xFF
  }

  /// Bytes up to the end of the headers that a receiver needs; 0 if the packet is none to be trimmed.
  private func headerBytes(_ packet: Packet) -> Int {
    let state = packet.state
    let transport = Int(state.pointee.transport_offset)
    let available = packet.capturedLength &- transport
    if state.pointee.ip_protocol == IPProtocol.tcp {
      guard let header = TCPHeader(at: packet.bytes + transport, available: available),
        !header.flags.contains(.fin)
      else { return 0 }
      return transport &+ header.headerLength
    }
    if state.pointee.destination_port == UDPPort.vxlan { return 0 }
    let payload = transport &+ UDPHeader.length
    guard state.pointee.destination_port == UDPPort.roceV2 else { return payload }
    guard let header = BaseTransportHeader(at: packet.bytes + payload, available: packet.capturedLength &- payload)
    else { return 0 }
    let opcode = header.opcode.rawValue
    let operation = opcode & 0x1F
    if opcode == RoCEOpcode.congestionNotification.rawValue || operation == 0x11 || operation == 0x12 { return 0 }
    return payload &+ BaseTransportHeader.length
  }

  /// Cuts a packet after `kept` bytes and makes its headers say so. Of RoCE the invariant check sequence is lost with
  /// the payload's end.
  ///
  /// Of a packet that was captured only in part, less may be there than is kept. Then lengths are right, but a checksum
  /// cannot be: that of UDP over IPv4 is left out, others stay as they were.
  func cut(_ packet: Packet, to kept: Int) {
    let state = packet.state
    let captured = min(packet.capturedLength, kept)
    state.pointee.data_len = UInt16(truncatingIfNeeded: captured)
    state.pointee.pkt_len = UInt32(truncatingIfNeeded: captured)
    state.pointee.wire_length = UInt32(truncatingIfNeeded: size)
    let offset = Int(state.pointee.network_offset)
    let length = kept &- offset
    state.pointee.network_length = UInt16(truncatingIfNeeded: length)
    state.pointee.dscp = dscp
    let base = packet.bytes + offset
    if packet.flags.contains(.ipv4) {
      guard let header = IPv4Header(at: base, available: captured &- offset) else { return }
      let old = UInt16(truncatingIfNeeded: header.totalLength)
      header.totalLength = length
      header.checksum = InternetChecksum.update(
        header.checksum, from: old, to: UInt16(truncatingIfNeeded: length))
      header.setDSCP(dscp)
    } else {
      guard let header = IPv6Header(at: base, available: captured &- offset) else { return }
      header.payloadLength = length &- IPv6Header.length
      header.setDSCP(dscp)
    }
    cutTransport(packet, end: kept)
    packet.flags.insert(.trimmed)
    state.pointee.queue = queue
    if hasClass {
      state.pointee.traffic_class = trafficClass
      state.pointee.priority_group = priorityGroup
    }
  }

  private func cutTransport(_ packet: Packet, end: Int) {
    let transport = Int(packet.state.pointee.transport_offset)
    let available = packet.capturedLength &- transport
    let base = packet.bytes + transport
    if packet.state.pointee.ip_protocol == IPProtocol.tcp {
      let length = end &- transport
      guard length <= available, let header = TCPHeader(at: base, available: available) else { return }
      header.checksum = 0
      header.checksum = InternetChecksum.transport(
        UnsafeRawBufferPointer(start: base, count: length), pseudoHeader: pseudoHeader(of: packet, length: length))
      return
    }
    guard let header = UDPHeader(at: base, available: available) else { return }
    let length = min(header.length, end &- transport)
    header.length = length
    if header.checksum == 0 || length < UDPHeader.length { return }
    if length > available {
      if packet.flags.contains(.ipv4) { header.checksum = 0 }
      return
    }
    header.checksum = 0
    header.checksum = InternetChecksum.udp(
      UnsafeRawBufferPointer(start: base, count: length), pseudoHeader: pseudoHeader(of: packet, length: length))
  }

  private func pseudoHeader(of packet: Packet, length: Int) -> UInt64 {
    let base = packet.bytes + Int(packet.state.pointee.network_offset)
    let ipProtocol = packet.state.pointee.ip_protocol
    if packet.flags.contains(.ipv4) {
      return InternetChecksum.pseudoHeader(
        source: IPv4Address(bits: base.loadBigEndian(UInt32.self, at: 12)),
        destination: IPv4Address(bits: base.loadBigEndian(UInt32.self, at: 16)), ipProtocol: ipProtocol, length: length)
    }
    return InternetChecksum.pseudoHeader(
      source: IPv6Address(at: base + 8), destination: IPv6Address(at: base + 24), ipProtocol: ipProtocol,
      length: length)
  }
}

extension Switch {
  /// Cuts a packet that was not admitted to its queue and sends it on in the queue of trimmed packets, if it may. True:
  /// the packet is taken care of.
  ///
  /// What came in counts as dropped for its reason, and what is left of it as a copy that the switch made.
  @inline(never)
  mutating func trim(
    _ packet: Packet, _ reason: DropReason, countedOn counted: PortID?, queue: Int, on portID: PortID, at now: Tick
  ) -> Bool {
    if buffer.queues.base[queue].isLossless || holdsTelemetry(packet, on: portID) { return false }
    let kept = trimmer.keptBytes(of: packet, queue: queue & 7)
    guard kept > 0 else { return false }
    countDrop(packet, reason, at: now, on: counted)
    measured.queues.base[queue].trimmedPackets &+= 1
    counters.replicatedPackets &+= 1
    trimmer.cut(packet, to: kept)
    enqueue(packet, on: portID, at: now)
    return true
  }
}
