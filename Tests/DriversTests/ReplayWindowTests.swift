import Dataplane
import Drivers
import TestSupport
import Testing

@Suite("Which packets are replayed, and in which order")
struct ReplayWindowTests {
  @Test("packets before --start and after --until are left out; zero moves to the start")
  func startAndUntil() throws {
    let fixture = try ReplayFixture()
    let input = try fixture.input(1, datagrams(at: [0, 999, 1000, 1500, 2000, 2001]))
    let outcome = try fixture.run([input]) {
      $0.start = .nanoseconds(1000)
      $0.until = .nanoseconds(2000)
    }
    #expect(try outcome.capture(2).map(identification) == [2, 3, 4])
    #expect(try outcome.log().compactMap(\.start) == [0, 500_000, 1_000_000])
    #expect(outcome.result.startNanoseconds == epoch + 1000)
    #expect(outcome.result.inputs[0].packets == 3 && outcome.result.inputs[0].bytes == 3 * 64)
  }

  @Test("a packet out of order beyond --until does not hide those behind it that are within")
  func outOfOrderUntil() throws {
    let fixture = try ReplayFixture()
    let input = try fixture.input(1, datagrams(at: [0, 5000, 1000]))
    let outcome = try fixture.run([input]) { $0.until = .nanoseconds(2000) }
    #expect(try outcome.capture(2).map(identification) == [0, 2])
  }

  @Test("stamps out of order keep the order of the file; each frame starts when the wire is free")
  func outOfOrder() throws {
    let fixture = try ReplayFixture()
    let input = try fixture.input(1, datagrams(at: [1000, 3000, 2000, 500, 4000]))
    let outcome = try fixture.run([input])
    #expect(try outcome.capture(2).map(identification) == [0, 1, 2, 3, 4])
    // Zero is the first packet's stamp; the one before it is taken at zero, but behind those read before it.
    #expect(try outcome.log().compactMap(\.start) == [0, 2_000_000, 2_007_040, 2_014_080, 3_000_000])
  }

  @Test("several captures of one port are merged by time, at equal stamps in the order of their paths")
  func merged() throws {
    let fixture = try ReplayFixture()
    let inputs = [
      try fixture.input(1, datagrams(at: [0, 2000, 3000], first: 0), name: "a.pcap"),
      try fixture.input(
        1, datagrams(at: [1000, 2000, 3000], first: 10), CaptureBytes(.pcapng(resolution: 9)), name: "b.pcap"),
      try fixture.input(1, datagrams(at: [500, 3000], first: 20), CaptureBytes(isBigEndian: true), name: "c.pcap"),
    ]
    let outcome = try fixture.run(inputs)
    #expect(try outcome.capture(2).map(identification) == [0, 20, 10, 1, 11, 2, 12, 21])
    #expect(outcome.result.inputs.map(\.packets) == [3, 3, 2])
  }

  @Test("at equal ticks arrivals come by port")
  func ties() throws {
    let fixture = try ReplayFixture(gigabits: [100, 100, 100])
    let inputs = [
      try fixture.input(3, datagrams(at: [0, 1000], from: 3, to: 2, first: 30)),
      try fixture.input(1, datagrams(at: [0, 1000], from: 1, to: 2, first: 10)),
    ]
    let outcome = try fixture.run(inputs)
    #expect(try outcome.capture(2).map(identification) == [10, 30, 11, 31])
    #expect(try outcome.log().sorted { $0.packet ?? 0 < $1.packet ?? 0 }.map(\.ingress) == ["p1", "p3", "p1", "p3"])
  }

  @Test("at equal ticks an arrival comes before a departure, so that it can overtake")
  func arrivalBeforeDeparture() throws {
    var fixture = try ReplayFixture(gigabits: [100, 100, 100])
    fixture.configuration.qos = .roce
    fixture.configuration.ports[1].queues = fixture.configuration.qos.queues
    // The wire of p2 is free, and a packet of class 0 and one of strict class 6 arrive in the same picosecond.
    var urgent = TestDatagram(99)
    urgent.sourceMAC = TestAddress.hostMAC(3)
    urgent.source = [10, 0, 3, 2]
    urgent.dscp = 48
    let outcome = try fixture.run([
      try fixture.input(1, datagrams(at: [0])), try fixture.input(3, [StampedFrame(at: epoch, urgent.frame)]),
    ])
    #expect(try outcome.capture(2).map(identification) == [99, 0])
  }

  @Test("a stamp more than 100 days from the first is refused by packet, unless --until leaves it out")
  func span() throws {
    let fixture = try ReplayFixture()
    let day: UInt64 = 86_400_000_000_000
    let input = try fixture.input(1, datagrams(at: [0, 99 * day, 100 * day]))
    let error = #expect(throws: ReplayError.self) { _ = try fixture.run([input]) }
    #expect(error?.description.hasPrefix("\(input.path): packet 3 is more than 100 days away from the first.") == true)
    let outcome = try fixture.run([input], to: "until") { $0.until = .seconds(1) }
    #expect(outcome.totals.txPackets == 1)
    let whole = try fixture.run([try fixture.input(1, datagrams(at: [0, 99 * day]))], to: "whole")
    #expect(whole.totals.txPackets == 2)
  }

  @Test("virtual time that would not fit is refused: slowed down or looped")
  func virtualTimeRunsOut() throws {
    let fixture = try ReplayFixture()
    let day: UInt64 = 86_400_000_000_000
    let input = try fixture.input(1, datagrams(at: [0, 90 * day]))
    #expect(throws: ReplayError.self) {
      _ = try fixture.run([input], to: "a") { $0.speed = .factor(numerator: 1, denominator: 3) }
    }
    #expect(throws: ReplayError.self) { _ = try fixture.run([input], to: "b") { $0.loops = 3 } }
  }

  @Test("only what the filter of an input matches is replayed")
  func filter() throws {
    let fixture = try ReplayFixture()
    let input = try fixture.input(1, datagrams(at: [0, 1, 2, 3]), filter: "ip[4:2] > 1")
    let outcome = try fixture.run([input])
    #expect(try outcome.capture(2).map(identification) == [2, 3])
    #expect(outcome.result.startNanoseconds == epoch + 2)
  }

  @Test("frames are cut to the snap length, and keep their length on the wire")
  func snap() throws {
    let fixture = try ReplayFixture()
    let outcome = try fixture.run([try fixture.input(1, datagrams(at: [0, 1000], length: 200))]) { $0.snapLength = 60 }
    #expect(try outcome.capture(2).map(\.bytes.count) == [60, 60])
    #expect(try outcome.capture(2).map(\.wireLength) == [200, 200])
    #expect(Array(try outcome.directory.read("out/p2.pcap")[16..<20]) == littleEndian(60 as UInt32))
  }
}
