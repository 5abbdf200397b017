import Control

/// The rows of one suite as tables with bars: one for each workload, and one for each curve.
struct BenchmarkHTMLTable {
  /// A column behind the bar, and what it shows of a row or of a peer beside it.
  private struct Column {
    var title: String
    var text: (BenchmarkRow) -> String
    var peer: (PeerFigure) -> String = { _ in "" }
  }

  private let rows: [BenchmarkRow]
  /// Whether bars show time, because rows are parts of a whole, or rates.
  private let showsTime: Bool

  init(_ rows: [BenchmarkRow]) {
    self.rows = rows
    showsTime = rows.contains { $0.isPart }
  }

  var html: HTML {
    var groups: [String] = []
    for row in rows where !groups.contains(BenchmarkHTMLTable.group(row)) {
      groups.append(BenchmarkHTMLTable.group(row))
    }
    return groups.map { group in table(group, rows.filter { BenchmarkHTMLTable.group($0) == group }) }.joined()
  }

  /// What the rows of one table have in common: points of a curve stay together.
  private static func group(_ row: BenchmarkRow) -> String { row.variable == nil ? row.workload : row.subject }

  private func value(_ row: BenchmarkRow) -> Spread? { showsTime ? row.nanoseconds : row.mpps }

  private static var columns: [Column] {
    [
      Column(
        title: "Mpps", text: { BenchmarkNumbers.text($0.mpps?.median) },
        peer: { BenchmarkNumbers.text($0.mpps.median) }),
      Column(title: "ns", text: { BenchmarkNumbers.text($0.nanoseconds?.median) }),
      Column(title: "cycles", text: { BenchmarkNumbers.text($0.cycles) }),
      Column(title: "instructions", text: { BenchmarkNumbers.text($0.instructions) }),
      Column(title: "Gb/s", text: { BenchmarkNumbers.text($0.gigabitsPerSecond) }),
      Column(
        title: "ours to it", text: { _ in "" },
        peer: { "\(BenchmarkNumbers.text($0.ratio.median))x (\(BenchmarkNumbers.range($0.ratio)))" }),
      Column(
        title: "p50", text: { BenchmarkNumbers.time($0.latency?.p50) },
        peer: { BenchmarkNumbers.time($0.latency?.p50) }),
      Column(
        title: "p99", text: { BenchmarkNumbers.time($0.latency?.p99) },
        peer: { BenchmarkNumbers.time($0.latency?.p99) }),
      Column(
        title: "p99.9", text: { BenchmarkNumbers.time($0.latency?.p999) },
        peer: { BenchmarkNumbers.time($0.latency?.p999) }),
      Column(title: "calibration", text: { BenchmarkNumbers.text($0.calibrationMedian) }),
      Column(title: "away", text: { BenchmarkNumbers.percent($0.mostAway) }),
    ]
  }

  private func table(_ group: String, _ rows: [BenchmarkRow]) -> HTML {
    let most = (rows.compactMap { value($0)?.max } + (showsTime ? [] : rows.flatMap { $0.peers.map(\.mpps.max) })).max()
    // Columns that no row fills are left out.
    let columns = BenchmarkHTMLTable.columns.filter { column in
      rows.contains { row in
        ([column.text(row)] + row.peers.map(column.peer)).contains { $0 != "-" && !$0.isEmpty }
      }
    }
    let hasRemarks = rows.contains { !BenchmarkHTMLTable.remarks($0).isEmpty }
    let lines = rows.map { row in
      let own = line(
        row.cores == 1 ? row.title : "\(row.title), \(row.cores) cores", kind: "own", value(row), of: most ?? 0,
        columns.map { $0.text(row) }, hasRemarks ? BenchmarkHTMLTable.remarks(row) : nil)
      let others = row.peers.map { peer in
        line(
          "beside \(peer.name) \(peer.version)", kind: "peer", showsTime ? nil : peer.mpps, of: most ?? 0,
          columns.map { $0.peer(peer) }, hasRemarks ? "" : nil)
      }
      return ([own] + others).joined()
    }.joined()
    let remarks: HTML = hasRemarks ? "<th>Also</th>" : ""
    return """
      <div class="scroll"><table>
      <caption>\(group)\(BenchmarkHTMLTable.facts(rows))</caption>
      <thead><tr><th>What</th><th class="bar">\(showsTime ? "ns a packet" : "Mpps"), least and most</th>\
      \(columns.map { "<th class=\"num\">\($0.title)</th>" as HTML }.joined())\(remarks)</tr></thead>
      <tbody>
      \(lines)
      </tbody></table></div>
      """
  }

  /// What all rows of a table share.
  private static func facts(_ rows: [BenchmarkRow]) -> String {
    var facts = ""
    let sizes = Set(rows.map(\.frameBytes)), flows = Set(rows.map(\.flows))
    if sizes.count == 1, let size = sizes.first { facts += ", \(BenchmarkNumbers.value(size)) B on average" }
    if flows.count == 1, let count = flows.first { facts += ", \(count) \(count == 1 ? "flow" : "flows")" }
    return facts
  }

  private static func remarks(_ row: BenchmarkRow) -> String {
    let figures = row.figures.map { figure in
      "\(figure.name) \(BenchmarkNumbers.text(figure.value))\(figure.unit.isEmpty ? "" : " " + figure.unit)"
    }
    return (figures + (row.note.map { [$0] } ?? [])).joined(separator: "; ")
  }

  private func line(
    _ title: String, kind: String, _ spread: Spread?, of most: Double, _ cells: [String], _ remarks: String?
  ) -> HTML {
    let numbers = cells.map { "<td class=\"num\">\($0)</td>" as HTML }.joined()
    let last = remarks.map { "<td class=\"also\">\($0)</td>" as HTML } ?? ""
    return """
      <tr class="\(kind)"><th scope="row">\(title)</th><td class="bar">\(bar(spread, of: most))</td>\
      \(numbers)\(last)</tr>

      """
  }

  /// The median as a bar, the least and the most as marks.
  private func bar(_ spread: Spread?, of most: Double) -> HTML {
    guard let spread, most > 0 else { return "" }
    func percent(_ value: Double) -> String { BenchmarkNumbers.text(max(0, value) / most * 100) }
    return """
      <div class="track"><i style="width:\(percent(spread.median))%"></i>\
      <b class="low" style="left:\(percent(spread.min))%"></b><b class="high" style="left:\(percent(spread.max))%"></b>\
      </div>
      """
  }
}
