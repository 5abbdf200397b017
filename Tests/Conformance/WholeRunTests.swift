import Dataplane
import TestSupport
import Testing

/// A whole run of mixed traffic through the leaf of the examples, as a table that a human can read in a diff; and the
/// same run again in other ways, which must not matter.
@Suite struct WholeRunTests {
  /// Half a millisecond at the leaf: RDMA from h1 and h2 to h3 in bursts (4 to 1 at the egress), TCP and RDMA from both
  /// to the rest of the fabric, CNPs back, neighbours on the bridge, and some of what a switch drops.
  static let input: [(port: String, tick: UInt64, frame: [UInt8], length: Int)] = {
    var random = SplitMix64(seed: 2024)
    var input: [(port: String, tick: UInt64, frame: [UInt8], length: Int)] = []
    func add(_ port: String, _ tick: Int, _ frame: [UInt8], length: Int = 0) {
      input.append((port, UInt64(tick), frame, max(length, frame.count)))
    }
    for (index, host) in ["h1", "h2"].enumerated() {
      let own = "10.0.\(index + 1).2"
      for burst in 0..<10 {
        let start = burst * 50_000_000 + random.below(20_000_000)
        for sequence in 0..<60 {
          var rdma = Frame(from: own, to: "10.0.3.2")
          (rdma.dscp, rdma.ecn) = (26, 2)
          let frame = rdma.roce(queuePair: 17, sequence: UInt32(burst * 60 + sequence))
          add(host, start, frame, length: 1082)
        }
      }
      for _ in 0..<1500 {
        var flow = Frame(source: Frame.octets(own), destination: Frame.host(0x09_0000 | UInt32(random.below(65_536))))
        let tick = random.below(500_000_000)
        switch random.below(3) {
        case 0:
          (flow.dscp, flow.ecn) = (26, 2)
          add(host, tick, flow.roce(queuePair: UInt32(random.below(64))), length: 60 + random.below(4000))
        case 1: add(host, tick, flow.tcp(UInt16(1024 + random.below(60_000)), 443), length: 1514)
        default: add(host, tick, flow.udp(5000, UInt16(random.below(1000))))
        }
      }
      for _ in 0..<5 {
        var flow = Frame(from: own, to: "10.77.0.1")
        add(host, random.below(500_000_000), flow.udp(1, 2))
        flow = Frame(from: own, to: "10.9.0.1")
        flow.ttl = 1
        add(host, random.below(500_000_000), flow.udp(1, 2))
        add(host, random.below(500_000_000), Frame(from: own, to: "10.9.0.1").ip(17, [0, 0], badChecksum: true))
      }
    }
    for port in ["s1", "s2"] {
      for _ in 0..<300 {
        var back = Frame(source: Frame.host(0x09_0000 | UInt32(random.below(65_536))), destination: [10, 0, 3, 2])
        back.dscp = 48
        add(port, random.below(500_000_000), back.congestionNotification(queuePair: 17))
      }
    }
    for (port, own, other) in [("b1", 1, 2), ("b2", 2, 1)] as [(String, UInt64, UInt64)] {
      for _ in 0..<200 {
        var frame = Frame(
          from: "192.168.10.\(own)", to: "192.168.10.\(other)", sourceMAC: 0x0200_0000_0B00 | own,
          destinationMAC: 0x0200_0000_0B00 | other)
        if port == "b2", random.below(4) == 0 { frame.tags = [Frame.Tag(vlan: 20, priority: 5)] }
        add(port, random.below(500_000_000), frame.tcp(1, 2), length: 60 + random.below(1400))
      }
    }
    return input
  }()

  private func run(
    _ input: [(port: String, tick: UInt64, frame: [UInt8], length: Int)]
  ) throws -> (departures: [Departure], table: String) {
    var leaf = try VirtualSwitch(TestConfiguration.leaf())
    for entry in input { leaf.send(entry.frame, on: entry.port, at: entry.tick, wireLength: entry.length) }
    let departures = leaf.run()
    return (departures, table(of: leaf))
  }

