import Dataplane
import Glibc

extension LiveClock {
  /// The time of day of the tick that it is now, by the clock of the system.
  public static var captureClock: CaptureClock {
    var time = timespec()
    let before = now
    clock_gettime(CLOCK_REALTIME, &time)
    let after = now
    return CaptureClock(
      tick: Tick(before.rawValue + (after - before) / 2),
      nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec), ticksPerSecond: ticksPerSecond)
  }
}
