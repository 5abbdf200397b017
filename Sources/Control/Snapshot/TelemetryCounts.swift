import Dataplane

/// What telemetry has counted, in reports and in answers.
public struct TelemetryCounts: Codable, Equatable, Sendable {
  /// What a rule of the watch list has counted.
  public struct Watch: Codable, Equatable, Sendable {
    /// Packets that matched.
    public var matched: UInt64
    /// Packets of them that were chosen.
    public var chosen: UInt64
  }

  /// Counters by their names, those of ``names``.
  public var counters: [String: UInt64]
  /// The rules of the watch list, in the order of the configuration.
  public var watch: [Watch]

  /// The names of all counters with what they count, in the order of tables.
  public static let names: [(name: String, help: String)] = readings.map { ($0.name, $0.help) }

  private static let readings: [(name: String, help: String, value: @Sendable (TelemetryCounters) -> UInt64)] = [
    ("begun", "packets that INT was begun on", { $0.begun }),
    ("not-begun", "packets that INT was to be begun on, and that could not take it", { $0.notBegun }),
    ("hops", "hops put on stacks", { $0.hops }),
    ("hops-exceeded", "packets with no hops left", { $0.hopsExceeded }),
    ("too-long", "packets that a hop would have made too long", { $0.tooLong }),
    ("ended", "packets that INT was taken out of", { $0.ended }),
    ("discarded", "packets discarded with their INT", { $0.discarded }),
    ("malformed", "packets with broken INT or IOAM", { $0.malformed }),
    ("traced", "IOAM traces filled", { $0.traced }),
    ("trace-overflows", "IOAM traces without room", { $0.traceOverflows }),
    ("path-reports", "reports on paths", { $0.pathReports }),
    ("postcards", "reports on one hop", { $0.postcards }),
    ("drop-reports", "reports on dropped packets", { $0.dropReports }),
    ("congestion-reports", "reports on congested queues", { $0.congestionReports }),
    ("unchanged", "reports not made: nothing had changed", { $0.unchanged }),
    ("over-rate", "reports not made: their rate was used up", { $0.overRate }),
    ("datagrams", "datagrams with reports sent", { $0.datagrams }),
    ("reports-sent", "reports in them", { $0.reportsSent }),
    ("report-bytes", "bytes of those reports", { $0.reportBytes }),
    ("reports-lost", "reports lost: no memory, or no way to the collector", { $0.reportsLost }),
  ]

  /// What a switch has counted; nil: it has no telemetry.
  init?(_ device: borrowing Switch) {
    guard let counted = device.telemetryCounters else { return nil }
    counters = Dictionary(uniqueKeysWithValues: TelemetryCounts.readings.map { ($0.name, $0.value(counted)) })
    watch = device.watchStatistics.map { Watch(matched: $0.matched, chosen: $0.chosen) }
  }

  /// Counters that were put together otherwise.
  public init(counters: [String: UInt64], watch: [Watch]) {
    self.counters = counters
    self.watch = watch
  }

  /// Adds what another slice has counted.
  mutating func add(_ other: TelemetryCounts) {
    counters.merge(other.counters, uniquingKeysWith: +)
    for (index, rule) in other.watch.enumerated() where index < watch.count {
      watch[index].matched += rule.matched
      watch[index].chosen += rule.chosen
    }
  }

  private enum CodingKeys: String, CodingKey { case counters, watch }

  /// Writes the counters in the order of ``names``.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    var named = container.nestedContainer(keyedBy: NameKey.self, forKey: .counters)
    for (name, _) in TelemetryCounts.names {
      if let value = counters[name] { try named.encode(value, forKey: NameKey(name)) }
    }
    try container.encode(watch, forKey: .watch)
  }
}
