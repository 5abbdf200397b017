/// Turns bytes at a rate into ticks, exactly: what a division leaves over is carried to the next call.
///
/// At 400G one byte takes 20 ps and nothing is left over; at 56G it takes 142 6/7 ps, and of seven bytes none is
/// early or late. Cost: one multiplication where a byte takes whole ticks, one division of 64 bits elsewhere.
///
/// With ``Serialization/truncatedToNanoseconds`` each call on its own is rounded down to whole nanoseconds instead.
@frozen
public struct Serializer: Equatable, Sendable {
  /// Ticks per byte are `numerator / denominator`, in lowest terms.
  public let numerator: UInt64
  /// See ``numerator``.
  public let denominator: UInt64
  /// Results are multiples of this many ticks: 1, or a nanosecond.
  private let grain: UInt64
  /// What `bytes x numerator` is divided by for a number of grains.
  private let divisor: UInt64
  private var remainder: UInt64 = 0

  /// A rate of at least 1 bit/s on a clock of `ticksPerSecond`.
  public init(rate: BitRate, ticksPerSecond: UInt64, serialization: Serialization = .exact) {
    var (a, b) = (8 * ticksPerSecond, max(1, rate.bitsPerSecond))
    let (ticks, bits) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    numerator = ticks / a
    denominator = bits / a
    grain = serialization == .exact ? 1 : max(1, ticksPerSecond / 1_000_000_000)
    divisor = denominator * grain
  }

  /// Ticks until `bytes` more have passed, remainder carried.
  @inline(__always)
  public mutating func advance(bytes: Int) -> UInt64 {
    let total = UInt64(truncatingIfNeeded: bytes) &* numerator &+ remainder
    if divisor == 1 { return total }
    let quotient = total / divisor
    if grain > 1 { return quotient &* grain }
    remainder = total &- quotient &* divisor
    return quotient
  }

  /// Ticks that `bytes` take on their own, rounded down; saturates.
  public func ticks(bytes: Int) -> UInt64 {
    let product = UInt64(bytes).multipliedFullWidth(by: numerator)
    guard product.high < divisor else { return .max }
    let (ticks, isBeyond) = divisor.dividingFullWidth(product).quotient.multipliedReportingOverflow(by: grain)
    return isBeyond ? .max : ticks
  }
}

/// How exactly the time is known that a frame takes on a wire.
public enum Serialization: String, Equatable, Sendable, CaseIterable {
  /// To the tick, with what a division leaves over carried on.
  case exact
  /// In whole nanoseconds, the rest cut off, as simulators whose clock counts nanoseconds have it: 1048 bytes at 100G
  /// take 83 ns, not 83.84 ns. Only for comparison with what such a simulator says.
  case truncatedToNanoseconds = "truncate-ns"
}
