import Conformance

/// Writes a report of a procedure as one HTML page that needs nothing but itself.
public struct ProcedureHTML {
  private let report: ProcedureReport

  /// Creates a writer of `report`.
  public init(_ report: ProcedureReport) { self.report = report }

  /// The page.
  public func page() -> String {
    let page: HTML = """
      \(HTML.head(title: "\(report.document) - Penstock", style: ReportHTML.style, policy: HTML.withoutScripts))
      <body>
      <header>
      <div>
      <p class="brand">Penstock benchmark</p>
      <h1>\(report.document)</h1>
      </div>
      </header>
      <main>
      \(conditions)
      \(report.tables.map(section).joined())
      </main>
      </body>
      </html>

      """
    return page.text
  }

  private var conditions: HTML {
    let rows = report.conditions.map { "<tr><th>\($0.name)</th><td>\($0.value)</td></tr>\n" as HTML }.joined()
    return "<section><h2>Conditions</h2><div class=\"scroll\"><table>\n\(rows)</table></div></section>"
  }

  private func section(_ table: ProcedureTable) -> HTML {
    let heads = table.columns.map { "<th>\($0.title)</th>" as HTML }.joined()
    let rows = table.rows.map { row in
      "<tr>\(table.cells(of: row).map { "<td>\($0)</td>" as HTML }.joined())</tr>\n" as HTML
    }.joined()
    return """
      <section><h2>\(table.title) (\(table.section))</h2>
      <p>\(table.method)</p>
      <div class="scroll"><table><thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody></table></div></section>
      """
  }
}
