import Control
import Foundation

/// Writes results as one HTML page that needs nothing but itself, in the style of the other reports.
public struct BenchmarkHTML {
  let results: BenchmarkResults
  let comparison: Comparison?

  /// Creates a writer.
  ///
  /// - Parameter comparison: with an earlier run, if there was one.
  public init(_ results: BenchmarkResults, comparison: Comparison? = nil) {
    self.results = results
    self.comparison = comparison
  }

  /// The page.
  ///
  /// - Throws: `EncodingError.invalidValue` for a number that is not finite.
  public func page() throws -> String {
    let curves = BenchmarkCurve.all(of: results) + BenchmarkCurve.percentiles(of: results)
    let data = HTML(markup: try OrderedJSON.encode(curves, layout: .embedded))
    let page: HTML = """
      \(HTML.head(title: "\(results.machine.cpu) - Penstock bench", style: ReportHTML.style + Self.style, policy: ReportHTML.policy))
      <body>
      \(header)
      <main>
      \(notices)
      \(tiles)
      \(comparisonSection)
      \(results.suites.map { section($0, curves) }.joined())
      </main>
      <footer>What the columns mean, and what noise does to them, is in docs/bench.md.</footer>
      <script type="application/json" id="curves">\(data)</script>
      <script>
      \(HTML(markup: [ReportHTML.plotScript, ReportHTML.themeScript, Self.script].joined(separator: "\n")))
      </script>
      </body>
      </html>

      """
    return page.text
  }

  private var header: HTML {
    let began = Date(timeIntervalSince1970: results.machine.began).formatted(.iso8601)
    let facts = (results.machine.phrases + [began]).map { "<li>\($0)</li>" as HTML }.joined()
    return """
      <header>
      <div>
      <p class="brand">Penstock bench</p>
      <h1>\(results.machine.cpu)</h1>
      <ul class="facts">\(facts)</ul>
      </div>
      <button id="theme" type="button" hidden>Dark</button>
      </header>
      """
  }

  private var notices: HTML {
    guard !results.absent.isEmpty else { return "" }
    let items = results.absent.map { "<li>\($0.name): \($0.reason)</li>" as HTML }.joined()
    return """
      <section class="alert notice"><h2>Not measured</h2><ul>\(items)</ul></section>
      """
  }

  /// The fastest rows of each suite with rates, and how noisy it all was.
  private var tiles: HTML {
    var tiles: [HTML] = []
    for row in results.rows where row.suite == "capacity" && row.workload == WorkloadPlan.small.name {
      guard FeatureLevel.allCases.contains(where: { $0.title == row.subject }), let mpps = row.mpps else { continue }
      tiles.append(
        tile(
          "\(row.workload), \(row.subject)", "\(BenchmarkNumbers.text(mpps.median)) Mpps",
          note: "\(BenchmarkNumbers.text(row.nanoseconds?.median)) ns a packet, one core"))
    }
    if let loops = Spread(results.rows.flatMap(\.calibration)) {
      let away = results.rows.compactMap(\.mostAway).max()
      tiles.append(
        tile(
          "Noise", BenchmarkNumbers.percent(loops.width),
          note: "spread of the calibration loop; up to \(BenchmarkNumbers.percent(away)) of a round taken away"))
    }
    return "<section class=\"tiles\">\(tiles.joined())</section>"
  }

  private func tile(_ title: String, _ value: String, note: String) -> HTML {
    """
    <article class="card tile"><h2>\(title)</h2><p class="value">\(value)</p><p class="note">\(note)</p></article>
    """
  }

  private func section(_ suite: String, _ curves: [BenchmarkCurve]) -> HTML {
    let rows = results.rows.filter { $0.suite == suite }
    let summary = Suites.all.first { $0.name == suite }?.summary ?? ""
    let plots = curves.filter { $0.suite == suite }.map(plot).joined()
    return """
      \(plots)
      <section class="card">
      <h2>\(suite)</h2><p class="hint">\(summary)</p>
      \(BenchmarkHTMLTable(rows).html)
      </section>

      """
  }

  private func plot(_ curve: BenchmarkCurve) -> HTML {
    """
    <figure class="card plot" id="\(curve.id)">
    <figcaption><h2>\(curve.title)</h2><span class="hint">\(curve.hint)</span></figcaption>
    <div class="canvas" tabindex="0" role="img" aria-label="\(curve.title)"></div>
    <div class="legend" role="group" aria-label="Lines of \(curve.title)"></div>
    </figure>
    """
  }

  private var comparisonSection: HTML {
    guard let comparison else { return "" }
    let rows = comparison.lines.map { line in
      let kind = line.verdict == .faster ? "good" : line.verdict == .slower ? "bad" : ""
      let calibrated = line.calibratedRatio.map { BenchmarkNumbers.text($0) + "x" } ?? "-"
      return """
        <tr><th scope="row">\(line.name)</th><td class="num">\(BenchmarkNumbers.text(line.old.median))</td>\
        <td class="num">\(BenchmarkNumbers.text(line.new.median))</td>\
        <td class="num">\(BenchmarkNumbers.text(line.ratio))x</td><td class="num">\(calibrated)</td>\
        <td><span class="verdict \(kind)">\(line.verdict.rawValue)</span></td></tr>

        """ as HTML
    }.joined()
    guard !rows.text.isEmpty else {
      return
        "<section class=\"card\"><h2>Compared with before</h2><p class=\"hint\">\(comparison.summary)</p></section>"
    }
    return """
      <section class="card">
      <h2>Compared with before</h2><p class="hint">\(comparison.summary)</p>
      <div class="scroll"><table>
      <thead><tr><th>What</th><th class="num">ns before</th><th class="num">ns now</th><th class="num">Speed</th>\
      <th class="num">Calibrated</th><th></th></tr></thead>
      <tbody>
      \(rows)
      </tbody></table></div>
      </section>
      """
  }

  private static let style = """
    .track b.low, .track b.high { width: 1.5px; margin-left: -.75px; }
    tr.peer th, tr.peer td { color: var(--soft); font-weight: 400; }
    tr.peer .track i { background: var(--c7); }
    td.also { white-space: normal; min-width: 14em; color: var(--soft); font-size: 13px; }
    caption { caption-side: top; }
    tbody th { max-width: 26em; }
    """
}
