/// A table of text for a terminal: columns are as wide as their widest cell, numbers stand to the right.
struct TextTable {
  /// Where a column's cells stand.
  enum Alignment {
    case left
    case right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

  /// Adds a row; it has a cell for every column.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, indented by two spaces, without spaces at the end. Empty if there are no rows.
  func lines(style: CheckReport.Style) -> [String] {
    guard !rows.isEmpty else { return [] }
    let widths = columns.indices.map { column in
      rows.reduce(columns[column].title.count) { max($0, $1[column].count) }
    }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (column, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        text += "  " + (columns[column].alignment == .right ? space + cell : cell + space)
      }
      while text.last == " " { text.removeLast() }
      return text
    }
    return [style.emphasized(line(columns.map(\.title)))] + rows.map(line)
  }
}
