/// The checksum of IP, TCP, UDP and ICMP: one's complement arithmetic over 16-bit words (RFC 1071).
///
/// A partial sum is an unfolded `UInt64`, so parts can be added up in any order as long as every part but the last
/// has an even number of octets.
public enum InternetChecksum {
  /// Adds up 16-bit words; a last odd octet counts as if a zero followed.
  @inlinable
  public static func sum(of bytes: UnsafeRawBufferPointer, adding partial: UInt64 = 0) -> UInt64 {
    guard let base = bytes.baseAddress else { return partial }
    let count = bytes.count
    var total: UInt64 = 0
    var offset = 0
    // The sum commutes with byte order (RFC 1071 section 2 B): words are added as they lie and swapped once.
    while offset &+ 4 <= count {
      total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset &+= 4
    }
    if offset &+ 2 <= count {
      total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      offset &+= 2
    }
    if offset < count {
      total &+= UInt64(UInt16(bigEndian: UInt16(base.load(fromByteOffset: offset, as: UInt8.self)) << 8))
    }
    return partial &+ UInt64(UInt16(bigEndian: fold(total)))
  }

  /// Reduces a sum to sixteen bits with end-around carry; not yet complemented.
  @inlinable
  public static func fold(_ sum: UInt64) -> UInt16 {
    var sum = (sum >> 32) &+ (sum & 0xFFFF_FFFF)
    sum = (sum >> 16) &+ (sum & 0xFFFF)
    sum = (sum >> 16) &+ (sum & 0xFFFF)
    sum = (sum >> 16) &+ (sum & 0xFFFF)
    return UInt16(truncatingIfNeeded: sum)
  }

  /// The value of a checksum field: the complement of the folded sum.
  @inlinable
  public static func checksum(of bytes: UnsafeRawBufferPointer, adding partial: UInt64 = 0) -> UInt16 {
    ~fold(sum(of: bytes, adding: partial))
  }

  /// The checksum after one 16-bit word it covers has changed (RFC 1624 equation 3).
  @inlinable
  public static func update(_ checksum: UInt16, from old: UInt16, to new: UInt16) -> UInt16 {
    var sum = UInt32(~checksum) &+ UInt32(~old) &+ UInt32(new)
    sum = (sum & 0xFFFF) &+ (sum >> 16)
    sum = (sum & 0xFFFF) &+ (sum >> 16)
    return ~UInt16(truncatingIfNeeded: sum)
  }

  /// The checksum after two adjacent 16-bit words it covers have changed.
  @inlinable
  public static func update(_ checksum: UInt16, from old: UInt32, to new: UInt32) -> UInt16 {
    ~fold(UInt64(~checksum) &+ UInt64(~old) &+ UInt64(new))
  }

  /// The partial sum of IPv4's pseudo-header (RFC 9293 section 3.1).
  ///
  /// - Parameters:
  ///   - ipProtocol: the transport's protocol number.
  ///   - length: octets of transport header and payload, 0 to 65535.
  @inlinable
  public static func pseudoHeader(
    source: IPv4Address, destination: IPv4Address, ipProtocol: UInt8, length: Int
  ) -> UInt64 {
    UInt64(source.bits) &+ UInt64(destination.bits) &+ UInt64(ipProtocol)
      &+ UInt64(UInt32(truncatingIfNeeded: length))
  }

  /// The partial sum of IPv6's pseudo-header (RFC 8200 section 8.1).
  ///
  /// - Parameters:
  ///   - destination: the final destination: with a routing header, the last segment.
  ///   - ipProtocol: the transport's protocol number, whatever the fixed header's next header says.
  ///   - length: octets of transport header and payload.
  @inlinable
  public static func pseudoHeader(
    source: IPv6Address, destination: IPv6Address, ipProtocol: UInt8, length: Int
  ) -> UInt64 {
    // Halves, because two full 64-bit words could overflow the sum.
    let addresses =
      (source.high >> 32) &+ (source.high & 0xFFFF_FFFF) &+ (source.low >> 32) &+ (source.low & 0xFFFF_FFFF)
      &+ (destination.high >> 32) &+ (destination.high & 0xFFFF_FFFF)
      &+ (destination.low >> 32) &+ (destination.low & 0xFFFF_FFFF)
    return addresses &+ UInt64(ipProtocol) &+ UInt64(UInt32(truncatingIfNeeded: length))
  }

  /// The checksum of a TCP segment or an ICMPv6 message whose checksum field holds zero.
  @inlinable
  public static func transport(_ bytes: UnsafeRawBufferPointer, pseudoHeader: UInt64) -> UInt16 {
    checksum(of: bytes, adding: pseudoHeader)
  }

  /// The checksum of a UDP datagram whose checksum field holds zero: a computed zero is sent as 0xFFFF (RFC 768).
  @inlinable
  public static func udp(_ bytes: UnsafeRawBufferPointer, pseudoHeader: UInt64) -> UInt16 {
    let value = checksum(of: bytes, adding: pseudoHeader)
    return value == 0 ? 0xFFFF : value
  }

  /// True if a message, with its checksum field in place, adds up; UDP's "no checksum" (zero) is the caller's case.
  @inlinable
  public static func isValid(_ bytes: UnsafeRawBufferPointer, pseudoHeader: UInt64 = 0) -> Bool {
    fold(sum(of: bytes, adding: pseudoHeader)) == 0xFFFF
  }
}
