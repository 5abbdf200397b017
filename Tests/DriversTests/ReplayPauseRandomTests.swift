import Dataplane
import TestSupport
import Testing

@testable import Drivers

/// Random load, cables, responses and pause times; whether a frame might start is worked out anew from the list of pause
/// frames, by looking back from the moment in question.
@Suite("Random sources that are paused")
struct ReplayPauseRandomTests {
  /// What one pause frame said about priority 3, and from when it counts.
  private struct Order {
    var tick: UInt64
    var isXOFF: Bool
  }

  /// Whether priority 3 is stopped at a tick.
  private static func isPaused(_ orders: [Order], at tick: UInt64, length: UInt64, response: UInt64) -> Bool {
    guard let last = orders.lastIndex(where: { $0.tick <= tick }), orders[last].isXOFF,
      tick < orders[last].tick + length
    else { return false }
    // The pause began with the first XOFF of those that followed each other without a break.
    var first = last
    while first > 0, orders[first - 1].isXOFF, orders[first].tick <= orders[first - 1].tick + length { first -= 1 }
    return tick >= orders[first].tick + response
  }

  @Test(
    "no frame starts while it is paused, none waits without need, and each priority keeps its order", arguments: 1...24)
  func random(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var fixture = try PauseScenario.fixture(headroom: 2_000_000)
    fixture.configuration.buffer.size = ByteCount(10_000_000)
    let metres = UInt64.random(in: 0...600, using: &random)
    fixture.configuration.ports[0].cable = CableLength(millimetres: metres * 1000)
    let quanta = UInt16([5, 40, 400, 65_535].randomElement(using: &random) ?? 5)
    fixture.configuration.pause.quanta = quanta
    if Bool.random(using: &random) { fixture.configuration.pause.refresh = .microseconds(2) }
    let response = UInt64.random(in: 0...300_000, using: &random)
    var offset: UInt64 = 0
    let frames = (0..<400).map { number in
      offset += UInt64.random(in: 0...150, using: &random)
      return PauseScenario.frame(
        number, isLossless: UInt64.random(in: 0...2, using: &random) > 0, at: offset,
        length: Int.random(in: 60...1500, using: &random))
    }
    let outcome = try fixture.run([try fixture.input(1, frames)]) {
      $0.sourceResponse = .after(Picoseconds(response))
      $0.pauseLogPath = fixture.directory["pfc.csv"]
    }
    #expect(outcome.totals.droppedPackets == 0 && outcome.totals.txPackets == 400)
    let delay = 72 * 80 + 2 * ((metres * 1_000_000 + 197) / 198)
    let orders = try fixture.directory.text("pfc.csv").split(separator: "\n").dropFirst().compactMap { line -> Order? in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields[1] == "p1", fields[2] == "sent" || fields[2] == "refreshed", let tick = UInt64(fields[0]) else {
        return nil
      }
      return Order(tick: tick + delay, isXOFF: fields[4] == "xoff")
    }
    #expect(!orders.isEmpty)
    let length = UInt64(quanta) * 5120
    func paused(_ tick: UInt64) -> Bool {
      Self.isPaused(orders, at: tick, length: length, response: response)
    }
    // By egress port, the frames for it in the order of the capture: so they must leave.
    var waiting: [String: [StampedFrame]] = [:]
    for (port, isLossless) in [(2, true), (3, false)] {
      let mine = frames.filter { ($0.bytes[15] >> 2 == 26) == isLossless }
      let left = try outcome.capture(port).map(identification)
      #expect(left == mine.map(identification))
      waiting["p\(port)"] = mine.reversed()
    }
    var free: UInt64 = 0
    for row in try outcome.log().sorted(by: { ($0.start ?? 0) < ($1.start ?? 0) }) {
      let start = try #require(row.start)
      let next = waiting[row.egress]?.popLast()
      let frame = try #require(next)
      #expect(start >= free && row.bytes == frame.bytes.count)
      let isLossless = row.egress == "p2"
      if isLossless { #expect(!paused(start), "at \(start)") }
      // Without need means: the wire was free, the frame due, and its priority not stopped all the while.
      let earliest = max(free, (frame.stamp - epoch) * 1000)
      if start > earliest { #expect(isLossless && paused(earliest) && paused(start - 1), "\(earliest) to \(start)") }
      free = start + (max(60, row.bytes) + 24) * 80
    }
  }
}
