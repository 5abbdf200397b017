/// A rate limit as a virtual schedule (ITU-T I.371 annex A): the tick at which the next byte would be due if all were
/// sent at exactly the rate, and how far ahead of it sending may run.
struct ShaperState {
  private var serializer: Serializer
  private let burstTicks: UInt64
  private let slackTicks: UInt64
  private var due = Tick.zero

  /// - Parameter slackTicks: how far a minimum rate may fall behind, waiting for other frames, and still catch up.
  init(_ shaper: Shaper, ticksPerSecond: UInt64, slackTicks: UInt64 = 0) {
    serializer = Serializer(rate: shaper.rate, ticksPerSecond: ticksPerSecond)
    burstTicks = serializer.ticks(bytes: Int(shaper.burst.bytes))
    self.slackTicks = slackTicks
  }

  /// The earliest tick at which a packet may start.
  @inline(__always)
  var eligible: Tick { due.rawValue > burstTicks ? Tick(due.rawValue &- burstTicks) : .zero }

  /// Accounts for a packet under a maximum rate that started at `start`.
  @inline(__always)
  mutating func charge(bytes: Int, at start: Tick) {
    due = max(due, start) + serializer.advance(bytes: bytes)
  }

  /// Accounts for a packet under a minimum rate that could have started at `ready` and did start at `start`.
  ///
  /// What a packet waited for frames of other queues is made up for, or the rate would not be reached wherever it does
  /// not fit the frames: 30G of 100G is a frame in 3 1/3 slots. What was sent beyond the rate, because nobody else
  /// wanted the wire, is not held against the queue.
  @inline(__always)
  mutating func chargeMinimum(bytes: Int, ready: Tick, at start: Tick) {
    let ticks = serializer.advance(bytes: bytes)
    let earliest = Tick(start.rawValue &- min(start.rawValue, slackTicks))
    due = min(max(due, max(ready, earliest)) + ticks, start + (burstTicks &+ ticks))
  }
}
