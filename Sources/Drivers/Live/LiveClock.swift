import CShims
import Dataplane

/// The clock of live switches: the processor's time stamp counter.
public enum LiveClock {
  /// The tick that it is now. Cost: 8 ns.
  @inline(__always)
  public static var now: Tick { Tick(pst_ticks()) }

  /// Ticks per second. The environment has been started.
  public static var ticksPerSecond: UInt64 { pst_ticks_per_second() }

  /// A time in ticks, up to some hours.
  static func ticks(nanoseconds: UInt64) -> UInt64 {
    let product = nanoseconds.multipliedFullWidth(by: ticksPerSecond)
    return product.high < 1_000_000_000 ? UInt64(1_000_000_000).dividingFullWidth(product).quotient : .max
  }

  /// A number of ticks in nanoseconds.
  public static func nanoseconds(_ ticks: UInt64) -> UInt64 {
    let product = ticks.multipliedFullWidth(by: 1_000_000_000)
    let second = max(1, ticksPerSecond)
    return product.high < second ? second.dividingFullWidth(product).quotient : .max
  }
}
