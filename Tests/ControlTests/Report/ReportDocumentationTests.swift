import Dataplane
import Foundation
import Testing

@testable import Control

@Suite("docs/report.md")
struct ReportDocumentationTests {
  @Test("every key of report.json has a row in the documentation")
  func everyKey() throws {
    let document = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../docs/report.md").standardized
    let text = try String(contentsOf: document, encoding: .utf8)
    let json = try JSONSerialization.jsonObject(with: Data(OrderedJSON.encode(SampleReports.small).utf8))
    let found = paths(json, at: "")
    #expect(found.count > 50)
    for path in found {
      #expect(text.contains("| `\(path)` |"), "\(path) is not documented")
    }
    // Rows of keys have a unit; those of kinds of events have not.
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.split(separator: "|").count == 3 }
    let documented = Set(rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) })
    #expect(documented.subtracting(found).isEmpty, "documented, but not written")
  }

  @Test("every kind of pause event that is reported has a row in the documentation, and no row is without a kind")
  func everyKind() throws {
    let document = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../docs/report.md").standardized
    let text = try String(contentsOf: document, encoding: .utf8)
    let table = try #require(text.components(separatedBy: "\n| Kind | Meaning |\n").dropFirst().first)
    let rows = table.components(separatedBy: "\n").prefix { $0.hasPrefix("|") }
    let kinds = rows.filter { $0.hasPrefix("| `") }.compactMap {
      $0.split(separator: "`").dropFirst().first.map(String.init)
    }
    // The others are about frames, which the log lists and the report counts.
    let frames: [PauseEvent.Kind] = [.sent, .refreshed, .received, .expired]
    #expect(kinds == PauseEvent.Kind.allCases.filter { !frames.contains($0) }.map(\.rawValue))
  }

  /// The paths of all members, with `NAME`, `N`, `POOL` and `REASON` for keys that depend on the run and `[]` for elements.
  private func paths(_ value: Any, at path: String) -> Set<String> {
    switch value {
    case let object as [String: Any]:
      var result: Set<String> = []
      for (key, member) in object {
        let name =
          switch path {
          case "ports": "NAME"
          case "ports.NAME.drops": "REASON"
          case "ports.NAME.queues", "ports.NAME.priorities", "ports.NAME.groups": "N"
          case "buffer.pools": "POOL"
          default: key
          }
        let memberPath = path.isEmpty ? name : path + "." + name
        result.insert(memberPath)
        result.formUnion(paths(member, at: memberPath))
      }
      return result
    case let list as [Any]:
      return list.reduce(into: []) { $0.formUnion(paths($1, at: path + "[]")) }
    default: return []
    }
  }
}
