extension Frame {
  /// A RoCEv2 packet with a base transport header, its payload and its invariant CRC.
  ///
  /// - Parameters:
  ///   - opcode: 4 is RC SEND ONLY, 0x81 a congestion notification (whose payload is 16 octets).
  ///   - size: bytes of the frame, the invariant CRC included.
  public func roce(
    queuePair: UInt32, opcode: UInt8 = 4, sequence: UInt32 = 0, sourcePort: UInt16 = 49_152, _ payload: [UInt8] = [],
    size: Int = 0
  ) -> [UInt8] {
    var transport: [UInt8] = [opcode, 0x40, 0xFF, 0xFF, 0]
    transport += Frame.octets(UInt64(queuePair), count: 3) + [0]
    transport += Frame.octets(UInt64(sequence), count: 3)
    transport += filled(payload, from: headerLength + 8 + 12 + 4, to: size)
    // RoCEv2 over IPv4 may leave the UDP checksum out; with the CRC still zero it would be wrong below.
    var frame = udp(sourcePort, 4791, transport + [0, 0, 0, 0])
    let udpOffset = headerLength
    frame.replaceSubrange(udpOffset + 6..<udpOffset + 8, with: [0, 0])
    let crc = Frame.invariantCRC(frame, network: 14 + 4 * tags.count, udp: udpOffset)
    frame.replaceSubrange(frame.count - 4..<frame.count, with: Frame.octets(UInt64(crc.byteSwapped), count: 4))
    if !isIPv4 {
      let datagram = Array(frame[udpOffset...])
      let sum = Frame.checksum(pseudoHeader(17, length: datagram.count) + datagram)
      frame.replaceSubrange(
        udpOffset + 6..<udpOffset + 8, with: Frame.octets(UInt64(sum == 0 ? 0xFFFF : sum), count: 2))
    }
    return frame
  }

  /// A congestion notification packet for a queue pair (InfiniBand Architecture volume 1, annex A17).
  public func congestionNotification(queuePair: UInt32, sourcePort: UInt16 = 49_152) -> [UInt8] {
    roce(
      queuePair: queuePair, opcode: 0x81, sourcePort: sourcePort, [UInt8](repeating: 0, count: 16))
  }

  /// The invariant CRC: over eight octets of ones and the packet, with what routers may change set to ones.
  public static func invariantCRC(_ frame: [UInt8], network: Int, udp: Int) -> UInt32 {
    var covered = [UInt8](repeating: 0xFF, count: 8) + frame[network..<frame.count - 4]
    let shift = 8 - network
    func mask(_ octets: Range<Int>) {
      for index in octets { covered[index + shift] = 0xFF }
    }
    if frame[network] >> 4 == 4 {
      mask(network + 1..<network + 2)
      mask(network + 8..<network + 9)
      mask(network + 10..<network + 12)
    } else {
      covered[network + shift] |= 0x0F
      mask(network + 1..<network + 4)
      mask(network + 7..<network + 8)
    }
    mask(udp + 6..<udp + 8)
    mask(udp + 12..<udp + 13)
    return crc32(covered)
  }

  /// CRC-32 of IEEE 802.3, one bit at a time.
  static func crc32(_ octets: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for octet in octets {
      crc ^= UInt32(octet)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
