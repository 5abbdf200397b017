import Foundation
import TestSupport
import Testing

@testable import Control

@Suite("docs/control.md")
struct ControlDocumentationTests {
  private func document() throws -> String {
    try String(contentsOfFile: Program.packageDirectory + "/docs/control.md", encoding: .utf8)
  }

  /// The cells of the rows of the table under a heading.
  private func rows(under heading: String) throws -> [[String]] {
    let section = try #require(try document().components(separatedBy: "\n## \(heading)\n").dropFirst().first)
    let text = section.components(separatedBy: "\n## ")[0]
    return text.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().map { row in
      row.replacing("\\|", with: "/").split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  private func code(_ cell: String) -> String { cell.split(separator: "`").first.map(String.init) ?? "" }

  @Test("lists the endpoints that there are")
  func endpoints() throws {
    let documented = try rows(under: "Endpoints").map { "\(code($0[0])) \(code($0[1]))" }
    #expect(documented == ControlEndpoint.all.map { "\($0.method) \($0.path)" })
  }

  @Test("shows metrics and labels that there are, and units that fit")
  func metrics() throws {
    for row in try rows(under: "Metrics") {
      let family = try #require(MetricFamily.all.first { $0.name == code(row[0]) }, "\(row)")
      #expect(family.labels.joined(separator: ", ") == row[1])
      #expect(row[2].contains(family.name))
    }
  }

  @Test("names the subjects of show, and every status that a failure can have")
  func others() throws {
    let show = try #require(try rows(under: "Commands").first)
    for part in SwitchSnapshot.Part.allCases { #expect(show[1].contains("`\(part.rawValue)`")) }
    let statuses = try rows(under: "Mistakes").flatMap { $0[0].components(separatedBy: ", ") }
    for kind in ControlError.Kind.allCases where kind != .failed { #expect(statuses.contains("\(kind.rawValue)")) }
    let limits = HTTPLimits()
    let text = try document()
    for limit in [
      "\(limits.bodyBytes >> 20) MiB", "\(limits.targetBytes) bytes", "\(limits.headBytes >> 10) KiB",
      "\(limits.fields) fields", "\(limits.connections) connections", "\(Int(limits.idleSeconds)) s between",
      "within \(Int(limits.requestSeconds)) s", "least \(BearerToken.leastLength) printable",
    ] { #expect(text.contains(limit), "\(limit)") }
  }
}
