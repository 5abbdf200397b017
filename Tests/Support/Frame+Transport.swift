extension Frame {
  /// A UDP datagram.
  public func udp(_ sourcePort: UInt16, _ destinationPort: UInt16, _ payload: [UInt8] = [], size: Int = 0) -> [UInt8] {
    if isLaterFragment { return ip(17, filled(payload, from: headerLength, to: size)) }
    let payload = filled(payload, from: headerLength + 8, to: size)
    var datagram = Frame.octets(UInt64(sourcePort), count: 2) + Frame.octets(UInt64(destinationPort), count: 2)
    datagram += Frame.octets(UInt64(8 + payload.count), count: 2) + [0, 0]
    datagram += payload
    let sum = Frame.checksum(pseudoHeader(17, length: datagram.count) + datagram)
    // RFC 768: a checksum that comes out as zero is sent as all ones.
    datagram.replaceSubrange(6..<8, with: Frame.octets(UInt64(sum == 0 ? 0xFFFF : sum), count: 2))
    return ip(17, datagram)
  }

  /// A TCP segment.
  public func tcp(
    _ sourcePort: UInt16, _ destinationPort: UInt16, flags: UInt8 = 0x10, sequence: UInt32 = 1, _ payload: [UInt8] = [],
    size: Int = 0
  ) -> [UInt8] {
    if isLaterFragment { return ip(6, filled(payload, from: headerLength, to: size)) }
    var segment = Frame.octets(UInt64(sourcePort), count: 2) + Frame.octets(UInt64(destinationPort), count: 2)
    segment += Frame.octets(UInt64(sequence), count: 4) + [0, 0, 0, 1, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
    segment += filled(payload, from: headerLength + 20, to: size)
    let sum = Frame.checksum(pseudoHeader(6, length: segment.count) + segment)
    segment.replaceSubrange(16..<18, with: Frame.octets(UInt64(sum), count: 2))
    return ip(6, segment)
  }

  /// An ICMP or ICMPv6 message, by the IP version: type, code, and what follows the checksum.
  public func icmp(type: UInt8, code: UInt8 = 0, _ body: [UInt8] = [0, 0, 0, 0], size: Int = 0) -> [UInt8] {
    var message = [type, code, 0, 0] + filled(body, from: headerLength + 4, to: size)
    let sum = Frame.checksum((isIPv4 ? [] : pseudoHeader(58, length: message.count)) + message)
    message.replaceSubrange(2..<4, with: Frame.octets(UInt64(sum), count: 2))
    return ip(isIPv4 ? 1 : 58, message)
  }

  /// An echo request of either IP version.
  public func echoRequest(identifier: UInt16 = 1, sequence: UInt16 = 1, size: Int = 0) -> [UInt8] {
    let body = Frame.octets(UInt64(identifier), count: 2) + Frame.octets(UInt64(sequence), count: 2)
    return icmp(type: isIPv4 ? 8 : 128, body, size: size)
  }

  /// This frame's UDP datagram to port 4789 with a VXLAN header and a whole frame inside (RFC 7348).
  public func vxlan(_ sourcePort: UInt16 = 49_152, identifier: UInt32, _ inner: [UInt8]) -> [UInt8] {
    udp(sourcePort, 4789, [8, 0, 0, 0] + Frame.octets(UInt64(identifier) << 8, count: 4) + inner)
  }

  private var isLaterFragment: Bool { (fragmentOffset ?? 0) > 0 }

  func filled(_ payload: [UInt8], from offset: Int, to size: Int) -> [UInt8] {
    Frame.padded(payload, to: size - offset)
  }
}
