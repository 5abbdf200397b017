import Dataplane
import Drivers

/// What happened in a network: the contents of its report.json. Times are picoseconds unless a key says otherwise.
public struct FabricReport: Encodable, Equatable, Sendable {
  /// Frames of hosts, over all.
  public struct Totals: Encodable, Equatable, Sendable {
    /// Frames sent.
    public var sent: UInt64
    /// Copies that switches made.
    public var copies: UInt64
    /// Frames received.
    public var received: UInt64
    /// Frames that arrived at hosts they were not for.
    public var misdirected: UInt64
    /// Frames dropped.
    public var dropped: UInt64
    /// Frames that ended in switches otherwise.
    public var consumed: UInt64
    /// Frames that waited at the end.
    public var waiting: UInt64
    /// By reason.
    public var drops: [String: UInt64]
    /// True if every frame is accounted for.
    public var isConserved: Bool
    /// True if nothing moved any more although frames waited.
    public var isStalled: Bool

    enum CodingKeys: String, CodingKey {
      case sent, copies, received, misdirected, dropped, consumed, waiting, drops
      case isConserved = "conserved"
      case isStalled = "deadlock"
    }

    /// Writes reasons in the order of their names.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(sent, forKey: .sent)
      try container.encode(copies, forKey: .copies)
      try container.encode(received, forKey: .received)
      try container.encode(misdirected, forKey: .misdirected)
      try container.encode(dropped, forKey: .dropped)
      try container.encode(consumed, forKey: .consumed)
      try container.encode(waiting, forKey: .waiting)
      var named = container.nestedContainer(keyedBy: NameKey.self, forKey: .drops)
      for (name, count) in drops.sorted(by: { $0.key < $1.key }) { try named.encode(count, forKey: NameKey(name)) }
      try container.encode(isConserved, forKey: .isConserved)
      try container.encode(isStalled, forKey: .isStalled)
    }
  }

  /// One direction of a link.
  public struct Direction: Encodable, Equatable, Sendable {
    /// The port that sends.
    public var from: String
    /// Frames, pause frames apart.
    public var frames: UInt64
    /// Their bytes.
    public var bytes: UInt64
    /// Pause frames.
    public var pauseFrames: UInt64
    /// Part of the line rate that was used, 0 to 1, over the whole run.
    public var use: Double
    /// Most bytes that waited in a queue of the sending port; nil for a host's.
    public var peakQueueBytes: UInt64?
    /// How long the receiver stopped a priority of the sending port, over all of them; nil for a host's.
    public var pausedPicoseconds: UInt64?
    /// Bytes sent in each interval.
    public var txBytes: [UInt64]

    enum CodingKeys: String, CodingKey {
      case from, frames, bytes
      case pauseFrames = "pause_frames"
      case use
      case peakQueueBytes = "peak_queue_bytes"
      case pausedPicoseconds = "paused_ps"
      case txBytes = "tx_bytes"
    }
  }

  /// A link between switches, or to a host.
  public struct Link: Encodable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Line rate.
    public var speedBitsPerSecond: UInt64
    /// Time that a bit takes.
    public var delayPicoseconds: UInt64
    /// From a to b and back; of a host, to the switch and back.
    public var directions: [Direction]

    enum CodingKeys: String, CodingKey {
      case name
      case speedBitsPerSecond = "speed_bps"
      case delayPicoseconds = "delay_ps"
      case directions
    }
  }

  /// A queue that held something.
  public struct Queue: Encodable, Equatable, Sendable {
    /// `SWITCH/PORT`.
    public var port: String
    /// Its number.
    public var queue: Int
    /// Most bytes that waited.
    public var peakBytes: UInt64
    /// Most bytes in each interval.
    public var maxBytes: [UInt64]

    enum CodingKeys: String, CodingKey {
      case port, queue
      case peakBytes = "peak_bytes"
      case maxBytes = "max_bytes"
    }
  }

  /// A switch.
  public struct Device: Encodable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Packets received.
    public var received: UInt64
    /// Packets sent.
    public var sent: UInt64
    /// Packets dropped.
    public var dropped: UInt64
    /// Frames that waited at the end.
    public var waiting: UInt64
    /// Most bytes of the shared buffer that were in use.
    public var sharedPeakBytes: UInt64
    /// What its next-hop groups did.
    public var nextHops: [NextHopGroupReport]

    enum CodingKeys: String, CodingKey {
      case name, received, sent, dropped, waiting
      case sharedPeakBytes = "shared_peak_bytes"
      case nextHops = "next_hops"
    }
  }

  /// Version of this format.
  public var version = 1
  /// Its name.
  public var name: String
  /// Seed of the traffic.
  public var seed: UInt64
  /// Virtual time that passed.
  public var durationPicoseconds: UInt64
  /// What the reader should know.
  public var notices: [String]
  /// Frames of hosts, over all.
  public var totals: Totals
  /// By entry of the file.
  public var traffic: [FabricTrafficReport]
  /// By link.
  public var links: [Link]
  /// By host.
  public var hosts: [Link]
  /// By switch.
  public var switches: [Device]
  /// Queues that held something.
  public var queues: [Queue]
  /// Flows.
  public var flows: [FabricFlowReport]
  /// The axis of all series.
  public var series: SeriesAxis

  enum CodingKeys: String, CodingKey {
    case version, name, seed
    case durationPicoseconds = "duration_ps"
    case notices, totals, traffic, links, hosts, switches, queues, flows, series
  }

  /// The contents of report.json.
  public func json() throws -> String { try OrderedJSON.encode(self) }
}

