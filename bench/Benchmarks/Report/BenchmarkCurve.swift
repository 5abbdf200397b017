/// A plot: what rows of one suite cost over one variable. The script of the page draws it.
struct BenchmarkCurve: Encodable, Equatable {
  /// One point: the variable, and the median, the least and the most over the rounds.
  struct Point: Encodable, Equatable {
    var x: Double
    var y: Double
    var low: Double
    var high: Double
  }

  /// One line of a plot.
  struct Line: Encodable, Equatable {
    var label: String
    var points: [Point]
  }

  /// The identifier of the figure in the page.
  var id: String
  var suite: String
  var variable: String
  /// The unit of its values: `ns` or `Mpps`.
  var unit: String
  /// What the plot is about, where that is not all of the suite.
  var detail: String?
  var lines: [Line]

  var title: String {
    if let detail { return "\(suite): \(detail)" }
    return switch unit {
    case "Mpps": "\(suite): Mpps over \(variable)"
    case "latency": "\(suite): latency over \(variable)"
    default: "\(suite): ns a packet over \(variable)"
    }
  }

  var hint: String {
    detail != nil
      ? "over percentiles" : unit == "latency" ? "by percentile" : "median; the band is from the least to the most"
  }

  /// All plots that results have points for: rows of a suite with the same variable share one, each with a line for
  /// time, and with one for each percentile where latency was measured.
  static func all(of results: BenchmarkResults) -> [BenchmarkCurve] {
    var curves: [BenchmarkCurve] = []
    for row in results.rows {
      guard let variable = row.variable else { continue }
      if let time = row.nanoseconds, row.latency == nil {
        let isRate = row.suite == "replay"
        let spread = isRate ? time.inverted(scale: 1000) : time
        add(spread, variable, line: row.subject, unit: isRate ? "Mpps" : "ns", row.suite, to: &curves)
      }
      if let latency = row.latency {
        for (name, value) in [("p50", latency.p50), ("p99", latency.p99), ("p99.9", latency.p999)] {
          let spread = Spread(min: value, median: value, max: value)
          add(spread, variable, line: "\(row.subject), \(name)", unit: "latency", row.suite, to: &curves)
        }
      }
    }
    // A line needs two points.
    return curves.compactMap { curve in
      var curve = curve
      curve.lines = curve.lines.filter { $0.points.count > 1 }
      return curve.lines.isEmpty ? nil : curve
    }
  }

  private static func add(
    _ spread: Spread, _ variable: BenchmarkRow.Variable, line: String, unit: String, _ suite: String,
    to curves: inout [BenchmarkCurve]
  ) {
    let point = Point(x: variable.value, y: spread.median, low: spread.min, high: spread.max)
    let same = curves.firstIndex { $0.suite == suite && $0.variable == variable.name && $0.unit == unit }
    let index = same ?? curves.count
    if same == nil {
      curves.append(
        BenchmarkCurve(id: "curve\(index)", suite: suite, variable: variable.name, unit: unit, lines: []))
    }
    if let found = curves[index].lines.firstIndex(where: { $0.label == line }) {
      curves[index].lines[found].points.append(point)
      curves[index].lines[found].points.sort { $0.x < $1.x }
    } else {
      curves[index].lines.append(Line(label: line, points: [point]))
    }
  }
}
