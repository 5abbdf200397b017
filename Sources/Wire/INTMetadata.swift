/// What each hop records: the instruction bitmap (P4.org INT Dataplane Specification 2.1 section 5.8).
@frozen
public struct INTInstructions: OptionSet, Sendable {
  /// The bitmap as it lies; the specification's bit 0 is 0x8000.
  public let rawValue: UInt16

  /// Takes the bitmap as it lies.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Node identifier.
  @inlinable public static var nodeID: Self { Self(rawValue: 0x8000) }
  /// Level 1 interfaces: 16 bits ingress, 16 bits egress.
  @inlinable public static var interfaces: Self { Self(rawValue: 0x4000) }
  /// Time spent in the node.
  @inlinable public static var hopLatency: Self { Self(rawValue: 0x2000) }
  /// Queue: 8 bits identifier, 24 bits occupancy.
  @inlinable public static var queue: Self { Self(rawValue: 0x1000) }
  /// Time of arrival, eight octets.
  @inlinable public static var ingressTimestamp: Self { Self(rawValue: 0x0800) }
  /// Time of departure, eight octets.
  @inlinable public static var egressTimestamp: Self { Self(rawValue: 0x0400) }
  /// Level 2 interfaces, eight octets: 32 bits ingress, 32 bits egress.
  @inlinable public static var logicalInterfaces: Self { Self(rawValue: 0x0200) }
  /// Utilisation of the egress interface.
  @inlinable public static var egressUtilisation: Self { Self(rawValue: 0x0100) }
  /// Buffer: 8 bits identifier, 24 bits occupancy.
  @inlinable public static var buffer: Self { Self(rawValue: 0x0080) }
  /// Checksum complement, always the last word of a hop.
  @inlinable public static var checksumComplement: Self { Self(rawValue: 0x0001) }

  /// Words of four octets that one hop records, without domain-specific data: 0 to 19.
  @inlinable public var words: Int { rawValue.nonzeroBitCount &+ (rawValue & 0x0E00).nonzeroBitCount }

  /// True for one instruction that records eight octets instead of four.
  @inlinable public var isDouble: Bool { rawValue & 0x0E00 != 0 }
}

/// The INT-MD header and the stack behind it (section 5.8).
@frozen
public struct INTMetadataHeader {
  /// Octets of the header.
  @inlinable public static var length: Int { 12 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 12 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer
  /// Octets of the stack, as read when the view was made.
  public let stackLength: Int
  /// Octets that each hop has put on the stack, 0 to 124, as read when the view was made.
  public let hopLength: Int
  /// What each hop records, as read when the view was made.
  public let instructions: INTInstructions

  /// Views a header; nil if it is cut off, its version is not 2, or a hop would be shorter than its instructions say.
  ///
  /// - Parameters:
  ///   - base: the first octet behind the shim.
  ///   - available: octets of header and stack: the shim's ``INTShim/contentLength``.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    let first = base.loadBigEndian(UInt32.self, at: 0)
    let instructions = INTInstructions(rawValue: base.loadBigEndian(UInt16.self, at: 4))
    let hopWords = Int(first >> 8 & 0x1F)
    guard first >> 28 == 2, instructions.words <= hopWords else { return nil }
    self.base = base
    stackLength = available &- Self.length
    hopLength = hopWords &* 4
    self.instructions = instructions
  }

  @inlinable
  func setFlag(_ mask: UInt8, _ value: Bool) {
    let octet = base.load(as: UInt8.self)
    base.storeBytes(of: value ? octet | mask : octet & ~mask, as: UInt8.self)
  }

  /// D: the sink discards the packet after taking the metadata.
  @inlinable public var discard: Bool {
    get { base.load(as: UInt8.self) & 0x08 != 0 }
    nonmutating set { setFlag(0x08, newValue) }
  }

  /// E: a hop added nothing because no hops were left.
  @inlinable public var hopsExceeded: Bool {
    get { base.load(as: UInt8.self) & 0x04 != 0 }
    nonmutating set { setFlag(0x04, newValue) }
  }

  /// M: a hop added nothing because the packet would have been too long.
  @inlinable public var mtuExceeded: Bool {
    get { base.load(as: UInt8.self) & 0x02 != 0 }
    nonmutating set { setFlag(0x02, newValue) }
  }

  /// Hops that may still add metadata.
  @inlinable public var remainingHops: UInt8 {
    get { base.load(fromByteOffset: 3, as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, toByteOffset: 3, as: UInt8.self) }
  }

  /// Domain of the domain-specific instructions; 0 is the default domain, which has none.
  @inlinable public var domainID: UInt16 { base.loadBigEndian(UInt16.self, at: 6) }

  /// Instructions of the domain.
  @inlinable public var domainInstructions: UInt16 { base.loadBigEndian(UInt16.self, at: 8) }

  /// Flags of the domain.
  @inlinable public var domainFlags: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: 10) }
    nonmutating set { base.storeBigEndian(newValue, at: 10) }
  }

  /// Whole hops on the stack. What is left over at the bottom is data of the source alone.
  @inlinable public var hopCount: Int { hopLength == 0 ? 0 : stackLength / hopLength }

  /// One hop's record of one instruction.
  ///
  /// - Parameters:
  ///   - instruction: exactly one instruction.
  ///   - hop: 0 is the newest, on top of the stack.
  /// - Returns: the value, in 32 or 64 bits; all ones mean "not known". Nil if the hop or the instruction is not there.
  @inlinable
  public func value(of instruction: INTInstructions, hop: Int) -> UInt64? {
    guard instructions.contains(instruction), hop >= 0, hop < hopCount else { return nil }
    let offset: Int
    if instruction == .checksumComplement {
      // Behind the domain-specific data.
      offset = hopLength &- 4
    } else {
      let bit = instruction.rawValue
      // Every bit above the asked one, which is recorded before it.
      offset = INTInstructions(rawValue: instructions.rawValue & ~(bit | (bit &- 1))).words &* 4
    }
    let position = Self.length &+ hop &* hopLength &+ offset
    guard instruction.isDouble else { return UInt64(base.loadBigEndian(UInt32.self, at: position)) }
    return base.loadBigEndian(UInt64.self, at: position)
  }
}

/// The INT-MX header: instructions without metadata (section 5.9).
@frozen
public struct INTInstructionHeader {
  /// Octets of the header.
  @inlinable public static var length: Int { 12 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 12 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if it is cut off or its version is not 2.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, base.load(as: UInt8.self) >> 4 == 2 else { return nil }
    self.base = base
  }

  /// D: the sink discards the packet.
  @inlinable public var discard: Bool { base.load(as: UInt8.self) & 0x08 != 0 }

  /// What each hop reports.
  @inlinable public var instructions: INTInstructions {
    INTInstructions(rawValue: base.loadBigEndian(UInt16.self, at: 4))
  }

  /// Domain of the domain-specific instructions.
  @inlinable public var domainID: UInt16 { base.loadBigEndian(UInt16.self, at: 6) }

  /// Instructions of the domain.
  @inlinable public var domainInstructions: UInt16 { base.loadBigEndian(UInt16.self, at: 8) }

  /// Flags of the domain.
  @inlinable public var domainFlags: UInt16 { base.loadBigEndian(UInt16.self, at: 10) }
}
