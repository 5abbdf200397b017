/// Writes a report as one HTML page that needs nothing but itself: no network, no other file.
///
/// Tables, bars and headline numbers are markup and show without JavaScript; the plots over time and of latency are
/// drawn by the page's script from the report, which the page carries as JSON.
public struct ReportHTML {
  let report: Report

  /// Creates a writer of `report`.
  public init(_ report: Report) { self.report = report }

  /// The page.
  ///
  /// - Throws: `EncodingError.invalidValue` for a number that is not finite.
  public func page() throws -> String {
    let data = HTML(markup: try OrderedJSON.encode(report, layout: .embedded))
    let page: HTML = """
      \(HTML.head(title: "\(report.identity.name) - Penstock replay", style: Self.style, policy: Self.policy))
      <body>
      \(header)
      <main>
      \(alerts)
      \(tiles)
      \(conservation)
      \(plots)
      \(latencySplit)
      \(buffer)
      \(nextHops)
      \(drops)
      \(portTable)
      \(queueTable)
      \(markingTable)
      \(trimmingTable)
      \(queuePauseTable)
      \(inputTable)
      </main>
      <footer>Every number on this page is in report.json, described in docs/report.md.</footer>
      <script type="application/json" id="report">\(data)</script>
      <script>
      \(HTML(markup: Self.script))
      </script>
      </body>
      </html>

      """
    return page.text
  }

  /// Forbids the page to load or send anything.
  package static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

  private static let script = [
    plotScript, timePlotScript, latencyPlotScript, linesScript, themeScript, tableScript, pageScript,
  ].joined(separator: "\n")

  private var header: HTML {
    """
    <header>
    <div>
    <p class="brand">Penstock replay</p>
    <h1>\(report.identity.name)</h1>
    <ul class="facts">
    <li>switch \(report.identity.id)</li><li>\(report.identity.mac)</li><li>\(report.identity.mode)</li>\
    <li>\(report.ports.count) ports</li><li>seed \(report.seed)</li>\
    <li>\(ReportUnits.time(picoseconds: report.durationPicoseconds)) of virtual time</li>\
    <li>from \(ReportUnits.instant(nanoseconds: report.startNanoseconds))</li>
    </ul>
    </div>
    <button id="theme" type="button" hidden>Dark</button>
    </header>
    """
  }

  /// Errors first, then alarms, then notices; nothing when there are none.
  private var alerts: HTML {
    var html = HTML()
    let broken = report.inputs.filter { $0.error != nil && report.errors.isEmpty }
    let errors = report.errors + broken.map { "\($0.file) into \($0.port): \($0.error ?? "")" }
    if !errors.isEmpty {
      let items = errors.map { "<li>\(HTML(sentence: $0))</li>" as HTML }.joined()
      let title = (errors.count == 1 ? "1 error" : "\(errors.count) errors") + ": this run is not complete"
      html += "<section class=\"alert error\" role=\"alert\"><h2>\(title)</h2><ul>\(items)</ul></section>\n"
    }
    if !report.alarms.isEmpty {
      let items = report.alarms.map { "<li>\(HTML(sentence: $0))</li>" as HTML }.joined()
      html += "<section class=\"alert error\" role=\"alert\"><h2>Alarm</h2><ul>\(items)</ul></section>\n"
    }
    if !report.notices.isEmpty {
      let items = report.notices.map { "<li>\(HTML(sentence: $0))</li>" as HTML }.joined()
      let title = report.notices.count == 1 ? "1 notice" : "\(report.notices.count) notices"
      html += "<section class=\"alert notice\"><h2>\(title)</h2><ul>\(items)</ul></section>\n"
    }
    return html
  }

  /// The frames that the script fills. The controls are hidden until it runs.
  private var plots: HTML {
    """
    <noscript><p class="card">The plots are drawn by a script, which is off here. Every number is in the tables \
    below.</p></noscript>
    <section id="plots" hidden>
    <div class="toolbar">
    <label for="port">Show</label> <select id="port"></select>
    <button id="reset" type="button" hidden>Whole time</button>
    <span class="hint">Drag across a plot to zoom in time, double-click to see all of it</span>
    </div>
    \(plot("throughput", title: "Throughput", switches: [("tx_bytes", "Sent"), ("rx_bytes", "Received")]))
    \(plot("depth", title: "Queue depth", note: "most bytes held during each interval"))
    \(flowControlPlots)
    \(plot("latency", title: "Latency", note: "share of packets that took no longer; dots at p50, p90, p99, p99.9"))
    </section>
    """
  }

  /// Occupancy and pauses, drawn where there were any: a replay that never fills a queue is read without them.
  private var flowControlPlots: HTML {
    """
    \(plot(
      "buffer", title: "Buffer and flow control",
      note: "most bytes in each interval; dotted: limits of lossless groups; \u{25BC} XOFF, \u{25B2} XON",
      switches: [("shared_bytes", "Shared"), ("headroom_bytes", "Headroom")]))
    \(plot(
      "paused", title: "Paused",
      note: "share of time for which a priority was not allowed to leave; \u{25BC} storm, \u{25B2} storm over"))
    """
  }

  private func plot(_ id: String, title: String, note: String = "", switches: [(String, String)] = []) -> HTML {
    let buttons = switches.map { value, label in
      "<button type=\"button\" value=\"\(value)\" aria-pressed=\"false\">\(label)</button>" as HTML
    }.joined()
    let group: HTML = switches.isEmpty ? "" : "<span class=\"switch\" role=\"group\">\(buttons)</span>"
    return """
      <figure class="card plot" id="\(id)">
      <figcaption><h2>\(title)</h2><span class="hint">\(note)</span>\(group)</figcaption>
      <div class="canvas" tabindex="0" role="img" aria-label="\(title)"></div>
      <div class="legend" role="group" aria-label="Lines of \(title)"></div>
      </figure>
      """
  }
}
