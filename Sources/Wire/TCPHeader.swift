/// The TCP header with its options (RFC 9293 section 3.1).
@frozen
public struct TCPHeader {
  /// Octets of a header without options.
  @inlinable public static var minimumLength: Int { 20 }

  /// The control bits (RFC 9293 section 3.1, RFC 3168 section 6.1).
  @frozen
  public struct Flags: OptionSet, Sendable {
    /// The octet as it lies.
    public let rawValue: UInt8

    /// Takes the octet as it lies.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No more data from the sender.
    @inlinable public static var fin: Flags { Flags(rawValue: 0x01) }
    /// Synchronise sequence numbers.
    @inlinable public static var syn: Flags { Flags(rawValue: 0x02) }
    /// Reset the connection.
    @inlinable public static var rst: Flags { Flags(rawValue: 0x04) }
    /// Push.
    @inlinable public static var psh: Flags { Flags(rawValue: 0x08) }
    /// The acknowledgement number counts.
    @inlinable public static var ack: Flags { Flags(rawValue: 0x10) }
    /// The urgent pointer counts.
    @inlinable public static var urg: Flags { Flags(rawValue: 0x20) }
    /// The receiver saw a congestion mark.
    @inlinable public static var ece: Flags { Flags(rawValue: 0x40) }
    /// The sender has reduced its window.
    @inlinable public static var cwr: Flags { Flags(rawValue: 0x80) }
  }

  @usableFromInline
  enum Field {
    @inlinable static var sourcePort: Int { 0 }
    @inlinable static var destinationPort: Int { 2 }
    @inlinable static var sequence: Int { 4 }
    @inlinable static var acknowledgement: Int { 8 }
    @inlinable static var dataOffset: Int { 12 }
    @inlinable static var flags: Int { 13 }
    @inlinable static var window: Int { 14 }
    @inlinable static var checksum: Int { 16 }
    @inlinable static var urgentPointer: Int { 18 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer
  /// Octets of the header with options, 20 to 60, as read when the view was made.
  public let headerLength: Int

  /// Views a header; nil if it is cut off or claims fewer than 20 or more than the available octets.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    let length = Int(base.load(fromByteOffset: Field.dataOffset, as: UInt8.self) >> 4) &* 4
    guard length >= Self.minimumLength, length <= available else { return nil }
    self.base = base
    headerLength = length
  }

  /// The sender's port.
  @inlinable public var sourcePort: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.sourcePort) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.sourcePort) }
  }

  /// The receiver's port.
  @inlinable public var destinationPort: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.destinationPort) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.destinationPort) }
  }

  /// Sequence number of the first octet of the payload.
  @inlinable public var sequenceNumber: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: Field.sequence) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.sequence) }
  }

  /// The next sequence number the sender of this segment expects.
  @inlinable public var acknowledgementNumber: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: Field.acknowledgement) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.acknowledgement) }
  }

  /// The control bits.
  @inlinable public var flags: Flags {
    get { Flags(rawValue: base.load(fromByteOffset: Field.flags, as: UInt8.self)) }
    nonmutating set { base.storeBytes(of: newValue.rawValue, toByteOffset: Field.flags, as: UInt8.self) }
  }

  /// The receive window as it lies, not scaled.
  @inlinable public var window: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.window) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.window) }
  }

  /// The checksum as it lies. Setting other fields leaves it alone.
  @inlinable public var checksum: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.checksum) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.checksum) }
  }

  /// Offset of the last urgent octet; counts only with ``Flags/urg``.
  @inlinable public var urgentPointer: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.urgentPointer) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.urgentPointer) }
  }
}
