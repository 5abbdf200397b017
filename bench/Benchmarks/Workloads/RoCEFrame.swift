import Wire

/// Frames of RoCEv2 as a network card sends them, with valid checksums and invariant CRC.
///
/// Over Ethernet without tags their length is 2 modulo 4, because InfiniBand counts in words. What is missing to another
/// length is padding behind the IP packet, as in every frame of 64 octets.
struct RoCEFrame {
  /// Whom it is from and to.
  let flow: BenchmarkFlow
  /// IPv6 rather than IPv4.
  let isIPv6: Bool

  private static let ethernet = 14
  private static let transport = BaseTransportHeader.length
  private static let extended = 16

  /// Octets of a frame without check sequence that are neither payload nor padding.
  static func overhead(isIPv6: Bool) -> Int {
    ethernet + (isIPv6 ? IPv6Header.length : IPv4Header.minimumLength) + UDPHeader.length + transport + ICRC.length
  }

  /// SEND Only: one frame of `length` octets without check sequence.
  func sendOnly(length: Int, sequence: UInt32) -> [UInt8] {
    let payload = max(0, length - RoCEFrame.overhead(isIPv6: isIPv6)) / 4 * 4
    return make(opcode: 0x04, header: [], payload: payload, padTo: length, sequence: sequence, asksAcknowledge: true)
  }

  /// One packet of a WRITE of `message` octets that is `index` packets into it.
  func write(message: Int, mtu: Int, index: Int, sequence: UInt32, address: UInt64) -> [UInt8] {
    let count = (message + mtu - 1) / mtu
    let isLast = index == count - 1
    let opcode: UInt8 = count == 1 ? 0x0A : index == 0 ? 0x06 : isLast ? 0x08 : 0x07
    var header: [UInt8] = []
    if index == 0 {
      header = [UInt8](repeating: 0, count: RoCEFrame.extended)
      header.withUnsafeMutableBytes { buffer in
        guard let base = buffer.baseAddress else { return }
        base.storeBigEndian(address, at: 0)
        base.storeBigEndian(UInt32(0x1000) | flow.queuePair, at: 8)
        base.storeBigEndian(UInt32(message), at: 12)
      }
    }
    let payload = isLast ? message - index * mtu : mtu
    return make(
      opcode: opcode, header: header, payload: payload, padTo: 60, sequence: sequence, asksAcknowledge: isLast)
  }

  private func make(
    opcode: UInt8, header: [UInt8], payload: Int, padTo length: Int, sequence: UInt32, asksAcknowledge: Bool
  ) -> [UInt8] {
    let packet = RoCEFrame.overhead(isIPv6: isIPv6) + header.count + payload
    var frame = [UInt8](repeating: 0, count: max(packet, length))
    frame.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      flow.destinationMAC.store(to: base)
      flow.sourceMAC.store(to: base + 6)
      base.storeBigEndian(isIPv6 ? EtherType.ipv6 : EtherType.ipv4, at: 12)
      let udp = writeNetwork(base + RoCEFrame.ethernet, count: packet - RoCEFrame.ethernet)
      udp.storeBigEndian(flow.sourcePort, at: 0)
      udp.storeBigEndian(UDPPort.roceV2, at: 2)
      udp.storeBigEndian(UInt16(base + packet - udp), at: 4)
      let transport = udp + UDPHeader.length
      if let view = BaseTransportHeader(at: transport, available: RoCEFrame.transport) {
        view.opcode = RoCEOpcode(rawValue: opcode)
        view.partitionKey = 0xFFFF
        view.destinationQP = flow.queuePair
        view.ackRequest = asksAcknowledge
        view.packetSequenceNumber = sequence
      }
      header.withUnsafeBytes { source in
        if let start = source.baseAddress {
          (transport + RoCEFrame.transport).copyMemory(from: start, byteCount: source.count)
        }
      }
      fill(transport + RoCEFrame.transport + header.count, count: payload)
      _ = ICRC.store(in: UnsafeMutableRawBufferPointer(rebasing: buffer[RoCEFrame.ethernet..<packet]))
      // Over IPv4 senders leave the checksum out; over IPv6 it must be there (RFC 8200 section 8.1).
      if isIPv6 {
        let length = base + packet - udp
        let pseudoHeader = InternetChecksum.pseudoHeader(
          source: flow.sourceIPv6, destination: flow.destinationIPv6, ipProtocol: IPProtocol.udp, length: length)
        let checksum = InternetChecksum.udp(
          UnsafeRawBufferPointer(start: udp, count: length), pseudoHeader: pseudoHeader)
        udp.storeBigEndian(checksum, at: 6)
      }
    }
    return frame
  }

  /// Writes the network header, and returns where the transport begins.
  private func writeNetwork(_ base: UnsafeMutableRawPointer, count: Int) -> UnsafeMutableRawPointer {
    if isIPv6 {
      if let header = IPv6Header(creatingAt: base, available: count) {
        header.setDSCP(flow.dscp)
        header.setECN(flow.ecn)
        header.flowLabel = UInt32(flow.sourcePort)
        header.payloadLength = count - IPv6Header.length
        header.nextHeader = IPProtocol.udp
        header.hopLimit = 64
        header.source = flow.sourceIPv6
        header.destination = flow.destinationIPv6
      }
      return base + IPv6Header.length
    }
    if let header = IPv4Header(creatingAt: base, available: count) {
      base.storeBytes(of: flow.dscp << 2 | flow.ecn, toByteOffset: 1, as: UInt8.self)
      header.totalLength = count
      header.dontFragment = true
      header.timeToLive = 64
      header.ipProtocol = IPProtocol.udp
      header.source = flow.sourceIPv4
      header.destination = flow.destinationIPv4
      header.checksum = InternetChecksum.checksum(
        of: UnsafeRawBufferPointer(start: base, count: IPv4Header.minimumLength))
    }
    return base + IPv4Header.minimumLength
  }

  /// Payload that differs from octet to octet.
  private func fill(_ base: UnsafeMutableRawPointer, count: Int) {
    for offset in 0..<count {
      base.storeBytes(of: UInt8(truncatingIfNeeded: offset), toByteOffset: offset, as: UInt8.self)
    }
  }
}
