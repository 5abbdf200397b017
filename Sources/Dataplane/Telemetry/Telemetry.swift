import CShims
import Wire

/// Telemetry, compiled: flat tables that the packet path reads, and what it counts and gathers.
struct Telemetry: ~Copyable {
  /// Whether the switch has telemetry at all; if not, no port has a role.
  let isOn: Bool
  /// Whether dropped packets are reported.
  let reportsDrops: Bool
  /// One.
  let settings: FlatTable<TelemetrySettings>
  let ports: FlatTable<TelemetryPort>
  /// At port x 8 + queue.
  let queues: FlatTable<TelemetryQueue>
  let watch: FlatTable<WatchEntry>
  /// Namespaces whose traces are filled.
  let namespaces: FlatTable<IOAMNamespace>
  /// For each rule that asks for changes a table of flows; the last is that of reports.
  let changes: FlatTable<FlowChange>
  /// One.
  let counters: FlatTable<TelemetryCounters>
  let reports: ReportBatch

  init(_ configuration: SwitchConfiguration, _ slice: Slice, ticksPerSecond: UInt64) {
    let telemetry = configuration.telemetry
    let ports = telemetry == nil ? [] : configuration.ports
    isOn = telemetry != nil
    reportsDrops = telemetry?.reports?.drops ?? false
    let value = telemetry ?? TelemetryConfiguration()
    settings = FlatTable(repeating: TelemetrySettings(configuration, value, ticksPerSecond: ticksPerSecond), count: 1)
    let window = value.utilisationWindow.ticks(perSecond: ticksPerSecond)
    self.ports = FlatTable(
      ports.enumerated().map { TelemetryPort($1, number: $0, value.role(of: PortID($0)), window: window) })
    queues = FlatTable(repeating: TelemetryQueue(), count: ports.count * QueueID.count)
    namespaces = FlatTable(value.ioam?.namespaces ?? [])
    watch = FlatTable(value.int.watch.map { WatchEntry($0, ticksPerSecond: ticksPerSecond) })
    changes = FlatTable(repeating: FlowChange(), count: isOn ? (value.int.watch.count + 1) * FlowChange.tableSize : 0)
    counters = FlatTable(repeating: TelemetryCounters(), count: 1)
    reports = ReportBatch(value.reports, configuration, slice, ticksPerSecond: ticksPerSecond)
  }
}

/// What does not change while a switch runs, but for the clock's epoch.
struct TelemetrySettings {
  let nodeID: UInt32
  let mode: INTMode
  let roce: RoCETelemetry
  let announcement: INTAnnouncement
  let udpPort: UInt16
  let dscp: UInt8
  let instructions: INTInstructions
  let maximumHops: UInt8
  /// Octets of one hop on the stack of a packet whose source this is.
  let hopLength: Int
  let domainID: UInt16
  let domainWords: INTDomainWords
  /// What postcards hold.
  let postcard: INTInstructions
  let hasher: FlowHasher
  /// Ticks and bytes in which reports on flows have to differ; 0: does not count.
  let latencyQuantum: UInt64
  let queueQuantum: UInt64
  let reportsChangesOnly: Bool
  /// A queue that is longer than this is reported on; .max: none is.
  let congestionBytes: UInt64
  let congestionQuantum: UInt64
  /// Whether traces of IOAM are filled, and the node's numbers in them: 24 and 56 bits.
  let fillsTraces: Bool
  let ioamNode: UInt32
  let ioamWideNode: UInt64
  var clock: TelemetryClock
  /// The copy that is being queued beside its original, and whose task is set already.
  var clone: UnsafeMutablePointer<pst_packet>?

