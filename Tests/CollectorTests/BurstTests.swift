import Testing

@testable import Collector

@Suite("Bursts")
struct BurstTests {
  /// A packet that left a queue: when, what it left behind, how long it had waited, of which flow and size.
  private struct Departure {
    var time: UInt64
    var depth: UInt32
    var latency: UInt32
    var flow: Int
    var bytes: Int
  }

  private func bursts(_ departures: [Departure], gap: UInt64 = 1_000_000) -> [BurstEntry] {
    var collector = Collector(
      testOptions {
        $0.bursts.threshold = 1000
        $0.bursts.release = 500
        $0.bursts.gap = gap
      })
    for (index, departure) in departures.enumerated() {
      let times = (departure.time - UInt64(departure.latency), departure.time)
      let hop = TelemetryBytes.Hop(
        node: 9, latency: departure.latency, queue: 3, depth: departure.depth, times: times)
      let packet = TelemetryBytes.packet(flow: departure.flow, number: index, length: departure.bytes - 14)
      collector.take(
        TelemetryBytes.datagram(
          node: 9, sequence: UInt32(index), [TelemetryBytes.report(hop.metadata, packet: packet)]),
        at: departure.time + 50)
    }
    collector.conclude()
    return collector.snapshot(.bursts).bursts
  }

  @Test("begin at the threshold, end below the release, and count who was in the queue meanwhile")
  func byHand() throws {
    // Packets of 200 bytes (frames). The queue has 1000 bytes or more from 1000 to 1400, and under 500 at 1600.
    let found = bursts([
      Departure(time: 900, depth: 800, latency: 300, flow: 5, bytes: 200),  // Left before it began.
      Departure(time: 1000, depth: 1000, latency: 400, flow: 1, bytes: 200),
      Departure(time: 1200, depth: 1600, latency: 500, flow: 1, bytes: 200),  // The peak.
      Departure(time: 1400, depth: 1100, latency: 500, flow: 2, bytes: 300),
      Departure(time: 1500, depth: 700, latency: 500, flow: 3, bytes: 200),
      Departure(time: 1600, depth: 499, latency: 500, flow: 2, bytes: 300),  // The end.
      Departure(time: 1700, depth: 300, latency: 400, flow: 1, bytes: 200),  // Came at 1300: was in the queue.
      Departure(time: 1800, depth: 100, latency: 200, flow: 4, bytes: 250),  // Came at 1600, as it ended: in it.
      Departure(time: 1900, depth: 0, latency: 299, flow: 6, bytes: 200),  // Came at 1601.
    ])
    #expect(found.count == 1)
    let burst = try #require(found.first)
    #expect(burst.startNs == 1000 && burst.durationNs == 600 && burst.peakBytes == 1600 && burst.peakNs == 1200)
    #expect(burst.node == 9 && burst.egress == 2 && burst.queue == 3)
    #expect(burst.packets == 7 && burst.bytes == 3 * 200 + 2 * 300 + 200 + 250)
    #expect(burst.contributors.map(\.bytes) == [600, 600, 250, 200])
    // Equal bytes: more packets first.
    #expect(burst.contributors.map(\.packets) == [3, 2, 1, 1])
    #expect(burst.contributors.map { $0.flow.prefix(8) } == ["10.0.0.1", "10.0.0.2", "10.0.0.4", "10.0.0.3"])
    #expect(abs(burst.contributors.reduce(0) { $0 + $1.share } - 1) < 1e-12)
  }

  @Test("end when the queue is silent, and begin again")
  func gap() {
    let deep = { (time: UInt64) in Departure(time: time, depth: 2000, latency: 0, flow: 1, bytes: 100) }
    let found = bursts([deep(1000), deep(1500), deep(12_501), deep(12_600)], gap: 10_000)
    #expect(found.map(\.startNs) == [1000, 12_501] && found.map(\.durationNs) == [500, 99])
    #expect(bursts([deep(1000), deep(1500), deep(11_500)], gap: 10_000).count == 1)
  }

  @Test("another begins while the last packets of one leave")
  func twice() {
    let found = bursts([
      Departure(time: 1000, depth: 1500, latency: 10, flow: 1, bytes: 100),
      Departure(time: 1100, depth: 400, latency: 100, flow: 1, bytes: 100),
      Departure(time: 1200, depth: 1500, latency: 150, flow: 2, bytes: 100),  // In both.
      Departure(time: 1300, depth: 10, latency: 50, flow: 2, bytes: 100),
    ])
    #expect(found.map(\.startNs) == [1000, 1200] && found.map(\.durationNs) == [100, 100])
    #expect(found.map(\.packets) == [3, 2])
  }

  @Test("with more flows than are told apart, the largest is found, and what is uncertain is told")
  func manyFlows() throws {
    var departures: [Departure] = []
    // 100 small flows, and one that has a third of all bytes.
    for index in 0..<300 {
      let isHeavy = index % 3 == 0
      departures.append(
        Departure(
          time: 1000 + UInt64(index), depth: 5000, latency: 0, flow: isHeavy ? 200 : 1 + index % 100, bytes: 100))
    }
    let burst = try #require(bursts(departures).first)
    #expect(burst.packets == 300 && burst.bytes == 30_000 && burst.contributors.count == Burst.capacity)
    let first = try #require(burst.contributors.first)
    #expect(
      first.flow.hasPrefix("10.0.0.200:") && first.bytes - first.uncertainBytes <= 10_000 && first.bytes >= 10_000)
    // Space-saving: the sum is kept.
    #expect(burst.contributors.reduce(0) { $0 + $1.bytes } == 30_000)
  }
}
