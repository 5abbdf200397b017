import Dataplane
import Testing

@testable import Benchmarks

/// What is measured is what should be: packets go through, and nothing is dropped that was not meant to be.
@Suite(.serialized) struct MemoryBenchTests {
  private func bench(_ device: BenchmarkSwitch, _ plan: WorkloadPlan) throws -> (
    received: UInt64, sent: UInt64, dropped: UInt64, pauses: UInt64, marked: UInt64
  ) {
    try BenchmarkMemory.start()
    let workload = plan.make()
    let isBusy = device.level == .busy
    let frames = isBusy ? workload.frames.inAllClasses() : workload.frames
    var bench = try MemoryBench(device.configuration(routes: workload.routes, frame: frames.largest), frames)
    bench.run(bursts: 400, isBusy: isBusy)
    return (bench.received, bench.sent, bench.dropped, bench.pauseFrames, bench.marked)
  }

  @Test(arguments: [FeatureLevel.forward, .queues, .lossless], WorkloadPlan.usual)
  func everyPacketLeaves(level: FeatureLevel, plan: WorkloadPlan) throws {
    let outcome = try bench(BenchmarkSwitch(level: level), plan)
    #expect(outcome.received == 12_800 && outcome.dropped == 0 && outcome.pauses == 0)
    // At most a burst or two wait for the wire.
    #expect(outcome.sent > 12_000)
  }

  @Test(arguments: WorkloadPlan.usual)
  func busyMeansPausedAndMarkedAndLossless(plan: WorkloadPlan) throws {
    let outcome = try bench(BenchmarkSwitch(level: .busy), plan)
    #expect(outcome.dropped == 0 && outcome.sent > 1000)
    #expect(outcome.pauses > 0 && outcome.marked > 0)
  }

  @Test(arguments: [(2, 1), (5, 512), (64, 63)])
  func portsAndNextHops(ports: Int, nextHops: Int) throws {
    var device = BenchmarkSwitch()
    device.ports = ports
    device.nextHops = nextHops
    let outcome = try bench(device, .small)
    #expect(outcome.dropped == 0 && outcome.sent > 12_000)
    let configuration = device.configuration(routes: WorkloadPlan.small.make().routes, frame: 60)
    #expect(configuration.ports.count == ports && configuration.nextHopGroups.map(\.members.count) == [nextHops])
    #expect(Set(configuration.nextHopGroups[0].members.map(\.address)).count == nextHops)
  }

  @Test(arguments: [1, 8])
  func rulesAndClasses(classes: Int) throws {
    var device = BenchmarkSwitch()
    device.classes = classes
    device.rules = 10
    #expect(try bench(device, .small).dropped == 0)
  }

  @Test func aSuiteMakesItsRows() throws {
    var options = BenchmarkOptions.quick
    options.packets = 1000
    let run = try BenchmarkRun(options)
    try CapacitySuite().measure(run)
    let small = run.results.rows.filter { $0.workload == "64 B" }
    #expect(small.map(\.subject) == ["source and sink alone", "forward only", "+ queues", "+ PFC, ECN", "all busy"])
    #expect(run.results.rows.count == 5 * WorkloadPlan.usual.count)
    for row in run.results.rows {
      #expect((row.nanoseconds?.min ?? 0) > 0 && row.calibration.count == 3 && row.away.count == 3, "\(row.identity)")
    }
    #expect(Set(run.results.rows.map(\.identity)).count == run.results.rows.count)
    _ = try BenchmarkResults(jsonLines: run.results.jsonLines(), name: "x")
  }

  @Test func aDifferenceIsTakenRoundByRound() {
    var whole = Measurement(name: "w")
    whole.samples = [(1000.0, 300.0), (2000, 600)].map {
      Sample(packets: 10, bytes: 640, nanoseconds: $0.0, cycles: $0.1)
    }
    var part = Measurement(name: "p")
    part.samples = [(800.0, 200.0), (600, 200)].map {
      Sample(packets: 20, bytes: 1280, nanoseconds: $0.0, cycles: $0.1)
    }
    let difference = GrowthSuite.difference(whole, part)
    #expect(difference.samples.map(\.nanoseconds) == [600, 1700])
    #expect(difference.samples.map(\.cycles) == [200, 500])
  }

  @Test func curvesCoverWhatTheyPromise() {
    for isQuick in [true, false] {
      let curves = GrowthSuite.curves(isQuick: isQuick)
      for (title, points) in curves {
        #expect(points.count > 1, "\(title)")
        #expect(points.map(\.variable.value) == points.map(\.variable.value).sorted(), "\(title)")
      }
      let ends = Dictionary(uniqueKeysWithValues: curves.map { ($0.title, $0.points.map(\.variable.value)) })
      #expect(ends["routes"]?.first == 1 && ends["routes"]?.last == 1e6)
      #expect(ends["flows"]?.first == 1 && ends["flows"]?.last == 1e6)
      #expect(ends["ports"]?.first == 2 && ends["ports"]?.last == 64)
      #expect(ends["next hops"]?.first == 2 && ends["next hops"]?.last == 512)
    }
  }
}
