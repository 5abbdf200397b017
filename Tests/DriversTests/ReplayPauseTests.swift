import Dataplane
import TestSupport
import Testing

@testable import Drivers

/// What sources do with the pause frames of the switch, to the picosecond.
@Suite("Sources that are paused")
struct ReplayPauseTests {
  private static let slot = PauseScenario.slot
  private static let wayAndBack = PauseScenario.wayAndBack

  /// Ticks of frames that follow back to back.
  private static func row(_ count: UInt64, from first: UInt64) -> [UInt64] {
    (0..<count).map { (number: UInt64) -> UInt64 in first + number * slot }
  }

  @Test("what starts before the pause counts is finished; the rest starts when XON has come back, and shifts")
  func obeyed() throws {
    let fixture = try PauseScenario.fixture()
    let outcome = try fixture.run([try fixture.input(1, PauseScenario.frames(9))])
    let resumed = PauseScenario.xon + Self.wayAndBack
    let wanted = Self.row(6, from: 0) + Self.row(3, from: resumed)
    // The sixth frame has started when the pause counts, and the seventh has not.
    let counts = PauseScenario.xoff + Self.wayAndBack
    #expect(wanted[5] < counts && 6 * Self.slot >= counts)
    #expect(try outcome.starts(on: 1) == wanted)
    #expect(outcome.totals.droppedPackets == 0)
    // The pause frames are on the wire of p1, and in no count of packets.
    // The eighth frame goes to headroom again; two wait again when the seventh has left.
    let again = [resumed + Self.slot + PauseScenario.lastBit, PauseScenario.lastBit + 6 * 10 * Self.slot]
    let stamps = ([PauseScenario.xoff, PauseScenario.xon] + again).map { epoch + $0 / 1000 }
    let left = try outcome.capture(1).map(\.stamp)
    #expect(left == stamps)
    #expect(outcome.sent[0].packets == 0 && outcome.sent[1].packets == 9)
    #expect(try outcome.log().count == 9)
  }

  @Test("sources that ignore pauses go on at line rate, and what headroom does not hold is lost")
  func ignored() throws {
    let fixture = try PauseScenario.fixture(headroom: 2000)
    let input = try fixture.input(1, PauseScenario.frames(9))
    let obeyed = try fixture.run([input], to: "obeyed")
    #expect(obeyed.totals.droppedPackets == 0 && obeyed.sent[1].packets == 9)
    let ignored = try fixture.run([input], to: "ignored") { $0.sourceResponse = nil }
    #expect(try ignored.starts(on: 1) == Self.row(9, from: 0))
    // One has left, three wait, two are in headroom.
    #expect(try ignored.log().map(\.outcome).filter { $0 == "drop:headroom-full" }.count == 3)
    #expect(ignored.sent[1].packets == 6)
  }

  @Test("the cable and the source's response add to what is still to come")
  func distance() throws {
    // 19.8 m are 100 ns each way. Frames start every 81.92 ns; the last of those that do not obey is counted here.
    for (metres, response) in [(0, 0), (20, 0), (198, 0), (1980, 0), (5, 100), (5, 1000), (198, 2017)]
      as [(UInt64, UInt64)]
    {
      var fixture = try PauseScenario.fixture(headroom: 500_000)
      fixture.configuration.buffer.size = ByteCount(10_000_000)
      fixture.configuration.ports[0].cable = CableLength(millimetres: metres * 1000)
      let delay = (metres * 1_000_000 + 197) / 198
      let outcome = try fixture.run([try fixture.input(1, PauseScenario.frames(400))]) {
        $0.sourceResponse = .after(.nanoseconds(response))
      }
      let counts = PauseScenario.xoff + 72 * 80 + 2 * delay + response * 1000
      let disobedient = (counts + Self.slot - 1) / Self.slot
      let starts = try outcome.starts(on: 1)
      #expect(starts.firstIndex { $0 >= counts } == Int(disobedient))
      // Two wait when the last but two has left.
      let xon = PauseScenario.lastBit + (disobedient - 3) * 10 * Self.slot
      #expect(starts[Int(disobedient)] == xon + 72 * 80 + 2 * delay, "\(metres) m, \(response) ns")
    }
  }

