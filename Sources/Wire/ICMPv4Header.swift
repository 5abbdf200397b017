/// The first eight octets of an ICMP message (RFC 792).
///
/// `available` bounds the message: make it the length that the IP header gives, so that padding of the frame does not
/// enter the checksum.
@frozen
public struct ICMPv4Header {
  /// Octets of the header.
  @inlinable public static var length: Int { 8 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 8 }

  /// Message types (IANA "ICMP Parameters").
  public enum MessageType {
    /// Answer to an echo request.
    @inlinable public static var echoReply: UInt8 { 0 }
    /// The packet could not be delivered; see ``UnreachableCode``.
    @inlinable public static var destinationUnreachable: UInt8 { 3 }
    /// Echo request.
    @inlinable public static var echoRequest: UInt8 { 8 }
    /// The time to live ran out: code 0 in transit, 1 in reassembly.
    @inlinable public static var timeExceeded: UInt8 { 11 }
    /// A field of the header makes no sense.
    @inlinable public static var parameterProblem: UInt8 { 12 }
  }

  /// Codes of ``MessageType/destinationUnreachable`` (RFC 792, RFC 1191, RFC 1812 section 5.2.7.1).
  public enum UnreachableCode {
    /// No route.
    @inlinable public static var network: UInt8 { 0 }
    /// No answer from the next hop.
    @inlinable public static var host: UInt8 { 1 }
    /// Nobody takes the protocol.
    @inlinable public static var ipProtocol: UInt8 { 2 }
    /// Nobody takes the port.
    @inlinable public static var port: UInt8 { 3 }
    /// Too long for the next link and not to be fragmented.
    @inlinable public static var fragmentationNeeded: UInt8 { 4 }
    /// Filtered by an administrator.
    @inlinable public static var administrativelyProhibited: UInt8 { 13 }
  }

  @usableFromInline
  enum Field {
    @inlinable static var type: Int { 0 }
    @inlinable static var code: Int { 1 }
    @inlinable static var checksum: Int { 2 }
    @inlinable static var identifier: Int { 4 }
    @inlinable static var sequence: Int { 6 }
  }

  /// The first octet of the message.
  public let base: UnsafeMutableRawPointer
  /// Octets of the whole message.
  public let available: Int

  /// Views a message; nil if fewer than eight octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
    self.available = available
  }

  /// Lays a new header, zero but for type and code; nil if eight octets do not fit.
  @inlinable
  public init?(creatingAt base: UnsafeMutableRawPointer, available: Int, type: UInt8, code: UInt8) {
    guard available >= Self.minimumLength else { return nil }
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.length)
    base.storeBytes(of: type, toByteOffset: Field.type, as: UInt8.self)
    base.storeBytes(of: code, toByteOffset: Field.code, as: UInt8.self)
    self.base = base
    self.available = available
  }

  /// What the message is: a value of ``MessageType``.
  @inlinable public var type: UInt8 {
    get { base.load(fromByteOffset: Field.type, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.type, as: UInt8.self) }
  }

  /// The case within the type.
  @inlinable public var code: UInt8 {
    get { base.load(fromByteOffset: Field.code, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.code, as: UInt8.self) }
  }

  /// True for messages about another packet, which must never be answered with an error (RFC 1812 section 4.3.2.7).
  @inlinable public var isError: Bool {
    switch type {
    // 4 and 5 are source quench and redirect.
    case MessageType.destinationUnreachable, 4, 5, MessageType.timeExceeded, MessageType.parameterProblem: true
    default: false
    }
  }

  /// The checksum as it lies.
  @inlinable public var checksum: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.checksum) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.checksum) }
  }

  /// Identifier of an echo.
  @inlinable public var identifier: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.identifier) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.identifier) }
  }

  /// Sequence number of an echo.
  @inlinable public var sequenceNumber: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.sequence) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.sequence) }
  }

  /// Octets the next link takes, of "fragmentation needed" (RFC 1191 section 4).
  @inlinable public var nextHopMTU: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.sequence) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.sequence) }
  }

  /// True if the whole message adds up.
  @inlinable public var isChecksumValid: Bool {
    InternetChecksum.isValid(UnsafeRawBufferPointer(start: base, count: available))
  }

  /// Computes the checksum over the whole message and stores it.
  @inlinable
  public func updateChecksum() {
    checksum = 0
    checksum = InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: base, count: available))
  }
}
