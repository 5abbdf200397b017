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

/// What a packet's time is made of, as means over a queue in nanoseconds, each a multiple of a picosecond.
///
/// Pause and queueing add up to the mean of ``LatencyReport``; serialisation follows it. All are nil when nothing was
/// measured.
public struct LatencySplitReport: Codable, Equatable, Sendable {
  /// The mean wait because the queue was paused.
  public var pause: Double?
  /// The mean of all other waiting: for frames ahead, for shapers, and the fixed latency of the switch.
  public var queueing: Double?
  /// The mean time of a frame on the wire, with padding, preamble, check sequence and gap.
  public var serialisation: Double?

  /// Nothing was measured.
  public init() {}

  /// Creates a split from the counters of a queue.
  ///
  /// Padding is known from the sum of all bytes only: where frames below 60 bytes and longer ones share a queue, the
  /// serialisation of the short ones is counted without it.
  ///
  /// - Parameters:
  ///   - latency: what the packets took in all.
  ///   - waitPicoseconds: the sum of what they waited because of pauses.
  ///   - bytes: the sum of their lengths without check sequence.
  ///   - bitsPerSecond: the rate of the port.
  public init(latency: LatencyReport, waitPicoseconds: UInt64, bytes: UInt64, bitsPerSecond: UInt64) {
    guard latency.count > 0, bitsPerSecond > 0, let mean = latency.mean else { return }
    let total = UInt64((mean * 1000).rounded())
    // Rounding must not let a part exceed the whole.
    let pause = Swift.min(total, (waitPicoseconds + latency.count / 2) / latency.count)
    let slots = Swift.max(bytes, Self.minimumFrame * latency.count) + Self.overhead * latency.count
    let wire = Double(slots) * 8e12 / Double(bitsPerSecond) / Double(latency.count)
    self.pause = LatencyReport.nanoseconds(pause)
    queueing = LatencyReport.nanoseconds(total - pause)
    serialisation = LatencyReport.nanoseconds(UInt64(wire.rounded()))
  }

  /// Bytes of the shortest frame without check sequence (IEEE 802.3 clause 4.2.3.3).
  private static let minimumFrame: UInt64 = 60
  /// Preamble, check sequence and gap around every frame, in bytes.
  private static let overhead: UInt64 = 24

  enum CodingKeys: String, CodingKey {
    case pause, queueing, serialisation
  }

  /// Writes every key, with null for what was not measured.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(pause, forKey: .pause)
    try container.encode(queueing, forKey: .queueing)
    try container.encode(serialisation, forKey: .serialisation)
  }
}
