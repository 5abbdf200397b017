import Dataplane
import Testing

@testable import Benchmarks

struct LatencyDistributionTests {
  private func distribution(_ steps: [(Double, UInt64)]) -> LatencyDistribution {
    LatencyDistribution(steps.map { .init(nanoseconds: $0, count: $1) })
  }

  @Test func quantilesAreTheLeastTimesThatAreEnough() {
    let times = distribution([(10, 50), (20, 49), (1000, 1)])
    #expect(times.quantile(0) == 10)
    #expect(times.quantile(0.5) == 10)
    #expect(times.quantile(0.51) == 20)
    #expect(times.quantile(0.99) == 20)
    #expect(times.quantile(0.991) == 1000)
    #expect(times.quantile(1) == 1000)
    #expect(times.mean == 24.8)
  }

  @Test func withoutTimesThereAreNoQuantiles() {
    #expect(distribution([]).quantiles == nil)
    #expect(distribution([(5, 0)]).quantiles == nil)
    #expect(distribution([]).quantile(0.5) == 0)
  }

  @Test func aCurveEndsWhereTheTimesDo() throws {
    let few = try #require(distribution([(1, 90), (2, 10)]).quantiles)
    // With 100 times nothing is known beyond 99 %.
    let known = LatencyQuantiles.curveFractions.filter { $0 <= 0.99 }
    #expect(few.curve?.count == known.count)
    #expect(few.curve?.last == 2)
    #expect(LatencyQuantiles.curveFractions == LatencyQuantiles.curveFractions.sorted())
  }

  @Test func whatCameBeforeIsLeftOut() {
    let before = distribution([(10, 5), (20, 3), (33, 1)])
    // The last step ended at 33, the longest time then; now it ends at the bound of its bucket.
    let after = distribution([(10, 5), (15, 2), (20, 7), (40, 4), (90, 1)])
    #expect(after.since(before) == distribution([(15, 2), (20, 4), (40, 3), (90, 1)]))
    #expect(before.since(before) == distribution([]))
    #expect(after.since(distribution([])) == after)
  }

  @Test func ofAHistogramOfTicks() throws {
    var histogram = TickHistogram()
    for ticks in [26, 26, 26, 52, 2600] as [UInt64] { histogram.record(ticks) }
    let times = LatencyDistribution(histogram.snapshot, ticksPerSecond: 1_000_000_000)
    #expect(times.count == 5)
    #expect(times.quantile(0.5) == 26)
    #expect(times.quantile(0.8) == 52)
    // Never beyond the longest.
    #expect(times.quantile(1) == 2600)
  }

  @Test func theRoundInTheMiddleIsTheOneOfTheTail() {
    let rounds = [(1.0, 900.0), (3.0, 20.0), (2.0, 30.0)].map { distribution([($0, 999), ($1, 2)]) }
    #expect(LatencyFindings.middle(rounds) == 2)
    #expect(LatencyFindings.middle([]) == nil)
  }
}
