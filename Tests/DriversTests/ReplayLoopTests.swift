import Drivers
import TestSupport
import Testing

@testable import Dataplane

@Suite("Captures played several times")
struct ReplayLoopTests {
  @Test("three loops are the same as a capture that holds the packets three times, queues included")
  func sameAsConcatenated() throws {
    // 10 frames at 100G into a port of 25G: most still wait when the next loop begins.
    let fixture = try ReplayFixture(gigabits: [100, 25])
    let frames = datagrams(at: (0..<10).map { 80 * $0 }, length: 976)
    // The last frame starts at 720 ns and takes 1000 bytes at 80 ps: the period is 800 ns.
    let concatenated = (0..<3).flatMap { loop in
      frames.map { StampedFrame(at: $0.stamp + UInt64(loop) * 800, $0.bytes) }
    }
    let looped = try fixture.run([try fixture.input(1, frames, name: "x.pcap")], to: "looped") { $0.loops = 3 }
    let whole = try fixture.run([try fixture.input(1, concatenated, name: "y.pcap")], to: "whole")
    #expect(try looped.files() == whole.files())
    #expect(looped.totals == whole.totals && looped.peaks == whole.peaks)
    #expect(looped.result.series == whole.result.series)
    #expect(looped.result.duration == whole.result.duration)
    #expect(looped.result.inputs[0].packets == 30)
    // Arrivals fill the queue four times as fast as it drains.
    #expect(looped.peaks[1][0] > 20 * 976)
  }

  @Test("the next loop begins when the wires of all inputs are free")
  func period() throws {
    let fixture = try ReplayFixture(gigabits: [100, 100, 10])
    let inputs = [
      try fixture.input(1, datagrams(at: [0, 1000], from: 1, to: 2)),
      // 1000 bytes at 800 ps from 3000 ns on: free at 3800 ns.
      try fixture.input(3, datagrams(at: [0, 3000], from: 3, to: 2, length: 976)),
    ]
    let outcome = try fixture.run(inputs) { $0.loops = 3 }
    let log = try outcome.log().sorted { $0.packet ?? 0 < $1.packet ?? 0 }
    let first = log.filter { $0.ingress == "p1" }.compactMap(\.start)
    let third = log.filter { $0.ingress == "p3" }.compactMap(\.start)
    #expect(first == [0, 1_000_000, 3_800_000, 4_800_000, 7_600_000, 8_600_000])
    #expect(third == [0, 3_000_000, 3_800_000, 6_800_000, 7_600_000, 10_600_000])
  }

  @Test("time never runs backwards in the series or the captures")
  func monotonous() throws {
    let fixture = try ReplayFixture(gigabits: [100, 10])
    let outcome = try fixture.run([try fixture.input(1, datagrams(at: [0, 1, 2], length: 1500))]) { $0.loops = 20 }
    let stamps = try outcome.capture(2).map(\.stamp)
    #expect(stamps == stamps.sorted() && stamps.count == 60)
    let departures = try outcome.log().compactMap(\.departure)
    #expect(departures == departures.sorted())
  }

  @Test("captures without packets end at once, however often they are played")
  func nothingToLoop() throws {
    let fixture = try ReplayFixture()
    let outcome = try fixture.run([try fixture.input(1, [])]) { $0.loops = .max }
    #expect(outcome.totals == Switch.Totals())
    #expect(outcome.result.duration == .zero)
  }

  @Test("a broken capture is played up to where it breaks in every loop, and said to be broken")
  func brokenLoops() throws {
    let fixture = try ReplayFixture()
    let file = CaptureBytes().file(datagrams(at: [0, 1000, 2000]))
    let path = try fixture.directory.write(Array(file.dropLast()), to: "broken")
    let outcome = try fixture.run([ReplayInput(port: PortID(0), path: path)]) { $0.loops = 2 }
    #expect(outcome.totals.txPackets == 4)
    #expect(outcome.result.inputs[0].error?.packet == 3)
  }
}
