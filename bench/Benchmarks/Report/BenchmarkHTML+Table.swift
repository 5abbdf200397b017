import Control

/// The rows of one suite as tables, one for each workload, with bars.
struct BenchmarkHTMLTable {
  private let rows: [BenchmarkRow]
  /// Whether bars show time, because rows are parts of a whole, or rates.
  private let showsTime: Bool

  init(_ rows: [BenchmarkRow]) {
    self.rows = rows
    showsTime = rows.contains { $0.isPart }
  }

  var html: HTML {
    var workloads: [String] = []
    for row in rows where !workloads.contains(row.workload) { workloads.append(row.workload) }
    return workloads.map { workload in table(workload, rows.filter { $0.workload == workload }) }.joined()
  }

  private func value(_ row: BenchmarkRow) -> Spread? { showsTime ? row.nanoseconds : row.mpps }

  private func table(_ workload: String, _ rows: [BenchmarkRow]) -> HTML {
    let all = rows.compactMap { value($0)?.max } + (showsTime ? [] : rows.flatMap { $0.peers.map(\.mpps.max) })
    let most = all.max() ?? 0
    let hasRatio = rows.contains { !$0.peers.isEmpty }
    let hasLatency = rows.contains { $0.latency != nil || $0.peers.contains { $0.latency != nil } }
    let hasInstructions = rows.contains { $0.instructions != nil }
    let lines = rows.map { row in
      let others = row.peers.map { peer in
        line(
          "beside \(peer.name) \(peer.version)", isPeer: true, showsTime ? nil : peer.mpps, of: most,
          numbers: [nil, BenchmarkNumbers.text(peer.mpps.median), "", ""] + (hasInstructions ? [""] : []) + [""]
            + (hasRatio
              ? ["\(BenchmarkNumbers.text(peer.ratio.median))x (\(BenchmarkNumbers.range(peer.ratio)))"] : [])
            + (hasLatency ? latency(peer.latency) : []) + ["", ""], also: "")
      }.joined()
      return own(
        row, of: most, hasRatio: hasRatio, hasLatency: hasLatency, hasInstructions: hasInstructions) + others
    }.joined()
    let heads =
      ["Mpps", "ns", "cycles"] + (hasInstructions ? ["instructions"] : []) + ["Gb/s"]
      + (hasRatio ? ["ratio to it"] : []) + (hasLatency ? ["p50", "p99", "p99.9"] : []) + ["calibration", "away"]
    return """
      <div class="scroll"><table>
      <caption>\(workload), \(BenchmarkNumbers.text(rows.first?.frameBytes)) B on average, \
      \(rows.first?.flows ?? 0) flows</caption>
      <thead><tr><th>What</th><th class="bar">\(showsTime ? "ns a packet" : "Mpps, least and most")</th>\
      \(heads.map { "<th class=\"num\">\($0)</th>" as HTML }.joined())<th>Also</th></tr></thead>
      <tbody>
      \(lines)
      </tbody></table></div>
      """
  }

  private func own(
    _ row: BenchmarkRow, of most: Double, hasRatio: Bool, hasLatency: Bool, hasInstructions: Bool
  ) -> HTML {
    let also = row.figures.map { figure in
      "\(figure.name) \(BenchmarkNumbers.text(figure.value))\(figure.unit.isEmpty ? "" : " " + figure.unit)"
    }
    let numbers: [String?] =
      [
        nil, BenchmarkNumbers.text(row.mpps?.median), BenchmarkNumbers.text(row.nanoseconds?.median),
        BenchmarkNumbers.text(row.cycles),
      ] + (hasInstructions ? [BenchmarkNumbers.text(row.instructions)] : [])
      + [BenchmarkNumbers.text(row.gigabitsPerSecond)] + (hasRatio ? [""] : [])
      + (hasLatency ? latency(row.latency) : [])
      + [BenchmarkNumbers.text(row.calibrationMedian), BenchmarkNumbers.percent(row.mostAway)]
    let title = row.cores == 1 ? row.title : "\(row.title), \(row.cores) cores"
    return line(
      title, isPeer: false, value(row), of: most, numbers: numbers,
      also: (also + (row.note.map { [$0] } ?? [])).joined(separator: "; "))
  }

  private func latency(_ latency: LatencyQuantiles?) -> [String?] {
    [BenchmarkNumbers.time(latency?.p50), BenchmarkNumbers.time(latency?.p99), BenchmarkNumbers.time(latency?.p999)]
  }

  private func line(
    _ title: String, isPeer: Bool, _ spread: Spread?, of most: Double, numbers: [String?], also: String
  ) -> HTML {
    let cells = numbers.compactMap { $0 }.map { "<td class=\"num\">\($0)</td>" as HTML }.joined()
    return """
      <tr class="\(isPeer ? "peer" : "own")"><th scope="row">\(title)</th><td class="bar">\(bar(spread, of: most))</td>\
      \(cells)<td class="also">\(also)</td></tr>

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

private func + (left: HTML, right: HTML) -> HTML { HTML(markup: left.text + right.text) }
