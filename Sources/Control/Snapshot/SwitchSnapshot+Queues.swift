extension SwitchSnapshot {
  /// One egress queue.
  public struct Queue: Codable, Equatable, Sendable {
    /// The port's name.
    public var port: String
    /// The queue's number.
    public var queue: Int
    /// Whether the configuration makes it lossless.
    public var isLossless: Bool
    /// Packets that wait.
    public var depthPackets: UInt64
    /// Bytes that wait.
    public var depthBytes: UInt64
    /// Most bytes that waited since watermarks were last reset.
    public var peakBytes: UInt64
    /// What left.
    public var tx: Traffic
    /// Packets for it that the buffer did not admit.
    public var droppedPackets: UInt64
    /// Packets that it marked Congestion Experienced.
    public var marked: Traffic
    /// Packets that came in marked.
    public var arrivedMarkedPackets: UInt64
    /// Packets that were to be marked, could not be, and passed.
    public var notCapablePackets: UInt64
    /// Packets that were to be marked, could not be, and were dropped.
    public var wredDroppedPackets: UInt64
    /// Packets not admitted here, and trimmed.
    public var trimmedPackets: UInt64
    /// Trimmed packets that left from here.
    public var trimmedTxPackets: UInt64
    /// Trimmed packets that were dropped here.
    public var trimmedDroppedPackets: UInt64
    /// For how long it was paused.
    public var pausedSeconds: Double
    /// Whether the watchdog holds it to be in a pause storm.
    public var isInStorm: Bool
    /// Pause storms detected.
    public var storms: UInt64
    /// Pause storms that ended.
    public var restorations: UInt64
    /// Packets dropped in storms, here and on their way in.
    public var stormDroppedPackets: UInt64

    /// Whether anything was ever here or meant for it.
    public var isUsed: Bool { tx.packets > 0 || peakBytes > 0 || droppedPackets > 0 || depthPackets > 0 }
  }

  /// How long packets of one queue took through the switch.
  public struct Latency: Codable, Equatable, Sendable {
    /// The port's name.
    public var port: String
    /// The queue's number.
    public var queue: Int
    /// Packets measured.
    public var count: UInt64
    /// The shortest, in nanoseconds.
    public var minNanoseconds: Double
    /// The mean, in nanoseconds.
    public var meanNanoseconds: Double
    /// Half of them are not longer, in nanoseconds, to 1.6 %.
    public var p50Nanoseconds: Double
    /// 99 % of them are not longer, in nanoseconds, to 1.6 %.
    public var p99Nanoseconds: Double
    /// 99.9 % of them are not longer, in nanoseconds, to 1.6 %.
    public var p999Nanoseconds: Double
    /// The longest, in nanoseconds.
    public var maxNanoseconds: Double
    /// The distribution in buckets of rising bounds; empty buckets are left out.
    public var buckets: [Bucket]
  }

  /// Packets of almost the same latency.
  public struct Bucket: Codable, Equatable, Sendable {
    /// The longest of them, in nanoseconds.
    public var upperNanoseconds: Double
    /// How many they are.
    public var count: UInt64
  }
}
