import Foundation
import TestSupport
import Testing

/// What report.json says about the buffer and flow control, checked against itself and the standard's arithmetic.
@Suite("Buffer and flow control in report.json")
struct BufferReportTests {
  /// 2000 RDMA frames at 100G for a port of 25G, which its neighbour stops for 1000 quanta at the beginning.
  private static func report() throws -> [String: Any] {
    let fixture = try CommandFixture()
    let buffer = "buffer: {size: 1MB, cell: 256B, headroom: auto, alpha: {lossless: 1/8}}\n"
    try fixture.directory.write(CommandFixture.configuration + buffer, to: "leaf.yaml")
    let frames = (0..<2000).map { number in
      var datagram = TestDatagram(number, length: 1000)
      datagram.dscp = 26
      return StampedFrame(at: 1_700_000_000_000_000_000, datagram.frame)
    }
    try fixture.directory.write(CaptureBytes().file(frames), to: "incast.pcap")
    let pause = StampedFrame(at: 1_700_000_000_000_000_000, Frame.priorityPause([3: 1000]))
    try fixture.directory.write(CaptureBytes().file([pause]), to: "pause.pcap")
    let outcome = try fixture.replay("--in", "h1=incast.pcap", "--in", "h2=pause.pcap", "--speed", "max")
    try #require(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let text = try fixture.directory.text("out/report.json")
    return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("peaks and sums are those of the series, pauses last as long as their quanta, and XOFF and XON alternate")
  func consistent() throws {
    let json = try Self.report()
    func value(_ path: String) -> Any? {
      path.split(separator: ".").reduce(json as Any?) { ($0 as? [String: Any])?[String($1)] }
    }
    func number(_ path: String) -> Int { value(path) as? Int ?? -1 }
    func series(_ path: String) -> [Int] { value(path) as? [Int] ?? [] }

    // A quantum is 512 bits: 20.48 ns at 25G.
    #expect(number("ports.h2.priorities.3.paused_ps") == 20_480_000)
    #expect(series("ports.h2.priorities.3.series.paused_ps").reduce(0, +) == 20_480_000)
    #expect(number("ports.h2.priorities.3.pfc_rx_quanta") == 1000 && number("ports.h2.priorities.3.pauses") == 1)
    #expect(number("ports.h2.mac_control.rx_pause_frames") == 1)

    let group = "ports.h1.groups.3."
    #expect(value(group + "lossless") as? Bool == true && value(group + "xoff") as? Bool == false)
    #expect(number(group + "shared_peak_bytes") > 0 && number(group + "shared_bytes") == 0)
    #expect(series(group + "series.shared_bytes").max() == number(group + "shared_peak_bytes"))
    #expect(series(group + "series.headroom_bytes").max() ?? 0 == number(group + "headroom_peak_bytes"))
    #expect(series(group + "series.limit_bytes").count == number("series.bins"))
    #expect(series("buffer.series.shared_bytes").max() == number("buffer.pools.shared.peak_bytes"))
    #expect(number("buffer.pools.shared.used_bytes") == 0)

    let events = try #require(json["pause_events"] as? [[String: Any]])
    let kinds = events.compactMap { $0["kind"] as? String }
    #expect(kinds.count >= 2 && kinds.count.isMultiple(of: 2))
    for (index, kind) in kinds.enumerated() { #expect(kind.hasPrefix(index.isMultiple(of: 2) ? "xoff-" : "xon")) }
    #expect(kinds.filter { $0 == "xon" }.count == number("ports.h1.priorities.3.pfc_tx_xon"))
    let times = events.compactMap { $0["time_ps"] as? Int }
    #expect(times == times.sorted() && events.allSatisfy { $0["port"] as? String == "h1" })
    #expect(value("ports.h1.drops") as? [String: Int] == [:] && value("ports.h2.drops") as? [String: Int] == [:])
  }

  @Test("pause and queueing add up to the mean latency, and a frame of 1000 bytes takes 1024 on the wire")
  func split() throws {
    let json = try Self.report()
    let ports = try #require(json["ports"] as? [String: [String: Any]])
    let queue = try #require((ports["h2"]?["queues"] as? [String: [String: Any]])?["3"])
    let split = try #require(queue["latency_split_ns"] as? [String: Double])
    let latency = try #require(queue["latency_ns"] as? [String: Double])
    let pause = try #require(queue["pause"] as? [String: Any])
    #expect(split["serialisation"] == 327.68)
    let parts = try (#require(split["pause"]), #require(split["queueing"]), #require(latency["mean"]))
    // Each is a multiple of a picosecond, and only their sum as doubles is rounded.
    #expect(abs(parts.0 + parts.1 - parts.2) < 1e-6)
    let wait = try #require(pause["wait_ps"] as? Double)
    #expect(wait > 0 && abs(wait / 2000 / 1000 - parts.0) <= 0.0005)
    #expect(try #require(pause["longest_wait_ps"] as? Double) <= 20_480_000)
  }
}
