import Testing

@testable import Collector

@Suite("Paths")
struct PathTests {
  private typealias Hop = TelemetryBytes.Hop

  /// A sink's report: the stack in the packet, newest hop first, and the sink's own data.
  private func report(
    _ hops: [Hop], sink: Hop, flags: TelemetryBytes.Flags = .tracked, stackFlags: UInt32 = 0, number: Int = 0
  ) -> [UInt8] {
    let packet = TelemetryBytes.packet(number: number, hops: hops.reversed(), flags: stackFlags)
    return TelemetryBytes.datagram(
      node: sink.node, sequence: UInt32(number),
      [TelemetryBytes.report(sink.metadata, flags: flags, packet: packet)])
  }

  /// A postcard of one node about a packet.
  private func postcard(_ hop: Hop, number: Int, timeToLive: UInt8) -> [UInt8] {
    let packet = TelemetryBytes.packet(number: number, timeToLive: timeToLive)
    return TelemetryBytes.datagram(
      node: hop.node, sequence: UInt32(number), [TelemetryBytes.report(hop.metadata, packet: packet)])
  }

  @Test("of INT-MD: the stack in the order of passing, then the sink, with what each hop met")
  func stack() throws {
    var collector = Collector(testOptions())
    let one = Hop(node: 1, interfaces: (7, 8), latency: 100, queue: 3, depth: 500)
    let two = Hop(node: 2, interfaces: (1, 4), latency: 200, depth: 900)
    collector.take(report([one, two], sink: Hop(node: 3, latency: 300)))
    collector.take(report([one, two], sink: Hop(node: 3, latency: 500), number: 1))
    let snapshot = collector.snapshot()
    let flow = try #require(snapshot.flows.first)
    #expect(snapshot.flows.count == 1 && flow.pathText == "1 (7>8) > 2 (1>4) > 3 (1>2)" && !flow.isPathPartial)
    #expect(flow.text == "10.0.0.1:49153 > 10.0.1.1:4791 roce qp 1")
    #expect(flow.packets == 2 && flow.bytes == 2 * 114 && flow.reports == 2)
    #expect(flow.path.map(\.meanLatencyNs) == [100, 200, 400] && flow.path.map(\.maxLatencyNs) == [100, 200, 500])
    #expect(flow.path.map(\.maxDepthBytes) == [500, 900, 0] && flow.path.map(\.queue) == [3, 0, 0])
    #expect(snapshot.counters.stackReports == 2 && snapshot.counters.hops == 6 && snapshot.pathChanges.isEmpty)
    #expect(snapshot.queues.map(\.maxDepthBytes) == [900, 500, 0] && snapshot.nodes.map(\.packets) == [2, 2, 2])
  }

  @Test("change when a hop or an interface does, and only then")
  func change() throws {
    let base = [Hop(node: 1), Hop(node: 2)]
    let cases: [(hops: [Hop], changes: Bool)] = [
      (base, false), ([Hop(node: 1), Hop(node: 4)], true), ([Hop(node: 2), Hop(node: 1)], true),
      ([Hop(node: 1)], true), ([Hop(node: 1), Hop(node: 2), Hop(node: 4)], true),
      ([Hop(node: 1, interfaces: (1, 3)), Hop(node: 2)], true),
      // 0xFFFF is "not known" (INT 2.1 section 4.7).
      ([Hop(node: 1, interfaces: (1, 0xFFFF)), Hop(node: 2)], false),
      ([Hop(node: 1, latency: 5, queue: 4, depth: 77), Hop(node: 2)], false),
    ]
    for (index, entry) in cases.enumerated() {
      var collector = Collector(testOptions())
      collector.take(report(base, sink: Hop(node: 3)))
      collector.take(report(entry.hops, sink: Hop(node: 3), number: 1), at: 5000)
      let snapshot = collector.snapshot()
      #expect(snapshot.pathChanges.count == (entry.changes ? 1 : 0), "case \(index): \(snapshot.pathChanges)")
      #expect(snapshot.flows.first?.pathChanges == (entry.changes ? 1 : 0), "case \(index)")
      guard entry.changes else { continue }
      let change = try #require(snapshot.pathChanges.first)
      #expect(change.from == "1 (1>2) > 2 (1>2) > 3 (1>2)" && change.timeNs == 5000 && change.to != change.from)
    }
  }

  @Test("with E or M are known in part, and change nothing", arguments: [UInt32(0x0400_0000), 0x0200_0000])
  func truncated(flag: UInt32) {
    var collector = Collector(testOptions())
    collector.take(report([Hop(node: 1), Hop(node: 2)], sink: Hop(node: 3)))
    collector.take(report([Hop(node: 1)], sink: Hop(node: 3), stackFlags: flag, number: 1))
    let changes = collector.snapshot().pathChanges
    #expect(changes.isEmpty)
    // And the other way round: the whole path extends the part.
    var other = Collector(testOptions())
    other.take(report([Hop(node: 1)], sink: Hop(node: 3), stackFlags: flag, number: 1))
    let part = other.snapshot().flows.first
    #expect(part?.isPathPartial == true)
    other.take(report([Hop(node: 1), Hop(node: 2)], sink: Hop(node: 3), number: 2))
    let flow = other.snapshot().flows.first
    #expect(flow?.path.map(\.node) == [1, 2, 3] && flow?.isPathPartial == false && flow?.pathChanges == 0)
    #expect(flow?.path.map(\.packets) == [2, 1, 2])
  }

