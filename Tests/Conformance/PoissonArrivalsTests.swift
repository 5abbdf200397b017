import Dataplane
import Glibc
import TestSupport
import Testing

/// One queue under Poisson arrivals of equal frames: M/D/1, fabric model 2.6.9.
///
/// Ingress is 160 times as fast as egress. Two servers of constant time in a row, the slower one last, delay a frame
/// by the faster one's time and then exactly as the slower one alone would have (its start is the maximum over all
/// earlier arrivals of arrival plus the slots since). So the wait at egress, counted from the arrival at ingress less
/// one serialisation there, is that of M/D/1 to the tick.
@Suite struct PoissonArrivalsTests {
  /// The slot of a 60-byte frame at 10G: 84 bytes of 800 ps.
  static let slot: UInt64 = 84 * 800
  /// Time from first to last bit in at 1.6T: 72 bytes of 5 ps.
  static let serialisation: UInt64 = 72 * 5

  struct Load: CustomStringConvertible {
    let percent: Int
    /// Accepted relative error of the mean wait at 2e6 arrivals: four standard deviations (fabric model 2.6.9).
    let tolerance: Double
    var description: String { "\(percent) %" }
    var rho: Double { Double(percent) / 100 }
    /// Mean wait in slots.
    var meanWait: Double { rho / (2 * (1 - rho)) }
  }

  static let loads = [
    Load(percent: 50, tolerance: 0.01), Load(percent: 80, tolerance: 0.015), Load(percent: 90, tolerance: 0.035),
    Load(percent: 95, tolerance: 0.09),
  ]

  #if DEBUG
    static let throughSwitch = 100_000
  #else
    static let throughSwitch = 2_000_000
  #endif

  /// Every frame through the switch waits to the tick as Lindley's recursion says, and the mean over all of them is
  /// the closed form within the tolerance for their number, which grows as one over its square root.
  @Test(arguments: loads)
  func everyFrameWaitsAsInMD1(load: Load) throws {
    let speeds = [BitRate(bitsPerSecond: 1_600_000_000_000), BitRate.gigabits(10)]
    var router = try VirtualSwitch(TestConfiguration.router(ports: 2, speeds: speeds))
    router.recordsBytes = false
    let frame = TestConfiguration.frame(toPort: 2)
    var model = Lindley(load: load)
    var expected: [UInt64] = []
    var latencies: [UInt64] = []
    var differing = 0
    func check(_ departures: [Departure]) {
      for departure in departures {
        if latencies.count >= expected.count || departure.start != expected[latencies.count] { differing += 1 }
        latencies.append(departure.latency)
      }
    }
    for index in 1...Self.throughSwitch {
      let (arrival, wait) = model.next()
      router.send(frame, on: "p1", at: arrival)
      expected.append(arrival + wait + Self.serialisation)
      if index % 1000 == 0 { check(router.run(until: arrival)) }
    }
    check(router.run())
    #expect(latencies.count == Self.throughSwitch)
    #expect(differing == 0, "frames that did not leave at Lindley's tick")
    expectClosedForm(model, load, scaledBy: (2_000_000 / Double(Self.throughSwitch)).squareRoot())
    expectHistogram(router.device.latency(of: QueueID(0), on: PortID(1)), of: latencies)
  }

  /// The histogram knows the mean exactly and percentiles to a step: one 64th above the true value at most.
  private func expectHistogram(_ histogram: LatencySnapshot, of latencies: [UInt64]) {
    let sorted = latencies.sorted()
    let mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    #expect(histogram.count == UInt64(sorted.count))
    #expect(abs(histogram.meanTicks / mean - 1) < 1e-12)
    for fraction in [0.5, 0.9, 0.99, 0.999] {
      let exact = sorted[Int((fraction * Double(sorted.count)).rounded(.up)) - 1]
      let reported = histogram.percentile(fraction)
      #expect(reported >= exact && reported - exact <= exact / 64, "percentile \(fraction)")
    }
  }

  /// The recursion alone over the full 2e6 arrivals, at the tolerances of the fabric model.
  @Test(arguments: loads)
  func lindleysRecursionIsMD1(load: Load) {
    var model = Lindley(load: load)
    for _ in 0..<2_000_000 { _ = model.next() }
    expectClosedForm(model, load, scaledBy: 1)
  }

  /// P(wait > 0) = rho: among n arrivals the number that find the queue empty counts the renewals of busy periods,
  /// whose lengths have mean 1/(1-rho) and variance rho/(1-rho)^3 (Borel). So its variance is n rho, and four standard
  /// deviations of the fraction are 4 sqrt(rho / n).
  private func expectClosedForm(_ model: Lindley, _ load: Load, scaledBy factor: Double) {
    let count = Double(model.count)
    let mean = Double(model.totalWait) / count / Double(Self.slot)
    #expect(abs(mean / load.meanWait - 1) < load.tolerance * factor, "mean wait \(mean), not \(load.meanWait)")
    let waiting = Double(model.waited) / count
    #expect(abs(waiting - load.rho) < 4 * (load.rho / count).squareRoot(), "P(wait > 0) is \(waiting)")
  }

  /// Poisson arrivals on a grid of picoseconds, and the wait of each: w' = max(0, w + slot - gap).
  private struct Lindley {
    private var random: SplitMix64
    private let meanGap: Double
    private var clock = 0.0
    private var arrival: UInt64 = 0
    private var free: UInt64 = 0
    private(set) var count = 0
    private(set) var totalWait: UInt64 = 0
    private(set) var waited = 0

    init(load: Load) {
      random = SplitMix64(seed: UInt64(load.percent))
      meanGap = Double(PoissonArrivalsTests.slot) / load.rho
    }

    mutating func next() -> (arrival: UInt64, wait: UInt64) {
      clock -= log(random.uniform()) * meanGap
      arrival = UInt64(clock)
      let start = max(arrival, free)
      free = start + PoissonArrivalsTests.slot
      let wait = start - arrival
      count += 1
      totalWait += wait
      if wait > 0 { waited += 1 }
      return (arrival, wait)
    }
  }
}
