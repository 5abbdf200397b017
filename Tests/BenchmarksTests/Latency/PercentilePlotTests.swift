import Testing

@testable import Benchmarks

struct PercentilePlotTests {
  private func row(_ subject: String, load: Double, _ times: [Double]?) -> BenchmarkRow {
    var row = BenchmarkRow(
      suite: "latency", subject: subject, workload: "w", frameBytes: 128, flows: 1, variable: .init("load %", load))
    row.latency = LatencyQuantiles(count: 9, min: 1, p50: 1, p90: 1, p99: 1, p999: 1, max: 1, mean: 1)
    row.latency?.curve = times
    return row
  }

  private func curves(_ rows: [BenchmarkRow]) -> [BenchmarkCurve] {
    BenchmarkCurve.percentiles(of: SampleResults.results(rows))
  }

  @Test func onePlotForEachSubjectAndOneForEachLoad() {
    let found = curves([
      row("one way, strict", load: 10, [1, 2, 3]), row("one way, strict", load: 90, [4, 5, 6]),
      row("one way, best effort", load: 10, [7, 8, 9]), row("one way, best effort", load: 90, nil),
    ])
    #expect(
      found.map(\.title) == [
        "latency: one way, strict, by load %", "latency: one way at load % 10", "latency: one way at load % 90",
        "latency: one way, best effort, by load %",
      ])
    #expect(
      found.map { $0.lines.map(\.label) } == [
        ["load % 10", "load % 90"], ["strict", "best effort"], ["strict"], ["load % 10"],
      ])
    #expect(Set(found.map(\.id)).count == found.count)
    // Where one packet in N is slower: at 0 all are, at a tenth one of 1.11.
    #expect(found[0].lines[1].points.map(\.y) == [4, 5, 6])
    #expect(found[0].lines[1].points.map(\.x) == [1, 1 / 0.9, 1 / 0.8])
  }

  @Test func noCurveNoPlot() {
    #expect(curves([row("one way, strict", load: 10, nil), row("one way, strict", load: 50, [1])]).isEmpty)
  }
}
