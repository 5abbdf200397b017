import Conformance

/// Writes a conformance report as one HTML page that needs nothing but itself, in the style of the replay report.
public struct ConformanceHTML {
  let report: ConformanceReport

  /// Creates a writer of `report`.
  public init(_ report: ConformanceReport) { self.report = report }

  /// The page.
  public func page() -> String {
    let page: HTML = """
      \(HTML.head(title: "\(report.name) - Penstock conformance", style: ReportHTML.style + Self.style, policy: HTML.withoutScripts))
      <body>
      \(header)
      <main>
      \(tiles)
      \(Subject.allCases.map(section).joined())
      </main>
      <footer>Expectations are computed from the configuration, without code of the switch; see docs/conformance.md.\
      </footer>
      </body>
      </html>

      """
    return page.text
  }

  private static let style = """
    td.text { white-space: normal; min-width: 16em; }
    td.text small { display: block; color: var(--soft); font-size: 12.5px; }
    tr.case th { padding-top: 16px; white-space: normal; max-width: none; }
    tr.case .verdict { float: right; }
    tr.failed td { background: var(--bad-back); }
    tr.failed td:nth-child(3) { color: var(--bad); font-weight: 600; }
    p.absent { color: var(--soft); margin: 8px 0 0; }
    """

  private var header: HTML {
    """
    <header>
    <div>
    <p class="brand">Penstock conformance</p>
    <h1>\(report.name)</h1>
    <ul class="facts"><li>\(report.configuration)</li><li>\(report.results.count) cases</li>\
    <li>\(report.checkCount) checks</li><li>virtual time, to the picosecond</li></ul>
    </div>
    </header>
    """
  }

  private var tiles: HTML {
    let failed = report.count(.failed)
    return """
      <section class="tiles">
      \(tile("Verdict", failed == 0 ? "passed" : "failed", note: report.summary, isGood: failed == 0))
      \(tile("Cases passed", "\(report.count(.passed))", note: "every check met", isGood: true))
      \(tile("Cases failed", "\(failed)", note: "\(report.failedCheckCount) checks", isGood: failed == 0))
      \(tile("Not applicable", "\(report.count(.notApplicable))", note: "reasons below", isGood: nil))
      </section>
      """
  }

  private func tile(_ title: String, _ value: String, note: String, isGood: Bool?) -> HTML {
    let kind = isGood.map { $0 ? "good" : "bad" } ?? ""
    return """
      <article class="card tile \(kind)"><h2>\(title)</h2><p class="value">\(value)</p><p class="note">\(note)</p>\
      </article>
      """
  }

  private func section(_ subject: Subject) -> HTML {
    let cases = report.results.filter { $0.subject == subject }
    guard !cases.isEmpty else { return "" }
    let rows = cases.filter { !$0.checks.isEmpty }.map(rows).joined()
    let absent = cases.compactMap { one in
      one.reason.map { "<p class=\"absent\">\(one.name): does not apply: \($0)</p>" as HTML }
    }.joined()
    let table: HTML = """
      <div class="scroll"><table>
      <thead><tr><th>What</th><th class="num">Expected</th><th class="num">Measured</th><th>Unit</th><th>Allowed</th>\
      <th>Expectation</th></tr></thead>
      <tbody>
      \(rows)
      </tbody></table></div>
      """
    return """
      <section class="card">
      <h2>\(subject.title)</h2>
      \(rows.text.isEmpty ? "" : table)
      \(absent)
      </section>

      """
  }

  private func rows(_ result: ConformanceResult) -> HTML {
    let isPassed = result.verdict == .passed
    let badge: HTML = "<span class=\"verdict \(isPassed ? "good" : "bad")\">\(result.verdict.rawValue)</span>"
    let head: HTML = "<tr class=\"case\"><th colspan=\"6\" scope=\"rowgroup\">\(result.name) \(badge)</th></tr>\n"
    let lines = result.checks.map { check in
      """
      <tr class="\(check.isMet ? "passed" : "failed")"><td class="text">\(check.quantity)</td>\
      <td class="num">\(Check.text(check.expected))</td><td class="num">\(Check.text(check.measured))</td>\
      <td>\(check.unit)</td><td>\(check.rule)</td>\
      <td class="text">\(check.formula)<small>\(check.source)</small></td></tr>

      """ as HTML
    }
    return head + lines.joined()
  }
}

extension HTML {
  fileprivate static func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.text + right.text) }
}
