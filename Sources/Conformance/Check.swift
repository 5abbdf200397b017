/// One thing that was predicted and measured.
public struct Check: Codable, Equatable, Sendable {
  /// How a measurement is held against what was expected.
  public enum Comparison: String, Codable, Sendable {
    /// Equal, but for the tolerance.
    case equal
    /// Not more.
    case atMost = "at-most"
    /// Not less.
    case atLeast = "at-least"
  }

  /// What is measured, in a few words.
  public var quantity: String
  /// The expectation as a formula.
  public var formula: String
  /// Where the formula comes from: a standard with its section, or a publication.
  public var source: String
  /// Unit of the numbers.
  public var unit: String
  /// What the formula gives.
  public var expected: Double
  /// What the switch did.
  public var measured: Double
  /// How far ``measured`` may be from ``expected``, in ``unit``; 0: not at all.
  public var tolerance: Double
  /// How they are compared.
  public var comparison: Comparison

  /// Puts a measurement beside its expectation.
  public init(
    _ quantity: String, formula: String, source: String, unit: String, expected: Double, measured: Double,
    tolerance: Double = 0, comparison: Comparison = .equal
  ) {
    self.quantity = quantity
    self.formula = formula
    self.source = source
    self.unit = unit
    self.expected = expected
    self.measured = measured
    self.tolerance = tolerance
    self.comparison = comparison
  }

  /// Whether the measurement is what was expected.
  public var isMet: Bool {
    switch comparison {
    case .equal: abs(measured - expected) <= tolerance
    case .atMost: measured <= expected + tolerance
    case .atLeast: measured >= expected - tolerance
    }
  }

  /// The comparison in words: `exact`, `± 2 cells`, `at most`.
  public var rule: String {
    let margin = tolerance == 0 ? "" : " ± \(Check.text(tolerance)) \(unit)"
    switch comparison {
    case .equal: return tolerance == 0 ? "exact" : String(margin.dropFirst())
    case .atMost: return "at most" + margin
    case .atLeast: return "at least" + margin
    }
  }

  /// A number without a fraction if it is whole, else with up to three decimals.
  public static func text(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 9e15 { return String(Int64(number)) }
    let thousandths = (number * 1000).rounded()
    guard abs(thousandths) < 9e15 else { return number.description }
    let whole = Int64(thousandths)
    var fraction = String(whole.magnitude % 1000)
    fraction = String(repeating: "0", count: 3 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = whole < 0 ? "-" : ""
    return "\(sign)\(whole.magnitude / 1000)" + (fraction.isEmpty ? "" : ".\(fraction)")
  }
}

/// What became of a case.
public enum Verdict: String, Codable, Sendable {
  /// Every check is met.
  case passed
  /// A check is not met.
  case failed
  /// The configuration cannot show what the case is about.
  case notApplicable = "not-applicable"
}
