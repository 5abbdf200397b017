import Control
import Foundation

/// All that a run gave. As a file: JSON lines, the first about the run, then one for each absent peer and each row.
public struct BenchmarkResults: Equatable, Sendable {
  /// The version of the format of the lines, which changes when a reader of the old one would go wrong.
  public static let version = 1

  /// The machine.
  public var machine: MachineFacts
  /// Whether the run was made short.
  public var isQuick: Bool
  /// Peers that could not take part.
  public var absent: [AbsentPeer] = []
  /// What was measured.
  public var rows: [BenchmarkRow] = []

  /// Results without rows.
  public init(machine: MachineFacts, isQuick: Bool) {
    self.machine = machine
    self.isQuick = isQuick
  }

  private struct Line: Codable {
    var version: Int?
    var quick: Bool?
    var machine: MachineFacts?
    var absent: AbsentPeer?
    var row: BenchmarkRow?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(version, forKey: .version)
      try container.encodeIfPresent(quick, forKey: .quick)
      try container.encodeIfPresent(machine, forKey: .machine)
      try container.encodeIfPresent(absent, forKey: .absent)
      try container.encodeIfPresent(row, forKey: .row)
    }

    enum CodingKeys: String, CodingKey {
      case version = "penstock_bench"
      case quick, machine, absent, row
    }
  }

  /// The results as JSON lines.
  ///
  /// - Throws: `EncodingError.invalidValue` for a number that is not finite.
  public func jsonLines() throws -> String {
    let lines =
      [Line(version: BenchmarkResults.version, quick: isQuick, machine: machine)] + absent.map { Line(absent: $0) }
      + rows.map { Line(row: $0) }
    return try lines.map { try OrderedJSON.encode($0, layout: .embedded) + "\n" }.joined()
  }

  /// Reads the file at `path`, which ``jsonLines()`` wrote.
  public init(contentsOf path: String) throws(BenchmarkError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BenchmarkError("\(path): cannot be read; name a file that `penstock bench --json` wrote")
    }
    try self.init(jsonLines: String(decoding: data, as: UTF8.self), name: path)
  }

  /// Reads JSON lines.
  ///
  /// - Parameter name: what to call them in errors.
  public init(jsonLines text: String, name: String) throws(BenchmarkError) {
    var results: BenchmarkResults?
    for (index, part) in text.split(separator: "\n").enumerated() {
      let place = "\(name):\(index + 1)"
      let line: Line
      do {
        line = try JSONDecoder().decode(Line.self, from: Data(part.utf8))
      } catch {
        throw BenchmarkError("\(place): is no line of results; name a file that `penstock bench --json` wrote")
      }
      if let version = line.version {
        guard version == BenchmarkResults.version else {
          let own = BenchmarkResults.version
          throw BenchmarkError("\(place): format \(version); this program reads format \(own): measure again with it")
        }
        guard let machine = line.machine else { throw BenchmarkError("\(place): says nothing about the machine") }
        results = BenchmarkResults(machine: machine, isQuick: line.quick ?? false)
      }
      if let peer = line.absent { results?.absent.append(peer) }
      if let row = line.row { results?.rows.append(row) }
    }
    guard let results else {
      throw BenchmarkError("\(name): has no results; name a file that `penstock bench --json` wrote")
    }
    self = results
  }
}

/// Something keeps a benchmark from running.
public struct BenchmarkError: Error, Equatable, CustomStringConvertible {
  /// What went wrong and what to do.
  public let description: String

  /// An error by its text: what went wrong and what to do.
  public init(_ description: String) { self.description = description }
}
