import Benchmarks
import Testing

struct RatioTests {
  private func samples(_ nanoseconds: [Double], packets: UInt64 = 1000) -> [Sample] {
    nanoseconds.map { Sample(packets: packets, bytes: packets * 64, nanoseconds: $0 * Double(packets)) }
  }

  @Test func ratiosAreOfNeighbouringRounds() throws {
    // Ours 50, 100, 80 ns and theirs 40, 50, 120 ns: 0.8, 0.5 and 1.5 times as fast.
    let peer = try #require(
      PeerFigure(name: "p", version: "1", ours: samples([50, 100, 80]), theirs: samples([40, 50, 120])))
    #expect(peer.ratio == Spread(min: 0.5, median: 0.8, max: 1.5))
    // 25, 20 and 8.333 Mpps.
    #expect(peer.mpps.max == 25 && peer.mpps.median == 20 && abs(peer.mpps.min - 25 / 3) < 1e-12)
  }

  @Test func theMedianOfRatiosIsNotTheRatioOfMedians() throws {
    // A slow spell hits the second round of both. Medians alone would say 100 / 60.
    let peer = try #require(
      PeerFigure(name: "p", version: "", ours: samples([60, 200, 60]), theirs: samples([30, 100, 120])))
    #expect(peer.ratio.median == 0.5)
  }

  @Test func aRoundThatMovedNothingMakesNoRatio() {
    let still = [Sample(packets: 0, bytes: 0, nanoseconds: 1000)]
    #expect(PeerFigure(name: "p", version: "", ours: samples([50]), theirs: still) == nil)
    #expect(PeerFigure(name: "p", version: "", ours: still, theirs: samples([50])) == nil)
    #expect(PeerFigure(name: "p", version: "", ours: [], theirs: samples([50])) == nil)
  }

  @Test func aRowTakesWhatRoundsGave() throws {
    var ours = Measurement(name: "ours")
    ours.samples = [(4000, 8000), (2000, 5000), (3000, 6000)].map { nanoseconds, cycles in
      Sample(packets: 100, bytes: 6400, nanoseconds: nanoseconds, cycles: cycles, away: nanoseconds / 1e5)
    }
    ours.calibration = [100, 110, 120]
    var peer = Measurement(name: "peer", version: "2")
    peer.samples = samples([20, 20, 20])
    var row = BenchmarkRow(suite: "s", subject: "x", workload: "w", frameBytes: 64, flows: 9)
    row.take(ours, peers: [peer])
    #expect(row.nanoseconds == Spread(min: 20, median: 30, max: 40))
    #expect(row.mpps == Spread(min: 25, median: 1000.0 / 30, max: 50))
    #expect(row.cycles == 60)
    // 64 octets in 30 ns.
    let rate = try #require(row.gigabitsPerSecond)
    #expect(abs(rate - 512.0 / 30) < 1e-12)
    #expect(row.calibration == [100, 110, 120] && row.away == [0.04, 0.02, 0.03])
    #expect(row.peers.map(\.name) == ["peer"] && row.peers[0].ratio == Spread(min: 0.5, median: 20.0 / 30, max: 1))
  }

  @Test func whatTookNoTimeHasNoRate() {
    var row = BenchmarkRow(suite: "s", subject: "x", workload: "w", frameBytes: 64, flows: 1)
    row.nanoseconds = Spread(min: 0, median: 1, max: 2)
    #expect(row.mpps == nil)
  }

  @Test func aPartOfTheWayHasNoRate() {
    var row = BenchmarkRow(suite: "s", subject: "x", workload: "w", frameBytes: 64, flows: 1)
    row.nanoseconds = Spread(min: 1, median: 2, max: 3)
    row.isPart = true
    #expect(row.mpps == nil && row.gigabitsPerSecond == nil)
  }
}
