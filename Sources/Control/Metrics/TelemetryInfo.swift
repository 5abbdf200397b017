/// The answer to `GET /v1/telemetry/info`: what can be read, and in which units.
public struct TelemetryInfo: Codable, Equatable, Sendable {
  /// One metric of `/metrics`.
  public struct Metric: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// `counter`, `gauge` or `histogram`.
    public var kind: MetricFamily.Kind
    /// The unit of its values; empty for plain numbers.
    public var unit: String
    /// Its labels.
    public var labels: [String]
    /// What it means.
    public var help: String
  }

  /// The unit of all keys of JSON answers that end in a word.
  public struct Unit: Codable, Equatable, Sendable {
    /// The last word or words of a key.
    public var suffix: String
    /// What the value counts.
    public var unit: String
  }

  /// The metrics.
  public var metrics: [Metric]
  /// The units of JSON keys.
  public var units: [Unit]
  /// What hops record in packets and reports, by the names of `telemetry.int.instructions` and `domain.words`.
  public var hops: [Hop]

  /// One thing that hops record.
  public struct Hop: Codable, Equatable, Sendable {
    /// Its name in configurations.
    public var name: String
    /// Its bit: of the instruction bitmap, or of the domain's.
    public var bit: UInt16
    /// Whether the bit is one of the domain's.
    public var isDomain: Bool
    /// Bits of the value, as they lie.
    public var layout: String
    /// The unit.
    public var unit: String
  }

  /// What this version has.
  public static let current = TelemetryInfo(
    metrics: MetricFamily.all.map {
      Metric(name: $0.name, kind: $0.kind, unit: $0.unit, labels: ["switch"] + $0.labels, help: $0.help)
    },
    units: [
      Unit(suffix: "_bytes", unit: "bytes, without frame check sequence; of the buffer: of whole cells"),
      Unit(suffix: "_packets", unit: "packets"),
      Unit(suffix: "_frames", unit: "MAC control frames"),
      Unit(suffix: "_quanta", unit: "512 bit times of the port"),
      Unit(suffix: "_nanoseconds", unit: "nanoseconds"),
      Unit(suffix: "_seconds", unit: "seconds"),
      Unit(suffix: "_bits_per_second", unit: "bits per second, with preamble and gap between frames"),
      Unit(suffix: "_share", unit: "parts of one"),
      Unit(suffix: "mtu", unit: "bytes of an IP packet"),
      Unit(suffix: "ticks", unit: "ticks of the switch's clock, ticks_per_second of them a second"),
    ], hops: Hop.all)
}
