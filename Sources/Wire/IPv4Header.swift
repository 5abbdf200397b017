/// The IPv4 header with its options (RFC 791 section 3.1).
///
/// A view: it owns nothing. The initialiser has checked the version, and that the header's own length lies within what
/// is available; `totalLength` is not checked, because captures are cut short: compare it with what arrived.
@frozen
public struct IPv4Header {
  /// Octets of a header without options.
  @inlinable public static var minimumLength: Int { 20 }

  @usableFromInline
  enum Field {
    @inlinable static var versionAndLength: Int { 0 }
    @inlinable static var trafficClass: Int { 1 }
    @inlinable static var totalLength: Int { 2 }
    @inlinable static var identification: Int { 4 }
    @inlinable static var fragment: Int { 6 }
    @inlinable static var timeToLive: Int { 8 }
    @inlinable static var ipProtocol: Int { 9 }
    @inlinable static var checksum: Int { 10 }
    @inlinable static var source: Int { 12 }
    @inlinable static var destination: Int { 16 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer
  /// Octets of the header with options, 20 to 60, as read when the view was made.
  public let headerLength: Int

  /// Views a header; nil if it is cut off, is not version 4, or claims fewer than 20 or more than the available octets.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    let first = base.load(fromByteOffset: Field.versionAndLength, as: UInt8.self)
    let length = Int(first & 0x0F) &* 4
    guard first >> 4 == 4, length >= Self.minimumLength, length <= available else { return nil }
    self.base = base
    headerLength = length
  }

  /// Views a header that ``init(at:available:)`` has viewed before.
  @inlinable
  public init(knownAt base: UnsafeMutableRawPointer) {
    self.base = base
    headerLength = Int(base.load(fromByteOffset: Field.versionAndLength, as: UInt8.self) & 0x0F) &* 4
  }

  /// Views a header that is known to have no options.
  @inlinable
  public init(plainAt base: UnsafeMutableRawPointer) {
    self.base = base
    headerLength = Self.minimumLength
  }

  /// Lays a new header of 20 octets, all zero but version and length; nil if they do not fit.
  @inlinable
  public init?(creatingAt base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.minimumLength)
    base.storeBytes(of: 0x45, toByteOffset: Field.versionAndLength, as: UInt8.self)
    self.base = base
    headerLength = Self.minimumLength
  }

  /// DSCP and ECN as one octet (RFC 2474, RFC 3168). Setting it leaves the checksum alone.
  @inlinable public var trafficClassOctet: UInt8 {
    get { base.load(fromByteOffset: Field.trafficClass, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.trafficClass, as: UInt8.self) }
  }

  /// Differentiated services codepoint, 0 to 63.
  @inlinable public var dscp: UInt8 { trafficClassOctet >> 2 }

  /// ECN codepoint, a value of ``ECN``.
  @inlinable public var ecn: UInt8 { trafficClassOctet & 3 }

  /// Octets of header and payload, 0 to 65535. Setting it leaves the checksum alone.
  @inlinable public var totalLength: Int {
    get { Int(base.loadBigEndian(UInt16.self, at: Field.totalLength)) }
    nonmutating set { base.storeBigEndian(UInt16(truncatingIfNeeded: newValue), at: Field.totalLength) }
  }

  /// Octets behind the header that the total length claims; zero if it claims less than the header.
  @inlinable public var payloadLength: Int { max(0, totalLength &- headerLength) }