  @Test func theRunIsAsRecorded() throws {
    try expectSnapshot("leaf-mixed.txt", run(Self.input).table)
  }

  /// The same frames give the same departures, byte for byte and tick for tick.
  @Test func runsAreRepeatable() throws {
    let first = try run(Self.input)
    let second = try run(Self.input)
    #expect(first.departures.count > 4000)
    #expect(first.departures == second.departures)
    #expect(first.table == second.table)
  }

  /// It does not matter in which order the ports' frames are listed, as long as each port's own order is kept.
  @Test func theOrderOfPortsDoesNotMatter() throws {
    let first = try run(Self.input)
    let names = ["s2", "b1", "h2", "s1", "h1", "b2"]
    let second = try run(names.flatMap { name in Self.input.filter { $0.port == name } })
    #expect(first.departures == second.departures)
    // And in order of time.
    let third = try run(
      Self.input.enumerated().sorted { ($0.element.tick, $0.offset) < ($1.element.tick, $1.offset) }.map(\.element))
    #expect(first.departures == third.departures)
  }

  /// Stopping the clock anywhere in between changes nothing.
  @Test func pausesDoNotMatter() throws {
    var leaf = try VirtualSwitch(TestConfiguration.leaf())
    for entry in Self.input { leaf.send(entry.frame, on: entry.port, at: entry.tick, wireLength: entry.length) }
    var departures: [Departure] = []
    for step in 1...100 { departures += leaf.run(until: UInt64(step) * 4_999_999) }
    departures += leaf.run()
    #expect(departures == (try run(Self.input).departures))
  }

  /// All that the switch counted, in columns.
  private func table(of leaf: borrowing VirtualSwitch) -> String {
    let ports = leaf.device.configuration.ports
    var lines = ["port      rx packets    rx bytes  tx packets    tx bytes  drops"]
    for (index, port) in ports.enumerated() {
      let rx = leaf.device.received(on: PortID(index))
      let tx = leaf.device.sent(on: PortID(index))
      let drops = leaf.device.drops(on: PortID(index)).map { "\($0.reason.name) \($0.packets)" }
      lines.append(
        left(port.name, 8) + right(rx.packets, 12) + right(rx.bytes, 12) + right(tx.packets, 12) + right(tx.bytes, 12)
          + "  " + drops.joined(separator: ", "))
    }
    lines += ["", "queue     tx packets    tx bytes  max bytes    min ns    p50 ns    p99 ns    max ns"]
    for (index, port) in ports.enumerated() {
      for queue in 0..<QueueID.count {
        let counted = leaf.device.statistics(of: QueueID(queue), on: PortID(index))
        if counted.tx.packets == 0 { continue }
        let latency = leaf.device.latency(of: QueueID(queue), on: PortID(index))
        let times = [latency.minimumTicks, latency.percentile(0.5), latency.percentile(0.99), latency.maximumTicks]
        lines.append(
          left("\(port.name) q\(queue)", 8) + right(counted.tx.packets, 12) + right(counted.tx.bytes, 12)
            + right(counted.peakBytes, 11) + times.map { right($0 / 1000, 10) }.joined())
      }
    }
    lines += ["", "next hop  weight  achieved  packets       bytes"]
    for (group, statistics) in zip(leaf.device.configuration.nextHopGroups, 0...) {
      for (member, counted) in zip(group.members, leaf.device.memberStatistics(ofGroup: statistics)) {
        lines.append(
          left("\(member.address)", 9) + right(UInt64(member.weight), 7)
            + right(UInt64(counted.achievedShare * 100), 8) + " %" + right(counted.packets, 9)
            + right(counted.bytes, 12))
      }
    }
    let totals = leaf.device.totals
    lines += [
      "",
      "rx \(totals.rxPackets) + originated \(totals.originatedPackets) + replicated \(totals.replicatedPackets) = "
        + "tx \(totals.txPackets) + dropped \(totals.droppedPackets) + consumed \(totals.consumedPackets)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func right(_ value: UInt64, _ width: Int) -> String {
    let text = "\(value)"
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
