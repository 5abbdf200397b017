import Control
import Dataplane

/// A distribution of times in nanoseconds.
struct LatencyDistribution: Equatable, Sendable {
  /// Some times that are almost the same.
  struct Step: Equatable, Sendable {
    /// The longest of them.
    var nanoseconds: Double
    /// How many they are.
    var count: UInt64
  }

  /// In rising order.
  private(set) var steps: [Step]
  /// How many times there are.
  let count: UInt64

  init(_ steps: [Step]) {
    self.steps = steps.filter { $0.count > 0 }
    count = steps.reduce(0) { $0 + $1.count }
  }

  /// What a histogram of ticks holds.
  init(_ histogram: LatencySnapshot, ticksPerSecond: UInt64) {
    let scale = 1e9 / Double(max(1, ticksPerSecond))
    self.init(histogram.steps.map { Step(nanoseconds: Double($0.upperTicks) * scale, count: $0.count) })
  }

  /// What a running switch says of one of its queues.
  init(_ latency: SwitchSnapshot.Latency) {
    self.init(latency.buckets.map { Step(nanoseconds: $0.upperNanoseconds, count: $0.count) })
  }

  /// What was added since an earlier look at the same histogram.
  ///
  /// The last step of a histogram ends at the longest time so far, so that its bound moves up when longer ones follow: what
  /// was in a step then is in the first one now that reaches as far.
  func since(_ earlier: LatencyDistribution) -> LatencyDistribution {
    var rest = steps
    var index = 0
    for step in earlier.steps {
      while index + 1 < rest.count, rest[index].nanoseconds < step.nanoseconds { index += 1 }
      if rest.indices.contains(index) { rest[index].count -= min(step.count, rest[index].count) }
    }
    return LatencyDistribution(rest)
  }

  /// The shortest time that at least `fraction` of all do not exceed; 0 if there are none.
  func quantile(_ fraction: Double) -> Double {
    let rank = max(1, (fraction * Double(count)).rounded(.up))
    var seen: UInt64 = 0
    for step in steps {
      seen += step.count
      if Double(seen) >= rank { return step.nanoseconds }
    }
    return steps.last?.nanoseconds ?? 0
  }

  /// The mean, to the width of the steps.
  var mean: Double {
    count == 0 ? 0 : steps.reduce(0) { $0 + $1.nanoseconds * Double($1.count) } / Double(count)
  }

  /// The usual quantiles; nil if there are no times.
  var quantiles: LatencyQuantiles? {
    guard let first = steps.first, let last = steps.last else { return nil }
    var quantiles = LatencyQuantiles(
      count: count, min: first.nanoseconds, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99),
      p999: quantile(0.999), max: last.nanoseconds, mean: mean)
    quantiles.curve = LatencyQuantiles.curveFractions.filter { (1 - $0) * Double(count) >= 1 }.map { quantile($0) }
    return quantiles
  }
}
