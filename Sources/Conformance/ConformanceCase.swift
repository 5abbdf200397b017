import Dataplane

/// What a group of cases is about.
public enum Subject: String, Codable, CaseIterable, Sendable {
  /// Limits of the shared buffer: first XOFF, headroom, drop, XON.
  case threshold
  /// Several senders to one receiver: no loss, line rate, fairness, pause cycle.
  case incast
  /// What arrives after XOFF finds room, and no more room is set aside than that takes.
  case headroom
  /// Pause frames sent and obeyed: refresh, release, expiry.
  case pause
  /// Congestion marking.
  case ecn
  /// Pause storms.
  case watchdog
  /// Packets that are cut instead of dropped.
  case trimming
  /// A port that is paused for ever.
  case deadlock

  /// A title for people.
  public var title: String {
    switch self {
    case .threshold: "Thresholds of the shared buffer"
    case .incast: "Incast"
    case .headroom: "Headroom"
    case .pause: "Pause frames"
    case .ecn: "Congestion marking"
    case .watchdog: "PFC watchdog"
    case .trimming: "Packet trimming"
    case .deadlock: "A port paused for ever"
    }
  }
}

/// One experiment: a switch, sources and sinks in virtual time, and what must come out of it.
public struct ConformanceCase: Sendable {
  /// What it is about.
  public let subject: Subject
  /// Its name, unique within the subject.
  public let name: String
  private let body: @Sendable (Experiment) throws -> [Check]

  /// An experiment. `body` throws ``NotApplicable`` when the configuration cannot show it.
  init(_ subject: Subject, _ name: String, _ body: @escaping @Sendable (Experiment) throws -> [Check]) {
    self.subject = subject
    self.name = name
    self.body = body
  }

  /// Carries it out.
  ///
  /// - Parameter alter: changes the switch behind the back of the expectation, to show that the case can fail.
  /// - Throws: ``SwitchError`` or ``PacketMemoryError`` if the switch cannot be built.
  public func run(
    altering alter: @escaping @Sendable (inout SwitchConfiguration) -> Void = { _ in }
  ) throws -> ConformanceResult {
    do {
      return ConformanceResult(subject: subject, name: name, checks: try body(Experiment(alter: alter)))
    } catch let reason as NotApplicable {
      return ConformanceResult(subject: subject, name: name, checks: [], reason: reason.text)
    }
  }
}

/// What a case gets to work with.
struct Experiment: Sendable {
  let alter: @Sendable (inout SwitchConfiguration) -> Void

  /// A switch with sources and sinks; what the case expects comes from `configuration` as it is passed here.
  func laboratory(_ configuration: SwitchConfiguration, packets: Int) throws -> Laboratory {
    var built = configuration
    alter(&built)
    return try Laboratory(built, packets: packets)
  }
}

/// Why a configuration cannot show something.
struct NotApplicable: Error {
  let text: String

  init(_ text: String) { self.text = text }
}

/// What came out of a case.
public struct ConformanceResult: Codable, Equatable, Sendable {
  /// What it was about.
  public var subject: Subject
  /// Its name.
  public var name: String
  /// Expectations and measurements side by side; none if it was not applicable.
  public var checks: [Check]
  /// Why it was not applicable.
  public var reason: String?

  /// A result.
  public init(subject: Subject, name: String, checks: [Check], reason: String? = nil) {
    self.subject = subject
    self.name = name
    self.checks = checks
    self.reason = reason
  }

  /// The verdict over all checks.
  public var verdict: Verdict {
    if checks.isEmpty { return .notApplicable }
    return checks.allSatisfy(\.isMet) ? .passed : .failed
  }
}
