import Testing

/// Where an enumeration of small cases stands, for messages.
public enum Combination {
  @TaskLocal static var path: [String] = []

  /// The present values, like "rate: 25, frame: 64".
  public static var description: String { path.joined(separator: ", ") }
}

/// Runs a body for every value; what fails inside names the values of all enumerations around it.
public func withEvery<Values: Sequence>(
  _ name: String, in values: Values, _ body: (Values.Element) throws -> Void
) rethrows {
  for value in values {
    try Combination.$path.withValue(Combination.path + ["\(name): \(value)"]) { try body(value) }
  }
}

/// Fails the test with the present combination if a condition does not hold.
///
/// Unlike `#expect` it records nothing when all is well, which makes a difference over millions of cases.
public func expect(
  _ holds: Bool, _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation
) {
  if holds { return }
  let path = Combination.description
  Issue.record("\(path.isEmpty ? "" : path + ": ")\(what())", sourceLocation: sourceLocation)
}

/// Fails the test with the present combination unless two values are equal.
public func expectEqual<Value: Equatable>(
  _ value: Value, _ wanted: Value, _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expect(value == wanted, "\(what()) is \(value), not \(wanted)", sourceLocation: sourceLocation)
}
