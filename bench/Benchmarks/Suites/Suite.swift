/// A set of measurements that belong together, chosen by its name on the command line.
public protocol Suite: Sendable {
  /// Its name, one word.
  var name: String { get }
  /// What it measures, one line.
  var summary: String { get }
  /// Whether it runs when none is named.
  var isUsual: Bool { get }
  /// Measures, and adds a row to the run for everything it has measured.
  func measure(_ run: BenchmarkRun) throws
}

extension Suite {
  /// A suite runs when none is named, unless it says otherwise.
  public var isUsual: Bool { true }
}

/// All suites, in the order in which they run.
public enum Suites {
  /// All of them.
  public static let all: [any Suite] = [
    CapacitySuite(), ForwardingSuite(), LiveSuite(), LatencySuite(), StagesSuite(), GrowthSuite(), ReplaySuite(),
    CollectorSuite(),
  ]

  /// The suites of these names, each once and in the usual order; the usual ones if there are no names.
  public static func named(_ names: [String]) throws(BenchmarkError) -> [any Suite] {
    for name in names where !all.contains(where: { $0.name == name }) {
      let known = all.map(\.name).joined(separator: ", ")
      throw BenchmarkError("\(name): no such suite; there are \(known)")
    }
    return all.filter { names.isEmpty ? $0.isUsual : names.contains($0.name) }
  }
}
