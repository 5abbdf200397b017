import Benchmarks
import Foundation
import TestSupport
import Testing

struct ResultsTests {
  @Test func jsonLinesComeBackAsTheyWere() throws {
    let results = SampleResults.full
    let text = try results.jsonLines()
    #expect(text.split(separator: "\n").count == 4 && text.hasSuffix("\n"))
    #expect(try BenchmarkResults(jsonLines: text, name: "x") == results)
  }

  @Test func everyLineIsJSONAndRatesAreInIt() throws {
    let lines = try SampleResults.full.jsonLines().split(separator: "\n").map { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
    #expect(lines[0]?["penstock_bench"] as? Int == BenchmarkResults.version)
    #expect((lines[0]?["machine"] as? [String: Any])?["pinned_to"] as? Int == 1)
    #expect((lines[1]?["absent"] as? [String: Any])?["name"] as? String == "OVS-DPDK")
    let row = lines[2]?["row"] as? [String: Any]
    #expect((row?["mpps"] as? [String: Double])?["median"] == 12.5)
    #expect(row?["gbps"] as? Double == 6.4)
    #expect((lines[3]?["row"] as? [String: Any])?["mpps"] is NSNull)
  }

  @Test func anotherFormatIsRefusedWithAReason() throws {
    let text = try SampleResults.full.jsonLines().replacing("\"penstock_bench\":1", with: "\"penstock_bench\":2")
    let error = #expect(throws: BenchmarkError.self) { _ = try BenchmarkResults(jsonLines: text, name: "old.json") }
    #expect(error?.description == "old.json:1: format 2; this program reads format 1: measure again with it")
  }

  @Test(arguments: ["", "nonsense\n", "{\"row\": {}}\n", "{\"absent\": {\"name\": \"a\", \"reason\": \"b\"}}\n"])
  func whatIsNoResultsIsRefused(text: String) {
    #expect(throws: BenchmarkError.self) { _ = try BenchmarkResults(jsonLines: text, name: "x") }
  }

  @Test func aMissingFileIsNamed() {
    let error = #expect(throws: BenchmarkError.self) { _ = try BenchmarkResults(contentsOf: "/nowhere/x.json") }
    #expect(error?.description.hasPrefix("/nowhere/x.json: ") == true)
  }

  @Test func theTableHasNoColumnThatNobodyFills() {
    let text = SampleResults.results([SampleResults.row("a", Spread(min: 10, median: 20, max: 40))])
      .text(isColoured: false)
    #expect(text.contains("25.0-100") && text.contains("50.0"))
    #expect(!text.contains("p99") && !text.contains("instructions") && !text.contains(" ratio"))
    #expect(!text.contains("\u{1B}"))
    let full = SampleResults.full.text(isColoured: true)
    #expect(full.contains("p99.9") && full.contains("instructions") && full.contains("beside <testpmd> 22.11"))
    #expect(full.contains("\u{1B}[1m"))
    #expect(full.contains("absent: OVS-DPDK: not installed"))
  }
}
