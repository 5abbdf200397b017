import Foundation
import Testing

@testable import Benchmarks

struct PageTests {
  @Test func thePageNeedsNothingButItselfAndEscapesNames() throws {
    let results = SampleResults.full
    let page = try BenchmarkHTML(results, comparison: Comparison(old: results, new: results)).page()
    #expect(page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n"))
    #expect(!page.contains("https://") && !page.contains("src=") && !page.contains("href="))
    #expect(page.contains("&lt;testpmd&gt;") && !page.contains("<testpmd>"))
    #expect(page.contains("a &amp; b") && page.contains("OVS-DPDK: not installed"))
    #expect(page.contains("Example CPU") && page.contains("within noise"))
  }

  @Test func rowsWithOneVariableShareAPlot() {
    var rows: [BenchmarkRow] = []
    for value in [100.0, 10, 1] {
      let spread = Spread(min: value, median: value + 1, max: value + 2)
      for name in ["b", "a"] {
        rows.append(SampleResults.row(name, spread, suite: "growth", variable: .init("routes", value)))
      }
    }
    let lonely = SampleResults.row(
      "c", Spread(min: 1, median: 1, max: 1), suite: "growth", variable: .init("ports", 2))
    let curves = BenchmarkCurve.all(of: SampleResults.results(rows + [lonely]))
    #expect(curves.map(\.variable) == ["routes"])
    #expect(curves[0].lines.map(\.label) == ["b", "a"])
    #expect(curves[0].lines[0].points.map(\.x) == [1, 10, 100])
    #expect(curves[0].lines[0].points[1] == BenchmarkCurve.Point(x: 10, y: 11, low: 10, high: 12))
  }

  @Test func latencyHasALineForEachPercentile() {
    let rows = [10.0, 90].map { load in
      var row = SampleResults.row(
        "strict", Spread(min: 1, median: 1, max: 1), suite: "latency", variable: .init("% of capacity", load))
      row.latency = LatencyQuantiles(count: 1, min: 1, p50: load, p90: 2, p99: 3, p999: 4, max: 5, mean: 2)
      return row
    }
    let curves = BenchmarkCurve.all(of: SampleResults.results(rows))
    #expect(curves.map(\.unit) == ["latency"])
    #expect(curves[0].lines.map(\.label) == ["strict, p50", "strict, p99", "strict, p99.9"])
    #expect(curves[0].lines[0].points.map(\.y) == [10, 90])
  }

  @Test(arguments: [
    (0.0, "0.00"), (0.1234, "0.123"), (1.234, "1.23"), (12.34, "12.3"), (99.96, "100.0"), (1234.5, "1234"),
  ])
  func threeDigitsCount(value: Double, text: String) {
    #expect(BenchmarkNumbers.text(value) == text)
  }

  @Test func timesHaveUnits() {
    #expect(BenchmarkNumbers.time(12.34) == "12.3 ns")
    #expect(BenchmarkNumbers.time(12_340) == "12.3 us")
    #expect(BenchmarkNumbers.time(12_340_000) == "12.3 ms")
    #expect(BenchmarkNumbers.time(nil) == "-" && BenchmarkNumbers.text(nil) == "-")
  }
}
