/// Limits the ICMP errors that the switch sends (RFC 1812 section 4.3.2.8, RFC 4443 section 2.4 f): so many a second
/// on average, 50 at once.
struct ErrorLimit {
  private let interval: UInt64
  private let burst: UInt64
  private var due = Tick.zero

  init(perSecond: UInt64, ticksPerSecond: UInt64) {
    interval = perSecond == 0 ? 0 : max(1, ticksPerSecond / perSecond)
    burst = 49 &* interval
  }

  /// True if ``allows(at:)`` would say so; nothing counts as sent.
  func wouldAllow(at now: Tick) -> Bool { interval != 0 && due.rawValue <= now.rawValue &+ burst }

  /// True if an error may be sent now; it then counts as sent.
  mutating func allows(at now: Tick) -> Bool {
    guard wouldAllow(at: now) else { return false }
    due = max(due, now) + interval
    return true
  }
}
