import Dataplane
import Testing

@testable import Conformance

/// Configurations for the cases, small enough to be quick in a debug build.
enum LaboratoryLeaf {
  /// Alike ports, one lossless class, alpha 1/8, 8 MB.
  static func make(
    ports: Int = 9, gigabits: UInt64 = 100, metres: UInt64 = 5, bytes: UInt64 = 8_000_000
  ) -> SwitchConfiguration {
    var leaf = SwitchConfiguration()
    leaf.qos = .roce
    leaf.buffer.size = ByteCount(bytes)
    leaf.watchdog = WatchdogConfiguration()
    for number in 1...ports {
      var port = PortConfiguration(name: "p\(number)", speed: .gigabits(gigabits))
      port.cable = CableLength(millimetres: metres * 1000)
      port.queues = leaf.qos.queues
      leaf.ports.append(port)
    }
    return leaf
  }
}

/// Fails the test for every check of a case that is not met, and if the case does not apply.
func expectPassed(_ one: ConformanceCase, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let result = try one.run()
  if let reason = result.reason { Issue.record("\(one.name): \(reason)", sourceLocation: sourceLocation) }
  for check in result.checks where !check.isMet {
    Issue.record(
      "\(one.name), \(check.quantity): expected \(check.expected) \(check.unit) (\(check.rule)), measured \(check.measured)",
      sourceLocation: sourceLocation)
  }
}

/// Fails the test if a case passes although its switch is not the one that its expectation was computed from.
func expectFailed(
  _ one: ConformanceCase, sourceLocation: SourceLocation = #_sourceLocation,
  altering alter: @escaping @Sendable (inout SwitchConfiguration) -> Void
) throws {
  let verdict = try one.run(altering: alter).verdict
  if verdict != .failed { Issue.record("\(one.name): \(verdict.rawValue)", sourceLocation: sourceLocation) }
}
