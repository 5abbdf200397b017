/// Turns bytes at a rate into ticks, exactly: what a division leaves over is carried to the next call.
///
/// At 400G one byte takes 20 ps and nothing is left over; at 56G it takes 142 6/7 ps, and of seven bytes none is
/// early or late. Cost: one multiplication where a byte takes whole ticks, one division of 64 bits elsewhere.
@frozen
public struct Serializer: Equatable, Sendable {
  /// Ticks per byte are `numerator / denominator`, in lowest terms.
  public let numerator: UInt64
  /// See ``numerator``.
  public let denominator: UInt64
  private var remainder: UInt64 = 0

  /// A rate of at least 1 bit/s on a clock of `ticksPerSecond`.
  public init(rate: BitRate, ticksPerSecond: UInt64) {
    var (a, b) = (8 * ticksPerSecond, max(1, rate.bitsPerSecond))
    let (ticks, bits) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    numerator = ticks / a
    denominator = bits / a
  }

  /// Ticks until `bytes` more have passed, remainder carried.
  @inline(__always)
  public mutating func advance(bytes: Int) -> UInt64 {
    let total = UInt64(truncatingIfNeeded: bytes) &* numerator &+ remainder
    if denominator == 1 { return total }
    let quotient = total / denominator
    remainder = total &- quotient &* denominator
    return quotient
  }

  /// Ticks that `bytes` take on their own, rounded down; saturates.
  public func ticks(bytes: Int) -> UInt64 {
    let product = UInt64(bytes).multipliedFullWidth(by: numerator)
    return product.high >= denominator ? .max : denominator.dividingFullWidth(product).quotient
  }
}
