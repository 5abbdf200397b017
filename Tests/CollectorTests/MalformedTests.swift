import TestSupport
import Testing

@testable import Collector

@Suite("Reports that lie")
struct MalformedTests {
  private static let good: [UInt8] = {
    let hop = TelemetryBytes.Hop(node: 1, depth: 5000, times: (100, 200))
    let report = TelemetryBytes.report(
      hop.metadata + [(7, [9]), (8, [1 << 24 | 2]), (15, [0x0102_0000])],
      packet: TelemetryBytes.packet(hops: [hop, hop, hop]))
    return TelemetryBytes.datagram(node: 3, [report, report])
  }()

  /// Gives a datagram to a collector from memory that ends where it ends.
  private func take(_ bytes: [UInt8], _ memory: GuardedBytes, _ collector: inout Collector) {
    collector.take(datagram: memory.place(bytes), arrival: 1000)
    collector.take(frame: memory.place(bytes), arrival: 1000)
  }

  @Test("cut at every octet, they are read up to the cut")
  func cuts() {
    let memory = GuardedBytes(capacity: 2048)
    let frame = TelemetryBytes.frame(TelemetryBytes.packet(hops: [TelemetryBytes.Hop(node: 1)]))
    defer { withExtendedLifetime(memory) {} }
    for count in 0...Self.good.count {
      var collector = Collector(testOptions())
      collector.take(datagram: memory.place(Array(Self.good.prefix(count))), arrival: 1000)
      let counters = collector.counters
      #expect(counters.malformedGroups == (count < 8 ? 1 : 0), "\(count)")
      let whole = (Self.good.count - 8) / 2
      #expect(counters.reports == UInt64(max(0, count - 8) / whole), "\(count)")
      #expect(counters.malformedReports == (count > 8 && (count - 8) % whole != 0 ? 1 : 0), "\(count)")
    }
    for count in 0...frame.count {
      var collector = Collector(testOptions())
      collector.take(frame: memory.place(Array(frame.prefix(count))), arrival: 1000)
    }
  }

  @Test("every octet at every extreme, they are counted and never crash")
  func extremes() {
    let memory = GuardedBytes(capacity: 2048)
    defer { withExtendedLifetime(memory) {} }
    var collector = Collector(testOptions())
    for position in Self.good.indices {
      for value: UInt8 in [0, 1, 0x0F, 0x10, 0x20, 0x7F, 0x80, 0xF0, 0xFF] {
        var bytes = Self.good
        bytes[position] = value
        take(bytes, memory, &collector)
      }
    }
    collector.conclude()
    let snapshot = collector.snapshot()
    #expect(snapshot.counters.datagrams == UInt64(Self.good.count * 9))
  }

  @Test("at random, they are counted and never crash, and memory stays what it was", arguments: 0..<8)
  func random(seed: Int) {
    let memory = GuardedBytes(capacity: 2048)
    defer { withExtendedLifetime(memory) {} }
    var random = SplitMix64(seed: UInt64(seed))
    var collector = Collector(testOptions())
    for step in 0..<4000 {
      var bytes = Self.good
      for _ in 0..<(1 + random.next() % 8) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.next() % 4 == 0 { bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count)))) }
      // Most are to be reports.
      if bytes.count > 0, random.next() % 8 != 0 { bytes[0] = 0x20 }
      collector.take(
        datagram: memory.place(bytes), arrival: random.next() % 8 == 0 ? random.next() : UInt64(step) * 1000)
    }
    collector.conclude()
    let snapshot = collector.snapshot()
    #expect(snapshot.window.allSatisfy { $0.kept <= $0.capacity })
    #expect(snapshot.counters.reports > 1000)
  }

  @Test("a flood of flows, nodes and queues makes the oldest go, and is counted")
  func flood() {
    var collector = Collector(testOptions())
    let limits = collector.options.limits
    let count = 2 * max(limits.flows, limits.nodes)
    for index in 0..<count {
      var packet = TelemetryBytes.packet(number: index)
      // Another source address for each.
      packet.replaceSubrange(12..<16, with: TelemetryBytes.big(UInt32(index)))
      let hop = TelemetryBytes.Hop(node: UInt32(index), queue: UInt32(index & 7))
      collector.take(
        TelemetryBytes.datagram(node: UInt32(index), [TelemetryBytes.report(hop.metadata, packet: packet)]),
        at: UInt64(index))
    }
    let snapshot = collector.snapshot()
    func window(_ kind: String) -> WindowEntry? { snapshot.window.first { $0.kind == kind } }
    #expect(snapshot.flows.count == limits.flows)
    #expect(window("flows")?.forgotten == UInt64(count - limits.flows))
    #expect(window("nodes")?.forgotten == UInt64(count - limits.nodes))
    #expect(window("queues")?.forgotten == UInt64(count - limits.queues))
    #expect(window("sources").map { UInt64($0.kept) + $0.forgotten } == UInt64(count))
    #expect(snapshot.flows.map(\.lastNs).max() == UInt64(count - 1))
  }

  @Test("time stamps that cannot be do not reach histories; a clock that is set is believed after sixteen")
  func clocks() {
    let second: UInt64 = 1_000_000_000
    let base = 1_700_000_000 * second
    var clock = NodeClock()
    // Stamp, arrival, what is believed.
    var steps: [(UInt64, UInt64, UInt64)] = [
      (500, 1000, 500), (.max - 1 - base, 2000, 1500), (61 * second, 3000, 2500), (3000, 3500, 3000),
    ]
    steps += Array(repeating: (900 * second, 4000, 3500), count: 15)
    // From now on its beginning is another one, and its times are moved.
    steps += [(900 * second, 5000, 5000), (900 * second + 10, 5500, 5010)]
    for (index, step) in steps.enumerated() {
      let time = clock.judge(base + step.0, arrival: base + step.1)
      #expect(time == base + step.2, "step \(index)")
    }
    #expect(clock.implausible == 17 && clock.steps == 1)
  }

  @Test("a length of 255 words runs to the end of the datagram, and unknown kinds are passed over")
  func lengths() {
    var collector = Collector(testOptions())
    let hop = TelemetryBytes.Hop(node: 1)
    let last = TelemetryBytes.report(hop.metadata, packet: TelemetryBytes.packet(length: 1300), length: 255)
    let first = TelemetryBytes.report(hop.metadata, packet: TelemetryBytes.packet(number: 1))
    // Kind 2 (IOAM), kind 15: four octets and one word.
    let others: [[UInt8]] = [[0x20, 1, 0, 0, 1, 2, 3, 4], [0xF0, 1, 0, 0, 1, 2, 3, 4]]
    collector.take(TelemetryBytes.datagram(node: 1, [first] + others + [last]))
    collector.conclude()
    let counters = collector.counters
    #expect(counters.reports == 4 && counters.unknownReports == 2 && counters.malformedReports == 0)
    let flow = collector.snapshot().flows.first
    #expect(flow?.packets == 2 && flow?.bytes == 114 + 1314)
  }
}
