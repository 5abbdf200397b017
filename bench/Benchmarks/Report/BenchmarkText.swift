import Control

extension BenchmarkResults {
  /// The suites that have rows, in the order of the rows.
  var suites: [String] {
    rows.reduce(into: []) { suites, row in if !suites.contains(row.suite) { suites.append(row.suite) } }
  }

  /// The results as aligned tables, one for each suite, with a line break at the end.
  public func text(isColoured: Bool) -> String {
    var text =
      TextTable.printable(machine.cpu) + ": " + machine.phrases.map { TextTable.printable($0) }.joined(separator: "; ")
      + "\n\n"
    for suite in suites {
      text += TextTable.Style.bold.apply(suite, isColoured: isColoured) + "\n"
      text += BenchmarkTable(rows.filter { $0.suite == suite }).text(isColoured: isColoured) + "\n"
    }
    for peer in absent { text += "absent: \(TextTable.printable(peer.name)): \(TextTable.printable(peer.reason))\n" }
    return text
  }
}

/// The rows of one suite as a table: columns that none of them fills are left out.
struct BenchmarkTable {
  /// A column, and what it shows of a row or of a peer beside it.
  private struct Column {
    var title: String
    var side = TextTable.Side.right
    var text: (BenchmarkRow) -> String
    var peer: (PeerFigure) -> String = { _ in "" }
  }

  private let rows: [BenchmarkRow]

  init(_ rows: [BenchmarkRow]) { self.rows = rows }

  private static var columns: [Column] {
    [
      Column(title: "workload", side: .left, text: { $0.workload }),
      Column(title: "what", side: .left, text: { $0.title }, peer: { "  beside \($0.name) \($0.version)" }),
      Column(
        title: "Mpps", text: { BenchmarkNumbers.text($0.mpps?.median) }, peer: { BenchmarkNumbers.text($0.mpps.median) }
      ),
      Column(
        title: "least-most", text: { BenchmarkNumbers.range($0.isPart ? $0.nanoseconds : $0.mpps) },
        peer: { BenchmarkNumbers.range($0.mpps) }),
      Column(title: "ns", text: { BenchmarkNumbers.text($0.nanoseconds?.median) }),
      Column(title: "cycles", text: { BenchmarkNumbers.text($0.cycles) }),
      Column(title: "instructions", text: { BenchmarkNumbers.text($0.instructions) }),
      Column(title: "Gb/s", text: { BenchmarkNumbers.text($0.gigabitsPerSecond) }),
      Column(
        title: "ratio", text: { _ in "-" },
        peer: { "\(BenchmarkNumbers.text($0.ratio.median))x (\(BenchmarkNumbers.range($0.ratio)))" }),
      Column(
        title: "p50", text: { BenchmarkNumbers.time($0.latency?.p50) }, peer: { BenchmarkNumbers.time($0.latency?.p50) }
      ),
      Column(
        title: "p99", text: { BenchmarkNumbers.time($0.latency?.p99) }, peer: { BenchmarkNumbers.time($0.latency?.p99) }
      ),
      Column(
        title: "p99.9", text: { BenchmarkNumbers.time($0.latency?.p999) },
        peer: { BenchmarkNumbers.time($0.latency?.p999) }),
      Column(title: "cores", text: { $0.cores == 1 ? "-" : "\($0.cores)" }),
      Column(title: "flows", text: { "\($0.flows)" }),
      Column(title: "calibration", text: { BenchmarkNumbers.text($0.calibrationMedian) }),
      Column(title: "away", text: { BenchmarkNumbers.percent($0.mostAway) }),
      Column(
        title: "also", side: .left,
        text: { row in
          let figures = row.figures.map { figure in
            "\(figure.name) \(BenchmarkNumbers.text(figure.value))\(figure.unit.isEmpty ? "" : " " + figure.unit)"
          }
          return (figures + (row.note.map { [$0] } ?? [])).joined(separator: "; ")
        }),
    ]
  }

  func text(isColoured: Bool) -> String {
    let columns = BenchmarkTable.columns.filter { column in
      rows.contains { row in
        let texts = [column.text(row)] + row.peers.map(column.peer)
        return texts.contains { $0 != "-" && !$0.isEmpty }
      }
    }
    var table = TextTable(columns.map { ($0.title, $0.side) })
    for row in rows {
      table.append(columns.map { TextTable.Cell($0.text(row)) })
      for peer in row.peers { table.append(columns.map { TextTable.Cell($0.peer(peer), .dim) }) }
    }
    return table.text(isColoured: isColoured)
  }
}
