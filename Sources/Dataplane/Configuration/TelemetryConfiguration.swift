import Wire

/// What the switch says about the packets that pass it: in the packets, and to collectors.
public struct TelemetryConfiguration: Equatable, Sendable {
  /// The switch's number in telemetry; nil: ``SwitchConfiguration/id``.
  public var nodeID: UInt32?
  /// Ports behind which are hosts: what comes in there may be given telemetry, and what goes out there has none.
  public var hostPorts: [PortID] = []
  /// Ports that have nothing to do with telemetry.
  public var excludedPorts: [PortID] = []
  /// Length of the windows over which the utilisation of a port is measured.
  public var utilisationWindow = Picoseconds.microseconds(10)
  /// In-band telemetry (INT 2.1).
  public var int = INTConfiguration()
  /// Traces of IOAM; nil: none is filled.
  public var ioam: IOAMConfiguration?
  /// Reports to a collector; nil: none.
  public var reports: TelemetryReportConfiguration?

  /// Nothing is watched, and every port lets telemetry pass and adds to it.
  public init() {}

  /// The role of a port.
  public func role(of port: PortID) -> TelemetryRole {
    excludedPorts.contains(port) ? .none : hostPorts.contains(port) ? .host : .transit
  }
}

/// What a port is to telemetry.
public enum TelemetryRole: String, Equatable, Sendable, CaseIterable {
  /// Nothing: packets pass as they are.
  case none
  /// Between nodes of the domain: hops add what they are asked for.
  case transit
  /// The edge of the domain: source for what comes in, sink for what goes out.
  case host
}

/// In-band telemetry as a source begins it, and as all nodes of the domain recognise it.
public struct INTConfiguration: Equatable, Sendable {
  /// What happens to packets that are watched.
  public var mode = INTMode.metadata
  /// What a source does with watched RoCE packets, whose receivers would not verify while anything is put into them.
  public var roce = RoCETelemetry.postcards
  /// How a packet says that it holds telemetry.
  public var announcement = INTAnnouncement.port
  /// The UDP port that announces telemetry; never assigned by IANA.
  public var udpPort: UInt16 = 51_000
  /// The DSCP that announces telemetry with ``INTAnnouncement/dscp``.
  public var dscp: UInt8 = 23
  /// What each hop records.
  public var instructions: INTInstructions = [.nodeID, .interfaces, .hopLatency, .queue]
  /// Hops that may record.
  public var maximumHops: UInt8 = 8
  /// Number of the domain whose own instructions are used; 0: none.
  public var domainID: UInt16 = 0
  /// The domain's own words, for ``domainID`` other than 0.
  public var domainWords: INTDomainWords = []
  /// Packets that sources and postcards are about; the first rule that matches counts.
  public var watch: [WatchRule] = []

  /// INT-MD in UDP, by port; nothing is watched.
  public init() {}

  /// Rules that a watch list has at most: a packet is compared with one after the other.
  public static let watchLimit = 64
  /// Words that a source's hop has at most: its headers, the hop and a VLAN tag go into the room in front of a packet.
  public static let longestHop = 25

  /// Octets that a hop records.
  public var hopLength: Int { (instructions.words + domainWords.rawValue.nonzeroBitCount) * 4 }
}

/// What happens to packets that are watched.
public enum INTMode: String, Equatable, Sendable, CaseIterable {
  /// INT-MD: every hop records in the packet, and the last one reports.
  case metadata = "md"
  /// INT-MX: the packet carries instructions, and every hop reports.
  case instructions = "mx"
  /// INT-XD: the packet is not changed; every node reports what it watches.
  case postcards = "xd"
}

/// What a source does with watched RoCE packets.
public enum RoCETelemetry: String, Equatable, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// INT-XD: reports, without change.
  case postcards = "xd"
  /// A copy with INT-MD goes the same way, and is discarded by the sink.
  case clone
  /// INT-MX, in the packet.
  case instructions = "mx"
  /// INT-MD, in the packet.
  case metadata = "md"
}

/// How a packet says that it holds telemetry (INT 2.1 section 5.7.2).
public enum INTAnnouncement: String, Equatable, Sendable, CaseIterable {
  /// UDP packets by their destination port; the original one is in the shim. TCP is not touched.
  case port = "udp-port"
  /// By a UDP header of its own, in front of UDP and TCP.
  case header = "udp-header"
  /// UDP and TCP by the DSCP of the packet.
  case dscp
}

