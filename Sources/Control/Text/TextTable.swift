/// A table in plain text: columns two spaces apart, as wide as their widest cell.
package struct TextTable {
  /// On which side of its column a cell stands.
  package enum Side { case left, right }

  /// Terminal style of a cell, applied after it is padded.
  package enum Style: String {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"

    /// `text` in this style, when the terminal has colours.
    package func apply(_ text: String, isColoured: Bool) -> String {
      self == .plain || !isColoured ? text : "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
    }
  }

  package struct Cell: ExpressibleByStringLiteral {
    package var text: String
    package var style = Style.plain

    package init(_ text: String, _ style: Style = .plain) {
      self.text = TextTable.printable(text)
      self.style = style
    }

    package init(stringLiteral value: String) { self.init(value) }
  }

  package let columns: [(title: String, side: Side)]
  package private(set) var rows: [[Cell]] = []

  package init(_ columns: [(title: String, side: Side)]) { self.columns = columns }

  package mutating func append(_ row: [Cell]) { rows.append(row) }

  /// Adds a row of plain cells.
  package mutating func add(_ cells: [String]) { append(cells.map { Cell($0) }) }

  /// The lines of the table, without newlines; none if there are no rows.
  func lines(style: CheckReport.Style) -> [String] {
    guard !rows.isEmpty else { return [] }
    return text(isColoured: style == .bold, headings: .bold).split(separator: "\n").map(String.init)
  }

  /// The lines of the table, each ended by a newline and without blanks before it.
  package func text(isColoured: Bool, headings: Style = .dim) -> String {
    let heading = columns.map { Cell($0.title, headings) }
    let widths = columns.indices.map { column in
      ([heading] + rows).map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
    }
    return ([heading] + rows).map { row in
      var line = "  "
      for (column, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - cell.text.count)
        let isLast = column == row.count - 1
        let styled = cell.style.apply(cell.text, isColoured: isColoured)
        line += columns[column].side == .right ? blanks + styled : styled + (isLast ? "" : blanks)
        if !isLast { line += "  " }
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  /// `text` without what a terminal would obey: control characters become `?`. Names may be cut to `width`.
  package static func printable(_ text: String, width: Int = .max) -> String {
    var clean = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
        "\u{2066}"..."\u{2069}":
        clean += "?"
      default: clean.unicodeScalars.append(scalar)
      }
    }
    return clean.count <= width ? clean : clean.prefix(width - 2) + ".."
  }
}
