import Dataplane

/// The cases that a configuration is put through.
public struct ConformancePlan: Sendable {
  /// All cases, by subject.
  public let cases: [ConformanceCase]

  /// Cases for a configuration: its ports, queues, buffer and flow control stay as they are.
  public init(_ configuration: SwitchConfiguration) {
    self.init(configuration, exponents: [], cables: [])
  }

  /// Cases for the built-in configuration, with every threshold, and with longer cables.
  public static func builtIn() -> ConformancePlan {
    ConformancePlan(
      .conformanceLeaf, exponents: Array(-8...7),
      cables: [CableLength(millimetres: 300_000), CableLength(millimetres: 10_000_000)])
  }

  init(_ configuration: SwitchConfiguration, exponents: [Int], cables: [CableLength]) {
    cases =
      ThresholdCases.all(configuration, exponents: exponents) + IncastCases.all(configuration)
      + HeadroomCases.all(configuration, cables: cables) + PauseCases.all(configuration)
      + MarkingCases.all(configuration) + WatchdogCases.all(configuration) + TrimmingCases.all(configuration)
      + DeadlockCases.all(configuration)
  }

  private init(cases: [ConformanceCase]) { self.cases = cases }

  /// The cases of some subjects alone.
  public func only(_ subjects: Set<Subject>) -> ConformancePlan {
    ConformancePlan(cases: cases.filter { subjects.contains($0.subject) })
  }

  /// Carries all cases out.
  ///
  /// - Parameter progress: called before each case with its number from 0, and the case; false stops.
  /// - Throws: ``ConformanceStopped`` if `progress` said so, else what building a switch throws.
  public func run(progress: (Int, ConformanceCase) -> Bool = { _, _ in true }) throws -> [ConformanceResult] {
    var results: [ConformanceResult] = []
    for (index, one) in cases.enumerated() {
      guard progress(index, one) else { throw ConformanceStopped() }
      results.append(try one.run())
    }
    return results
  }
}

/// The run was stopped before its end.
public struct ConformanceStopped: Error, CustomStringConvertible {
  /// What it says.
  public var description: String { "stopped before the end; nothing was written" }
}

extension SwitchConfiguration {
  /// The usual RoCE leaf: 34 hosts at 100G on 5 m, 34 uplinks at 400G on 30 m, 64 MB of buffer, alpha 1/8, one lossless
  /// class with ECN, PFC, and a watchdog of 200 ms.
  public static let conformanceLeaf: SwitchConfiguration = {
    var leaf = SwitchConfiguration()
    leaf.name = "leaf"
    leaf.qos = .roce
    leaf.buffer.size = ByteCount(64_000_000)
    leaf.watchdog = WatchdogConfiguration()
    for number in 1...34 {
      var port = PortConfiguration(name: "h\(number)", speed: .gigabits(100))
      port.queues = leaf.qos.queues
      leaf.ports.append(port)
    }
    for number in 1...34 {
      var port = PortConfiguration(name: "s\(number)", speed: .gigabits(400))
      port.cable = CableLength(millimetres: 30_000)
      port.queues = leaf.qos.queues
      leaf.ports.append(port)
    }
    return leaf
  }()
}
