/// The part of an IEEE 802.1Q tag behind its tag protocol identifier: tag control information and the next EtherType.
///
/// The identifier itself (0x8100 or 0x88A8) is the EtherType field of whatever precedes the tag.
@frozen
public struct VLANTag {
  /// Octets from the control information to the end of the following EtherType.
  @inlinable public static var length: Int { 4 }
  /// Fewest octets that can hold the tag.
  @inlinable public static var minimumLength: Int { 4 }

  @usableFromInline
  enum Field {
    @inlinable static var control: Int { 0 }
    @inlinable static var etherType: Int { 2 }
  }

  /// The first octet of the control information.
  public let base: UnsafeMutableRawPointer

  /// Views a tag; nil if fewer than four octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// Priority, drop eligibility and VLAN identifier as one number (IEEE 802.1Q clause 9.6).
  @inlinable public var control: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.control) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.control) }
  }

  /// Priority code point, 0 to 7; a setter keeps the low three bits.
  @inlinable public var pcp: UInt8 {
    get { UInt8(truncatingIfNeeded: control >> 13) }
    nonmutating set { control = control & 0x1FFF | UInt16(newValue & 7) << 13 }
  }

  /// Drop eligible indicator.
  @inlinable public var dropEligible: Bool {
    get { control & 0x1000 != 0 }
    nonmutating set { control = control & 0xEFFF | (newValue ? 0x1000 : 0) }
  }

  /// VLAN identifier, 0 to 4095: 0 carries a priority only, 4095 is reserved. A setter keeps the low twelve bits.
  @inlinable public var vid: UInt16 {
    get { control & 0x0FFF }
    nonmutating set { control = control & 0xF000 | newValue & 0x0FFF }
  }

  /// What follows the tag: a value of ``EtherType``, possibly another tag.
  @inlinable public var etherType: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.etherType) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.etherType) }
  }
}
