import Conformance

extension ConformanceReport {
  /// The report as aligned tables, with a line break at the end.
  public func text(isColoured: Bool) -> String {
    var text = ""
    for subject in Subject.allCases {
      let cases = results.filter { $0.subject == subject }
      guard !cases.isEmpty else { continue }
      text += TextTable.Style.bold.apply(subject.title, isColoured: isColoured) + "\n"
      text += table(cases, isColoured: isColoured)
      for one in cases {
        if let reason = one.reason { text += "  \(one.name): does not apply: \(TextTable.printable(reason))\n" }
      }
      for one in cases {
        for check in one.checks where !check.isMet {
          let place = "\(one.name), \(check.quantity)"
          let line = "  FAILED \(place): \(check.formula) (\(check.source))\n"
          text += TextTable.Style.red.apply(line, isColoured: isColoured)
        }
      }
      text += "\n"
    }
    let verdict: TextTable.Style = isPassed ? .green : .red
    return text + verdict.apply(summary, isColoured: isColoured) + "\n"
  }

  private func table(_ cases: [ConformanceResult], isColoured: Bool) -> String {
    var table = TextTable([
      ("", .left), ("case", .left), ("what", .left), ("expected", .right), ("measured", .right), ("unit", .left),
      ("allowed", .left),
    ])
    for one in cases {
      for (index, check) in one.checks.enumerated() {
        table.append([
          check.isMet ? TextTable.Cell("ok", .green) : TextTable.Cell("FAIL", .red),
          TextTable.Cell(index == 0 ? one.name : ""), TextTable.Cell(check.quantity),
          TextTable.Cell(Check.text(check.expected)),
          TextTable.Cell(Check.text(check.measured), check.isMet ? .plain : .red), TextTable.Cell(check.unit),
          TextTable.Cell(check.rule),
        ])
      }
    }
    return table.rows.isEmpty ? "" : table.text(isColoured: isColoured)
  }
}
