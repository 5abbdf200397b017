/// A live switch at one moment: all that `penstock show` prints and `/v1/` answers.
///
/// A snapshot holds the parts that were asked for; the others are nil. It encodes to JSON with underscores in the keys
/// (``json()``), which docs/control.md describes.
public struct SwitchSnapshot: Codable, Equatable, Sendable {
  /// What can be asked for. The raw value is the last component of the path, and the argument of `penstock show`.
  public enum Part: String, CaseIterable, Codable, Sendable {
    /// ``SwitchSnapshot/ports`` and ``SwitchSnapshot/workers``.
    case ports
    /// ``SwitchSnapshot/queues``.
    case queues
    /// ``SwitchSnapshot/buffers``.
    case buffers
    /// ``SwitchSnapshot/pfc``.
    case pfc
    /// ``SwitchSnapshot/latency``; reads 2753 counters a queue.
    case latency
    /// ``SwitchSnapshot/nextHopGroups``.
    case nexthops
    /// ``SwitchSnapshot/telemetry``.
    case telemetry
    /// ``SwitchSnapshot/routes``; as many as there are.
    case routes
    /// ``SwitchSnapshot/macs``; up to 65 537.
    case macs
    /// ``SwitchSnapshot/neighbors``; up to 16 385.
    case neighbors
    /// ``SwitchSnapshot/configuration``.
    case config

    /// Whether entries belong to ports, so that one can ask for those of some ports only.
    public var isByPort: Bool {
      switch self {
      case .ports, .queues, .buffers, .pfc, .latency: true
      case .nexthops, .telemetry, .routes, .macs, .neighbors, .config: false
      }
    }
  }

  /// The name in the configuration.
  public var name: String
  /// The number in the configuration.
  public var id: UInt32
  /// The switch's MAC address, with colons.
  public var mac: String
  /// `store-and-forward`, `cut-through` or `direct`.
  public var mode: String
  /// Seconds since the switch began to run.
  public var uptimeSeconds: Double
  /// The switch's clock.
  public var ticks: UInt64
  /// Ticks of that clock in a second.
  public var ticksPerSecond: UInt64
  /// Packets over the whole switch.
  public var totals: Totals
  /// The ports, in the order of the configuration.
  public var ports: [Port]?
  /// The workers.
  public var workers: [WorkerFacts]?
  /// The egress queues, by port and number.
  public var queues: [Queue]?
  /// Pools and priority groups.
  public var buffers: Buffers?
  /// Priority flow control, by port and priority.
  public var pfc: [Priority]?
  /// How long packets took, by port and queue; queues that have sent nothing are left out.
  public var latency: [Latency]?
  /// The next-hop groups, in the order of the configuration.
  public var nextHopGroups: [NextHopGroup]?
  /// What telemetry has counted; nil also if there is none.
  public var telemetry: TelemetryCounts?
  /// The routes beyond the connected subnets, in the order of the configuration.
  public var routes: [Route]?
  /// Stations of bridged VLANs, by VLAN and address.
  public var macs: [Station]?
  /// Neighbours of routed interfaces, by interface and address.
  public var neighbors: [Neighbor]?
  /// The running configuration.
  public var configuration: Configuration?

  /// Packets over the whole switch.
  public struct Totals: Codable, Equatable, Sendable {
    /// Packets received; MAC control frames are not counted.
    public var rxPackets: UInt64 = 0
    /// Packets sent.
    public var txPackets: UInt64 = 0
    /// Packets dropped.
    public var droppedPackets: UInt64 = 0
    /// Packets that ended in the switch.
    public var consumedPackets: UInt64 = 0
    /// Packets that the switch made.
    public var originatedPackets: UInt64 = 0
    /// Copies of packets that flooding made, and what trimming left of them.
    public var replicatedPackets: UInt64 = 0
    /// Packets that wait.
    public var waitingPackets: UInt64 = 0
    /// What was dropped of the packets that the switch itself made, by reason.
    public var ownDrops: [String: UInt64] = [:]
  }

  /// The running configuration.
  public struct Configuration: Codable, Equatable, Sendable {
    /// The file that it came from.
    public var path: String
    /// YAML, as the user wrote it.
    public var text: String
  }
}