  @Test("a pause that nobody renews ends by itself; one that is renewed does not")
  func expiry() throws {
    var fixture = try PauseScenario.fixture(headroom: 100_000)
    fixture.configuration.pause.quanta = 10
    fixture.configuration.pause.refresh = .seconds(1)
    let input = try fixture.input(1, PauseScenario.frames(9))
    let counts = PauseScenario.xoff + Self.wayAndBack
    let expired = try fixture.run([input], to: "expired").starts(on: 1)
    #expect(expired == Self.row(6, from: 0) + Self.row(3, from: counts + 51_200))
    fixture.configuration.pause.refresh = nil
    let renewed = try fixture.run([try fixture.input(1, PauseScenario.frames(7))], to: "renewed")
    // XOFF, then XOFF every 25.6 ns, the last of which XON has to wait for: it leaves 84 bytes later.
    let refreshes = (PauseScenario.xon - PauseScenario.xoff) / 25_600
    let last = PauseScenario.xoff + refreshes * 25_600
    #expect(last + 84 * 80 > PauseScenario.xon)
    let resumed = try renewed.starts(on: 1)[6]
    #expect(resumed == last + 84 * 80 + Self.wayAndBack)
    #expect(try renewed.capture(1).count == 2 + Int(refreshes))
  }

  @Test("frames of other priorities take the place of those that wait; each priority keeps its order")
  func passing() throws {
    let fixture = try PauseScenario.fixture()
    let frames = (0..<24).map { PauseScenario.frame($0, isLossless: $0 % 2 == 0) }
    let outcome = try fixture.run([try fixture.input(1, frames)])
    // The fifth lossless frame is the ninth of all; the sixth is to start when the pause counts already.
    let xoff = 8 * Self.slot + PauseScenario.lastBit
    #expect((xoff + Self.wayAndBack) / Self.slot == 9)
    let lossless = try outcome.capture(2).map(identification)
    let lossy = try outcome.capture(3).map(identification)
    #expect(lossless == Array(stride(from: 0, to: 24, by: 2)))
    #expect(lossy == Array(stride(from: 1, to: 24, by: 2)))
    let starts = try outcome.log().filter { $0.egress == "p3" }.compactMap(\.start)
    // Frames 1, 3 ... 9 in their places, then 11, 13 ... one behind the other.
    let before: [UInt64] = [1, 3, 5, 7, 9].map { $0 * Self.slot }
    #expect(starts == before + Self.row(7, from: 10 * Self.slot))
    // Of the four that wait, two have left.
    let resumed = PauseScenario.lastBit + 2 * 10 * Self.slot + Self.wayAndBack
    let losslessStarts = try outcome.log().filter { $0.egress == "p2" }.compactMap(\.start)
    #expect(losslessStarts[4] == 8 * Self.slot && losslessStarts[5] == resumed)
    #expect(losslessStarts[6] == resumed + Self.slot)
  }

  @Test("link-level PAUSE stops everything but MAC control")
  func link() throws {
    var fixture = try PauseScenario.fixture()
    fixture.configuration.pause.mode = .link
    var frames = (0..<12).map { PauseScenario.frame($0, isLossless: $0 % 2 == 0) }
    let pause = Frame.priorityPause([:])
    frames.append(StampedFrame(at: epoch + 1500, pause))
    let outcome = try fixture.run([try fixture.input(1, frames)])
    let xoff = 8 * Self.slot + PauseScenario.lastBit
    // Of the four that wait, two have left.
    let resumed = PauseScenario.lastBit + 2 * 10 * Self.slot + Self.wayAndBack
    let starts = try outcome.starts(on: 1)
    #expect(starts[9] == 9 * Self.slot && starts[9] < xoff + Self.wayAndBack)
    // The control frame is the last of the capture, and the only one that is not stopped.
    #expect(starts[10] == 1_500_000)
    #expect(starts[11] == resumed && starts[12] == resumed + Self.slot)
    #expect(try outcome.log().first { $0.bytes == 60 }?.start == 1_500_000)
  }

