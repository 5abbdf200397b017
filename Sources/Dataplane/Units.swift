/// A point in time, in ticks of the clock that drives the switch.
///
/// Virtual clocks tick once a picosecond, a live clock once a TSC cycle. The dataplane knows neither: it only
/// compares ticks, and adds durations that were compiled from rates (``Serializer``).
@frozen
public struct Tick: Equatable, Hashable, Comparable, Sendable {
  /// Ticks since the clock's zero.
  public var rawValue: UInt64

  /// Creates a point in time.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The clock's zero.
  @inlinable public static var zero: Tick { Tick(0) }
  /// Later than anything that happens: "nothing is due".
  @inlinable public static var never: Tick { Tick(.max) }

  /// Orders points in time.
  @inlinable
  public static func < (left: Tick, right: Tick) -> Bool { left.rawValue < right.rawValue }

  /// The point `ticks` later. Wraps only past 2^64 ticks: 213 days of picoseconds.
  @inlinable
  public static func + (left: Tick, ticks: UInt64) -> Tick { Tick(left.rawValue &+ ticks) }

  /// Ticks from `right` to `left`, which must not be earlier.
  @inlinable
  public static func - (left: Tick, right: Tick) -> UInt64 { left.rawValue &- right.rawValue }
}

/// A length of time in picoseconds.
@frozen
public struct Picoseconds: Equatable, Hashable, Comparable, Sendable {
  /// The number of picoseconds.
  public var count: UInt64

  /// Creates a length of time.
  @inlinable
  public init(_ count: UInt64) { self.count = count }

  /// No time at all.
  public static let zero = Picoseconds(0)

  /// Whole nanoseconds.
  @inlinable
  public static func nanoseconds(_ count: UInt64) -> Picoseconds { Picoseconds(count * 1000) }
  /// Whole microseconds.
  @inlinable
  public static func microseconds(_ count: UInt64) -> Picoseconds { Picoseconds(count * 1_000_000) }
  /// Whole milliseconds.
  @inlinable
  public static func milliseconds(_ count: UInt64) -> Picoseconds { Picoseconds(count * 1_000_000_000) }
  /// Whole seconds.
  @inlinable
  public static func seconds(_ count: UInt64) -> Picoseconds { Picoseconds(count * 1_000_000_000_000) }

  /// Orders lengths of time.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.count < right.count }

  /// The same length on a clock of `ticksPerSecond`, rounded down; saturates.
  public func ticks(perSecond ticksPerSecond: UInt64) -> UInt64 {
    let product = count.multipliedFullWidth(by: ticksPerSecond)
    let second: UInt64 = 1_000_000_000_000
    return product.high >= second ? .max : second.dividingFullWidth(product).quotient
  }
}

/// A rate in bits per second, as it is written on the wire: Ethernet overhead included.
@frozen
public struct BitRate: Equatable, Hashable, Comparable, Sendable {
  /// Bits per second, 1 to 1.6 T for a port.
  public var bitsPerSecond: UInt64

  /// Creates a rate.
  @inlinable
  public init(bitsPerSecond: UInt64) { self.bitsPerSecond = bitsPerSecond }

  /// Whole gigabits per second.
  @inlinable
  public static func gigabits(_ count: UInt64) -> BitRate { BitRate(bitsPerSecond: count * 1_000_000_000) }

  /// Orders rates.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.bitsPerSecond < right.bitsPerSecond }
}

/// A number of bytes.
@frozen
public struct ByteCount: Equatable, Hashable, Comparable, Sendable {
  /// The number of bytes.
  public var bytes: UInt64

  /// Creates a number of bytes.
  @inlinable
  public init(_ bytes: UInt64) { self.bytes = bytes }

  /// Orders numbers of bytes.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}

/// A length of cable in millimetres.
@frozen
public struct CableLength: Equatable, Hashable, Sendable {
  /// The length in millimetres.
  public var millimetres: UInt64

  /// Creates a length.
  public init(millimetres: UInt64) { self.millimetres = millimetres }
}

/// A probability in parts per million, 0 to 1 000 000.
@frozen
public struct Probability: Equatable, Hashable, Sendable {
  /// Parts per million.
  public var partsPerMillion: UInt32

  /// Creates a probability.
  public init(partsPerMillion: UInt32) { self.partsPerMillion = partsPerMillion }
}

/// What Ethernet adds to a frame that a capture shows without it.
public enum EthernetOverhead {
  /// Preamble and start-of-frame delimiter (IEEE 802.3 clause 3.1.1).
  public static let preamble = 8
  /// Frame check sequence.
  public static let frameCheckSequence = 4
  /// Minimum inter-packet gap (IEEE 802.3 table 4-2).
  public static let interPacketGap = 12
  /// All of it: what a frame occupies on the wire beyond its bytes in a capture.
  public static let total = preamble + frameCheckSequence + interPacketGap
  /// Smallest frame without its check sequence; a shorter one is padded on the wire.
  public static let minimumFrame = 60
}
