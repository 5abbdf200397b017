/// One metric: its name, what it means, and how it is read from a snapshot.
public struct MetricFamily: Sendable {
  /// The kinds of the exposition format.
  public enum Kind: String, Codable, Sendable {
    /// Only grows, but for a restart.
    case counter
    /// A state.
    case gauge
    /// A distribution.
    case histogram
  }

  /// The values of one moment, each with what its labels say.
  enum Reading: Sendable {
    case values(@Sendable (SwitchSnapshot) -> [(labels: [String], value: MetricValue)])
    case latencies
  }

  /// The name, with its unit.
  public let name: String
  /// The kind.
  public let kind: Kind
  /// One sentence.
  public let help: String
  /// The names of the labels after `switch`, which all have.
  public let labels: [String]
  let reading: Reading

  /// The unit of the values, from the name: Prometheus has units of its own only there.
  public var unit: String {
    let words = name.split(separator: "_").dropLast(name.hasSuffix("_total") ? 1 : 0)
    switch words.last {
    case "bytes", "packets", "seconds", "frames", "quanta", "ratio", "pauses", "storms", "polls", "sleeps":
      return words.last.map(String.init) ?? ""
    case "second": return "bytes per second"
    default: return kind == .gauge ? "1 or 0" : ""
    }
  }

  static func counter(
    _ name: String, _ help: String, labels: [String],
    _ read: @escaping @Sendable (SwitchSnapshot) -> [(labels: [String], value: MetricValue)]
  ) -> MetricFamily {
    MetricFamily(name: name, kind: .counter, help: help, labels: labels, reading: .values(read))
  }

  static func gauge(
    _ name: String, _ help: String, labels: [String],
    _ read: @escaping @Sendable (SwitchSnapshot) -> [(labels: [String], value: MetricValue)]
  ) -> MetricFamily {
    MetricFamily(name: name, kind: .gauge, help: help, labels: labels, reading: .values(read))
  }

  /// All that `/metrics` has, in its order.
  public static let all: [MetricFamily] =
    device + ports + impairments + macControl + queues + latency + buffers + pfc + nextHops + telemetry

  /// The parts of a snapshot that they are read from.
  static let parts: Set<SwitchSnapshot.Part> = [.ports, .queues, .buffers, .pfc, .latency, .nexthops, .telemetry]
}

/// The value of a metric.
enum MetricValue: Equatable, Sendable {
  case whole(UInt64)
  case real(Double)

  init(_ truth: Bool) { self = .whole(truth ? 1 : 0) }

  /// As the exposition format wants it: any number that Go's ParseFloat reads.
  var text: String {
    switch self {
    case .whole(let value): String(value)
    case .real(let value): "\(value)"
    }
  }
}