  @Test("of a sink that has pushed its own data on the stack name it once")
  func sinkOnStack() {
    var collector = Collector(testOptions())
    collector.take(report([Hop(node: 1), Hop(node: 3, latency: 70)], sink: Hop(node: 3, latency: 90)))
    let path = collector.snapshot().flows.first?.path
    #expect(path?.map(\.node) == [1, 3] && path?.last?.meanLatencyNs == 70)
  }

  @Test(
    "of postcards are put together by the packet, in the order of falling hop limits, whatever the order of reports")
  func postcards() {
    let hops = [(Hop(node: 5), UInt8(64)), (Hop(node: 1), 63), (Hop(node: 9), 62)]
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2], [2, 0, 1], [0, 2, 1]] {
      var collector = Collector(testOptions())
      for index in order { collector.take(postcard(hops[index].0, number: 4, timeToLive: hops[index].1)) }
      let waiting = collector.snapshot().flows.first
      #expect(waiting?.path.isEmpty == true)
      collector.advance(to: 1000 + 10_000_000)
      let flow = collector.snapshot().flows.first
      #expect(flow?.path.map(\.node) == [5, 1, 9] && flow?.packets == 1 && flow?.reports == 3, "\(order)")
      #expect(flow?.isPathPartial == true && flow?.pathChanges == 0)
    }
  }

  @Test("of postcards change when a node is at the place of another; missing postcards change nothing")
  func postcardChange() {
    var collector = Collector(testOptions())
    func packet(_ nodes: [(UInt32, UInt8)], _ number: Int, _ collector: inout Collector) {
      for (node, limit) in nodes { collector.take(postcard(Hop(node: node), number: number, timeToLive: limit)) }
      collector.conclude()
    }
    packet([(5, 64)], 1, &collector)
    packet([(9, 62)], 2, &collector)
    packet([(1, 63)], 3, &collector)
    let pieced = collector.snapshot().flows.first
    #expect(pieced?.path.map(\.node) == [5, 1, 9])
    packet([(5, 64), (1, 63), (9, 62)], 4, &collector)
    packet([(5, 64), (9, 62)], 5, &collector)
    let none = collector.snapshot().pathChanges
    #expect(none.isEmpty)
    packet([(5, 64), (2, 63), (9, 62)], 6, &collector)
    let changes = collector.snapshot().pathChanges
    #expect(changes.count == 1 && changes.first?.to == "5 (1>2) > 2 (1>2) > 9 (1>2)")
  }

  @Test("with the I bit wait for the rest")
  func intermediate() {
    var collector = Collector(testOptions())
    // Node 2 reported the stack and took it off (section 5.2.2); the packet went on with node 3's data alone.
    collector.take(report([Hop(node: 1)], sink: Hop(node: 2), flags: [.tracked, .intermediate]))
    collector.conclude()
    let flow = collector.snapshot().flows.first
    #expect(flow?.path.map(\.node) == [1, 2] && flow?.isPathPartial == true)
  }

  @Test("of packets with INT-MD in captures are theirs")
  func frames() {
    var collector = Collector(testOptions())
    let packet = TelemetryBytes.packet(hops: [Hop(node: 2), Hop(node: 1)])
    collector.take(frame: TelemetryBytes.frame(packet))
    collector.take(frame: TelemetryBytes.frame(TelemetryBytes.packet()))
    let snapshot = collector.snapshot()
    #expect(snapshot.flows.first?.path.map(\.node) == [1, 2] && snapshot.flows.count == 1)
    #expect(snapshot.counters.telemetryPackets == 1 && snapshot.counters.otherFrames == 1)
    // The frame without telemetry: what the flow sends.
    #expect(snapshot.flows.first?.bytes == 114)
  }

  @Test("drops are no paths, and are told with their reason and queue")
  func drops() throws {
    var collector = Collector(testOptions())
    collector.take(report([Hop(node: 1)], sink: Hop(node: 3)))
    let drop = TelemetryBytes.report(
      [(1, [7 << 16 | 8]), (15, [3 << 24 | 26 << 16])], flags: .dropped, packet: TelemetryBytes.packet())
    collector.take(TelemetryBytes.datagram(node: 2, [drop, drop]), at: 4000)
    let snapshot = collector.snapshot()
    #expect(snapshot.flows.first?.drops == 2 && snapshot.flows.first?.path.map(\.node) == [1, 3])
    #expect(snapshot.dropCounts == [DropCount(node: 2, reason: 26, packets: 2)])
    let entry = try #require(snapshot.drops.last)
    #expect(entry.queue == 3 && entry.ingress == 7 && entry.egress == 8 && entry.timeNs == 4000 && entry.bytes == 114)
    #expect(snapshot.counters.dropReports == 2)
  }

  @Test("histories hold every interval, and late packets are added to theirs")
  func histories() {
    var collector = Collector(testOptions { $0.binNanoseconds = 1000 })
    let samples: [(UInt64, UInt32)] = [(10_100, 5), (10_900, 9), (11_000, 4), (10_950, 20), (14_999, 1)]
    for (index, sample) in samples.enumerated() {
      let hop = Hop(node: 1, latency: 10 + UInt32(index), depth: sample.1, times: (sample.0 - 10, sample.0))
      collector.take(report([hop], sink: Hop(node: 3), number: index), at: sample.0)
    }
    let bins = collector.snapshot(.histories).bins.filter { $0.node == 1 }
    #expect(bins.map(\.startNs) == [10_000, 11_000, 14_000] && bins.map(\.packets) == [3, 1, 1])
    #expect(bins.map(\.maxDepthBytes) == [20, 4, 1] && bins.first?.meanDepthBytes == 34.0 / 3)
    #expect(bins.map(\.maxLatencyNs) == [13, 12, 14])
  }
}
