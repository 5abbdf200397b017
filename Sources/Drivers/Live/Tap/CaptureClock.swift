import Dataplane

/// How ticks of a clock become time of day.
public struct CaptureClock: Equatable, Sendable {
  /// A tick whose time of day is known.
  public var tick: Tick
  /// Its time of day: nanoseconds since 1970.
  public var nanoseconds: UInt64
  /// Ticks per second.
  public var ticksPerSecond: UInt64

  /// A clock that showed a tick at a time of day.
  public init(tick: Tick, nanoseconds: UInt64, ticksPerSecond: UInt64) {
    self.tick = tick
    self.nanoseconds = nanoseconds
    self.ticksPerSecond = ticksPerSecond
  }

  /// Time of day of a tick, before or after the known one, rounded down to a nanosecond.
  public func nanoseconds(at tick: Tick) -> UInt64 {
    let isLater = tick >= self.tick
    let ticks = isLater ? tick - self.tick : self.tick - tick
    let product = ticks.multipliedFullWidth(by: 1_000_000_000)
    guard product.high < ticksPerSecond else { return isLater ? .max : 0 }
    let (quotient, remainder) = ticksPerSecond.dividingFullWidth(product)
    if isLater { return nanoseconds &+ quotient }
    let back = quotient &+ (remainder > 0 ? 1 : 0)
    return nanoseconds > back ? nanoseconds - back : 0
  }
}
