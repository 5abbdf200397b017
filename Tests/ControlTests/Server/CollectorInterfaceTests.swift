import Collector
import Foundation
import TestSupport
import Testing

@testable import Control

@Suite("Questions to a collector")
struct CollectorInterfaceTests {
  private let interface: CollectorInterface

  init() {
    var options = CollectorOptions()
    options.limits = CollectorLimits(memory: CollectorLimits.leastMemory)
    interface = CollectorInterface(CollectorService(options))
  }

  private func answer(
    _ path: [String], method: String = "GET", query: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    interface.answer(HTTPRequest(method: method, path: path, query: query))
  }

  @Test("every path that is documented answers, and no other")
  func paths() throws {
    let document = try String(contentsOfFile: Program.packageDirectory + "/docs/collector.md", encoding: .utf8)
    let section = try #require(document.components(separatedBy: "\n## Asking a collector\n").last)
    let rows = section.components(separatedBy: "\n## ")[0].split(separator: "\n").filter { $0.hasPrefix("| `/") }
    let paths = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: /`(\/[^`]+)`/).map { String($0.output.1) }
    }
    #expect(paths.count == CollectorInterface.paths.count + 4)
    for path in paths {
      let answer = answer(path.split(separator: "/").map(String.init))
      #expect(answer.status == 200 && !answer.body.isEmpty, "\(path)")
    }
    for path in CollectorInterface.paths { #expect(paths.contains("/" + path.path.joined(separator: "/"))) }
  }

  @Test("what makes no sense is answered with the reason")
  func mistakes() {
    #expect(answer(["v1", "nothing"]).status == 404)
    #expect(answer(["v1", "collector"], method: "PUT").status == 405)
    #expect(answer(["v1", "collector"], query: [("limit", "many")]).status == 400)
    #expect(answer(["v1", "collector"], query: [("limit", "-1")]).status == 400)
    #expect(answer(["v1", "collector", "flows"], query: [("port", "1")]).status == 404)
    #expect(answer(["v1", "collector"], query: [("limit", "0")]).status == 200)
  }

  @Test("pages, tables and metrics of times and sizes at every extreme are written", arguments: 0..<20)
  func extremes(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var options = CollectorOptions()
    options.limits = CollectorLimits(memory: CollectorLimits.leastMemory)
    options.format.bytesPerUnit = 65_536
    options.format.nanosecondsPerUnit = 1_000_000_000
    var collector = Collector(options)
    let ends: [UInt64] = [0, 1, .max, .max - 1, 1 << 63, 1_700_000_000_000_000_000]
    func extreme() -> UInt64 { ends[Int(random.next() % UInt64(ends.count))] }
    let packet: [UInt8] = [0x45, 0, 0, 40, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2]
    for _ in 0..<60 {
      var metadata: [UInt8] = []
      for _ in 0..<4 { metadata += withUnsafeBytes(of: extreme().bigEndian) { Array($0) } }
      // Interfaces, latency, queue, both times: 7 words of the 8.
      let body: [UInt8] = [0x7C, 0, 0, 0, 0, 0, 0, 0] + metadata + packet
      let head: [UInt8] = [0x20, 0x40, 0, UInt8(random.next() % 9), 0, 0, 0, UInt8(random.next() % 3)]
      let datagram = head + [0x14, UInt8(body.count / 4), 8, 0x20] + body
      let arrival = extreme()
      datagram.withUnsafeBytes { collector.take(datagram: $0, arrival: arrival) }
    }
    collector.conclude()
    let snapshot = collector.snapshot()
    #expect(CollectorHTML(snapshot, title: "<b>").page().contains("<h1>&lt;b&gt;</h1>"))
    #expect(CollectorText(snapshot, isColoured: false).summary().contains("60 reports"))
    var metrics = CollectorMetrics()
    metrics.write(snapshot, CollectorService(options).status)
    #expect(metrics.text.contains("penstock_collector_reports_total 60\n"))
    _ = try ControlJSON.encode(snapshot)
  }

  @Test("a snapshot reads back from its JSON as it was written")
  func roundTrip() throws {
    var collector = Collector(CollectorOptions())
    let hop: [UInt8] = [0, 1, 0, 2, 0, 0, 3, 0xE8, 3, 0, 0, 100]
    let packet: [UInt8] = [0x45, 0, 0, 40, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2]
    let body: [UInt8] = [0x70, 0, 0, 0, 0, 0, 0, 0] + hop + packet
    for number: UInt8 in [1, 2, 5] {
      let datagram: [UInt8] = [0x20, 0x40, 0, number, 0, 0, 0, 9, 0x14, UInt8(body.count / 4), 3, 0x20] + body
      datagram.withUnsafeBytes { collector.take(datagram: $0, arrival: 1_700_000_000_000_000_000 + UInt64(number)) }
    }
    collector.conclude()
    let snapshot = collector.snapshot()
    #expect(snapshot.flows.count == 1 && snapshot.queues.count == 1 && snapshot.sources.first?.lost == 2)
    let text = try ControlJSON.encode(snapshot)
    let decoded = try ControlJSON.decode(CollectorSnapshot.self, from: text)
    #expect(decoded == snapshot)
    // Every key of a number with a unit says which.
    #expect(text.contains("\"max_depth_bytes\":100") && text.contains("\"max_latency_ns\":1000"))
  }
}
