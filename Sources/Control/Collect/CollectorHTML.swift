import Collector
import Foundation

/// Writes what a collector knows as one HTML page that needs nothing but itself: paths, a heat map of queues over time,
/// and the top contributors of every burst. All of it is markup; the script changes between light and dark.
public struct CollectorHTML {
  let snapshot: CollectorSnapshot
  private let title: String

  /// Creates a writer.
  public init(_ snapshot: CollectorSnapshot, title: String) {
    self.snapshot = snapshot
    self.title = title
  }

  /// The page.
  public func page() -> String {
    let head = HTML.head(
      title: "\(title) - Penstock collector", style: ReportHTML.style + Self.style, policy: ReportHTML.policy)
    let page: HTML = """
      \(head)
      <body>
      <header>
      <div>
      <p class="brand">Penstock collector</p>
      <h1>\(title)</h1>
      <ul class="facts">
      <li>\(ReportUnits.count(snapshot.counters.reports)) reports</li>\
      <li>\(snapshot.nodes.count) nodes</li><li>\(snapshot.queues.count) queues</li>\
      <li>last at \(ReportUnits.instant(nanoseconds: Int64(clamping: snapshot.nowNs)))</li>
      </ul>
      </div>
      <button id="theme" type="button" hidden>Dark</button>
      </header>
      <main>
      \(tiles)
      \(pathView)
      \(heatMap)
      \(burstSection)
      \(changeTable)
      \(flowTable)
      \(dropTable)
      \(sourceTable)
      \(windowTable)
      </main>
      <footer>Every number on this page is in the JSON of penstock collect, described in docs/collector.md.</footer>
      <script>
      \(HTML(markup: ReportHTML.themeScript))
      startTheme();
      </script>
      </body>
      </html>

      """
    return page.text
  }

  private var tiles: HTML {
    let counters = snapshot.counters
    let lost = snapshot.sources.reduce(0) { $0 + $1.lost }
    let late = snapshot.sources.reduce(0) { $0 + $1.reordered }
    let unread = counters.malformedGroups + counters.malformedReports + counters.malformedTelemetry
    var tiles = [
      tile(
        "Flows", ReportUnits.count(UInt64(snapshot.flows.count)), "\(PathEntry.paths(of: snapshot.flows).count) paths"),
      tile("Path changes", ReportUnits.count(counters.pathChanges), "since the beginning"),
      tile("Bursts", ReportUnits.count(snapshot.queues.reduce(0) { $0 + $1.bursts }), "in all queues"),
    ]
    if let deepest = snapshot.queues.first, deepest.maxDepthBytes > 0 {
      tiles.append(tile("Deepest queue", ReportUnits.bytes(deepest.maxDepthBytes), "node \(deepest.text)"))
    }
    if let slowest = snapshot.nodes.max(by: { $0.maxLatencyNs < $1.maxLatencyNs }), slowest.maxLatencyNs > 0 {
      tiles.append(
        tile(
          "Longest in a node", ReportUnits.time(nanoseconds: Double(slowest.maxLatencyNs)),
          "node \(CollectorText.number(slowest.node))"))
    }
    tiles.append(
      tile(
        "Dropped packets", ReportUnits.count(counters.dropReports), "as nodes reported",
        style: counters.dropReports == 0 ? "good" : "bad"))
    tiles.append(
      tile(
        "Lost reports", ReportUnits.count(lost), "datagrams; \(ReportUnits.count(late)) came late",
        style: lost == 0 ? "good" : "bad"))
    if unread > 0 { tiles.append(tile("Not readable", ReportUnits.count(unread), "malformed", style: "bad")) }
    return "<section class=\"tiles\" aria-label=\"Headline numbers\">\n\(tiles.joined())</section>"
  }

  private func tile(_ title: String, _ value: String, _ note: String, style: String = "") -> HTML {
    let size: HTML = value.count > 10 ? " long" : ""
    return """
      <div class="card tile \(style)\(size)"><h2>\(title)</h2>\
      <p class="value">\(value)</p><p class="note">\(note)</p></div>

      """
  }

  /// A table in a card; nothing without rows. The first `left` columns are text, the others numbers.
  func card(_ title: String, _ note: String = "", _ columns: [String], left: Int, _ rows: [[String]]) -> HTML {
    guard !rows.isEmpty else { return "" }
    let heads = columns.enumerated().map { index, name in
      "<th scope=\"col\"\(HTML(markup: index < left ? "" : " class=\"num\""))>\(name)</th>" as HTML
    }
    let lines = rows.map { row in
      let cells = row.enumerated().map { index, cell in
        "<td\(HTML(markup: index < left ? "" : " class=\"num\""))>\(cell)</td>" as HTML
      }
      return "<tr>\(cells.joined())</tr>\n" as HTML
    }
    return """
      <section class="card"><h2>\(title)</h2><p class="hint">\(note)</p>
      <div class="scroll"><table><thead><tr>\(heads.joined())</tr></thead>
      <tbody>
      \(lines.joined())</tbody></table></div></section>
      """
  }

  /// A number as a coordinate.
  static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  /// Added to the style of reports.
  private static let style = """
    .figure { width: 100%; height: auto; display: block; margin-top: 10px; }
    .figure text { fill: var(--ink); font: 12px system-ui, "DejaVu Sans", sans-serif; }
    .figure .soft { fill: var(--soft); font-size: 11px; }
    .figure .node { fill: var(--card); stroke: var(--c0); stroke-width: 1.5; }
    .figure .hot { stroke: var(--bad); stroke-width: 2.5; }
    .figure .link { fill: none; stroke: var(--c0); opacity: .45; }
    .figure .row { fill: var(--track); }
    .figure .burst { fill: none; stroke: var(--bad); stroke-width: 1.5; }
    .figure .rule { stroke: var(--rule); stroke-width: 1; }
    .figure .heat { fill: var(--c0); }
    .bursts { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 8px 28px; }
    .bursts h3 { margin: 14px 0 0; font-size: 14px; }
    .bursts .bar { width: 34%; min-width: 80px; }
    .bursts td:first-child { max-width: 24em; overflow: hidden; text-overflow: ellipsis; }
    @media (max-width: 640px) { .bursts { grid-template-columns: 1fr; } }

    """
}
