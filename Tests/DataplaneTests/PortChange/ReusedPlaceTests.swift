import Dataplane
import TestSupport
import Testing
import Wire

/// A place that had a port is as good as new.
@Suite("Reused places")
struct ReusedPlaceTests {
  private static func udp(from host: Int, to address: String, _ number: Int, dscp: UInt8) -> [UInt8] {
    var frame = Frame(from: "10.0.\(host).2", to: address)
    frame.dscp = dscp
    return Frame.padded(frame.udp(UInt16(1000 + number), 4791, size: 400), to: 400)
  }

  /// A PFC frame that stops priority 3 for `quanta`.
  private static func pause(_ quanta: UInt16) -> [UInt8] {
    var bytes: [UInt8] = [1, 0x80, 0xC2, 0, 0, 1, 2, 0, 0, 0, 3, 2, 0x88, 0x08, 1, 1, 0, 8]
    for priority in 0..<8 { bytes += priority == 3 ? [UInt8(quanta >> 8), UInt8(quanta & 255)] : [0, 0] }
    return Frame.padded(bytes, to: 60)
  }

  /// A history that leaves something behind wherever it can: queues that were paused and stormed, learned neighbours,
  /// marks, a wire that is busy, counters of all kinds.
  private static func live(_ tested: inout VirtualSwitch, on name: String) {
    for number in 0..<60 {
      tested.send(udp(from: 1, to: "10.0.3.2", number, dscp: 26), on: "p1", at: tested.now)
      tested.send(udp(from: 3, to: "10.0.2.2", number, dscp: number % 2 == 0 ? 26 : 0), on: name, at: tested.now)
    }
    tested.send(pause(0xFFFF), on: name, at: tested.now + 1_000_000)
    _ = tested.run(until: tested.now + 4_000_000)
    tested.device.learnNeighbor(
      IPAddress("10.0.3.77")!, on: tested.port(name), mac: MACAddress(bits: 0x0200_0000_7777), at: Tick(tested.now))
    _ = tested.run(until: tested.now + 400_000_000_000)
  }

  /// What can be seen of a switch that gets certain traffic from now on.
  private struct Trace: Equatable {
    var departures: [String] = []
    var queues: [Switch.QueueStatistics] = []
    var latencies: [LatencySnapshot] = []
    var pauses: [Switch.QueuePauseStatistics] = []
    var traffic: [Switch.Traffic] = []
    var drops: [String] = []
    var use: [GroupUse] = []
    var neighbors: [String] = []
  }

  private static func trace(_ tested: inout VirtualSwitch) -> Trace {
    let begin = tested.now
    for number in 0..<50 {
      tested.send(udp(from: 1, to: "10.0.3.2", number, dscp: 26), on: "p1", at: begin + UInt64(number) * 10_000)
      tested.send(udp(from: 1, to: "10.0.3.77", number, dscp: 0), on: "p1", at: begin + UInt64(number) * 10_000)
      tested.send(udp(from: 3, to: "10.0.1.2", number, dscp: 26), on: "p3", at: begin + UInt64(number) * 20_000)
    }
    tested.send(pause(20), on: "p3", at: begin + 2_000_000)
    var trace = Trace()
    for departure in tested.run() {
      trace.departures.append("\(departure.port) \(departure.start - begin) \(departure.bytes)")
    }
    let place = PortID(2)
    for number in 0..<8 {
      let queue = QueueID(number)
      trace.queues.append(tested.device.statistics(of: queue, on: place))
      trace.latencies.append(tested.device.latency(of: queue, on: place))
      trace.pauses.append(tested.device.pauseStatistics(of: queue, on: place, at: Tick(tested.now)))
      trace.use.append(tested.device.use(of: PriorityGroup(number), on: place))
    }
    trace.traffic = [tested.device.received(on: place), tested.device.sent(on: place)]
    trace.drops = tested.device.drops(on: place).map { "\($0.reason) \($0.packets)" }
    trace.neighbors = tested.device.neighbors(at: Tick(tested.now)).filter { $0.interface == .port(place) }.map {
      "\($0.address) \(String(describing: $0.mac)) \($0.isStatic)"
    }
    return trace
  }

