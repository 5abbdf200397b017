import Control
import Foundation

extension BenchmarkResults {
  /// The results as aligned tables, one for each suite, with a line break at the end.
  public func text(isColoured: Bool) -> String {
    var text = ""
    var suites: [String] = []
    for row in rows where !suites.contains(row.suite) { suites.append(row.suite) }
    for suite in suites {
      text += TextTable.Style.bold.apply(suite, isColoured: isColoured) + "\n"
      text += table(rows.filter { $0.suite == suite }, isColoured: isColoured) + "\n"
    }
    return text
  }

  private func table(_ rows: [BenchmarkRow], isColoured: Bool) -> String {
    var table = TextTable([
      ("workload", .left), ("subject", .left), ("Mpps", .right), ("ns", .right), ("least", .right), ("most", .right),
    ])
    for row in rows {
      table.add([
        row.workload, row.subject, number(row.mpps?.median), number(row.nanoseconds?.median),
        number(row.nanoseconds?.min), number(row.nanoseconds?.max),
      ])
    }
    return table.text(isColoured: isColoured)
  }

  private func number(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "-" }
}
