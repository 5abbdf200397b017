import Conformance

extension ConformanceReport {
  /// The report as JUnit XML: a suite for each subject, a test for each check, and one for each case that does not apply.
  public var junit: String {
    var body = ""
    for subject in Subject.allCases {
      let cases = results.filter { $0.subject == subject }
      guard !cases.isEmpty else { continue }
      let tests = cases.reduce(0) { $0 + max(1, $1.checks.count) }
      let failures = cases.reduce(0) { $0 + $1.checks.count { !$0.isMet } }
      let skipped = cases.count { $0.checks.isEmpty }
      body +=
        "  <testsuite name=\"\(subject.rawValue)\" tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\" "
        + "skipped=\"\(skipped)\">\n"
      body += cases.map(Self.junit).joined() + "  </testsuite>\n"
    }
    let tests = results.reduce(0) { $0 + max(1, $1.checks.count) }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"penstock conformance \(HTML.escaped(name))\" tests=\"\(tests)\" "
      + "failures=\"\(failedCheckCount)\" errors=\"0\" skipped=\"\(count(.notApplicable))\">\n" + body
      + "</testsuites>\n"
  }

  private static func junit(_ result: ConformanceResult) -> String {
    let suite = "penstock.\(result.subject.rawValue)"
    if let reason = result.reason {
      return "    <testcase classname=\"\(suite)\" name=\"\(HTML.escaped(result.name))\" time=\"0\">"
        + "<skipped message=\"\(HTML.escaped(reason))\"/></testcase>\n"
    }
    return result.checks.map { check in
      let name = HTML.escaped("\(result.name): \(check.quantity)")
      let open = "    <testcase classname=\"\(suite)\" name=\"\(name)\" time=\"0\""
      let numbers = HTML.escaped(
        "expected \(Check.text(check.expected)) \(check.unit) (\(check.rule)), measured \(Check.text(check.measured)); "
          + "\(check.formula); \(check.source)")
      guard !check.isMet else { return open + "><system-out>\(numbers)</system-out></testcase>\n" }
      return open + "><failure message=\"\(numbers)\" type=\"conformance\"/></testcase>\n"
    }.joined()
  }
}
