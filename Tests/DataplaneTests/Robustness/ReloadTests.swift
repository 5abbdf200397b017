import Dataplane
import TestSupport
import Testing
import Wire

/// A running switch goes over to other tables, and packets that wait go where they were sent.
@Suite("Reload")
struct ReloadTests {
  /// Three routed ports; what is for 10.9/16 leaves by one of them.
  private static func configuration(by hop: Int, weight: UInt32 = 1) -> SwitchConfiguration {
    var configuration = TestConfiguration.router(
      ports: 4, speeds: [.gigabits(100), .gigabits(10), .gigabits(10), .gigabits(10)])
    TestConfiguration.route(&configuration, "10.9.0.0/16", [("10.0.\(hop).2", hop - 1, weight)])
    return configuration
  }

  private static func frame(_ number: Int) -> [UInt8] {
    Frame(from: "10.0.1.2", to: "10.9.0.\(number % 250 + 1)").udp(UInt16(number), 5000, size: 500)
  }

  private static func reload(_ tested: inout VirtualSwitch, _ configuration: SwitchConfiguration) throws {
    var generation = try Switch.Generation(configuration, for: tested.device)
    tested.device.exchange(&generation, at: Tick(tested.now))
  }

  @Test("Packets in queues leave by the old route, those that come after by the new one, and none is lost")
  func takesTurns() throws {
    let tables = [Self.configuration(by: 2), Self.configuration(by: 3)]
    var tested = try VirtualSwitch(tables[0])
    let names = tables[0].ports.map(\.name)
    var wanted: [String: [[UInt8]]] = [:]
    for round in 0..<40 {
      let hop = round % 2 + 2
      if round > 0 { try Self.reload(&tested, tables[round % 2]) }
      for index in 0..<8 {
        let bytes = Self.frame(round * 8 + index)
        // The wire takes a frame in 419 ns: some of every round still wait when the tables change.
        tested.send(bytes, on: names[0], at: tested.now + UInt64(index))
        wanted[names[hop - 1], default: []].append(Frame.routed(bytes, to: TestConfiguration.hostMAC(hop)))
      }
      for departure in tested.run(until: tested.now + 1_000_000) { Self.take(departure, from: &wanted) }
    }
    for departure in tested.run() { Self.take(departure, from: &wanted) }
    let missing = wanted.mapValues(\.count).filter { $0.value > 0 }
    #expect(missing.isEmpty)
    tested.expectConserved()
    #expect(tested.device.audit() == nil)
  }

  private static func take(_ departure: Departure, from wanted: inout [String: [[UInt8]]]) {
    #expect(wanted[departure.port]?.first == departure.bytes)
    if wanted[departure.port]?.isEmpty == false { wanted[departure.port]?.removeFirst() }
  }

  @Test("What was learned and counted stays")
  func keeps() throws {
    var configuration = TestConfiguration.campus()
    TestConfiguration.route(&configuration, "10.9.0.0/16", [("10.0.2.2", 1, 3)])
    var tested = try VirtualSwitch(configuration)
    // A station on a1 is learned, and so is a neighbour of r1 that was not configured.
    let mac: UInt64 = 0x0200_0000_AA99
    var station = Frame(from: "10.0.10.8", to: "10.0.10.9", destinationMAC: 0x0200_0000_BB01)
    station.sourceMAC = mac
    tested.send(station.udp(1, 2, size: 80), on: "a1", at: 0)
    tested.device.learnNeighbor(
      IPAddress("10.0.1.77")!, on: tested.port("r1"), mac: MACAddress(bits: 0x0200_0000_7777), at: Tick(0))
    tested.send(Frame(from: "10.0.1.2", to: "10.9.1.1").udp(1, 2, size: 80), on: "r1", at: 1_000_000)
    _ = tested.run()
    configuration.ecmp.seed = 99
    try Self.reload(&tested, configuration)
    #expect(tested.device.configuration.ecmp.seed == 99)
    #expect(tested.device.memberStatistics(ofGroup: 0).first?.packets == 1)
    let answer = Frame(from: "10.0.10.9", to: "10.0.10.8", destinationMAC: mac).udp(1, 2, size: 80)
    tested.send(answer, on: "a2", at: tested.now)
    #expect(tested.run().map(\.port) == ["a1"], "the station is still known")
    let towards = Frame(from: "10.0.2.2", to: "10.0.1.77").udp(1, 2, size: 80)
    tested.send(towards, on: "r2", at: tested.now)
    let out = tested.run()
    #expect(out.map(\.port) == ["r1"] && Array(out[0].bytes[0..<6]) == [2, 0, 0, 0, 0x77, 0x77])
  }

  @Test("A port that is down stays out of the new tables, and a switch that would need other queues refuses")
  func refuses() throws {
    var configuration = TestConfiguration.router(ports: 4)
    TestConfiguration.route(&configuration, "10.9.0.0/16", [("10.0.2.2", 1, 1), ("10.0.3.2", 2, 1)])
    var tested = try VirtualSwitch(configuration)
    let names = configuration.ports.map(\.name)
    tested.setPort(names[1], isUp: false)
    configuration.ecmp.seed = 5
    try Self.reload(&tested, configuration)
    for number in 0..<64 { tested.send(Self.frame(number), on: names[0], at: tested.now + UInt64(number) * 1_000_000) }
    #expect(Set(tested.run().map(\.port)) == [names[2]])
    var other = configuration
    other.ports[0].speed = .gigabits(25)
    #expect(!configuration.canBecome(other))
    var refusal: SwitchError?
    do { _ = try Switch.Generation(other, for: tested.device) } catch { refusal = error }
    #expect(refusal == .notReloadable)
  }

  @Test("Packets that wait for a port that is gone are dropped when it is said so, and refunded")
  func discards() throws {
    var tested = try VirtualSwitch(Self.configuration(by: 2))
    let names = Self.configuration(by: 2).ports.map(\.name)
    for number in 0..<20 { tested.send(Self.frame(number), on: names[0], at: UInt64(number)) }
    let sent = tested.run(until: 1_000_000).count
    #expect(tested.device.totals.waitingPackets > 0)
    tested.setPort(names[1], isUp: false)
    tested.device.discardQueued(on: tested.port(names[1]), at: Tick(tested.now))
    #expect(tested.device.totals.waitingPackets == 0)
    #expect(tested.drops(.egressDown, on: names[1]) == UInt64(20 - sent))
    #expect(tested.device.audit() == nil)
    tested.expectConserved()
  }

  @Test("A wire that was held up is not made up for in a burst")
  func holds() throws {
    var tested = try VirtualSwitch(Self.configuration(by: 2))
    let names = Self.configuration(by: 2).ports.map(\.name)
    for number in 0..<4 { tested.send(Self.frame(number), on: names[0], at: 0) }
    _ = tested.run(until: 50_000)
    tested.device.holdWire(of: tested.port(names[1]), until: Tick(9_000_000))
    let starts = tested.run().map(\.start)
    #expect(starts.allSatisfy { $0 >= 9_000_000 })
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= 400_000 })
  }
}
