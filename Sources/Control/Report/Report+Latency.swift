/// Latency through the switch in nanoseconds, from the arrival of a frame's last bit to the departure of its first.
///
/// Values are the double nearest to a whole number of picoseconds divided by 1000, so they print as exact decimals:
/// 83840 ps is 83.84. All are nil when nothing was measured.
public struct LatencyReport: Codable, Equatable, Sendable {
  /// Packets measured.
  public var count: UInt64
  /// The least.
  public var min: Double?
  /// The median.
  public var p50: Double?
  /// 90 % of packets took no longer.
  public var p90: Double?
  /// 99 % of packets took no longer.
  public var p99: Double?
  /// 99.9 % of packets took no longer.
  public var p999: Double?
  /// The most.
  public var max: Double?
  /// The mean, rounded to a picosecond.
  public var mean: Double?

  /// Nothing was measured.
  public init() { count = 0 }

  /// Creates a summary of `count` packets from times in picoseconds.
  public init(
    count: UInt64, minPicoseconds: UInt64, p50: UInt64, p90: UInt64, p99: UInt64, p999: UInt64, max: UInt64,
    meanPicoseconds: UInt64
  ) {
    self.count = count
    self.min = Self.nanoseconds(minPicoseconds)
    self.p50 = Self.nanoseconds(p50)
    self.p90 = Self.nanoseconds(p90)
    self.p99 = Self.nanoseconds(p99)
    self.p999 = Self.nanoseconds(p999)
    self.max = Self.nanoseconds(max)
    self.mean = Self.nanoseconds(meanPicoseconds)
  }

  /// Picoseconds as nanoseconds: correctly rounded, hence exact in print up to 10^15 ps.
  public static func nanoseconds(_ picoseconds: UInt64) -> Double { Double(picoseconds) / 1000 }

  enum CodingKeys: String, CodingKey {
    case count, min, p50, p90, p99, p999, max, mean
  }

  /// Writes every key, with null for what was not measured, so that a script finds each of them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .count)
    try container.encode(min, forKey: .min)
    try container.encode(p50, forKey: .p50)
    try container.encode(p90, forKey: .p90)
    try container.encode(p99, forKey: .p99)
    try container.encode(p999, forKey: .p999)
    try container.encode(max, forKey: .max)
    try container.encode(mean, forKey: .mean)
  }
}

/// Packets whose latency lies between the bound of the bucket before and its own.
public struct LatencyBucket: Equatable, Sendable {
  /// The inclusive upper bound in nanoseconds.
  public var upperNanoseconds: Double
  /// Packets in the bucket.
  public var count: UInt64

  /// Creates a bucket; `upperPicoseconds` is inclusive.
  public init(upperPicoseconds: UInt64, count: UInt64) {
    self.upperNanoseconds = LatencyReport.nanoseconds(upperPicoseconds)
    self.count = count
  }
}

extension LatencyBucket: Codable {
  /// Writes the pair `[upper_ns, count]`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(upperNanoseconds)
    try container.encode(count)
  }

  /// Reads the pair `[upper_ns, count]`.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    upperNanoseconds = try container.decode(Double.self)
    count = try container.decode(UInt64.self)
  }
}
