/// Packets and their bytes. Bytes are counted at wire length, without check sequence and preamble.
public struct TrafficReport: Codable, Equatable, Sendable {
  /// Packets.
  public var packets: UInt64
  /// Bytes.
  public var bytes: UInt64

  /// Creates a count; without arguments that of no traffic.
  public init(packets: UInt64 = 0, bytes: UInt64 = 0) {
    self.packets = packets
    self.bytes = bytes
  }
}

/// What one port received, sent and dropped.
public struct PortReport: Equatable, Sendable {
  /// Queues, and priorities, of a port.
  public static let queueCount = 8

  /// The name in the configuration; the key of the port in report.json.
  public var name: String
  /// Line rate in bits per second.
  public var speedBitsPerSecond: UInt64
  /// Frames that arrived.
  public var rx: TrafficReport
  /// Frames that left.
  public var tx: TrafficReport
  /// Packets dropped by reason, charged to the port where the reason arose. Reasons that did not occur are absent.
  public var drops: [String: UInt64]
  /// The egress queues, by number: always ``queueCount``.
  public var queues: [QueueReport]
  /// Priority flow control, by priority: always ``queueCount``.
  public var priorities: [PriorityReport]
  /// Traffic over time.
  public var series: PortSeries

  /// Creates a port. Missing queues and priorities are filled with idle ones.
  public init(
    name: String, speedBitsPerSecond: UInt64, rx: TrafficReport = TrafficReport(), tx: TrafficReport = TrafficReport(),
    drops: [String: UInt64] = [:], queues: [QueueReport] = [], priorities: [PriorityReport] = [],
    series: PortSeries = PortSeries()
  ) {
    self.name = name
    self.speedBitsPerSecond = speedBitsPerSecond
    self.rx = rx
    self.tx = tx
    self.drops = drops
    let missingQueues = max(0, Self.queueCount - queues.count)
    self.queues = queues + Array(repeating: QueueReport(), count: missingQueues)
    let missingPriorities = max(0, Self.queueCount - priorities.count)
    self.priorities = priorities + Array(repeating: PriorityReport(), count: missingPriorities)
    self.series = series
  }

  /// Packets dropped for any reason.
  public var dropped: UInt64 { drops.values.reduce(0, +) }
  /// Whether nothing arrived, left or was dropped.
  public var isIdle: Bool { rx.packets == 0 && tx.packets == 0 && dropped == 0 }
}

/// One egress queue.
public struct QueueReport: Codable, Equatable, Sendable {
  /// Packets that left the queue onto the wire.
  public var txPackets: UInt64
  /// Their bytes.
  public var txBytes: UInt64
  /// The most bytes that the queue held at any time.
  public var maxBytes: UInt64
  /// Packets that left with Congestion Experienced set by this queue.
  public var ecnMarkedPackets: UInt64
  /// How long packets took through the switch.
  public var latency: LatencyReport
  /// The distribution that ``latency`` summarises, in buckets of rising bounds; empty buckets are left out.
  public var latencyHistogram: [LatencyBucket]
  /// Traffic and depth over time.
  public var series: QueueSeries

  /// Creates a queue; without arguments an idle one.
  public init(
    txPackets: UInt64 = 0, txBytes: UInt64 = 0, maxBytes: UInt64 = 0, ecnMarkedPackets: UInt64 = 0,
    latency: LatencyReport = LatencyReport(), latencyHistogram: [LatencyBucket] = [],
    series: QueueSeries = QueueSeries()
  ) {
    self.txPackets = txPackets
    self.txBytes = txBytes
    self.maxBytes = maxBytes
    self.ecnMarkedPackets = ecnMarkedPackets
    self.latency = latency
    self.latencyHistogram = latencyHistogram
    self.series = series
  }

  /// Whether the queue held or sent anything.
  public var isUsed: Bool { txPackets > 0 || maxBytes > 0 }

  enum CodingKeys: String, CodingKey {
    case txPackets = "tx_packets"
    case txBytes = "tx_bytes"
    case maxBytes = "max_bytes"
    case ecnMarkedPackets = "ecn_marked_packets"
    case latency = "latency_ns"
    case latencyHistogram = "latency_histogram"
    case series
  }
}

/// Priority flow control of one priority (IEEE 802.1Q clause 36).
public struct PriorityReport: Codable, Equatable, Sendable {
  /// Frames sent that stop this priority.
  public var pfcTxXoff: UInt64
  /// Frames sent that release it.
  public var pfcTxXon: UInt64
  /// Frames received that stop it.
  public var pfcRxXoff: UInt64
  /// Frames received that release it.
  public var pfcRxXon: UInt64
  /// Time for which this port was not allowed to send the priority, in picoseconds.
  public var pausedPicoseconds: UInt64

  /// Creates the counters of a priority; without arguments those of one that was never paused.
  public init(
    pfcTxXoff: UInt64 = 0, pfcTxXon: UInt64 = 0, pfcRxXoff: UInt64 = 0, pfcRxXon: UInt64 = 0,
    pausedPicoseconds: UInt64 = 0
  ) {
    self.pfcTxXoff = pfcTxXoff
    self.pfcTxXon = pfcTxXon
    self.pfcRxXoff = pfcRxXoff
    self.pfcRxXon = pfcRxXon
    self.pausedPicoseconds = pausedPicoseconds
  }

  /// Whether any frame was seen or sent for the priority.
  public var isUsed: Bool { self != PriorityReport() }

  enum CodingKeys: String, CodingKey {
    case pfcTxXoff = "pfc_tx_xoff"
    case pfcTxXon = "pfc_tx_xon"
    case pfcRxXoff = "pfc_rx_xoff"
    case pfcRxXon = "pfc_rx_xon"
    case pausedPicoseconds = "paused_ps"
  }
}

/// Traffic of a port over time.
///
/// Each array holds bytes per bin of ``SeriesAxis`` and ends with the last bin that is not zero.
public struct PortSeries: Codable, Equatable, Sendable {
  /// Bytes that arrived in each bin.
  public let rxBytes: [UInt64]
  /// Bytes that left in each bin.
  public let txBytes: [UInt64]

  /// Creates a series, dropping zeros at the end.
  public init(rxBytes: [UInt64] = [], txBytes: [UInt64] = []) {
    self.rxBytes = rxBytes.withoutTrailingZeros
    self.txBytes = txBytes.withoutTrailingZeros
  }

  enum CodingKeys: String, CodingKey {
    case rxBytes = "rx_bytes"
    case txBytes = "tx_bytes"
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

extension [UInt64] {
  /// The array up to its last element that is not zero.
  fileprivate var withoutTrailingZeros: [UInt64] {
    guard let last = lastIndex(where: { $0 != 0 }) else { return [] }
    return Array(self[...last])
  }
}
