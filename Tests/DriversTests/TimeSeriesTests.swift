import Dataplane
import TestSupport
import Testing

@testable import Drivers

/// The series against sums over packets.csv.
@Suite("Traffic over time")
struct TimeSeriesTests {
  /// What the bins of a port should hold, from the log alone; `serialize` turns the bytes of a received frame into the
  /// time from its first to its last bit.
  private static func expected(
    _ log: [LoggedPacket], port: String, interval: UInt64, serialize: (UInt64) -> UInt64
  ) -> (rx: [UInt64], tx: [UInt64]) {
    var (rx, tx): ([UInt64], [UInt64]) = ([], [])
    func add(_ bytes: UInt64, at tick: UInt64, to bins: inout [UInt64]) {
      let bin = Int(tick / interval)
      while bins.count <= bin { bins.append(0) }
      bins[bin] += bytes
    }
    for row in log {
      if row.ingress == port, let start = row.start { add(row.bytes, at: start + serialize(row.bytes), to: &rx) }
      if row.egress == port, let departure = row.departure { add(row.bytes, at: departure, to: &tx) }
    }
    return (rx, tx)
  }

  private static func trimmed(_ bins: [UInt64]) -> [UInt64] {
    var bins = bins
    while bins.last == 0 { bins.removeLast() }
    return bins
  }

  @Test(
    "whatever the length of the replay, each bin holds what happened in it, and at most 1024 bins there are",
    arguments: [10, 999, 12_345, 1_000_003, 40_000_000_000] as [UInt64])
  func bins(gap: UInt64) throws {
    let fixture = try ReplayFixture(gigabits: [100, 40])
    var state: UInt64 = 1
    var offset: UInt64 = 0
    let offsets = (0..<2000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      offset += state >> 33 % (2 * gap)
      return offset
    }
    let outcome = try fixture.run([try fixture.input(1, datagrams(at: offsets, length: 200))])
    let series = outcome.result.series
    let log = try outcome.log()
    var interval: UInt64 = 100_000
    while outcome.result.duration.count / interval >= 1024 { interval *= 2 }
    #expect(series.interval.count == interval || series.interval.count == 2 * interval)
    #expect(series.count <= TimeSeries.capacity)
    for port in 0..<2 {
      let wanted = Self.expected(log, port: "p\(port + 1)", interval: series.interval.count) {
        ($0 + 12) * (port == 0 ? 80 : 200)
      }
      #expect(Self.trimmed(series.ports[port].rxBytes) == wanted.rx, "port \(port)")
      #expect(Self.trimmed(series.ports[port].txBytes) == wanted.tx, "port \(port)")
      #expect(Self.trimmed(series.ports[port].queueTxBytes[0]) == wanted.tx, "port \(port)")
      #expect(series.ports[port].rxBytes.reduce(0, +) == outcome.received[port].bytes)
      #expect(series.ports[port].queueMaxBytes[0].max() == outcome.peaks[port][0])
    }
  }

  @Test("a day of silence between two packets costs no more bins than anything else")
  func silence() throws {
    let fixture = try ReplayFixture()
    let day: UInt64 = 86_400_000_000_000
    let outcome = try fixture.run([try fixture.input(1, datagrams(at: [0, 90 * day]))])
    let series = outcome.result.series
    #expect(series.count <= TimeSeries.capacity && series.count > TimeSeries.capacity / 2 - 1)
    #expect(series.ports[0].rxBytes.first == 64 && series.ports[0].rxBytes.reduce(0, +) == 128)
    let bin = Int(90 * day * 1000 / series.interval.count)
    #expect(series.ports[0].rxBytes[bin] == 64)
    for values in [series.ports[1].txBytes, series.ports[1].queueMaxBytes[0]] { #expect(values.count == series.count) }
  }
}
