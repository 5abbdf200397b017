/// Writes a network's report as one HTML page that needs nothing but itself.
public struct FabricHTML {
  private let report: FabricReport

  /// Creates a writer of `report`.
  public init(_ report: FabricReport) { self.report = report }

  /// The page.
  ///
  /// - Throws: `EncodingError.invalidValue` for a number that is not finite.
  public func page() throws -> String {
    let data = HTML(markup: try OrderedJSON.encode(report, layout: .embedded))
    let page: HTML = """
      \(HTML.head(title: "\(report.name) - Penstock fabric", style: ReportHTML.style, policy: ReportHTML.policy))
      <body>
      \(header)
      <main>
      \(alerts)
      \(tiles)
      \(plots)
      \(Self.trafficTable(report))
      \(Self.linkTable(report))
      \(Self.switchTable(report))
      </main>
      <footer>Every number on this page is in report.json, described in docs/fabric.md.</footer>
      <script type="application/json" id="report">\(data)</script>
      <script>
      \(HTML(markup: Self.script))
      </script>
      </body>
      </html>

      """
    return page.text
  }

  private var header: HTML {
    """
    <header>
    <div>
    <p class="brand">Penstock fabric</p>
    <h1>\(report.name)</h1>
    <ul class="facts">
    <li>\(report.switches.count) switches</li><li>\(report.links.count) links</li><li>\(report.hosts.count) hosts</li>\
    <li>seed \(report.seed)</li>\
    <li>\(ReportUnits.time(picoseconds: report.durationPicoseconds)) of virtual time</li>
    </ul>
    </div>
    <button id="theme" type="button" hidden>Dark</button>
    </header>
    """
  }

  private var alerts: HTML {
    var html = HTML()
    if report.totals.isStalled {
      html += """
        <section class="alert error" role="alert"><h2>Deadlock</h2><ul><li>Frames wait, and nothing moves any more.</li>\
        </ul></section>

        """
    }
    if !report.notices.isEmpty {
      let items = report.notices.map { "<li>\(HTML(sentence: $0))</li>" as HTML }.joined()
      html += "<section class=\"alert notice\"><h2>Notices</h2><ul>\(items)</ul></section>\n"
    }
    return html
  }

  private var tiles: HTML {
    let totals = report.totals
    let bytes = report.traffic.reduce(0) { $0 + $1.receivedBytes }
    let rate = ReportUnits.rate(ReportUnits.meanRate(bytes: bytes, picoseconds: report.durationPicoseconds))
    let reordered = report.traffic.reduce(0) { $0 + $1.reordered }
    let slowest = report.traffic.compactMap(\.completion.max).max()
    return """
      <section class="tiles" aria-label="Headline numbers">
      \(tile("Received", ReportUnits.count(totals.received), "\(ReportUnits.bytes(bytes)), \(rate)"))
      \(tile(
        "Dropped", ReportUnits.count(totals.dropped), totals.dropped == 0 ? "no frame was lost" : "see Switches",
        style: totals.dropped == 0 ? "good" : "bad"))
      \(tile(
        "Slowest flow", slowest.map { ReportUnits.time(nanoseconds: $0) } ?? "-", "from its beginning to its last bit"))
      \(tile("Reordered", ReportUnits.count(reordered), "frames behind one sent later"))
      \(tile(
        "Accounts", totals.isConserved ? "balanced" : "NOT BALANCED", "\(ReportUnits.count(totals.waiting)) frames wait",
        style: totals.isConserved ? "good" : "bad"))
      </section>
      """
  }

  private func tile(_ title: String, _ value: String, _ note: String, style: String = "") -> HTML {
    let size: HTML = value.count > 10 ? " long" : ""
    return """
      <div class="card tile \(style)\(size)"><h2>\(title)</h2>\
      <p class="value">\(value)</p><p class="note">\(note)</p></div>

      """
  }

  private var plots: HTML {
    """
    <noscript><p class="card">The plots are drawn by a script, which is off here.</p></noscript>
    <section id="plots" hidden>
    <div class="toolbar"><button id="reset" type="button" hidden>Whole time</button>
    <span class="hint">Drag across a plot to zoom in time, double-click to see all of it</span></div>
    \(plot("use", "Use of links", "rate on the line, by the port that sends"))
    \(plot("depth", "Queue depth", "most bytes held during each interval"))
    \(plot("completion", "Completion of flows", "share of flows that took no longer; dots at p50, p90, p99, p99.9"))
    \(plot("latency", "Latency", "share of frames that took no longer from host to host"))
    </section>
    """
  }

  private func plot(_ id: String, _ title: String, _ note: String) -> HTML {
    """
    <figure class="card plot" id="\(id)">
    <figcaption><h2>\(title)</h2><span class="hint">\(note)</span></figcaption>
    <div class="canvas" tabindex="0" role="img" aria-label="\(title)"></div>
    <div class="legend" role="group" aria-label="Lines of \(title)"></div>
    </figure>
    """
  }
}
