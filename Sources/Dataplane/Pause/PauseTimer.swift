/// When something is paused: in the interval from ``from`` up to, but not including, ``until``.
///
/// Each pause frame replaces what the one before it said (IEEE 802.3 annex 31D); without another the pause ends by
/// itself.
package struct PauseTimer {
  package private(set) var from = Tick.zero
  package private(set) var until = Tick.zero
  /// How often it began.
  private(set) var pauses: UInt64 = 0
  private var accumulated: UInt64 = 0

  /// Not paused.
  package init() {}

  /// A frame at `now` asks for a pause from `start` until `end`. One that is under way goes on; one that has been
  /// announced begins when the first frame said. True: this is a new pause.
  package mutating func pause(from start: Tick, until end: Tick, at now: Tick) -> Bool {
    if now < until {
      settle(at: now)
      until = max(end, from)
      return false
    }
    accumulated &+= until - from
    from = start
    until = max(start, end)
    pauses &+= 1
    return true
  }

  /// Ends the pause at `now`.
  package mutating func release(at now: Tick) {
    guard now < until else { return }
    settle(at: now)
    until = max(from, now)
    if from > now { (from, until) = (now, now) }
  }

  private mutating func settle(at now: Tick) {
    guard now > from else { return }
    accumulated &+= min(now, until) - from
    from = min(now, until)
  }

  /// Whether it is paused at a tick.
  @inline(__always)
  package func isActive(at tick: Tick) -> Bool { from <= tick && tick < until }

  /// When the last pause ended; zero if it lasts at `now`, or is still to begin.
  @inline(__always)
  package func lastEnd(at now: Tick) -> Tick { until <= now ? until : .zero }

  /// Ticks that it has been paused for, up to a tick that is not before the last frame.
  @inline(__always)
  package func total(at tick: Tick) -> UInt64 { accumulated &+ (tick > from ? min(tick, until) - from : 0) }
}
