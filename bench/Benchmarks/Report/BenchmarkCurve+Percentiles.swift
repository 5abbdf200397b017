/// Plots of latency over percentiles, as HdrHistogram draws them: every decade to the right is a tenth of the packets.
extension BenchmarkCurve {
  /// What the axis counts: at 1000 stands the latency that one packet in a thousand exceeds, which is the 99.9th percentile.
  private static let variable = "packets, one of which is slower"

  /// For each subject a plot with a line for each value of what was varied, and for each of these values a plot with a line
  /// for each subject.
  static func percentiles(of results: BenchmarkResults) -> [BenchmarkCurve] {
    let rows = results.rows.filter { $0.latency?.curve != nil && $0.variable != nil }
    var curves: [BenchmarkCurve] = []
    for row in rows {
      guard let value = row.variable, let latency = row.latency else { continue }
      let number = value.value == value.value.rounded() ? "\(Int(value.value))" : "\(value.value)"
      let point = "\(value.name) \(number)"
      add(latency, row.suite, "\(row.subject), by \(value.name)", line: point, to: &curves)
      // The last word of a subject is its class: lines of one plot were measured in the same way.
      let way = row.subject.split(separator: ",").first.map(String.init) ?? row.subject
      let name = row.subject.dropFirst(way.count).drop { $0 == "," || $0 == " " }
      if !name.isEmpty { add(latency, row.suite, "\(way) at \(point)", line: String(name), to: &curves) }
    }
    return curves.enumerated().map { index, curve in
      var curve = curve
      curve.id = "percentiles\(index)"
      return curve
    }
  }

  private static func add(
    _ latency: LatencyQuantiles, _ suite: String, _ detail: String, line: String, to curves: inout [BenchmarkCurve]
  ) {
    let points = zip(LatencyQuantiles.curveFractions, latency.curve ?? []).map { fraction, time in
      Point(x: 1 / (1 - fraction), y: time, low: time, high: time)
    }
    guard points.count > 1 else { return }
    let new = Line(label: line, points: points)
    if let index = curves.firstIndex(where: { $0.suite == suite && $0.detail == detail }) {
      curves[index].lines.append(new)
    } else {
      curves.append(
        BenchmarkCurve(id: "", suite: suite, variable: variable, unit: "latency", detail: detail, lines: [new]))
    }
  }
}