  init(_ configuration: SwitchConfiguration, _ telemetry: TelemetryConfiguration, ticksPerSecond: UInt64) {
    let int = telemetry.int
    nodeID = telemetry.nodeID ?? configuration.id
    mode = int.mode
    roce = int.roce
    announcement = int.announcement
    udpPort = int.udpPort
    dscp = int.dscp
    instructions = int.instructions
    maximumHops = int.maximumHops
    hopLength = int.hopLength
    domainID = int.domainID
    domainWords = int.domainWords
    postcard = INTInstructions(rawValue: int.instructions.rawValue & 0x7F80)
    hasher = FlowHasher(seed: 0x54_4C4D, switchID: configuration.id)
    let change = telemetry.reports?.change
    latencyQuantum = change?.latency.ticks(perSecond: ticksPerSecond) ?? 0
    queueQuantum = change?.queue.bytes ?? 0
    reportsChangesOnly = change != nil
    congestionBytes = telemetry.reports?.congestion?.bytes ?? .max
    congestionQuantum = max(1, telemetry.reports?.congestionQuantum.bytes ?? 1)
    fillsTraces = telemetry.ioam != nil
    ioamNode = (telemetry.ioam?.nodeID ?? nodeID) & 0xFF_FFFF
    ioamWideNode = (telemetry.ioam?.wideNodeID ?? UInt64(nodeID)) & 0xFF_FFFF_FFFF_FFFF
    clock = TelemetryClock(ticksPerSecond: ticksPerSecond)
    clone = nil
  }
}

/// What telemetry knows of a port.
struct TelemetryPort {
  let role: TelemetryRole
  /// Largest IP packet that leaves.
  let mtu: Int
  /// Level 2 interface of untagged and of routed packets.
  let logicalInterface: UInt32
  let isTrunk: Bool
  let megabits: UInt32
  var utilisation: PortUtilisation

  init(_ configuration: PortConfiguration, number: Int, _ role: TelemetryRole, window: UInt64) {
    self.role = role
    mtu = configuration.mtu
    megabits = UInt32(clamping: configuration.speed.bitsPerSecond / 1_000_000)
    utilisation = PortUtilisation(window: window)
    switch configuration.role {
    case .routed:
      logicalInterface = UInt32(number + 1)
      isTrunk = false
    case .access(let vlan):
      logicalInterface = TelemetryPort.interface(ofVLAN: vlan.rawValue)
      isTrunk = false
    case .trunk(_, let native):
      logicalInterface = native.map { TelemetryPort.interface(ofVLAN: $0.rawValue) } ?? .max
      isTrunk = true
    }
  }

  /// The number of a VLAN as a level 2 interface: 65536 more, as ports have the numbers below.
  static func interface(ofVLAN vlan: UInt16) -> UInt32 { 0x1_0000 | UInt32(vlan) }

  /// The level 1 number of a port: 1 is the first of the configuration, ffff none.
  @inline(always)
  static func interface(of port: PortID) -> UInt16 { port == .none ? .max : port.rawValue &+ 1 }
}

/// What telemetry knows of a queue.
struct TelemetryQueue {
  /// Ticks that the packet which left last had spent in the switch.
  var lastLatency: UInt64 = 0
  /// In which multiple of the quantum the queue was when it was last reported; .max: it was not congested since.
  var reported: UInt64 = .max
}

/// What telemetry counts.
public struct TelemetryCounters: Equatable, Sendable {
  /// Packets that INT was begun on: MD, MX, and copies.
  public var begun: UInt64 = 0
  /// Packets that INT was to be begun on, and that could not take it.
  public var notBegun: UInt64 = 0
  /// Hops put on stacks, those of sources included.
  public var hops: UInt64 = 0
  /// Packets that had no hops left (E).
  public var hopsExceeded: UInt64 = 0
  /// Packets that this hop would have made too long (M).
  public var tooLong: UInt64 = 0
  /// IOAM traces filled, and those that had no room.
  public var traced: UInt64 = 0, traceOverflows: UInt64 = 0
  /// Packets that INT was taken out of.
  public var ended: UInt64 = 0
  /// Packets that were discarded with their INT.
  public var discarded: UInt64 = 0
  /// Packets that say they hold INT and do not, or in which it contradicts itself.
  public var malformed: UInt64 = 0
  /// Reports of sinks, with the hops of the path.
  public var pathReports: UInt64 = 0
  /// Reports of this hop alone: INT-MX and INT-XD.
  public var postcards: UInt64 = 0
  /// Reports on dropped packets.
  public var dropReports: UInt64 = 0
  /// Reports on congested queues.
  public var congestionReports: UInt64 = 0
  /// Reports not made as nothing had changed.
  public var unchanged: UInt64 = 0
  /// Reports not made as their rate was used up.
  public var overRate: UInt64 = 0
  /// Datagrams sent.
  public var datagrams: UInt64 = 0
  /// Reports in datagrams that were sent.
  public var reportsSent: UInt64 = 0
  /// Bytes of those reports.
  public var reportBytes: UInt64 = 0
  /// Reports lost as there was no memory or no way for their datagram.
  public var reportsLost: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
