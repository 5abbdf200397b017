import Dataplane
import Drivers

/// What it costs to record a latency: the same loop with and without, over times as a loaded queue has them, into the
/// histograms of eight queues in turn.
struct RecordingCost: ~Copyable {
  private let histograms = FlatTable<TickHistogram>(count: 8) { _ in TickHistogram() }
  private let times: FlatTable<UInt64>
  /// What keeps the loops from being empty.
  private(set) var sum: UInt64 = 0

  private static let count = 4096

  init() {
    var random = RandomNumbers(seed: 1)
    // From 0 to some 100 us at 2.6 GHz, short ones more often.
    times = FlatTable((0..<RecordingCost.count).map { _ in ((random.next() >> 46) &* (random.next() >> 54)) >> 10 })
  }

  /// Reads the times and records them.
  @inline(never)
  mutating func record(_ rounds: Int) {
    for _ in 0..<rounds {
      for index in 0..<RecordingCost.count {
        sum &+= times.base[index]
        histograms.base[index & 7].record(times.base[index])
      }
    }
  }

  /// Only reads the times, one after the other.
  @inline(never)
  mutating func skip(_ rounds: Int) {
    for _ in 0..<rounds {
      for index in 0..<RecordingCost.count { sum &+= times.base[index] }
    }
  }

  /// Reads the clock, as a worker does once for each burst.
  @inline(never)
  mutating func readClock(_ rounds: Int) {
    for _ in 0..<rounds * RecordingCost.count { sum &+= LiveClock.now.rawValue }
  }

  /// Times that one round has.
  static var times: Int { count }
}