  /// Identification of the fragments of one datagram. Setting it leaves the checksum alone.
  @inlinable public var identification: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.identification) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.identification) }
  }

  /// Flags and fragment offset as they lie.
  @inlinable var fragmentWord: UInt16 { base.loadBigEndian(UInt16.self, at: Field.fragment) }

  /// DF: routers must not fragment. Setting it leaves the checksum alone.
  @inlinable public var dontFragment: Bool {
    get { fragmentWord & 0x4000 != 0 }
    nonmutating set { base.storeBigEndian(fragmentWord & 0xBFFF | (newValue ? 0x4000 : 0), at: Field.fragment) }
  }

  /// MF: this is not the last fragment.
  @inlinable public var moreFragments: Bool { fragmentWord & 0x2000 != 0 }

  /// Where this fragment's payload lies in the datagram, in octets: 0 to 65528, a multiple of 8.
  @inlinable public var fragmentOffset: Int { Int(fragmentWord & 0x1FFF) &* 8 }

  /// True for any fragment, the first included.
  @inlinable public var isFragment: Bool { fragmentWord & 0x3FFF != 0 }

  /// True for a fragment that does not begin with the transport's header.
  @inlinable public var isLaterFragment: Bool { fragmentWord & 0x1FFF != 0 }

  /// Hops left. Setting it leaves the checksum alone; see ``decrementTimeToLive()``.
  @inlinable public var timeToLive: UInt8 {
    get { base.load(fromByteOffset: Field.timeToLive, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.timeToLive, as: UInt8.self) }
  }

  /// What follows: a value of ``IPProtocol``. Setting it leaves the checksum alone.
  @inlinable public var ipProtocol: UInt8 {
    get { base.load(fromByteOffset: Field.ipProtocol, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.ipProtocol, as: UInt8.self) }
  }

  /// The header checksum as it lies.
  @inlinable public var checksum: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.checksum) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.checksum) }
  }

  /// The sender's address. Setting it leaves the checksum alone.
  @inlinable public var source: IPv4Address {
    get { IPv4Address(bits: base.loadBigEndian(UInt32.self, at: Field.source)) }
    nonmutating set { base.storeBigEndian(newValue.bits, at: Field.source) }
  }

  /// The receiver's address. Setting it leaves the checksum alone.
  @inlinable public var destination: IPv4Address {
    get { IPv4Address(bits: base.loadBigEndian(UInt32.self, at: Field.destination)) }
    nonmutating set { base.storeBigEndian(newValue.bits, at: Field.destination) }
  }
}

extension IPv4Header {
  /// Takes one from the time to live and mends the checksum; a time to live of zero stays.
  @inlinable @inline(__always)
  public func decrementTimeToLive() {
    // TTL, protocol and checksum as they lie. To take 1 from the TTL is to add 1 to the first octet of the checksum, and
    // the carry out of its second octet to the first (RFC 1141), with ffff written as 0000 (RFC 1624).
    let old = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: Field.timeToLive, as: UInt32.self))
    guard old & 0xFF != 0 else { return }
    let sum = (old &>> 16) &+ 1
    let checksum = sum >= 0xFFFF ? sum &+ 1 : sum
    let new = (old & 0xFFFF) &- 1 | checksum &<< 16
    base.storeBytes(of: new.littleEndian, toByteOffset: Field.timeToLive, as: UInt32.self)
  }

  /// Replaces the codepoint, keeps ECN and mends the checksum.
  ///
  /// - Parameter value: 0 to 63; higher bits are ignored.
  @inlinable
  public func setDSCP(_ value: UInt8) { replaceTrafficClass(value << 2 | ecn) }

  /// Replaces the ECN codepoint, keeps the DSCP and mends the checksum.
  ///
  /// - Parameter value: 0 to 3, a value of ``ECN``; higher bits are ignored.
  @inlinable
  public func setECN(_ value: UInt8) { replaceTrafficClass(trafficClassOctet & 0xFC | value & 3) }

  @inlinable
  func replaceTrafficClass(_ octet: UInt8) {
    let old = base.loadBigEndian(UInt16.self, at: Field.versionAndLength)
    let new = old & 0xFF00 | UInt16(octet)
    base.storeBigEndian(new, at: Field.versionAndLength)
    checksum = InternetChecksum.update(checksum, from: old, to: new)
  }

  /// True if the header with its options adds up (RFC 1071).
  @inlinable public var isChecksumValid: Bool {
    if headerLength == Self.minimumLength {
      // Every routed packet comes here: five words, whose order of bytes does not matter to a sum of all ones.
      var sum = UInt64(base.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
      sum &+= UInt64(base.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
      sum &+= UInt64(base.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      sum &+= UInt64(base.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
      sum &+= UInt64(base.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
      // RFC 1071: ones' complement arithmetic is arithmetic modulo 2^16 - 1, of which 2^32 - 1 is a multiple.
      sum = (sum & 0xFFFF_FFFF) &+ (sum >> 32)
      sum = (sum & 0xFFFF) &+ (sum >> 16)
      sum = (sum & 0xFFFF) &+ (sum >> 16)
      return (sum & 0xFFFF) &+ (sum >> 16) == 0xFFFF
    }
    return InternetChecksum.isValid(UnsafeRawBufferPointer(start: base, count: headerLength))
  }

  /// Computes the checksum from the whole header and stores it.
  @inlinable
  public func updateChecksum() {
    checksum = 0
    checksum = InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: base, count: headerLength))
  }
}
