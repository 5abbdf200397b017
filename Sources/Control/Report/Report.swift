/// What happened in one replay: the contents of report.json, and all that report.html and the summary show.
///
/// The values are plain numbers and names, so that a report can be read back, compared and drawn without a switch.
/// Every key and its unit is described in docs/report.md. Names come from the configuration and are not trusted:
/// whoever prints one escapes it for where it goes.
public struct Report: Equatable, Sendable {
  /// The version of the format that this code writes.
  public static let currentVersion = 2

  /// The version of the format: ``currentVersion`` for a report made by this code.
  public var version = Report.currentVersion
  /// The switch that was replayed.
  public var identity: SwitchIdentity
  /// The seed of every random choice.
  public var seed: UInt64
  /// Virtual time from zero to the last event, in picoseconds.
  public var durationPicoseconds: UInt64
  /// The instant that virtual time zero stands for, in nanoseconds since 1970-01-01 00:00 UTC.
  public var startNanoseconds: Int64
  /// The captures that went in, in the order of their ports.
  public var inputs: [InputReport] = []
  /// What the reader must know to read the numbers right, in plain sentences.
  public var notices: [String] = []
  /// What went wrong, in plain sentences; empty when every input was read to its end.
  public var errors: [String] = []
  /// Packets over the whole switch.
  public var totals = TotalsReport()
  /// The ports, in the order of the configuration. Names are unique.
  public var ports: [PortReport] = []
  /// The shared buffer.
  public var buffer = BufferReport()
  /// What happened to flow control, in the order of time.
  public var pauseEvents: [PauseEventReport] = []
  /// Events that are left out of ``pauseEvents`` because there were too many.
  public var pauseEventsOmitted: UInt64 = 0
  /// The next-hop groups, in the order of the configuration.
  public var nextHops: [NextHopGroupReport] = []
  /// What telemetry has counted; nil: there is none.
  public var telemetry: TelemetryCounts?
  /// The time axis of every series in the report.
  public var series = SeriesAxis()

  /// Creates a report without inputs, ports and groups.
  public init(identity: SwitchIdentity, seed: UInt64, durationPicoseconds: UInt64, startNanoseconds: Int64) {
    self.identity = identity
    self.seed = seed
    self.durationPicoseconds = durationPicoseconds
    self.startNanoseconds = startNanoseconds
  }

  /// Whether every packet is accounted for: received + originated + replicated = sent + dropped + consumed.
  public var isConserved: Bool { totals.isConserved }
}

/// Which switch a report is about.
public struct SwitchIdentity: Codable, Equatable, Sendable {
  /// The name in the configuration.
  public var name: String
  /// The number in the configuration.
  public var id: UInt32
  /// The bridge address, as text with colons.
  public var mac: String
  /// `store-and-forward`, `cut-through` or `direct`.
  public var mode: String

  /// Creates an identity.
  public init(name: String, id: UInt32, mac: String, mode: String) {
    self.name = name
    self.id = id
    self.mac = mac
    self.mode = mode
  }
}

/// One capture that was replayed into a port.
public struct InputReport: Codable, Equatable, Sendable {
  /// The port it went into.
  public var port: String
  /// The name of the file, without its directory: reports of equal runs in different places are equal.
  public var file: String
  /// Packets read and offered to the port, all loops together.
  public var packets: UInt64
  /// Their bytes at wire length, without check sequence.
  public var bytes: UInt64
  /// How often the capture was played.
  public var loops: UInt64
  /// Why reading ended before the end of the file; nil when it did not.
  public var error: String?

  /// Creates an input. Of `file` only what follows the last slash is kept.
  public init(port: String, file: String, packets: UInt64, bytes: UInt64, loops: UInt64 = 1, error: String? = nil) {
    self.port = port
    self.file = file.split(separator: "/").last.map(String.init) ?? file
    self.packets = packets
    self.bytes = bytes
    self.loops = loops
    self.error = error
  }
}

/// Packets over the whole switch, by what became of them. MAC control frames are not among them.
public struct TotalsReport: Codable, Equatable, Sendable {
  /// Packets that arrived at a port.
  public var rxPackets: UInt64
  /// Packets that left a port.
  public var txPackets: UInt64
  /// Packets dropped for any reason.
  public var droppedPackets: UInt64
  /// Packets that ended in the switch: ARP, and what was addressed to it.
  public var consumedPackets: UInt64
  /// Packets that the switch made itself: ICMP, ARP and ND.
  public var originatedPackets: UInt64
  /// Copies made by flooding and mirroring, beyond the packet itself, and what trimming left of packets.
  public var replicatedPackets: UInt64

  /// Creates totals.
  public init(
    rxPackets: UInt64 = 0, txPackets: UInt64 = 0, droppedPackets: UInt64 = 0, consumedPackets: UInt64 = 0,
    originatedPackets: UInt64 = 0, replicatedPackets: UInt64 = 0
  ) {
    self.rxPackets = rxPackets
    self.txPackets = txPackets
    self.droppedPackets = droppedPackets
    self.consumedPackets = consumedPackets
    self.originatedPackets = originatedPackets
    self.replicatedPackets = replicatedPackets
  }

  /// Packets that came into being: received, originated, replicated.
  public var appeared: UInt64 { rxPackets + originatedPackets + replicatedPackets }
  /// Packets that found their end: sent, dropped, consumed.
  public var settled: UInt64 { txPackets + droppedPackets + consumedPackets }
  /// Whether the two are equal, as they must be when a replay ends.
  public var isConserved: Bool { appeared == settled }

  enum CodingKeys: String, CodingKey {
    case rxPackets = "rx_packets"
    case txPackets = "tx_packets"
    case droppedPackets = "dropped_packets"
    case consumedPackets = "consumed_packets"
    case originatedPackets = "originated_packets"
    case replicatedPackets = "replicated_packets"
  }
}

/// The time axis that all series share.
public struct SeriesAxis: Codable, Equatable, Sendable {
  /// The width of a bin in picoseconds; 0 when there are no series.
  public var binPicoseconds: UInt64
  /// The number of bins, the first beginning at virtual time zero.
  public var bins: Int

  /// Creates an axis; without arguments that of a report without series.
  public init(binPicoseconds: UInt64 = 0, bins: Int = 0) {
    self.binPicoseconds = binPicoseconds
    self.bins = bins
  }

  enum CodingKeys: String, CodingKey {
    case binPicoseconds = "bin_ps"
    case bins
  }
}
