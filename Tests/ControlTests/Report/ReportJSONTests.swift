import Foundation
import Testing

@testable import Control

@Suite("report.json")
struct ReportJSONTests {
  @Test("a report is written as the snapshot says")
  func snapshot() throws {
    try expectSnapshot("small.json", OrderedJSON.encode(SampleReports.small))
  }

  @Test("a report reads back as it was, ports in their order")
  func roundTrip() throws {
    var report = SampleReports.small
    report.ports.append(PortReport(name: "a port before h1 by name", speedBitsPerSecond: 1))
    let text = try OrderedJSON.encode(report)
    #expect(try JSONDecoder().decode(Report.self, from: Data(text.utf8)) == report)
    let embedded = try OrderedJSON.encode(report, layout: .embedded)
    #expect(try JSONDecoder().decode(Report.self, from: Data(embedded.utf8)) == report)
  }

  @Test("equal reports give equal bytes, in whichever order their drops were counted")
  func determinism() throws {
    var reasons = (0..<40).map { "reason-\($0)" }
    var first = SampleReports.small
    for reason in reasons { first.ports[0].drops[reason] = 1 }
    reasons.shuffle()
    var second = SampleReports.small
    for reason in reasons { second.ports[0].drops[reason] = 1 }
    #expect(try OrderedJSON.encode(first) == OrderedJSON.encode(second))
  }

  @Test("the keys that scripts rely on are there, nested as the contract says")
  func contract() throws {
    let text = try OrderedJSON.encode(SampleReports.small)
    let root = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    func value(_ path: String) -> Any? {
      path.split(separator: ".").reduce(root as Any?) { value, key in
        if let list = value as? [Any] { return Int(key).map { list[$0] } }
        return (value as? [String: Any])?[String(key)]
      }
    }
    for path in ["version", "switch.name", "seed", "duration_ps", "ports.h1.drops.no-route"] {
      #expect(value(path) != nil, "\(path)")
    }
    for direction in ["rx", "tx"] {
      for count in ["packets", "bytes"] { #expect(value("ports.h1.\(direction).\(count)") is NSNumber) }
    }
    for number in 0..<8 {
      for key in ["tx_packets", "tx_bytes", "max_bytes", "ecn_marked_packets"] {
        #expect(value("ports.s1.queues.\(number).\(key)") is NSNumber)
      }
      for key in ["min", "p50", "p90", "p99", "p999", "max", "mean"] {
        #expect(value("ports.s1.queues.\(number).latency_ns.\(key)") != nil)
      }
      for key in ["pfc_tx_xoff", "pfc_tx_xon", "pfc_rx_xoff", "pfc_rx_xon", "paused_ps"] {
        #expect(value("ports.s1.priorities.\(number).\(key)") is NSNumber)
      }
    }
    #expect(value("ports.s1.queues.3.latency_ns.p90") as? Double == 7700.125)
    #expect(value("next_hops.0.prefix") as? String == "10.9.0.0/16")
    for key in ["address", "port", "weight", "achieved_share", "packets", "bytes"] {
      #expect(value("next_hops.0.via.1.\(key)") != nil)
    }
    for key in ["rx", "tx", "dropped", "consumed", "originated", "replicated"] {
      #expect(value("totals.\(key)_packets") is NSNumber)
    }
  }

  @Test("times print as exact decimals of picoseconds")
  func exactDecimals() throws {
    let picoseconds: [UInt64] = [0, 1, 20_960, 83_840, 83_841, 1_000_000, 1_000_001, 999_999_999_999_999]
    let text = try OrderedJSON.encode(picoseconds.map(LatencyReport.nanoseconds))
    #expect(text == "[0, 0.001, 20.96, 83.84, 83.841, 1000, 1000.001, 999999999999.999]\n")
  }

  @Test("text is escaped, and in a page cannot end its script element")
  func escaping() throws {
    let hostile = "</script><!--&\"\\\n\u{1}\u{2028}é"
    #expect(
      try OrderedJSON.encode([hostile], layout: .embedded)
        == #"["\u003c/script\u003e\u003c!--\u0026\"\\\n\u0001\u2028é"]"#)
    let read = try JSONDecoder().decode([String].self, from: Data(OrderedJSON.encode([hostile]).utf8))
    #expect(read == [hostile])
  }

  @Test("a number that is not finite is refused")
  func notFinite() {
    #expect(throws: EncodingError.self) { try OrderedJSON.encode([Double.nan]) }
    #expect(throws: EncodingError.self) { try OrderedJSON.encode([Double.infinity]) }
  }

  @Test("conservation is the equation of the totals")
  func conservation() {
    var report = SampleReports.small
    #expect(report.isConserved)
    report.totals.consumedPackets += 1
    #expect(!report.isConserved)
    #expect(report.totals.settled == report.totals.appeared + 1)
  }

  @Test("of an input only the name of its file is kept")
  func fileNames() {
    #expect(InputReport(port: "h1", file: "/a/b/c.pcap", packets: 0, bytes: 0).file == "c.pcap")
    #expect(InputReport(port: "h1", file: "c.pcap", packets: 0, bytes: 0).file == "c.pcap")
    #expect(SampleReports.small.inputs.map(\.file) == ["a.pcap", "b.pcapng"])
  }
}
