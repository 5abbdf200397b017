extension ReportHTML {
  /// The numbers that a reader wants first.
  var tiles: HTML {
    let totals = report.totals
    let sent = report.ports.reduce(0) { $0 + $1.tx.bytes }
    let received = report.ports.reduce(0) { $0 + $1.rx.bytes }
    var tiles = [
      tile("Received", ReportUnits.count(totals.rxPackets), volume(received)),
      tile("Sent", ReportUnits.count(totals.txPackets), volume(sent)),
      tile(
        "Dropped", ReportUnits.count(totals.droppedPackets),
        totals.appeared == 0 || totals.droppedPackets == 0
          ? "no packet was lost"
          : "\(ReportUnits.percent(Double(totals.droppedPackets) / Double(totals.appeared))) of all packets",
        style: totals.droppedPackets == 0 ? "good" : "bad"),
    ]
    let queues = report.ports.flatMap { port in
      port.queues.enumerated().map { (label: "\(port.name), queue \($0.offset)", queue: $0.element) }
    }
    if let worst = queues.max(by: { ($0.queue.latency.p99 ?? -1) < ($1.queue.latency.p99 ?? -1) }),
      let p99 = worst.queue.latency.p99
    {
      tiles.append(tile("Highest p99 latency", ReportUnits.time(nanoseconds: p99), worst.label))
    }
    if let deepest = queues.max(by: { $0.queue.maxBytes < $1.queue.maxBytes }), deepest.queue.maxBytes > 0 {
      tiles.append(tile("Deepest queue", ReportUnits.bytes(deepest.queue.maxBytes), deepest.label))
    }
    let shared = report.buffer.shared
    if shared.peakBytes > 0 {
      let share = ReportUnits.percent(Double(shared.peakBytes) / Double(max(1, shared.sizeBytes)))
      tiles.append(tile("Shared buffer", ReportUnits.bytes(shared.peakBytes), "peak, \(share) of the pool"))
    }
    let flow = report.flowControl
    if flow.isUsed {
      let paused = ReportUnits.time(picoseconds: flow.pausedPicoseconds)
      tiles.append(
        tile(
          "Paused", paused,
          "\(ReportUnits.count(flow.sentXOFF)) XOFF sent, \(ReportUnits.count(flow.receivedXOFF)) received"))
    }
    let marked = queues.reduce(0) { $0 + $1.queue.marking.markedPackets }
    if marked > 0 { tiles.append(tile("ECN marked", ReportUnits.count(marked), "packets left with CE")) }
    return "<section class=\"tiles\" aria-label=\"Headline numbers\">\n\(tiles.joined())</section>"
  }

  /// Bytes and their mean rate.
  private func volume(_ bytes: UInt64) -> String {
    let rate = ReportUnits.meanRate(bytes: bytes, picoseconds: report.durationPicoseconds)
    return "\(ReportUnits.bytes(bytes)), \(ReportUnits.rate(rate))"
  }

  private func tile(_ title: String, _ value: String, _ note: String, style: String = "") -> HTML {
    let size: HTML = value.count > 10 ? " long" : ""
    return """
      <div class="card tile \(style)\(size)"><h2>\(title)</h2>\
      <p class="value">\(value)</p><p class="note">\(note)</p></div>

      """
  }

  /// Where all packets came from and where they went, as two bars that must be of one length.
  var conservation: HTML {
    let totals = report.totals
    let longest = max(totals.appeared, totals.settled)
    let difference = longest - min(totals.appeared, totals.settled)
    let verdict: HTML =
      if totals.isConserved {
        "<span class=\"verdict good\">&#10003; Every packet is accounted for</span>"
      } else if totals.appeared > totals.settled {
        "<span class=\"verdict bad\">&#10007; \(ReportUnits.count(difference)) packets are missing</span>"
      } else {
        "<span class=\"verdict bad\">&#10007; \(ReportUnits.count(difference)) packets too many</span>"
      }
    let sources = [
      Part("received", totals.rxPackets, "p0"), Part("originated", totals.originatedPackets, "p1"),
      Part("replicated", totals.replicatedPackets, "p2"),
    ]
    let ends = [
      Part("sent", totals.txPackets, "p3"), Part("dropped", totals.droppedPackets, "p4"),
      Part("consumed", totals.consumedPackets, "p5"),
    ]
    return """
      <section class="card conservation">
      <h2>Conservation</h2>\(verdict)
      \(stack(sources, of: longest, total: totals.appeared))
      \(stack(ends, of: longest, total: totals.settled))
      </section>
      """
  }

  private struct Part {
    var name: String
    var count: UInt64
    var style: String

    init(_ name: String, _ count: UInt64, _ style: String) {
      self.name = name
      self.count = count
      self.style = style
    }
  }

  private func stack(_ parts: [Part], of longest: UInt64, total: UInt64) -> HTML {
    let bars = parts.filter { $0.count > 0 }.map { part in
      "<i class=\"\(part.style)\" style=\"flex-grow:\(part.count)\"></i>" as HTML
    }.joined()
    let gap: HTML = longest > total ? "<i class=\"gap\" style=\"flex-grow:\(longest - total)\"></i>" : ""
    let words = parts.enumerated().map { index, part in
      let plus: HTML = index > 0 ? " <b>+</b> " : ""
      return "\(plus)<span><i class=\"\(part.style)\"></i>\(part.name) \(ReportUnits.count(part.count))</span>" as HTML
    }.joined()
    return """
      <div class="stack" aria-hidden="true">\(bars)\(gap)</div>
      <p class="sum">\(words) <b>=</b> <strong>\(ReportUnits.count(total))</strong></p>
      """
  }
}
