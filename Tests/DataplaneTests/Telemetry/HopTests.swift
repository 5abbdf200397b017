import Dataplane
import TestSupport
import Testing
import Wire

@Suite("INT: what hops record")
struct HopTests {
  /// Everything there is.
  private static let everything: INTInstructions = [
    .nodeID, .interfaces, .hopLatency, .queue, .ingressTimestamp, .egressTimestamp, .logicalInterfaces,
    .egressUtilisation, .buffer, .checksumComplement,
  ]

  /// Bursts that queue at the 25G link of the second switch.
  private static func burst() -> [(bytes: [UInt8], tick: UInt64)] {
    var random = SplitMix64(seed: 5)
    return (0..<200).map { number in
      var frame = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01)
      frame.dscp = number % 3 == 0 ? 26 : 0
      frame.identification = UInt16(number)
      let tick = UInt64(number / 50) * 400_000_000
      return (frame.udp(UInt16(number), 2000, size: 64 + Int(random.below(1300))), tick)
    }
  }

  @Test("latency, queue, times, buffer: exactly what happened, at every hop")
  func values() throws {
    var path = TelemetryPath(3) {
      $0.int.instructions = HopTests.everything
      $0.int.domainID = 0x77
      $0.int.domainWords = [.pauseTime, .sentBytes, .portQueues, .lineRate]
    }
    for index in 0..<3 {
      path.switches[index].qos = TestConfiguration.roceClasses()
      for port in 0..<2 { path.switches[index].ports[port].queues = path.switches[index].qos.queues }
    }
    path.switches[1].ports[1].speed = .gigabits(25)
    path.switches[2].ports[0].speed = .gigabits(25)
    let seen = try path.run(HopTests.burst())
    #expect(seen[0].count == 200 && seen[1].count == 200 && seen[2].count == 200)
    var sawQueue = false
    for hop in 0..<2 {
      for departure in seen[hop] {
        let int = try #require(ReferenceINT(departure.bytes))
        #expect(int.hops.count == hop + 1 && int.remainingHops == 8 - (hop + 1) && int.domain == 0x77)
        let words = int.hops[0]
        // Nothing of a packet counts for its queue once it has started to leave.
        let left = seen[hop].filter {
          $0.queue == departure.queue && $0.arrival <= departure.start && $0.start > departure.start
        }.reduce(0) { $0 + $1.wireLength }
        let before = seen[hop].filter { $0.start < departure.start }.reduce(0) { $0 + $1.wireLength }
        let waiting = seen[hop].filter { $0.arrival <= departure.start && $0.start > departure.start }
          .reduce(0) { $0 + $1.wireLength }
        sawQueue = sawQueue || left > 1000
        var wanted: [UInt32] = [UInt32(hop + 1), 0x0001_0002, UInt32(departure.latency / 1000)]
        wanted.append(UInt32(departure.queue) << 24 | UInt32(left))
        wanted += [0, UInt32(departure.arrival / 1000), 0, UInt32(departure.start / 1000)]
        wanted += [0x1_000A, 0x1_000A]
        #expect(Array(words[..<10]) == wanted)
        #expect(words[11] >> 24 == 0)
        #expect(Array(words[12...]) == [0, UInt32(before), UInt32(waiting), hop == 0 ? 100_000 : 25_000, .max])
      }
    }
    #expect(sawQueue)
    // What the second hop found on the stack is still there below its own.
    for departure in seen[1] {
      // Queues change the order; source ports, in front of INT, tell packets apart.
      let int = try ReferenceINT.read(departure.bytes)
      let first = seen[0].first { $0.bytes[34..<36] == departure.bytes[34..<36] }
      #expect(try ReferenceINT.read(first?.bytes).hops[0] == int.hops[1])
    }
  }

  @Test("the utilisation of a port is that of the last whole window")
  func utilisation() throws {
    let path = TelemetryPath(2) {
      $0.int.instructions = [.egressUtilisation]
      $0.utilisationWindow = .microseconds(1)
    }
    // 1018 bytes of a frame with INT make 1042 on the wire: 83.36 ns at 100G.
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01).udp(1, 2, size: 998)
    let ticks: [UInt64] = [0, 200_000, 400_000, 1_500_000, 1_900_000, 2_100_000, 9_000_000]
    let seen = try path.run(ticks.map { (frame, $0) })[0]
    let wire = seen.map { UInt64($0.wireSlot) * 80 }
    func busy(_ window: UInt64) -> UInt64 {
      zip(seen, wire).reduce(0) { sum, pair in
        let (from, to) = (max(pair.0.start, window * 1_000_000), min(pair.0.start + pair.1, (window + 1) * 1_000_000))
        return sum + (to > from ? to - from : 0)
      }
    }
    for departure in seen {
      let window = departure.start / 1_000_000
      #expect(ReferenceINT(departure.bytes)?.hops[0] == [UInt32(window == 0 ? 0 : busy(window - 1))])
    }
    #expect(busy(0) == 3 * wire[0])
  }

  @Test("a domain that is not known has its words as all ones, and so have instructions that nobody knows")
  func unknownDomain() throws {
    var path = TelemetryPath(2) {
      $0.int.instructions = [.nodeID, .hopLatency]
      $0.int.domainID = 9
      $0.int.domainWords = [.lineRate, .pauseTime]
    }
    path.switches[1].telemetry?.hostPorts = []
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01).udp(1, 2, [1])
    var seen = try path.pass(frame)
    #expect(try ReferenceINT.read(seen[1]).hops[0][2...] == [0, 100_000])
    path.switches[1].telemetry?.int.domainID = 8
    seen = try path.pass(frame)
    #expect(try ReferenceINT.read(seen[1]).hops[0][2...] == [.max, .max])
    // Bits 9 to 14, and a hop that is longer than its instructions.
    path.switches[1].telemetry?.int.domainID = 9
    var bytes = try #require(seen[0])
    bytes.replaceSubrange(50..<52, with: [0x80, 0x7E])
    bytes.replaceSubrange(48..<49, with: [9])
    path.switches.removeFirst()
    seen = try path.pass(bytes)
    let int = try ReferenceINT.read(seen[0])
    #expect(int.hops[0].count == 9 && int.hops[0][0] == 2)
    #expect(int.hops[0][1..<7].allSatisfy { $0 == .max } && int.hops[0][7...] == [0, 100_000])
  }

  @Test("hops that are used up set E, packets that would be too long set M, and neither grows")
  func limits() throws {
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01)
    var path = TelemetryPath(3) { $0.int.maximumHops = 1 }
    path.switches[2].telemetry?.hostPorts = []
    var seen = try path.pass(frame.udp(1, 2, [1, 2]))
    var int = try ReferenceINT.read(seen[2])
    #expect(int.hops.count == 1 && int.hopsExceeded && !int.mtuExceeded && int.remainingHops == 0)
    #expect(ReferenceINT.fault(in: seen[2]) == nil)
    // Each hop adds 16 octets, the source 16 more: at 1500 the second hop has room for a packet of 1452 octets.
    path = TelemetryPath(3)
    path.switches[2].telemetry?.hostPorts = []
    path.switches[1].ports[1].mtu = 1500
    for (size, fits) in [(1451, true), (1452, true), (1453, false), (1468, false)] {
      seen = try path.pass(frame.udp(1, 2, size: 14 + size))
      int = try ReferenceINT.read(seen[2])
      #expect(int.mtuExceeded == !fits && int.hops.count == (fits ? 3 : 2) && !int.hopsExceeded, "\(size)")
      #expect(ReferenceINT.fault(in: seen[2]) == nil)
    }
    // A source begins with M if only its own hop does not fit, and not at all if its headers do not.
    path = TelemetryPath(2)
    path.switches[1].telemetry?.hostPorts = []
    path.switches[0].ports[1].mtu = 1500
    for (size, hops) in [(1468, 2), (1469, 1), (1484, 1), (1485, nil)] as [(Int, Int?)] {
      seen = try path.pass(frame.udp(1, 2, size: 14 + size))
      let int = seen[1].flatMap { ReferenceINT($0) }
      #expect(int?.hops.count == hops && int?.mtuExceeded == hops.map { $0 == 1 }, "\(size)")
      #expect(ReferenceINT.fault(in: seen[1]) == nil)
    }
  }
}
