/// What one subject did in one round.
public struct Sample: Equatable, Sendable {
  /// Packets that went through.
  public var packets: UInt64
  /// Bytes of these packets' frames, check sequences included.
  public var bytes: UInt64
  /// Nanoseconds that it took.
  public var nanoseconds: Double
  /// Ticks of the time stamp counter that it took, where they were counted.
  public var cycles: Double?
  /// The part of the time for which the measuring thread did not have its CPU, 0 to 1; nil if nobody knows.
  public var away: Double?
  /// Latency of its packets, if it was measured.
  public var latency: LatencyQuantiles?
  /// What else there is to say in numbers.
  public var figures: [Figure]

  /// What was done in a time.
  public init(
    packets: UInt64, bytes: UInt64, nanoseconds: Double, cycles: Double? = nil, away: Double? = nil,
    latency: LatencyQuantiles? = nil, figures: [Figure] = []
  ) {
    self.packets = packets
    self.bytes = bytes
    self.nanoseconds = nanoseconds
    self.cycles = cycles
    self.away = away
    self.latency = latency
    self.figures = figures
  }

  /// Nanoseconds a packet; infinite if none went through.
  public var nanosecondsPerPacket: Double { packets == 0 ? .infinity : nanoseconds / Double(packets) }
}

/// A number with a name and a unit, for what has no column of its own.
public struct Figure: Codable, Equatable, Sendable {
  /// What it is: `loss`, `throughput at 0 loss`.
  public var name: String
  /// How much.
  public var value: Double
  /// Of what; empty for a pure number.
  public var unit: String

  /// A number with a name.
  public init(_ name: String, _ value: Double, unit: String = "") {
    self.name = name
    self.value = value
    self.unit = unit
  }
}

/// Percentiles of latency, in nanoseconds.
public struct LatencyQuantiles: Codable, Equatable, Sendable {
  /// Packets measured.
  public var count: UInt64
  /// The least.
  public var min: Double
  /// The median.
  public var p50: Double
  /// 90 % took no longer.
  public var p90: Double
  /// 99 % took no longer.
  public var p99: Double
  /// 99.9 % took no longer.
  public var p999: Double
  /// The most.
  public var max: Double
  /// The mean.
  public var mean: Double
  /// The latencies at ``curveFractions``, as far as there are packets for them; nil if they were not kept.
  public var curve: [Double]?

  /// Where a curve of latency over percentiles has points: closer together the fewer packets are beyond.
  public static let curveFractions: [Double] = [
    0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.98, 0.985, 0.99, 0.992, 0.994, 0.996,
    0.998, 0.9985, 0.999, 0.9995, 0.9998, 0.9999, 0.99995, 0.99998, 0.99999,
  ]

  /// Percentiles by their values.
  public init(
    count: UInt64, min: Double, p50: Double, p90: Double, p99: Double, p999: Double, max: Double, mean: Double
  ) {
    self.count = count
    self.min = min
    self.p50 = p50
    self.p90 = p90
    self.p99 = p99
    self.p999 = p999
    self.max = max
    self.mean = mean
  }
}
