import Dataplane

/// What to replay, and how.
public struct ReplayOptions: Sendable {
  /// The captures; their order does not matter.
  public var inputs: [ReplayInput] = []
  /// How fast to offer them.
  public var speed = ReplaySpeed.factor(numerator: 1, denominator: 1)
  /// How often to offer them.
  public var loops: UInt64 = 1
  /// Packets earlier than this after the first are left out.
  public var start = Picoseconds.zero
  /// Packets later than this after the first are left out. Where stamps are out of order by more than a second, so may
  /// be packets behind such a one.
  public var until: Picoseconds?
  /// Bytes of each frame to keep in the output.
  public var snapLength = 262_144
  /// Refuses input that is faster than its port's line rate, instead of serialising it.
  public var isStrict = false
  /// How long after an XOFF has come in the sources behind the input ports stop; nil: they ignore pause frames.
  public var sourceResponse: PauseResponse? = .immediate
  /// Where to write a capture per port; nil writes none.
  public var outputDirectory: String?
  /// Whether to write `packets.csv` too: one line per packet.
  public var writesPacketLog = false
  /// Where to write the list of all flow control events; nil writes none.
  public var pauseLogPath: String?

  /// Files beside the captures that must not be written over, such as the configuration.
  public var protectedPaths: [String] = []

  /// Nothing to replay.
  public init() {}
}

/// A capture and the port that it arrives on.
public struct ReplayInput: Equatable, Sendable {
  /// The port.
  public var port: PortID
  /// A pcap or pcapng file.
  public var path: String
  /// A libpcap filter expression; packets that it does not match are left out.
  public var filter: String?

  /// A capture for a port.
  public init(port: PortID, path: String, filter: String? = nil) {
    self.port = port
    self.path = path
    self.filter = filter
  }
}

/// How fast captures are offered.
public enum ReplaySpeed: Equatable, Sendable {
  /// With all gaps divided by a factor.
  case factor(numerator: UInt64, denominator: UInt64)
  /// At a constant rate on the wire, whatever the stamps say; at least 10 kb/s.
  case rate(BitRate)
  /// Back to back at each port's line rate.
  case lineRate
}

/// What became of one input.
public struct ReplayInputResult: Equatable, Sendable {
  /// The input.
  public var input: ReplayInput
  /// Packets offered.
  public var packets: UInt64
  /// Bytes of their frames.
  public var bytes: UInt64
  /// Set if the file broke off.
  public var error: CaptureError?
}

/// What a replay found, beyond the counters of the switch.
public struct ReplayResult: Sendable {
  /// Virtual time from zero to the last bit sent or received.
  public var duration: Picoseconds
  /// Time of day at virtual time zero, in nanoseconds since 1970.
  public var startNanoseconds: UInt64
  /// The inputs, by port, then path.
  public var inputs: [ReplayInputResult]
  /// Traffic and queue depth over time.
  public var series: TimeSeries
}

/// A replay could not be carried out.
public enum ReplayError: Error, CustomStringConvertible {
  /// A file could not be read or written.
  case capture(CaptureError)
  /// With `--strict`: a packet arrives while its port's wire is busy.
  case fasterThanLine(port: String, path: String, packet: UInt64, early: Picoseconds)
  /// A stamp so far from the first that picoseconds do not fit.
  case span(path: String, packet: UInt64)
  /// The replay would go on for longer than virtual time does.
  case duration
  /// The caller of ``Replay/run(progress:)`` wanted no more.
  case stopped

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .capture(let error): error.description
    case .fasterThanLine(let port, let path, let packet, let early):
      "\(path): packet \(packet) arrives \(early.count) ps before the wire of port \(port) is free. "
        + "Give the port a higher speed, slow down with --speed, or leave out --strict to serialise at line rate."
    case .span(let path, let packet):
      "\(path): packet \(packet) is more than 100 days away from the first. "
        + "Cut the capture with --start and --until, or correct its stamps."
    case .duration:
      "the replay would last more than 200 days of virtual time. "
        + "Offer the captures faster with --speed, loop them less often, or leave out their end with --until."
    case .stopped: "stopped before the end; nothing was left behind"
    }
  }
}
