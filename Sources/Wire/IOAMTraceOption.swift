/// An IOAM trace option as an IPv6 option, from its option type on (RFC 9197 section 4.4, RFC 9486 section 3).
@frozen
public struct IOAMTraceOption {
  /// Octets in front of the node data list.
  @inlinable public static var minimumLength: Int { 12 }
  /// IPv6 option type: skip if unknown, may change on the way (RFC 9486 section 6).
  @inlinable public static var optionType: UInt8 { 0x31 }

  /// Values of the IOAM option type field (RFC 9197 section 7.1).
  public enum Kind {
    /// The source makes room, nodes fill it.
    @inlinable public static var preallocated: UInt8 { 0 }
    /// Nodes make room.
    @inlinable public static var incremental: UInt8 { 1 }
  }

  @usableFromInline
  enum Field {
    @inlinable static var optionLength: Int { 1 }
    @inlinable static var kind: Int { 3 }
    @inlinable static var namespace: Int { 4 }
    @inlinable static var lengths: Int { 6 }
    @inlinable static var traceType: Int { 8 }
    @inlinable static var nodeData: Int { 12 }
  }

  /// The first octet of the IPv6 option.
  public let base: UnsafeMutableRawPointer
  /// Octets of the node data list, 0 to 244, as read when the view was made.
  public let listLength: Int

  /// Views an option; nil if it is cut off, is no trace option, has node length zero, or claims more free room than
  /// its list has.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, base.load(as: UInt8.self) == Self.optionType else { return nil }
    let length = Int(base.load(fromByteOffset: Field.optionLength, as: UInt8.self)) &+ 2
    guard length >= Self.minimumLength, length <= available,
      base.load(fromByteOffset: Field.kind, as: UInt8.self) <= Kind.incremental
    else { return nil }
    let lengths = base.loadBigEndian(UInt16.self, at: Field.lengths)
    guard lengths >> 11 > 0, Int(lengths & 0x7F) &* 4 <= length &- Self.minimumLength else { return nil }
    self.base = base
    listLength = length &- Self.minimumLength
  }

  /// Pre-allocated or incremental: a value of ``Kind``.
  @inlinable public var kind: UInt8 { base.load(fromByteOffset: Field.kind, as: UInt8.self) }

  /// Namespace; a node leaves options of a namespace that it does not know alone.
  @inlinable public var namespaceID: UInt16 { base.loadBigEndian(UInt16.self, at: Field.namespace) }

  @inlinable var lengths: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.lengths) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.lengths) }
  }

  /// Words of four octets that each node adds, 1 to 31, without an opaque state snapshot.
  @inlinable public var nodeLength: Int { Int(lengths >> 11) }

  /// O: a node had no room for its data.
  @inlinable public var overflow: Bool {
    get { lengths & 0x0400 != 0 }
    nonmutating set { lengths = lengths & 0xFBFF | (newValue ? 0x0400 : 0) }
  }

  /// L: asks nodes to send a copy back (RFC 9322).
  @inlinable public var loopback: Bool { lengths & 0x0200 != 0 }

  /// A: a probe for active measurement (RFC 9322).
  @inlinable public var active: Bool { lengths & 0x0100 != 0 }

  /// Words of four octets that are still free, 0 to 127.
  @inlinable public var remainingLength: Int { Int(lengths & 0x7F) }

  /// What each node adds, 24 bits; bit 0 of the standard is 0x800000.
  @inlinable public var traceType: UInt32 { base.loadBigEndian(UInt32.self, at: Field.traceType) >> 8 }

  /// Takes the room for one node's data from the end of the free part (RFC 9197 section 4.4.1), or sets ``overflow``.
  ///
  /// - Parameter extraWords: words beside ``nodeLength``, for an opaque state snapshot; 0 to 64.
  /// - Returns: where ``nodeLength`` words and those must now be written; nil if there is not enough room, or if an earlier
  ///   change has made the lengths contradict the list.
  @inlinable
  public func claimNodeData(extraWords: Int = 0) -> UnsafeMutableRawPointer? {
    let lengths = lengths
    let needed = (lengths >> 11) &+ UInt16(truncatingIfNeeded: extraWords)
    let rest = (lengths & 0x7F) &- needed
    guard lengths & 0x7F >= needed else {
      overflow = true
      return nil
    }
    guard Int(lengths & 0x7F) &* 4 <= listLength else { return nil }
    self.lengths = lengths & 0xFF80 | rest
    return base + (Field.nodeData &+ Int(rest) &* 4)
  }

  /// A word of the node data list; nil if the list is shorter.
  @inlinable
  public func word(_ index: Int) -> UInt32? {
    guard index >= 0, index < listLength / 4 else { return nil }
    return base.loadBigEndian(UInt32.self, at: Field.nodeData &+ index &* 4)
  }
}
