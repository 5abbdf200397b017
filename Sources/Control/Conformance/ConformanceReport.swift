import Conformance

/// What a switch was put through, what was expected and what it did.
public struct ConformanceReport: Encodable, Equatable, Sendable {
  /// The configuration: its file, or `built-in`.
  public var configuration: String
  /// Its name of the switch.
  public var name: String
  /// All cases, by subject.
  public var results: [ConformanceResult]

  /// Puts a report together.
  public init(configuration: String, name: String, results: [ConformanceResult]) {
    self.configuration = configuration
    self.name = name
    self.results = results
  }

  /// How many cases came to a verdict.
  public func count(_ verdict: Verdict) -> Int { results.count { $0.verdict == verdict } }

  /// How many checks there are in all cases.
  public var checkCount: Int { results.reduce(0) { $0 + $1.checks.count } }

  /// How many of them are not met.
  public var failedCheckCount: Int { results.reduce(0) { $0 + $1.checks.count { !$0.isMet } } }

  /// True if no case failed.
  public var isPassed: Bool { count(.failed) == 0 }

  /// One sentence with all counts.
  public var summary: String {
    let applied = results.count - count(.notApplicable)
    var text = "\(checkCount) checks in \(applied) cases: "
    text += isPassed ? "all passed" : "\(failedCheckCount) checks failed in \(count(.failed)) cases"
    let absent = count(.notApplicable)
    if absent > 0 { text += "; \(absent) \(absent == 1 ? "case does" : "cases do") not apply" }
    return text
  }

  /// The report as JSON.
  ///
  /// - Throws: `EncodingError.invalidValue` for a number that is not finite.
  public func json() throws -> String { try OrderedJSON.encode(self) }

  private enum Key: String, CodingKey {
    case configuration, name, passed, failed, results
    case notApplicable = "not_applicable"
  }

  /// Writes keys in snake case, counts in front.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(configuration, forKey: .configuration)
    try container.encode(name, forKey: .name)
    try container.encode(count(.passed), forKey: .passed)
    try container.encode(count(.failed), forKey: .failed)
    try container.encode(count(.notApplicable), forKey: .notApplicable)
    try container.encode(results.map(Entry.init), forKey: .results)
  }

  /// A case as JSON shows it.
  private struct Entry: Encodable {
    let subject: String
    let name: String
    let verdict: String
    let reason: String?
    let checks: [Line]

    init(_ result: ConformanceResult) {
      subject = result.subject.rawValue
      name = result.name
      verdict = result.verdict.rawValue
      reason = result.reason
      checks = result.checks.map(Line.init)
    }
  }

  /// A check as JSON shows it.
  private struct Line: Encodable {
    let quantity: String
    let formula: String
    let source: String
    let unit: String
    let expected: Double
    let measured: Double
    let tolerance: Double
    let comparison: String
    let passed: Bool

    init(_ check: Check) {
      quantity = check.quantity
      formula = check.formula
      source = check.source
      unit = check.unit
      expected = check.expected
      measured = check.measured
      tolerance = check.tolerance
      comparison = check.comparison.rawValue
      passed = check.isMet
    }
  }
}
