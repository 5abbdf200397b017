import Dataplane
import Foundation
import Testing

@testable import Control

/// docs/concepts.md against the switch: a drop without an explanation, or an explanation without a drop, is a mistake.
@Suite("docs/concepts.md")
struct ConceptsDocumentationTests {
  /// The rows of the table of drop reasons: name and meaning.
  private static func rows() throws -> [(name: String, meaning: String)] {
    let document = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/concepts.md").standardized
    let text = try String(contentsOf: document, encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## Drop reasons\n").dropFirst().first)
    let table = try #require(section.components(separatedBy: "\n## ").first)
    return table.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells[0].replacing("`", with: ""), cells.count > 1 ? cells[1] : "")
    }
  }

  @Test("every drop reason has a row, in the order of the switch, and no row is without a reason")
  func everyReason() throws {
    let rows = try Self.rows()
    #expect(rows.map(\.name) == Dataplane.DropReason.allCases.map(\.name))
    for row in rows { #expect(row.meaning.count > 10, "\(row.name) is not explained") }
  }
}
