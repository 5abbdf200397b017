/// A 48-bit IEEE 802 address.
@frozen
public struct MACAddress: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// The address in the low 48 bits, first octet most significant.
  public let bits: UInt64

  /// Creates an address from the low 48 bits of an integer, first octet most significant.
  @inlinable
  public init(bits: UInt64) { self.bits = bits & 0xFFFF_FFFF_FFFF }

  /// Reads six octets; the caller has checked that they exist.
  @inlinable
  public init(at pointer: UnsafeRawPointer) {
    bits =
      UInt64(pointer.loadBigEndian(UInt32.self, at: 0)) << 16 | UInt64(pointer.loadBigEndian(UInt16.self, at: 4))
  }

  /// Parses `aa:bb:cc:dd:ee:ff` or `aa-bb-cc-dd-ee-ff`, in either case; nil if it is anything else.
  public init?(_ text: some StringProtocol) {
    let groups = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
    guard groups.count == 6 else { return nil }
    var bits: UInt64 = 0
    for group in groups {
      guard group.count == 2, group.allSatisfy(\.isHexDigit), let octet = UInt64(group, radix: 16) else { return nil }
      bits = bits << 8 | octet
    }
    self.init(bits: bits)
  }

  /// Writes the six octets; the caller has checked that they exist.
  @inlinable
  public func store(to pointer: UnsafeMutableRawPointer) {
    pointer.storeBigEndian(UInt32(truncatingIfNeeded: bits >> 16), at: 0)
    pointer.storeBigEndian(UInt16(truncatingIfNeeded: bits), at: 4)
  }

  /// True for group addresses: multicast and broadcast (I/G bit, IEEE 802 clause 8.2).
  @inlinable
  public var isGroup: Bool { bits & 0x0100_0000_0000 != 0 }

  /// FF-FF-FF-FF-FF-FF.
  @inlinable public static var broadcast: MACAddress { MACAddress(bits: 0xFFFF_FFFF_FFFF) }

  /// True for 01-80-C2-00-00-00 to -0F, which no bridge forwards (IEEE 802.1Q table 8-1).
  @inlinable
  public var isReservedBridgeGroup: Bool { bits & 0xFFFF_FFFF_FFF0 == 0x0180_C200_0000 }

  /// Six octets in lower-case hexadecimal, separated by colons.
  public var description: String {
    (0..<6).map { index in
      let octet = String((bits >> UInt64(40 - 8 * index)) & 0xFF, radix: 16)
      return octet.count == 1 ? "0" + octet : octet
    }.joined(separator: ":")
  }
}
