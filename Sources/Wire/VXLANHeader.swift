/// The VXLAN header; an Ethernet frame follows (RFC 7348 section 5).
@frozen
public struct VXLANHeader {
  /// Octets of the header.
  @inlinable public static var length: Int { 8 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 8 }

  @usableFromInline
  enum Field {
    @inlinable static var flags: Int { 0 }
    /// The identifier is the high 24 bits of this word.
    @inlinable static var identifierWord: Int { 4 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than eight octets are available. Look at ``isValid`` before believing the rest.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// Lays a new header with the I flag and an identifier, reserved bits zero; nil if eight octets do not fit.
  @inlinable
  public init?(creatingAt base: UnsafeMutableRawPointer, available: Int, vni: UInt32) {
    guard available >= Self.minimumLength else { return nil }
    base.storeBigEndian(UInt32(0x0800_0000), at: Field.flags)
    base.storeBigEndian((vni & 0x00FF_FFFF) << 8, at: Field.identifierWord)
    self.base = base
  }

  /// I flag: the identifier counts. A receiver drops packets without it.
  @inlinable public var isValid: Bool { base.load(fromByteOffset: Field.flags, as: UInt8.self) & 0x08 != 0 }

  /// VXLAN network identifier, 24 bits; a setter keeps the low 24.
  @inlinable public var vni: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: Field.identifierWord) >> 8 }
    nonmutating set {
      let word = base.loadBigEndian(UInt32.self, at: Field.identifierWord)
      base.storeBigEndian(word & 0xFF | (newValue & 0x00FF_FFFF) << 8, at: Field.identifierWord)
    }
  }
}
