/// The IPv6 segment routing header, routing type 4 (RFC 8754 section 2).
///
/// The initialiser refuses what would be read out of bounds. A header that lies within its octets but contradicts
/// itself is viewed, because it must be answered: see ``isConsistent``.
@frozen
public struct SegmentRoutingHeader {
  /// Octets in front of the segment list.
  @inlinable public static var minimumLength: Int { 8 }
  /// Value of the routing type field.
  @inlinable public static var routingType: UInt8 { 4 }
  /// Where ``segmentsLeft`` lies: an ICMPv6 parameter problem points at it.
  @inlinable public static var segmentsLeftOffset: Int { 3 }

  @usableFromInline
  enum Field {
    @inlinable static var nextHeader: Int { 0 }
    @inlinable static var extent: Int { 1 }
    @inlinable static var routingType: Int { 2 }
    @inlinable static var segmentsLeft: Int { 3 }
    @inlinable static var lastEntry: Int { 4 }
    @inlinable static var flags: Int { 5 }
    @inlinable static var tag: Int { 6 }
    @inlinable static var segments: Int { 8 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer
  /// Octets of the header with segments and type-length-values, 8 to 2048, as read when the view was made.
  public let headerLength: Int

  /// Views a header; nil if it is not wholly available or has another routing type.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength,
      base.load(fromByteOffset: Field.routingType, as: UInt8.self) == Self.routingType
    else { return nil }
    let length = (Int(base.load(fromByteOffset: Field.extent, as: UInt8.self)) &+ 1) &* 8
    guard length <= available else { return nil }
    self.base = base
    headerLength = length
  }

  /// What follows: a value of ``IPProtocol``.
  @inlinable public var nextHeader: UInt8 { base.load(fromByteOffset: Field.nextHeader, as: UInt8.self) }

  /// Segments still to visit; the index of the current one in the list.
  @inlinable public var segmentsLeft: UInt8 {
    get { base.load(fromByteOffset: Field.segmentsLeft, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: Field.segmentsLeft, as: UInt8.self) }
  }

  /// Index of the last element of the list, counted from zero.
  @inlinable public var lastEntry: UInt8 { base.load(fromByteOffset: Field.lastEntry, as: UInt8.self) }

  /// Flags; none is defined (RFC 8754 section 8.1).
  @inlinable public var flags: UInt8 { base.load(fromByteOffset: Field.flags, as: UInt8.self) }

  /// Marks packets of one group.
  @inlinable public var tag: UInt16 { base.loadBigEndian(UInt16.self, at: Field.tag) }

  /// Segments that have room in the header, whatever ``lastEntry`` says: 0 to 127.
  @inlinable public var capacity: Int { (headerLength &- Field.segments) / 16 }

  /// True if the checks of RFC 8754 section 4.3.1.1 pass. If not, and segments are left, the node answers
  /// with a parameter problem, code 0, that points at ``segmentsLeft``.
  @inlinable public var isConsistent: Bool {
    Int(lastEntry) < capacity && Int(segmentsLeft) <= Int(lastEntry) &+ 1
  }

  /// An element of the list; element 0 is the last one to visit. Nil if the header has no room for it.
  @inlinable
  public func segment(_ index: Int) -> IPv6Address? {
    guard index >= 0, index < capacity else { return nil }
    return IPv6Address(at: base + (Field.segments &+ index &* 16))
  }

  /// Moves to the next segment: takes one from ``segmentsLeft`` (RFC 8986 section 4.1).
  ///
  /// - Returns: the new destination address; nil, with nothing changed, if no segment is left or the header is not
  ///   consistent.
  @inlinable
  public func advance() -> IPv6Address? {
    let left = segmentsLeft
    guard left > 0, isConsistent, let next = segment(Int(left) &- 1) else { return nil }
    segmentsLeft = left &- 1
    return next
  }
}

extension SegmentRoutingHeader {
  /// Type-length-value objects behind the list (RFC 8754 section 2.1).
  public enum TLVType {
    /// One octet of padding, without length.
    @inlinable public static var pad1: UInt8 { 0 }
    /// Padding.
    @inlinable public static var padN: UInt8 { 4 }
    /// Authentication.
    @inlinable public static var hmac: UInt8 { 5 }
  }

  /// Octets from the start of the header to the objects; beyond the header's end if ``lastEntry`` lies.
  @inlinable var objectsOffset: Int { Field.segments &+ (Int(lastEntry) &+ 1) &* 16 }

  /// True if the objects fill the rest of the header exactly.
  @inlinable public var hasWellFormedTLVs: Bool {
    var offset = objectsOffset
    while offset < headerLength {
      guard let end = endOfObject(at: offset) else { return false }
      offset = end
    }
    return offset == headerLength
  }

  /// Octets from the start of the header to the first object of a type; nil if there is none before the end or a
  /// malformed object.
  @inlinable
  public func offset(ofTLV type: UInt8) -> Int? {
    var offset = objectsOffset
    while offset < headerLength {
      guard let end = endOfObject(at: offset) else { return nil }
      if base.load(fromByteOffset: offset, as: UInt8.self) == type { return offset }
      offset = end
    }
    return nil
  }

  @inlinable
  func endOfObject(at offset: Int) -> Int? {
    if base.load(fromByteOffset: offset, as: UInt8.self) == TLVType.pad1 { return offset &+ 1 }
    guard offset &+ 2 <= headerLength else { return nil }
    let end = offset &+ 2 &+ Int(base.load(fromByteOffset: offset &+ 1, as: UInt8.self))
    return end <= headerLength ? end : nil
  }
}