/// Words that hops of this switch's domain record on top, in this order.
@frozen
public struct INTDomainWords: OptionSet, Equatable, Sendable {
  /// The domain's instruction bitmap as it lies.
  public let rawValue: UInt16
  /// Takes the bitmap as it lies.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// None; the packet path may not build array literals.
  @inlinable public static var nothing: Self { Self(rawValue: 0) }
  /// Nanoseconds for which the packet's queue was paused while it waited.
  @inlinable public static var pauseTime: Self { Self(rawValue: 0x8000) }
  /// Bytes that the egress port has sent before this packet, the low 32 bits.
  @inlinable public static var sentBytes: Self { Self(rawValue: 0x4000) }
  /// Bytes that wait in all queues of the egress port without this packet.
  @inlinable public static var portQueues: Self { Self(rawValue: 0x2000) }
  /// Line rate of the egress port in Mb/s.
  @inlinable public static var lineRate: Self { Self(rawValue: 0x1000) }

  /// The names used in configurations, in the order of the bits.
  public static let names: [(name: String, word: INTDomainWords)] = [
    ("pause-time", .pauseTime), ("sent-bytes", .sentBytes), ("port-queues", .portQueues), ("line-rate", .lineRate),
  ]
}

extension INTInstructions {
  /// The names used in configurations, in the order of the bits.
  public static let names: [(name: String, instruction: INTInstructions)] = [
    ("node-id", .nodeID), ("interfaces", .interfaces), ("hop-latency", .hopLatency), ("queue", .queue),
    ("ingress-time", .ingressTimestamp), ("egress-time", .egressTimestamp), ("logical-interfaces", .logicalInterfaces),
    ("utilisation", .egressUtilisation), ("buffer", .buffer), ("checksum-complement", .checksumComplement),
  ]
}

/// Packets that are watched. A field that is nil matches everything.
public struct WatchRule: Equatable, Sendable {
  /// IP source and destination, of one version.
  public var source: IPPrefix?, destination: IPPrefix?
  /// IP protocol.
  public var ipProtocol: UInt8?
  /// TCP or UDP source ports.
  public var sourcePorts: ClosedRange<UInt16>?
  /// TCP or UDP destination ports.
  public var destinationPorts: ClosedRange<UInt16>?
  /// DSCP, 0 to 63.
  public var dscp: UInt8?
  /// Destination queue pair of RoCEv2.
  public var queuePair: UInt32?
  /// Which of the packets that match.
  public var sampling = TelemetrySampling.all

  /// A rule that matches everything.
  public init() {}
}

/// Which of the packets that match a rule are chosen.
public enum TelemetrySampling: Equatable, Sendable {
  /// All.
  case all
  /// The first of every so many.
  case every(UInt32)
  /// All packets of one in so many flows.
  case flows(UInt32)
  /// The first of each flow, and those that find latency or queue changed beyond a quantum.
  case change(TelemetryQuanta)
}

/// What counts as a change.
public struct TelemetryQuanta: Equatable, Sendable {
  /// Latencies in the same multiple of this are equal; zero: latency does not count.
  public var latency: Picoseconds
  /// Queues with lengths in the same multiple of this are equal; zero: queues do not count.
  public var queue: ByteCount

  /// Quanta.
  public init(latency: Picoseconds, queue: ByteCount) {
    self.latency = latency
    self.queue = queue
  }
}

/// Reports to a collector (P4.org Telemetry Report Format 2.0).
public struct TelemetryReportConfiguration: Equatable, Sendable {
  /// Where they go.
  public var collector: IPAddress
  /// UDP port of the collector.
  public var port: UInt16 = 32_766
  /// Their source address; nil: that of the interface by which they leave.
  public var source: IPAddress?
  /// Their DSCP, which also classifies them.
  public var dscp: UInt8 = 16
  /// Bytes of a packet that a report holds, INT headers on top.
  public var truncation = 128
  /// Bytes of reports that a datagram holds at most.
  public var batch = 1400
  /// How long a report waits for others at most.
  public var flush = Picoseconds.microseconds(100)
  /// Reports per second at most; 0: all. What is above is counted and lost.
  public var rate: UInt64 = 100_000
  /// Reports that may be made at once before the rate counts.
  public var burst: UInt64 = 1000
  /// Whether dropped packets are reported.
  public var drops = true
  /// Reports on packets that leave a longer queue than this; nil: none.
  public var congestion: ByteCount?
  /// With ``congestion``: a queue is reported again when its length has come to another multiple of this.
  public var congestionQuantum = ByteCount(10_000)
  /// Reports on flows are left out while nothing changes by these quanta; nil: all are sent.
  public var change: TelemetryQuanta?

  /// Reports to a collector.
  public init(collector: IPAddress) { self.collector = collector }
}
