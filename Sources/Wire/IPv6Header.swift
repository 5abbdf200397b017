/// The fixed IPv6 header (RFC 8200 section 3).
///
/// A view: it owns nothing. `payloadLength` is not checked, because captures are cut short: compare it with what
/// arrived. What follows is found with ``IPv6Extensions``.
@frozen
public struct IPv6Header {
  /// Octets of the header.
  @inlinable public static var length: Int { 40 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 40 }

  @usableFromInline
  enum Field {
    @inlinable static var versionClassFlow: Int { 0 }
    @inlinable static var payloadLength: Int { 4 }
    @inlinable static var nextHeader: Int { 6 }
    @inlinable static var hopLimit: Int { 7 }
    @inlinable static var source: Int { 8 }
    @inlinable static var destination: Int { 24 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than forty octets are available or the version is not 6.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, base.load(as: UInt8.self) >> 4 == 6 else { return nil }
    self.base = base
  }

  /// Lays a new header, all zero but the version; nil if forty octets do not fit.
  @inlinable
  public init?(creatingAt base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.length)
    base.storeBytes(of: 0x60, as: UInt8.self)
    self.base = base
  }

  /// Version, traffic class and flow label as one number.
  @inlinable var firstWord: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: Field.versionClassFlow) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.versionClassFlow) }
  }

  /// DSCP and ECN as one octet.
  @inlinable public var trafficClass: UInt8 {
    get { UInt8(truncatingIfNeeded: firstWord >> 20) }
    nonmutating set { firstWord = firstWord & 0xF00F_FFFF | UInt32(newValue) << 20 }
  }

  /// Differentiated services codepoint, 0 to 63.
  @inlinable public var dscp: UInt8 { trafficClass >> 2 }

  /// ECN codepoint, a value of ``ECN``.
  @inlinable public var ecn: UInt8 { trafficClass & 3 }

  /// Flow label, 0 to 0xFFFFF (RFC 6437); a setter keeps the low twenty bits.
  @inlinable public var flowLabel: UInt32 {
    get { firstWord & 0x000F_FFFF }
    nonmutating set { firstWord = firstWord & 0xFFF0_0000 | newValue & 0x000F_FFFF }
  }

  /// Octets behind this header, 0 to 65535.
  @inlinable public var payloadLength: Int {
    get { Int(base.loadBigEndian(UInt16.self, at: Field.payloadLength)) }
    nonmutating set { base.storeBigEndian(UInt16(truncatingIfNeeded: newValue), at: Field.payloadLength) }
  }

  /// What follows: an extension header or a transport, a value of ``IPProtocol``.
  @inlinable public var nextHeader: UInt8 {
    get { base.load(fromByteOffset: Field.nextHeader, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.nextHeader, as: UInt8.self) }
  }

  /// Hops left.
  @inlinable public var hopLimit: UInt8 {
    get { base.load(fromByteOffset: Field.hopLimit, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.hopLimit, as: UInt8.self) }
  }

  /// The sender's address.
  @inlinable public var source: IPv6Address {
    get { IPv6Address(at: base + Field.source) }
    nonmutating set { newValue.store(to: base + Field.source) }
  }

  /// The receiver's address: with a routing header, that of the next segment.
  @inlinable public var destination: IPv6Address {
    get { IPv6Address(at: base + Field.destination) }
    nonmutating set { newValue.store(to: base + Field.destination) }
  }

  /// Takes one from the hop limit; zero stays.
  @inlinable
  public func decrementHopLimit() {
    let old = hopLimit
    hopLimit = old == 0 ? 0 : old &- 1
  }

  /// Replaces the codepoint and keeps ECN.
  ///
  /// - Parameter value: 0 to 63; higher bits are ignored.
  @inlinable
  public func setDSCP(_ value: UInt8) { trafficClass = value << 2 | ecn }

  /// Replaces the ECN codepoint and keeps the DSCP.
  ///
  /// - Parameter value: 0 to 3, a value of ``ECN``; higher bits are ignored.
  @inlinable
  public func setECN(_ value: UInt8) { trafficClass = trafficClass & 0xFC | value & 3 }
}
