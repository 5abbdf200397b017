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
  /// Queues, priorities, and priority groups, of a port.
  public static let queueCount = 8

  /// The name in the configuration; the key of the port in report.json.
  public var name: String
  /// Line rate in bits per second.
  public var speedBitsPerSecond: UInt64
  /// Frames that arrived.
  public var rx: TrafficReport
  /// Frames that left.
  public var tx: TrafficReport
  /// MAC control frames, which are in no other counter.
  public var macControl: MACControlReport
  /// Packets dropped by reason, charged to the port where the reason arose. Reasons that did not occur are absent.
  public var drops: [String: UInt64]
  /// The egress queues, by number: always ``queueCount``.
  public var queues: [QueueReport]
  /// Priority flow control, by priority: always ``queueCount``.
  public var priorities: [PriorityReport]
  /// The ingress priority groups, by number: always ``queueCount``.
  public var groups: [GroupReport]
  /// Traffic over time.
  public var series: PortSeries

  /// Creates a port. Missing queues, priorities and groups are filled with idle ones.
  public init(
    name: String, speedBitsPerSecond: UInt64, rx: TrafficReport = TrafficReport(), tx: TrafficReport = TrafficReport(),
    macControl: MACControlReport = MACControlReport(), drops: [String: UInt64] = [:], queues: [QueueReport] = [],
    priorities: [PriorityReport] = [], groups: [GroupReport] = [], series: PortSeries = PortSeries()
  ) {
    self.name = name
    self.speedBitsPerSecond = speedBitsPerSecond
    self.rx = rx
    self.tx = tx
    self.macControl = macControl
    self.drops = drops
    self.queues = Self.filled(queues, with: QueueReport())
    self.priorities = Self.filled(priorities, with: PriorityReport())
    self.groups = Self.filled(groups, with: GroupReport())
    self.series = series
  }

  private static func filled<Value>(_ values: [Value], with idle: Value) -> [Value] {
    values + Array(repeating: idle, count: max(0, queueCount - values.count))
  }

  /// Packets dropped for any reason.
  public var dropped: UInt64 { drops.values.reduce(0, +) }
  /// Whether nothing arrived, left or was dropped, MAC control frames included.
  public var isIdle: Bool {
    rx.packets == 0 && tx.packets == 0 && dropped == 0 && macControl == MACControlReport()
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

extension [UInt64] {
  /// The array up to its last element that is not zero.
  var withoutTrailingZeros: [UInt64] {
    guard let last = lastIndex(where: { $0 != 0 }) else { return [] }
    return Array(self[...last])
  }
}
