/// One egress queue.
public struct QueueReport: Codable, Equatable, Sendable {
  /// Packets that left the queue onto the wire.
  public var txPackets: UInt64
  /// Their bytes.
  public var txBytes: UInt64
  /// The most bytes that the queue held at any time.
  public var maxBytes: UInt64
  /// Packets that the buffer did not admit on their way to this queue.
  public var notAdmittedPackets: UInt64
  /// What trimming did.
  public var trimming: TrimmingReport
  /// What marking did.
  public var marking: MarkingReport
  /// What pauses and the watchdog did.
  public var pause: QueuePauseReport
  /// How long packets took through the switch.
  public var latency: LatencyReport
  /// What the mean of ``latency`` is made of, and the time on the wire after it.
  public var latencySplit: LatencySplitReport
  /// The distribution that ``latency`` summarises, in buckets of rising bounds; empty buckets are left out.
  public var latencyHistogram: [LatencyBucket]
  /// Traffic and depth over time.
  public var series: QueueSeries

  /// Creates a queue; without arguments an idle one.
  public init(
    txPackets: UInt64 = 0, txBytes: UInt64 = 0, maxBytes: UInt64 = 0, notAdmittedPackets: UInt64 = 0,
    trimming: TrimmingReport = TrimmingReport(), marking: MarkingReport = MarkingReport(),
    pause: QueuePauseReport = QueuePauseReport(),
    latency: LatencyReport = LatencyReport(), latencySplit: LatencySplitReport = LatencySplitReport(),
    latencyHistogram: [LatencyBucket] = [], series: QueueSeries = QueueSeries()
  ) {
    self.txPackets = txPackets
    self.txBytes = txBytes
    self.maxBytes = maxBytes
    self.notAdmittedPackets = notAdmittedPackets
    self.trimming = trimming
    self.marking = marking
    self.pause = pause
    self.latency = latency
    self.latencySplit = latencySplit
    self.latencyHistogram = latencyHistogram
    self.series = series
  }

  /// Whether the queue held, sent or was refused anything.
  public var isUsed: Bool { txPackets > 0 || maxBytes > 0 || notAdmittedPackets > 0 }

  enum CodingKeys: String, CodingKey {
    case txPackets = "tx_packets"
    case txBytes = "tx_bytes"
    case maxBytes = "max_bytes"
    case notAdmittedPackets = "not_admitted_packets"
    case trimming, pause
    case latency = "latency_ns"
    case latencySplit = "latency_split_ns"
    case latencyHistogram = "latency_histogram"
    case series
  }

  /// Writes the queue; the counters of marking stand among its own.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(txPackets, forKey: .txPackets)
    try container.encode(txBytes, forKey: .txBytes)
    try container.encode(maxBytes, forKey: .maxBytes)
    try marking.encode(to: encoder)
    try container.encode(notAdmittedPackets, forKey: .notAdmittedPackets)
    try container.encode(trimming, forKey: .trimming)
    try container.encode(pause, forKey: .pause)
    try container.encode(latency, forKey: .latency)
    try container.encode(latencySplit, forKey: .latencySplit)
    try container.encode(latencyHistogram, forKey: .latencyHistogram)
    try container.encode(series, forKey: .series)
  }

  /// Reads a queue.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      txPackets: try container.decode(UInt64.self, forKey: .txPackets),
      txBytes: try container.decode(UInt64.self, forKey: .txBytes),
      maxBytes: try container.decode(UInt64.self, forKey: .maxBytes),
      notAdmittedPackets: try container.decode(UInt64.self, forKey: .notAdmittedPackets),
      trimming: try container.decode(TrimmingReport.self, forKey: .trimming),
      marking: try MarkingReport(from: decoder),
      pause: try container.decode(QueuePauseReport.self, forKey: .pause),
      latency: try container.decode(LatencyReport.self, forKey: .latency),
      latencySplit: try container.decode(LatencySplitReport.self, forKey: .latencySplit),
      latencyHistogram: try container.decode([LatencyBucket].self, forKey: .latencyHistogram),
      series: try container.decode(QueueSeries.self, forKey: .series))
  }
}

/// What trimming did on a queue: packets that the buffer did not admit are cut, and go to another queue.
public struct TrimmingReport: Codable, Equatable, Sendable {
  /// Packets for this queue that were not admitted, and trimmed. They count as dropped as well.
  public var trimmedPackets: UInt64
  /// Trimmed packets that left from this queue.
  public var txPackets: UInt64
  /// Trimmed packets that this queue did not take either.
  public var droppedPackets: UInt64

  /// Creates the counters of a queue; without arguments those of one that trimmed nothing.
  public init(trimmedPackets: UInt64 = 0, txPackets: UInt64 = 0, droppedPackets: UInt64 = 0) {
    self.trimmedPackets = trimmedPackets
    self.txPackets = txPackets
    self.droppedPackets = droppedPackets
  }

  enum CodingKeys: String, CodingKey {
    case trimmedPackets = "trimmed_packets"
    case txPackets = "tx_packets"
    case droppedPackets = "dropped_packets"
  }
}

/// What congestion marking did on a queue (RFC 3168), and WRED for packets that cannot be marked.
public struct MarkingReport: Codable, Equatable, Sendable {
  /// Packets marked Congestion Experienced by this queue.
  public var markedPackets: UInt64
  /// Their bytes.
  public var markedBytes: UInt64
  /// Packets for the queue that were marked when they came in.
  public var arrivedPackets: UInt64
  /// Packets that would have been marked, but are not ECN-capable, and passed.
  public var notCapablePackets: UInt64
  /// Packets that would have been marked, but are not ECN-capable, and were dropped.
  public var wredDroppedPackets: UInt64

  /// Creates the counters of a queue; without arguments those of one that marked nothing.
  public init(
    markedPackets: UInt64 = 0, markedBytes: UInt64 = 0, arrivedPackets: UInt64 = 0, notCapablePackets: UInt64 = 0,
    wredDroppedPackets: UInt64 = 0
  ) {
    self.markedPackets = markedPackets
    self.markedBytes = markedBytes
    self.arrivedPackets = arrivedPackets
    self.notCapablePackets = notCapablePackets
    self.wredDroppedPackets = wredDroppedPackets
  }

  enum CodingKeys: String, CodingKey {
    case markedPackets = "ecn_marked_packets"
    case markedBytes = "ecn_marked_bytes"
    case arrivedPackets = "ecn_arrived_packets"
    case notCapablePackets = "ecn_not_capable_packets"
    case wredDroppedPackets = "wred_dropped_packets"
  }
}

/// Traffic and depth of a queue over time, bin by bin like ``PortSeries``.
public struct QueueSeries: Codable, Equatable, Sendable {
  /// Bytes that left in each bin.
  public let txBytes: [UInt64]
  /// The most bytes that the queue held during each bin.
  public let maxBytes: [UInt64]

  /// Creates a series, dropping zeros at the end.
  public init(txBytes: [UInt64] = [], maxBytes: [UInt64] = []) {
    self.txBytes = txBytes.withoutTrailingZeros
    self.maxBytes = maxBytes.withoutTrailingZeros
  }

  enum CodingKeys: String, CodingKey {
    case txBytes = "tx_bytes"
    case maxBytes = "max_bytes"
  }
}
