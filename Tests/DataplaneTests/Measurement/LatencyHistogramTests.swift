import TestSupport
import Testing

@testable import Dataplane

@Suite struct LatencyHistogramTests {
  private func snapshot(of values: [UInt64]) -> LatencySnapshot {
    let buckets = FlatTable<UInt64>(zeroed: LatencyHistogram.bucketCount)
    var histogram = LatencyHistogram(buckets: buckets.base)
    for value in values { histogram.record(value) }
    return histogram.snapshot
  }

  /// The value of the given rank: the smallest that at least `fraction` of all do not exceed.
  private func exact(_ fraction: Double, of sorted: [UInt64]) -> UInt64 {
    sorted[max(1, Int((fraction * Double(sorted.count)).rounded(.up))) - 1]
  }

  /// Percentiles are never below the exact value and at most 1/64 = 1.6 % above it; below 128 they are exact. The
  /// bound holds for every distribution, so a handful of very different ones will do.
  @Test func percentilesAreExactToOnePartIn64() {
    var random = SplitMix64(seed: 31)
    let distributions: [(String, () -> UInt64)] = [
      ("small", { UInt64(random.below(128)) }),
      ("uniform", { UInt64(random.below(10_000_000)) }),
      ("all magnitudes", { random.next() >> UInt64(17 + random.below(47)) }),
      ("two values", { random.below(10) == 0 ? 1_000_003 : 84_481 }),
      ("powers of two and their neighbours", { (1 << UInt64(1 + random.below(46))) &+ UInt64(random.below(3)) &- 1 }),
    ]
    for (name, draw) in distributions {
      let values = (0..<20_000).map { _ in draw() }
      let sorted = values.sorted()
      let histogram = snapshot(of: values)
      for fraction in [0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1] {
        let wanted = exact(fraction, of: sorted)
        let reported = histogram.percentile(fraction)
        expect(
          reported >= wanted && reported - wanted <= wanted / 64, "\(name): \(fraction) is \(reported), not \(wanted)")
      }
      #expect(histogram.minimumTicks == sorted.first && histogram.maximumTicks == sorted.last, "\(name)")
      #expect(histogram.percentile(1) == sorted.last, "\(name)")
      let mean = sorted.reduce(0.0) { $0 + Double($1) } / Double(sorted.count)
      #expect(abs(histogram.meanTicks / mean - 1) < 1e-9, "\(name)")
      #expect(histogram.count == 20_000 && histogram.steps.reduce(0) { $0 + $1.count } == 20_000, "\(name)")
    }
  }

  /// Around every boundary between buckets up to the last: a value is counted at or above itself, within 1/64.
  @Test func everyBoundaryIsWithinTheBound() {
    for exponent in 0..<48 as Range<UInt64> {
      for step in 0..<64 as Range<UInt64> {
        let boundary = (1 << exponent) + (step << exponent) / 64
        for value in [boundary &- 1, boundary, boundary + 1] where value < 1 << 48 {
          // A larger value keeps the maximum from hiding the bucket's bound.
          let reported = snapshot(of: [value, .max]).steps[0].upperTicks
          expect(reported >= value && reported - value <= value / 64, "\(value) is counted as \(reported)")
        }
      }
    }
  }

  /// What is beyond 2^48 shares the last bucket; the maximum says what it was.
  @Test func hugeValuesShareTheLastBucket() {
    let histogram = snapshot(of: [5, 1 << 48, 1 << 60, .max])
    #expect(histogram.steps.count == 2 && histogram.steps[1].count == 3)
    #expect(histogram.maximumTicks == .max && histogram.percentile(1) == .max)
    #expect(histogram.percentile(0.25) == 5)
  }

  @Test func emptyHistogramsAreZero() {
    let histogram = snapshot(of: [])
    #expect(histogram.count == 0 && histogram.minimumTicks == 0 && histogram.maximumTicks == 0)
    #expect(histogram.meanTicks == 0 && histogram.percentile(0.5) == 0 && histogram.steps.isEmpty)
  }

  /// The sum does not overflow: the mean of values near 2^64 is near 2^64.
  @Test func theSumHas128Bits() {
    let histogram = snapshot(of: Array(repeating: .max - 1, count: 1000))
    #expect(abs(histogram.meanTicks / 0x1p64 - 1) < 1e-15)
  }
}
