/// The UDP header (RFC 768).
///
/// A view: it owns nothing. `length` is not checked, because captures are cut short: compare it with what arrived.
@frozen
public struct UDPHeader {
  /// Octets of the header.
  @inlinable public static var length: Int { 8 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 8 }

  @usableFromInline
  enum Field {
    @inlinable static var sourcePort: Int { 0 }
    @inlinable static var destinationPort: Int { 2 }
    @inlinable static var length: Int { 4 }
    @inlinable static var checksum: Int { 6 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than eight octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// The sender's port; for RoCEv2 and VXLAN the entropy of the flow.
  @inlinable public var sourcePort: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.sourcePort) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.sourcePort) }
  }

  /// The receiver's port, for example a value of ``UDPPort``.
  @inlinable public var destinationPort: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.destinationPort) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.destinationPort) }
  }

  /// Octets of header and payload, as claimed.
  @inlinable public var length: Int {
    get { Int(base.loadBigEndian(UInt16.self, at: Field.length)) }
    nonmutating set { base.storeBigEndian(UInt16(truncatingIfNeeded: newValue), at: Field.length) }
  }

  /// The checksum as it lies; zero means none (RFC 768, RFC 6936). Setting other fields leaves it alone.
  @inlinable public var checksum: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.checksum) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.checksum) }
  }
}
