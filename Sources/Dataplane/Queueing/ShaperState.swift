/// A rate limit as a virtual schedule (ITU-T I.371 annex A): the tick at which the next byte would be due if all were
/// sent at exactly the rate, and how far ahead of it sending may run.
struct ShaperState {
  private var serializer: Serializer
  private let burstTicks: UInt64
  private var due = Tick.zero

  init(_ shaper: Shaper, ticksPerSecond: UInt64) {
    serializer = Serializer(rate: shaper.rate, ticksPerSecond: ticksPerSecond)
    burstTicks = serializer.ticks(bytes: Int(shaper.burst.bytes))
  }

  /// The earliest tick at which a packet may start.
  @inline(__always)
  var eligible: Tick { due.rawValue > burstTicks ? Tick(due.rawValue &- burstTicks) : .zero }

  /// Accounts for a packet that started at `start`.
  @inline(__always)
  mutating func charge(bytes: Int, at start: Tick) {
    due = max(due, start) + serializer.advance(bytes: bytes)
  }
}
