import Dataplane
import Drivers
import TestSupport
import Testing
import Wire

@testable import Drivers

/// Networks and traffic that nobody thought of: nothing is lost from the accounts, and a run can be repeated.
@Suite struct FabricRandomTests {
  /// A chain with flows of every kind.
  private static func network(seed: UInt64) -> FabricConfiguration {
    var random = SplitMix64(seed: seed)
    func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    var fabric = FabricNetworks.chain(
      2 + below(3), gigabits: [10, 40, 56, 100, 400][below(5)], delay: Picoseconds(UInt64(below(3_000_000))),
      bytes: UInt64(12_000_000 + below(4_000_000)))
    fabric.seed = seed
    for _ in 0..<6 + below(10) {
      let source = below(fabric.hosts.count)
      let target = (source + 1 + below(fabric.hosts.count - 1)) % fabric.hosts.count
      var flow = FabricFlow(
        from: source, to: target, length: 64 + below(4000), frames: UInt64(1 + below(300)))
      flow.kind = below(2) == 0 ? .roce : .udp
      flow.dscp = UInt8([0, 26, 48][below(3)])
      flow.ecn = UInt8(below(4))
      flow.queuePair = UInt32(below(1 << 24))
      flow.start = Picoseconds(UInt64(below(5_000_000)))
      let rate = BitRate(bitsPerSecond: UInt64(1 + below(20)) * 1_000_000_000)
      flow.pace = [.backToBack, .constant(rate), .poisson(rate), .bursts(of: UInt64(1 + below(20)), rate)][below(4)]
      fabric.flows.append(flow)
    }
    return fabric
  }

  private static func text(_ result: FabricResult) -> String {
    "\(result.duration) \(result.flows) \(result.latencies) \(result.links) \(result.hosts) \(result.series)"
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func everyFrameIsAccountedFor(seed: UInt64) throws {
    let fabric = Self.network(seed: seed)
    var network = try Fabric(fabric)
    let result = try network.run()
    #expect(result.isConserved)
    #expect(result.waiting == 0)
    #expect(result.sent == fabric.flows.reduce(0) { $0 + $1.frames })
    let isEmpty = network.isEmpty
    #expect(isEmpty)
    for index in 0..<network.switchCount {
      let (fault, totals) = network.withSwitch(index) { ($0.audit(), $0.totals) }
      #expect(fault == nil)
      #expect(totals.isConserved)
    }
    var again = try Fabric(fabric)
    let second = try again.run()
    #expect(Self.text(second) == Self.text(result))
  }

  @Test func anotherSeedIsAnotherRun() throws {
    var fabric = Self.network(seed: 3)
    for index in fabric.flows.indices { fabric.flows[index].pace = .poisson(.gigabits(5)) }
    var first = try Fabric(fabric)
    fabric.seed = 99
    var second = try Fabric(fabric)
    let (left, right) = (try first.run(), try second.run())
    #expect(Self.text(left) != Self.text(right))
  }

  /// The mean of exponential intervals is theirs, and so are the quantiles.
  @Test func intervalsAreExponential() {
    var random = RandomNumbers(seed: 7)
    let mean: UInt64 = 1_000_000
    let values = (0..<200_000).map { _ in FlowPacer.exponential(mean: mean, &random) }
    let average = Double(values.reduce(0, +)) / Double(values.count) / Double(mean)
    #expect(abs(average - 1) < 0.01)
    // P(X > t) = exp(-t): at ln 2, ln 10 and ln 100 means.
    for (times, share) in [(0.693147, 0.5), (2.302585, 0.1), (4.605170, 0.01)] {
      let beyond = values.count { Double($0) > times * Double(mean) }
      #expect(abs(Double(beyond) / Double(values.count) - share) < 0.005)
    }
  }

  /// What was cut off by the end of virtual time still counts.
  @Test func anEndLeavesFramesWaiting() throws {
    var fabric = Self.network(seed: 5)
    fabric.until = .microseconds(20)
    var network = try Fabric(fabric)
    let result = try network.run()
    #expect(result.isConserved)
    #expect(result.waiting > 0)
    #expect(result.duration == .microseconds(20))
  }

  @Test func problemsAreNamed() throws {
    var fabric = Self.network(seed: 1)
    fabric.links.append(fabric.links[0])
    fabric.flows[0].destination = fabric.flows[0].source
    fabric.flows[1].length = 20
    let problems = fabric.problems().map(\.place)
    #expect(
      problems == [.link(fabric.links.count - 1), .link(fabric.links.count - 1), .flow(0), .flow(1)])
    do {
      _ = try Fabric(fabric)
      Issue.record("a network with problems was built")
    } catch {
      guard case .configuration(let named) = error else { throw error }
      #expect(named == fabric.problems())
    }
  }
}
