import Collector

extension CollectorHTML {
  /// From the first interval of any queue to the end of the last.
  var timeRange: Range<UInt64>? {
    guard let first = snapshot.bins.map(\.startNs).min(), let last = snapshot.bins.map(\.startNs).max() else {
      return nil
    }
    let end = Self.sum(last, max(1, snapshot.binNs))
    return min(first, .max - 1)..<max(min(first, .max - 1) + 1, end)
  }

  /// Times may be whatever reports say.
  private static func sum(_ time: UInt64, _ span: UInt64) -> UInt64 {
    let (sum, overflow) = time.addingReportingOverflow(span)
    return overflow ? .max : sum
  }

  private static let columns: UInt64 = 240
  private static let queues = 24
  private static let shades = 10

  /// Depth of queues over time: a row for each of the deepest, darker where it was deeper.
  var heatMap: HTML {
    let queues = snapshot.queues.prefix(Self.queues).filter { $0.maxDepthBytes > 0 }
    guard let range = timeRange, let most = queues.first?.maxDepthBytes else { return "" }
    let (left, width, rowHeight, top) = (190.0, 1000.0, 20.0, 8.0)
    let height = top + Double(queues.count) * rowHeight
    let span = range.upperBound - range.lowerBound
    let columns = max(1, min(Self.columns, span / max(1, snapshot.binNs)))
    // Where a column ends, the next begins: no interval is wider than one.
    func column(_ time: UInt64) -> UInt64 {
      let (high, low) = (time - range.lowerBound).multipliedFullWidth(by: columns)
      return span == 0 ? 0 : min(columns - 1, span.dividingFullWidth((high, low)).quotient)
    }
    func x(_ time: UInt64) -> Double {
      let inside = min(max(time, range.lowerBound), range.upperBound) - range.lowerBound
      return left + width * Double(inside) / Double(span)
    }
    var body = HTML()
    for (index, queue) in queues.enumerated() {
      let y = top + Double(index) * rowHeight
      let name = "node \(queue.text)"
      body += """
        <text x="\(Self.number(left - 8))" y="\(Self.number(y + 14))" text-anchor="end">\(name)</text>\
        <rect class="row" x="\(Self.number(left))" y="\(Self.number(y + 2))" width="\(Self.number(width))" \
        height="\(Self.number(rowHeight - 4))"/>

        """
      var depths = [UInt64](repeating: 0, count: Int(columns))
      for bin in snapshot.bins where bin.node == queue.node && bin.egress == queue.egress && bin.queue == queue.queue {
        // By its middle: intervals need not be as wide as columns.
        let place = Int(column(min(Self.sum(bin.startNs, snapshot.binNs / 2), range.upperBound - 1)))
        depths[place] = max(depths[place], bin.maxDepthBytes ?? 0)
      }
      let cell = width / Double(columns)
      for (place, depth) in depths.enumerated() where depth > 0 {
        let shade = max(1, Int((Double(depth) / Double(most) * Double(Self.shades)).rounded(.up)))
        body += """
          <rect class="heat" x="\(Self.number(left + cell * Double(place)))" y="\(Self.number(y + 2))" \
          width="\(Self.number(cell + 0.1))" height="\(Self.number(rowHeight - 4))" \
          fill-opacity="\(Self.number(Double(shade) / Double(Self.shades)))">\
          <title>\(ReportUnits.bytes(depth)) at \
          \(ReportUnits.time(nanoseconds: Double(span) * Double(place) / Double(columns)))</title></rect>
          """
      }
      for burst in snapshot.bursts
      where burst.node == queue.node && burst.egress == queue.egress && burst.queue == queue.queue
        && range.contains(burst.startNs)
      {
        let (begin, end) = (x(burst.startNs), x(Self.sum(burst.startNs, burst.durationNs)))
        body += """
          <rect class="burst" x="\(Self.number(begin))" y="\(Self.number(y + 1))" \
          width="\(Self.number(max(2, end - begin)))" height="\(Self.number(rowHeight - 2))"/>
          """
      }
    }
    for step in 0...5 {
      let place = left + width * Double(step) / 5
      body += """
        <line class="rule" x1="\(Self.number(place))" x2="\(Self.number(place))" y1="\(Self.number(height))" \
        y2="\(Self.number(height + 5))"/><text class="soft" text-anchor="middle" x="\(Self.number(place))" \
        y="\(Self.number(height + 18))">\(ReportUnits.time(nanoseconds: Double(span) * Double(step) / 5))</text>
        """
    }
    let total = height + 26
    let more = snapshot.queues.count > queues.count ? ", the \(queues.count) deepest of \(snapshot.queues.count)" : ""
    return """
      <section class="card"><h2>Queues over time</h2>
      <p class="hint">most bytes left behind by a packet, up to \(ReportUnits.bytes(most)) (darkest)\(more); framed: \
      bursts; time since \(ReportUnits.instant(nanoseconds: Int64(clamping: range.lowerBound)))</p>
      <svg class="figure" viewBox="0 0 1230 \(Self.number(total))" role="img" aria-label="Depth of queues over time">
      \(body)</svg></section>
      """
  }
}
