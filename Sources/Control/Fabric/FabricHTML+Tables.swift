extension FabricHTML {
  /// Every entry of the traffic.
  static func trafficTable(_ report: FabricReport) -> HTML {
    let columns: [ReportHTML.Column] = [
      .init(title: "Traffic", isNumber: false), .init(title: "Flows"), .init(title: "Sent"), .init(title: "Received"),
      .init(title: "Dropped"), .init(title: "Marked"), .init(title: "Reordered"), .init(title: "Depth"),
      .init(title: "Complete"), .init(title: "FCT p50"), .init(title: "FCT p99"), .init(title: "FCT max"),
      .init(title: "Latency p50"), .init(title: "p99"),
    ]
    let rows = report.traffic.map { entry -> [ReportHTML.Cell] in
      [
        .init(entry.name), .count(entry.flows), .count(entry.sent), .count(entry.received), .count(entry.dropped),
        .count(entry.marked), .count(entry.reordered), .count(entry.reorderDepth), .count(entry.complete),
        .time(entry.completion.p50), .time(entry.completion.p99), .time(entry.completion.max),
        .time(entry.latency.p50), .time(entry.latency.p99),
      ]
    }
    return ReportHTML.table(
      "Traffic", note: "FCT is the time from a flow's beginning to the arrival of its last frame.", columns, rows)
  }

  /// Both directions of every link.
  static func linkTable(_ report: FabricReport) -> HTML {
    let columns: [ReportHTML.Column] = [
      .init(title: "From", isNumber: false), .init(title: "To", isNumber: false), .init(title: "Speed"),
      .init(title: "Frames"), .init(title: "Bytes"), .init(title: "Use"), .init(title: "Peak queue"),
      .init(title: "Pause frames"), .init(title: "Paused"),
    ]
    let rows = report.links.flatMap { link in
      zip(link.directions, link.directions.reversed()).map { direction, other -> [ReportHTML.Cell] in
        let meter: HTML = """
          <span class="meter"><i style="width:\(Int((min(direction.use, 1) * 100).rounded()))%"></i></span>\
          \(ReportUnits.percent(direction.use))
          """
        let paused = direction.pausedPicoseconds ?? 0
        return [
          .init(direction.from), .init(other.from),
          .init(ReportUnits.speed(link.speedBitsPerSecond), key: Double(link.speedBitsPerSecond)),
          .count(direction.frames), .bytes(direction.bytes), .init(html: meter, key: direction.use),
          .bytes(direction.peakQueueBytes ?? 0), .count(direction.pauseFrames),
          .init(ReportUnits.time(picoseconds: paused), key: Double(paused)),
        ]
      }
    }
    return ReportHTML.table(
      "Links", note: "Use counts preamble, check sequence and gap, over the whole run.", columns, rows)
  }

  /// Every switch.
  static func switchTable(_ report: FabricReport) -> HTML {
    let columns: [ReportHTML.Column] = [
      .init(title: "Switch", isNumber: false), .init(title: "Received"), .init(title: "Sent"),
      .init(title: "Dropped"), .init(title: "Waiting"), .init(title: "Shared buffer, peak"),
    ]
    let rows = report.switches.map { device -> [ReportHTML.Cell] in
      [
        .init(device.name), .count(device.received), .count(device.sent), .count(device.dropped),
        .count(device.waiting), .bytes(device.sharedPeakBytes),
      ]
    }
    return ReportHTML.table("Switches", note: "", columns, rows)
  }

  /// All of the page's script.
  static let script = [
    ReportHTML.plotScript, ReportHTML.timePlotScript, ReportHTML.latencyPlotScript, ReportHTML.themeScript,
    ReportHTML.tableScript, fabricScript,
  ].joined(separator: "\n")

  /// Fills the plots.
  private static let fabricScript = #"""
    const report = JSON.parse(document.getElementById("report").textContent);
    const duration = report.duration_ps;

    function startPlots() {
      document.getElementById("plots").hidden = false;
      const reset = document.getElementById("reset");
      const zoom = (from, to) => {
        Object.assign(view, { from, to });
        reset.hidden = from === 0 && to === duration;
        use.draw();
        depth.draw();
      };
      Object.assign(view, { from: 0, to: duration || 1 });
      reset.addEventListener("click", () => zoom(0, duration));
      const axis = { binWidth: report.series.bin_ps, duration, zoom };
      const use = new TimePlot("use", { ...axis, format: formatRate });
      const depth = new TimePlot("depth", { ...axis, format: formatBytes });
      use.show(report.links.flatMap(link => link.directions.filter(one => one.bytes > 0).map(one => ({
        label: one.from, values: one.tx_bytes, per: 8e12, size: one.bytes,
        note: formatRate(duration ? one.bytes * 8e12 / duration : 0),
      }))), "Nothing was sent between switches");
      depth.show(report.queues.map(queue => ({
        label: queue.port + " queue " + queue.queue, values: queue.max_bytes, size: queue.peak_bytes,
        note: "peak " + formatBytes(queue.peak_bytes),
      })), "No queue held a frame");
      const shares = (key, histogram, count) => report.traffic.filter(entry => entry[key].count > 0).map(entry => ({
        label: entry.name, latency: entry[key], histogram: entry[histogram], size: entry[key].count,
        note: "p99 " + formatTime(entry[key].p99 * 1000),
      }));
      new LatencyPlot("completion").show(shares("completion_ns", "completion_histogram"), "No flow was completed");
      new LatencyPlot("latency").show(shares("latency_ns", "latency_histogram"), "No frame arrived");
    }

    startTheme();
    document.querySelectorAll("table.sortable").forEach(makeSortable);
    startPlots();
    """#
}
