/// The Ethernet II header: two addresses and an EtherType (IEEE 802.3 clause 3.2).
///
/// A view: it owns nothing, and the memory must outlive it. Every accessor is within bounds because the initialiser
/// has seen fourteen octets.
@frozen
public struct EthernetHeader {
  /// Octets of the header.
  @inlinable public static var length: Int { 14 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 14 }

  @usableFromInline
  enum Field {
    @inlinable static var destination: Int { 0 }
    @inlinable static var source: Int { 6 }
    @inlinable static var etherType: Int { 12 }
  }

  /// The first octet of the destination address.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than fourteen octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// The receiver's address.
  @inlinable public var destination: MACAddress {
    get { MACAddress(at: base + Field.destination) }
    nonmutating set { newValue.store(to: base + Field.destination) }
  }

  /// The sender's address.
  @inlinable public var source: MACAddress {
    get { MACAddress(at: base + Field.source) }
    nonmutating set { newValue.store(to: base + Field.source) }
  }

  /// What follows: a value of ``EtherType``, or a length below 0x0600 (IEEE 802.3 clause 3.2.6).
  @inlinable public var etherType: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.etherType) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.etherType) }
  }
}
