/// The first eight octets of an ICMPv6 message (RFC 4443 section 2.1).
///
/// `available` bounds the message: make it the length that the IP header gives, so that padding of the frame does not
/// enter the checksum.
@frozen
public struct ICMPv6Header {
  /// Octets of the header.
  @inlinable public static var length: Int { 8 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 8 }

  /// Message types (IANA "ICMPv6 Parameters").
  public enum MessageType {
    /// The packet could not be delivered; see ``UnreachableCode``.
    @inlinable public static var destinationUnreachable: UInt8 { 1 }
    /// Too long for the next link.
    @inlinable public static var packetTooBig: UInt8 { 2 }
    /// The hop limit ran out: code 0 in transit, 1 in reassembly.
    @inlinable public static var timeExceeded: UInt8 { 3 }
    /// A field makes no sense: code 0 erroneous field, 1 unknown next header, 2 unknown option.
    @inlinable public static var parameterProblem: UInt8 { 4 }
    /// Echo request.
    @inlinable public static var echoRequest: UInt8 { 128 }
    /// Answer to an echo request.
    @inlinable public static var echoReply: UInt8 { 129 }
    /// Router solicitation (RFC 4861).
    @inlinable public static var routerSolicitation: UInt8 { 133 }
    /// Router advertisement (RFC 4861).
    @inlinable public static var routerAdvertisement: UInt8 { 134 }
    /// Neighbor solicitation (RFC 4861).
    @inlinable public static var neighborSolicitation: UInt8 { 135 }
    /// Neighbor advertisement (RFC 4861).
    @inlinable public static var neighborAdvertisement: UInt8 { 136 }
  }

  /// Codes of ``MessageType/destinationUnreachable`` (RFC 4443 section 3.1).
  public enum UnreachableCode {
    /// No route.
    @inlinable public static var noRoute: UInt8 { 0 }
    /// Filtered by an administrator.
    @inlinable public static var administrativelyProhibited: UInt8 { 1 }
    /// No answer from the next hop.
    @inlinable public static var address: UInt8 { 3 }
    /// Nobody takes the port.
    @inlinable public static var port: UInt8 { 4 }
  }

  @usableFromInline
  enum Field {
    @inlinable static var type: Int { 0 }
    @inlinable static var code: Int { 1 }
    @inlinable static var checksum: Int { 2 }
    @inlinable static var parameter: Int { 4 }
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

  /// True for messages about another packet, which must never be answered with an error (RFC 4443 section 2.4 e).
  @inlinable public var isError: Bool { type < 128 }

  /// The checksum as it lies.
  @inlinable public var checksum: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.checksum) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.checksum) }
  }

  /// The word behind the checksum: the MTU of "packet too big", the pointer of "parameter problem".
  @inlinable public var parameter: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: Field.parameter) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.parameter) }
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

  @inlinable
  func pseudoHeader(_ source: IPv6Address, _ destination: IPv6Address) -> UInt64 {
    InternetChecksum.pseudoHeader(
      source: source, destination: destination, ipProtocol: IPProtocol.icmpV6, length: available)
  }

  /// True if the whole message adds up with the addresses of the IPv6 header that carries it.
  @inlinable
  public func isChecksumValid(source: IPv6Address, destination: IPv6Address) -> Bool {
    InternetChecksum.isValid(
      UnsafeRawBufferPointer(start: base, count: available), pseudoHeader: pseudoHeader(source, destination))
  }

  /// Computes the checksum over the whole message and stores it.
  @inlinable
  public func updateChecksum(source: IPv6Address, destination: IPv6Address) {
    checksum = 0
    checksum = InternetChecksum.transport(
      UnsafeRawBufferPointer(start: base, count: available), pseudoHeader: pseudoHeader(source, destination))
  }
}