  @Test("65 536 frames may wait; beyond, the source waits as a whole", arguments: [60_000, 66_000])
  func bounded(count: Int) throws {
    let fixture = try PauseScenario.fixture()
    let frames =
      (0..<count).map { PauseScenario.frame($0, isLossless: true, length: 60) }
      + (0..<5).map { PauseScenario.frame(count + $0, isLossless: false, length: 60) }
    let outcome = try fixture.run([try fixture.input(1, frames)])
    #expect(outcome.totals.droppedPackets == 0 && outcome.totals.txPackets == UInt64(count + 5))
    let passed = try outcome.log().filter { $0.egress == "p3" }.compactMap(\.packet)
    // All of the lossless ones but 65 535 must be gone before the first lossy one is seen.
    let least = UInt64(max(0, count - 65_535))
    #expect(passed.count == 5 && passed[0] >= least && passed[0] < least + 100)
    // Lossless frames keep their order.
    let order = try outcome.capture(2).map(identification)
    #expect(order == (0..<count).map { $0 & 0xFFFF })
  }

  @Test("two senders into one port lose nothing, keep it busy, and share it")
  func incast() throws {
    var fixture = try ReplayFixture(gigabits: [100, 100, 100])
    fixture.configuration.qos = .roce
    for index in 0..<3 { fixture.configuration.ports[index].queues = fixture.configuration.qos.queues }
    fixture.configuration.buffer.size = ByteCount(1_000_000)
    let count = 3000
    let inputs = try [1, 2].map { port in
      try fixture.input(
        port,
        (0..<count).map {
          var datagram = TestDatagram($0, length: 1000)
          datagram.dscp = 26
          datagram.source = [10, 0, UInt8(port), 2]
          datagram.destination = [10, 0, 3, 2]
          return StampedFrame(at: epoch, datagram.frame)
        })
    }
    let outcome = try fixture.run(inputs, to: "obeyed")
    #expect(outcome.totals.droppedPackets == 0 && outcome.sent[2].packets == UInt64(2 * count))
    #expect(try !outcome.capture(1).isEmpty && !outcome.capture(2).isEmpty)
    // The first leaves when it is in; from then on the wire is never idle.
    #expect(
      outcome.result.duration.count == PauseScenario.lastBit + UInt64(2 * count - 1) * Self.slot + PauseScenario.lastBit
    )
    let ends = try [1, 2].map { try outcome.starts(on: $0).last ?? 0 }.sorted()
    #expect(ends[1] - ends[0] < outcome.result.duration.count / 20)
    // The same again, and the other way round, is the same in every byte.
    let again = try fixture.run(inputs.reversed(), to: "again")
    #expect(try again.files() == outcome.files())
    let ignored = try fixture.run(inputs, to: "ignored") { $0.sourceResponse = nil }
    #expect(ignored.totals.droppedPackets > 100)
  }

  @Test("--strict looks at the captures, not at what pauses make of them; loops begin when all is offered")
  func strictAndLoops() throws {
    let fixture = try PauseScenario.fixture()
    let frames = (0..<9).map { PauseScenario.frame($0, isLossless: true, at: UInt64($0) * 82) }
    let input = try fixture.input(1, frames)
    let outcome = try fixture.run([input]) {
      $0.isStrict = true
      $0.loops = 3
    }
    #expect(outcome.sent[1].packets == 27 && outcome.totals.droppedPackets == 0)
    let order = try outcome.capture(2).map(identification)
    #expect(order == (0..<27).map { $0 % 9 })
  }
}
