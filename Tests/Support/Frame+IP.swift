extension Frame {
  /// The frame around an IP payload of any protocol.
  ///
  /// - Parameter badChecksum: makes the IPv4 header checksum wrong.
  public func ip(_ ipProtocol: UInt8, _ payload: [UInt8], badChecksum: Bool = false) -> [UInt8] {
    isIPv4
      ? ethernet(0x0800, ipv4Header(ipProtocol, payloadLength: payload.count, badChecksum: badChecksum) + payload)
      : ethernet(0x86DD, ipv6Header(ipProtocol, payloadLength: payload.count) + payload)
  }

  /// Bytes of the frame in front of the IP payload.
  public var headerLength: Int {
    14 + 4 * tags.count + (isIPv4 ? 20 + options.count : fragmentOffset == nil ? 40 : 48)
  }

  private func ipv4Header(_ ipProtocol: UInt8, payloadLength: Int, badChecksum: Bool) -> [UInt8] {
    let words = 5 + options.count / 4
    var flags = UInt64(fragmentOffset ?? 0)
    if dontFragment { flags |= 0x4000 }
    if moreFragments { flags |= 0x2000 }
    var header: [UInt8] = [0x40 | UInt8(words), dscp << 2 | ecn]
    header += Frame.octets(UInt64(4 * words + payloadLength), count: 2)
    header += Frame.octets(UInt64(identification), count: 2)
    header += Frame.octets(flags, count: 2)
    header += [ttl, ipProtocol, 0, 0]
    header += source + destination + options
    let sum = Frame.checksum(header) ^ (badChecksum ? 0x0101 : 0)
    header.replaceSubrange(10..<12, with: Frame.octets(UInt64(sum), count: 2))
    return header
  }

  private func ipv6Header(_ ipProtocol: UInt8, payloadLength: Int) -> [UInt8] {
    var fragment: [UInt8] = []
    if let fragmentOffset {
      fragment = [ipProtocol, 0]
      fragment += Frame.octets(UInt64(fragmentOffset) << 3 | (moreFragments ? 1 : 0), count: 2)
      fragment += Frame.octets(UInt64(identification), count: 4)
    }
    let first = 6 << 28 | UInt64(dscp) << 22 | UInt64(ecn) << 20 | UInt64(flowLabel)
    var header = Frame.octets(first, count: 4)
    header += Frame.octets(UInt64(fragment.count + payloadLength), count: 2)
    header += [fragment.isEmpty ? ipProtocol : 44, ttl]
    header += source + destination
    return header + fragment
  }

  /// The pseudo-header that TCP, UDP and ICMPv6 checksums cover (RFC 768, RFC 8200 section 8.1).
  func pseudoHeader(_ ipProtocol: UInt8, length: Int) -> [UInt8] {
    isIPv4
      ? source + destination + [0, ipProtocol] + Frame.octets(UInt64(length), count: 2)
      : source + destination + Frame.octets(UInt64(length), count: 4) + [0, 0, 0, ipProtocol]
  }

  /// The fields of an IP header as they are in a frame, and whether its IPv4 checksum is right; nil if it is no IP.
  ///
  /// For looking at what left a switch.
  public static func ipHeader(of frame: [UInt8]) -> (dscp: UInt8, ecn: UInt8, ttl: UInt8, isChecksumRight: Bool)? {
    var offset = 12
    while offset + 2 <= frame.count,
      frame[offset] == 0x81 && frame[offset + 1] == 0
        || frame[offset] == 0x88
          && frame[offset + 1] == 0xA8
    {
      offset += 4
    }
    offset += 2
    guard frame.count >= offset + 20 else { return nil }
    if frame[offset] >> 4 == 4 {
      let header = Array(frame[offset..<min(frame.count, offset + 4 * Int(frame[offset] & 15))])
      return (header[1] >> 2, header[1] & 3, header[8], checksum(header) == 0)
    }
    guard frame[offset] >> 4 == 6 else { return nil }
    let octet = frame[offset] << 4 | frame[offset + 1] >> 4
    return (octet >> 2, octet & 3, frame[offset + 7], true)
  }
}
