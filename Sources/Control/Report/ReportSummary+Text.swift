extension ReportSummary {
  /// Where packets came from and what became of them, as the equation that must hold.
  var totals: String {
    let totals = report.totals
    let verdict: String =
      if totals.isConserved {
        TextTable.Style.green.apply("every packet is accounted for", isColoured: isColoured)
      } else if totals.appeared > totals.settled {
        TextTable.Style.red.apply(
          "NOT BALANCED: \(ReportUnits.count(totals.appeared - totals.settled)) packets are missing",
          isColoured: isColoured)
      } else {
        TextTable.Style.red.apply(
          "NOT BALANCED: \(ReportUnits.count(totals.settled - totals.appeared)) packets too many",
          isColoured: isColoured)
      }
    return title("Totals") + """
        received \(ReportUnits.count(totals.rxPackets)) + originated \(ReportUnits.count(totals.originatedPackets)) \
      + replicated \(ReportUnits.count(totals.replicatedPackets)) = \(ReportUnits.count(totals.appeared))
        sent \(ReportUnits.count(totals.txPackets)) + dropped \(ReportUnits.count(totals.droppedPackets)) \
      + consumed \(ReportUnits.count(totals.consumedPackets)) = \(ReportUnits.count(totals.settled))
        \(verdict)

      """
  }

  /// What the reader must know.
  var notices: String { list(report.notices, title: "Notices", style: .yellow) }

  /// What went wrong, last, where the eye is when the output ends.
  var errors: String { list(report.errors, title: "Errors: this run is not complete", style: .red) }

  private func list(_ sentences: [String], title: String, style: TextTable.Style) -> String {
    if sentences.isEmpty { return "" }
    return self.title(title, style) + sentences.map { wrapped("- " + $0, indent: "  ") }.joined()
  }

  func title(_ text: String, _ style: TextTable.Style = .bold) -> String {
    style.apply(text, isColoured: isColoured) + "\n"
  }

  func name(_ name: String) -> TextTable.Cell { .init(TextTable.printable(name, width: Self.nameWidth)) }

  func time(_ nanoseconds: Double?) -> TextTable.Cell {
    .init(nanoseconds.map { ReportUnits.time(nanoseconds: $0, ascii: true) } ?? "-")
  }

  /// `text` broken at blanks before ``lineWidth``; lines after the first stand two columns further in.
  func wrapped(_ text: String, indent: String) -> String {
    var lines = ""
    var line = indent
    var isFresh = true
    for word in TextTable.printable(text).split(separator: " ") {
      if !isFresh, line.count + 1 + word.count > Self.lineWidth {
        lines += line + "\n"
        line = indent + "  "
        isFresh = true
      }
      line += (isFresh ? "" : " ") + word
      isFresh = false
    }
    return lines + line + "\n"
  }
}