/// An entry of the traffic: all of its flows.
public struct FabricTrafficReport: Encodable, Equatable, Sendable {
  /// Its name.
  public var name: String
  /// Flows.
  public var flows: UInt64
  /// Frames sent.
  public var sent: UInt64 = 0
  /// Frames received.
  public var received: UInt64 = 0
  /// Bytes received.
  public var receivedBytes: UInt64 = 0
  /// Frames dropped.
  public var dropped: UInt64 = 0
  /// Frames that arrived with Congestion Experienced.
  public var marked: UInt64 = 0
  /// Frames that arrived trimmed.
  public var trimmed: UInt64 = 0
  /// Frames that arrived after one that was sent later.
  public var reordered: UInt64 = 0
  /// By how many frames at most.
  public var reorderDepth: UInt64 = 0
  /// Flows of which every frame arrived.
  public var complete: UInt64 = 0
  /// Time from a flow's beginning to the arrival of its last frame, of complete flows.
  public var completion = LatencyReport()
  /// The same as steps: nanoseconds and flows.
  public var completionHistogram: [LatencyBucket] = []
  /// First bit at the sender to last bit at the receiver, of frames.
  public var latency: LatencyReport
  /// The same as steps: nanoseconds and frames.
  public var latencyHistogram: [LatencyBucket]

  enum CodingKeys: String, CodingKey {
    case name, flows, sent, received
    case receivedBytes = "received_bytes"
    case dropped, marked, trimmed, reordered
    case reorderDepth = "reorder_depth"
    case complete
    case completion = "completion_ns"
    case completionHistogram = "completion_histogram"
    case latency = "latency_ns"
    case latencyHistogram = "latency_histogram"
  }
}

/// One flow.
public struct FabricFlowReport: Encodable, Equatable, Sendable {
  /// By entry of the file.
  public var traffic: String
  /// The host that sends.
  public var from: String
  /// The host that receives.
  public var to: String
  /// Frames sent.
  public var sent: UInt64
  /// Frames received.
  public var received: UInt64
  /// Frames dropped.
  public var dropped: UInt64
  /// Frames that arrived with Congestion Experienced.
  public var marked: UInt64
  /// Frames that arrived after one that was sent later.
  public var reordered: UInt64
  /// By how many frames at most.
  public var reorderDepth: UInt64
  /// Nil unless every frame arrived.
  public var completionPicoseconds: UInt64?

  enum CodingKeys: String, CodingKey {
    case traffic, from, to, sent, received, dropped, marked, reordered
    case reorderDepth = "reorder_depth"
    case completionPicoseconds = "completion_ps"
  }
}
