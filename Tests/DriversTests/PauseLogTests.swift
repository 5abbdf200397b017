import Dataplane
import Foundation
import TestSupport
import Testing

@testable import Drivers

/// What is written down of flow control, against what ``PauseScenario`` says by hand.
@Suite("The list of flow control events, and flow control over time")
struct PauseLogTests {
  /// Replays seven lossless frames into p1; p2's neighbour pauses priority 3 for 100 quanta of 51.2 ns if asked to.
  private static func run(
    _ fixture: ReplayFixture, isPaused: Bool = false, count: Int = 7, _ change: (inout ReplayOptions) -> Void = { _ in }
  ) throws -> ReplayOutcome {
    var inputs = [try fixture.input(1, PauseScenario.frames(count))]
    if isPaused {
      inputs.append(try fixture.input(2, [StampedFrame(at: epoch, Frame.priorityPause([3: 100, 4: 0]))]))
    }
    return try fixture.run(inputs) {
      $0.pauseLogPath = fixture.directory["pfc.csv"]
      change(&$0)
    }
  }

  private static let header =
    "time_ps,port,event,priorities,state,priority_group,shared_bytes,limit_bytes,headroom_bytes"

  @Test("XOFF and XON with their causes, and the frames that say so")
  func causes() throws {
    let fixture = try PauseScenario.fixture()
    _ = try Self.run(fixture)
    #expect(
      try fixture.directory.text("pfc.csv").split(separator: "\n").map(String.init) == [
        Self.header, "408640,p1,xoff-headroom,3,xoff,3,3000,3000,1000", "408640,p1,sent,3,xoff,,,,",
        "2538560,p1,xon,3,xon,3,2000,3000,0", "2538560,p1,sent,3,xon,,,,",
      ])
  }

  @Test("frames that come in, one line for those they stop and one for those they release, and pauses that expire")
  func received() throws {
    let fixture = try PauseScenario.fixture()
    let outcome = try Self.run(fixture, isPaused: true, count: 2)
    // 60 bytes and preamble and check sequence at 10G; 100 quanta later the queue may send.
    #expect(
      try fixture.directory.text("pfc.csv").split(separator: "\n").map(String.init) == [
        Self.header, "57600,p2,received,3,xoff,,,,", "57600,p2,received,4,xon,,,,", "5177600,p2,expired,3,xon,,,,",
      ])
    let rows = try outcome.log().filter { $0.outcome == "tx" }
    let end: UInt64 = 5_177_600
    #expect(rows.compactMap(\.departure) == [end, end + 10 * PauseScenario.slot])
    // Both waited for the pause from their arrival to its end; the second then for the first.
    let arrivals = [PauseScenario.lastBit, PauseScenario.slot + PauseScenario.lastBit]
    let pauses = arrivals.map { end - $0 }
    #expect(rows.compactMap(\.paused) == pauses)
    #expect(rows.compactMap(\.latency) == [pauses[0], pauses[1] + 10 * PauseScenario.slot])
    #expect(try outcome.log().filter { $0.outcome == "consumed" }.map(\.paused) == [nil])
  }

  @Test("a refresh is named so, and every event is there however many there are")
  func refreshed() throws {
    var fixture = try PauseScenario.fixture()
    fixture.configuration.pause.quanta = 10
    _ = try Self.run(fixture)
    let lines = try fixture.directory.text("pfc.csv").split(separator: "\n").map(String.init)
    #expect(lines.count { $0.contains(",refreshed,3,xoff,") } == 83)
    #expect(lines.count == 5 + 83)
  }

  @Test("peaks, limits and paused time of each interval")
  func series() throws {
    let fixture = try PauseScenario.fixture()
    let outcome = try Self.run(fixture, isPaused: true, count: 5)
    let series = outcome.result.series
    #expect(series.interval == .nanoseconds(100), "\(outcome.result.duration)")
    let port = series.ports[0]
    for values in [port.groupSharedBytes[3], port.groupHeadroomBytes[3], port.groupLimitBytes[3]] {
      #expect(values.count == series.count)
    }
    #expect(series.sharedPeakBytes.count == series.count && series.sharedPeakBytes.max() == 3000)
    // With p2 paused none has left: three wait, the fourth and fifth are in headroom; XOFF comes a frame earlier.
    #expect(port.groupSharedBytes[3].max() == 3000 && port.groupHeadroomBytes[3].max() == 2000)
    #expect(port.groupLimitBytes[3].allSatisfy { $0 == 3000 })
    // 100 ns intervals: the first frame is in after 80.96 ns, the third after 244.8 ns, the fourth after 326.72 ns.
    #expect(Array(port.groupSharedBytes[3].prefix(4)) == [1000, 2000, 3000, 3000])
    #expect(Array(port.groupHeadroomBytes[3].prefix(5)) == [0, 0, 0, 1000, 2000])
    // From 57.6 ns to 5177.6 ns.
    let paused = series.ports[1].pausedTicks[3]
    #expect(paused.count == series.count)
    #expect(paused[0] == 42_400 && paused[1..<51].allSatisfy { $0 == 100_000 } && paused[51] == 77_600)
    #expect(paused[52...].allSatisfy { $0 == 0 })
    // A lossy group that had nothing, a priority that was not paused.
    #expect(port.groupSharedBytes[0].isEmpty && port.groupLimitBytes[0].isEmpty && port.pausedTicks[3].isEmpty)
    #expect(series.pauseMoments.map(\.kind) == [.headroom, .drained] && series.pauseMomentsOmitted == 0)
    #expect(series.pauseMoments[0].tick == Tick(3 * PauseScenario.slot + PauseScenario.lastBit))
  }

  @Test("what the watchdog drops has its lines, in the list of packets and in that of events")
  func storm() throws {
    var fixture = try PauseScenario.fixture()
    var watchdog = WatchdogConfiguration()
    watchdog.detection = .microseconds(10)
    watchdog.restoration = nil
    fixture.configuration.watchdog = watchdog
    let inputs = [
      try fixture.input(1, PauseScenario.frames(3)),
      try fixture.input(2, [StampedFrame(at: epoch, Frame.priorityPause([3: 65_535]))]),
    ]
    let outcome = try fixture.run(inputs) { $0.pauseLogPath = fixture.directory["pfc.csv"] }
    let rows = try outcome.log().filter { $0.outcome == "drop:pause-storm" }
    #expect(rows.compactMap(\.start) == [0, PauseScenario.slot, 2 * PauseScenario.slot])
    #expect(rows.compactMap(\.packet).count == 3 && outcome.totals.isConserved)
    // 10 us after the first packet could have left.
    let lines = try fixture.directory.text("pfc.csv").split(separator: "\n").map(String.init)
    #expect(lines.contains("\(10_000_000 + PauseScenario.lastBit),p2,storm,3,,,,,"), "\(lines)")
  }

  @Test("moments are kept up to a number, and counted beyond it")
  func moments() throws {
    var series = TimeSeries(try PauseScenario.fixture().configuration)
    for number in 0..<(TimeSeries.momentCapacity + 10) {
      series.note(PauseEvent(.threshold, at: Tick(UInt64(number)), on: PortID(0), priorities: 8, xoff: 8))
      series.note(PauseEvent(.sent, at: Tick(UInt64(number)), on: PortID(0), priorities: 8, xoff: 8))
    }
    #expect(series.pauseMoments.count == TimeSeries.momentCapacity && series.pauseMomentsOmitted == 10)
    #expect(series.pauseMoments.last?.tick == Tick(UInt64(TimeSeries.momentCapacity - 1)))
  }

  @Test("a list that would be written over something else, or into no file, is refused")
  func protected() throws {
    let fixture = try PauseScenario.fixture()
    let out = fixture.directory["out"]
    try fixture.directory.write("leaf", to: "leaf.yaml")
    for (path, problem) in [
      (fixture.directory["in1.pcap"], "would be overwritten"), (fixture.directory["leaf.yaml"], "would be overwritten"),
      (out + "/p1.pcap", "is what another output is written to"),
      (out + "/../out/packets.csv", "is what another output is written to"),
      (out + "/report.json", "is what another output is written to"), (out, "is not a regular file"),
      ("/dev/null", "is not a regular file"), (out + "/none/pfc.csv", "No such file or directory"),
    ] {
      let error = #expect(throws: ReplayError.self, "\(path)") {
        _ = try Self.run(fixture, count: 2) {
          $0.pauseLogPath = path
          $0.protectedPaths = [fixture.directory["leaf.yaml"]]
        }
      }
      #expect(error?.description.contains(problem) == true, "\(path): \(error?.description ?? "")")
    }
    #expect(try fixture.directory.text("leaf.yaml") == "leaf")
  }

  @Test("a replay that is stopped leaves no list")
  func stopped() throws {
    let fixture = try PauseScenario.fixture()
    try fixture.directory.write("of an earlier run", to: "pfc.csv")
    var options = ReplayOptions()
    options.inputs = [try fixture.input(1, PauseScenario.frames(7))]
    options.pauseLogPath = fixture.directory["pfc.csv"]
    do {
      let memory = try PacketMemory(counts: (1024, 1024, 64))
      let device = try Switch(fixture.configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
      var replay = try Replay(device, options)
      #expect(throws: ReplayError.self) { _ = try replay.run { _, _ in false } }
    }
    #expect(try fixture.directory.files() == ["in1.pcap"])
  }
}
