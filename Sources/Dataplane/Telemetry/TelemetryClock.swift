/// Ticks of the switch's clock as nanoseconds.
struct TelemetryClock {
  private let factor: UInt64
  /// How far the product is shifted to the right, beyond its low word if not negative.
  private let shift: Int
  /// Nanoseconds that the clock's zero stands for.
  var epoch: UInt64 = 0

  /// - Parameter ticksPerSecond: 1 to 10^15.
  init(ticksPerSecond: UInt64) {
    // The ratio as a number of 64 significant bits, rounded up: with a clock of picoseconds the result is exact below
    // 2^63 ticks, since 1000 x factor - 2^73 is below 1000.
    var shift = 0
    let second = UInt128(ticksPerSecond)
    let ratio = UInt128(1_000_000_000) << 64
    while (ratio << UInt128(shift)) / second < 1 << 63 { shift += 1 }
    var scaled = (ratio << UInt128(max(0, shift))) + second - 1
    scaled /= second
    while scaled >= 1 << 64 {
      scaled = (scaled + 1) >> 1
      shift -= 1
    }
    factor = UInt64(truncatingIfNeeded: scaled)
    self.shift = shift
  }

  /// A length of time in whole nanoseconds, rounded down.
  @inline(always)
  func nanoseconds(_ ticks: UInt64) -> UInt64 {
    let product = ticks.multipliedFullWidth(by: factor)
    if shift >= 0 { return product.high &>> UInt64(truncatingIfNeeded: shift) }
    let left = UInt64(truncatingIfNeeded: -shift)
    return product.high &<< left | product.low &>> (64 &- left)
  }

  /// A point in time in nanoseconds since the epoch.
  @inline(always)
  func time(_ tick: Tick) -> UInt64 { epoch &+ nanoseconds(tick.rawValue) }
}