  @Test("It does with the same traffic what a place does that never had a port, tick for tick", arguments: [1, 3])
  func sameAsNew(rounds: Int) throws {
    let with = PortChangeTests.router([3])
    var without = PortChangeTests.router()
    without.ports[2].name = "p3"
    // An XOFF lasts for 1.3 ms at most.
    var watchdog = WatchdogConfiguration()
    watchdog.detection = .microseconds(500)
    without.watchdog = watchdog
    var watched = with
    watched.watchdog = watchdog
    var used = try VirtualSwitch(without)
    for _ in 0..<rounds {
      try PortChangeTests.change(&used, from: without, to: watched)
      Self.live(&used, on: "p3")
      let storms = used.device.pauseStatistics(of: QueueID(3), on: PortID(2), at: Tick(used.now)).storms
      #expect(storms > 0, "the history has a storm in it")
      try PortChangeTests.change(&used, from: watched, to: without)
    }
    let begin = (used.now / 1_000_000_000_000 + 1) * 1_000_000_000_000
    var fresh = try VirtualSwitch(without)
    _ = used.run(until: begin)
    _ = fresh.run(until: begin)
    try PortChangeTests.change(&used, from: without, to: watched)
    try PortChangeTests.change(&fresh, from: without, to: watched)
    let (first, second) = (Self.trace(&used), Self.trace(&fresh))
    #expect(first == second)
    #expect(!first.departures.isEmpty && first.neighbors.count == 3)
  }

  @Test("Stations that were learned on a port are not known on the next one at its place")
  func stations() throws {
    let with = TestConfiguration.bridge(ports: 3).placed(at: [0, 1, 2], of: 4)
    var without = TestConfiguration.bridge(ports: 2).placed(at: [0, 1], of: 4)
    without.ports[2].name = "p3"
    var tested = try VirtualSwitch(without)
    func frame(_ source: UInt64, to destination: UInt64) -> [UInt8] {
      var frame = Frame(from: "10.0.10.8", to: "10.0.10.9", destinationMAC: destination)
      frame.sourceMAC = source
      return frame.udp(1, 2, size: 80)
    }
    for _ in 0..<3 {
      try PortChangeTests.change(&tested, from: without, to: with)
      tested.send(frame(0x0200_0000_AA01, to: 0x0200_0000_BB01), on: "p1", at: tested.now)
      #expect(
        Set(tested.run().map(\.port)) == ["p2", "p3"], "nothing is known: it is flooded, to the new port as well")
      tested.send(frame(0x0200_0000_BB01, to: 0x0200_0000_AA01), on: "p3", at: tested.now)
      #expect(tested.run().map(\.port) == ["p1"])
      tested.send(frame(0x0200_0000_AA01, to: 0x0200_0000_BB01), on: "p1", at: tested.now)
      #expect(tested.run().map(\.port) == ["p3"])
      try PortChangeTests.change(&tested, from: with, to: without)
      tested.send(frame(0x0200_0000_AA01, to: 0x0200_0000_BB01), on: "p1", at: tested.now)
      #expect(tested.run().map(\.port) == ["p2"], "the VLAN has no other port any more")
    }
  }

  @Test(
    "Ports come and go at random amid traffic: accounts agree with queues after every change, in one slice and in two",
    arguments: [[], [0, 1, 0, 1], [0, 1, 1, 0]])
  func random(owners: [Int]) throws {
    var generator = SplitMix64(seed: 11)
    let full = PortChangeTests.router([3, 4])
    var states = [PortChangeTests.router(), PortChangeTests.router([3]), full]
    for index in states.indices {
      for place in 2..<4 where states[index].ports[place].isVacant {
        states[index].ports[place].name = full.ports[place].name
      }
      states[index].owners = owners
      states[index].leastSlices = owners.isEmpty ? 1 : 2
    }
    var present = states[0]
    var tested = try VirtualSwitch(present, owners: owners)
    var changes = 0
    for round in 0..<400 {
      let next = states[Int(generator.next() % 3)]
      if present != next {
        let shortage = try PortChangeTests.change(&tested, from: present, to: next)
        #expect(shortage == nil)
        present = next
        changes += 1
      }
      for number in 0..<Int(generator.next() % 30) {
        let from = Int(generator.next() % 4) + 1
        let to = Int(generator.next() % 4) + 1
        tested.send(
          Self.udp(from: from, to: "10.0.\(to).2", number, dscp: generator.next() % 2 == 0 ? 26 : 0), on: "p\(from)",
          at: tested.now)
      }
      if round % 7 == 0 { tested.send(Self.pause(UInt16(generator.next() % 300)), on: "p2", at: tested.now) }
      _ = tested.run(until: tested.now + generator.next() % 3_000_000)
      let differences = tested.slices.each(&tested.device) { $0.audit() }.compactMap { $0 }
      #expect(differences.isEmpty)
    }
    _ = tested.run()
    #expect(changes > 100)
    let totals = tested.slices.totals(&tested.device)
    let used = tested.slices.each(&tested.device) { $0.bufferStatistics.shared.usedBytes }
    #expect(totals.waitingPackets == 0 && used.allSatisfy { $0 == 0 })
    #expect(totals.rxPackets > 4000 && totals.txPackets > 2000)
  }
}
