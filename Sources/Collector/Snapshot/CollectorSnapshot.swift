/// What a collector knows at one moment, for people and programs.
public struct CollectorSnapshot: Codable, Equatable, Sendable {
  /// What was counted.
  public var counters: CollectorCounters
  /// What is kept, of how much, and what had to make room.
  public var window: [WindowEntry]
  /// When the last report came, in nanoseconds since 1970.
  public var nowNs: UInt64
  /// Flows, the latest first.
  public var flows: [FlowEntry]
  /// Nodes, by their numbers.
  public var nodes: [NodeEntry]
  /// Queues, the deepest first.
  public var queues: [QueueEntry]
  /// Histories of queues: intervals by queue and time.
  public var bins: [BinEntry]
  /// Nanoseconds of an interval.
  public var binNs: UInt64
  /// Bursts, oldest first.
  public var bursts: [BurstEntry]
  /// Changes of paths, oldest first.
  public var pathChanges: [PathChangeEntry]
  /// Drops by node and reason, most first.
  public var dropCounts: [DropCount]
  /// The last drops, oldest first.
  public var drops: [DropEntry]
  /// Sources of reports.
  public var sources: [SourceEntry]
}

/// How much of a kind is kept.
public struct WindowEntry: Codable, Equatable, Sendable {
  /// What: `flows`, `queues`.
  public var kind: String
  /// How many are kept now.
  public var kept: Int
  /// How many can be.
  public var capacity: Int
  /// How many made room for others, or found none.
  public var forgotten: UInt64
}

/// A node.
public struct NodeEntry: Codable, Equatable, Sendable {
  /// Its number; nil: reports that name none.
  public var node: UInt32?
  /// Packets that it told of.
  public var packets: UInt64
  /// Drops that it told of.
  public var drops: UInt64
  /// Packets whose time in it is known.
  public var latencies: UInt64
  /// All that time.
  public var sumLatencyNs: UInt64
  /// The most.
  public var maxLatencyNs: UInt64
  /// Time stamps that could not be.
  public var implausibleTimes: UInt64
  /// How often its clock was set.
  public var clockSteps: UInt64
}

/// A queue.
public struct QueueEntry: Codable, Equatable, Sendable {
  /// Its node.
  public var node: UInt32?
  /// The interface that it sends to.
  public var egress: UInt32?
  /// Its number.
  public var queue: UInt16?
  /// Packets that told of it.
  public var packets: UInt64
  /// Bytes that the last packet left behind.
  public var depthBytes: UInt64
  /// Most bytes that a packet left behind.
  public var maxDepthBytes: UInt64
  /// When that was, in nanoseconds of the node's clock.
  public var deepestNs: UInt64
  /// On average.
  public var meanDepthBytes: Double
  /// Most nanoseconds in the node.
  public var maxLatencyNs: UInt64
  /// On average.
  public var meanLatencyNs: Double
  /// Bursts that began.
  public var bursts: UInt64
  /// Reports that its congestion caused.
  public var congestionReports: UInt64
  /// Drops that name it.
  public var drops: UInt64

  /// `3 if 2 queue 4`.
  public var text: String { QueueEntry.text(node, egress, queue) }

  static func text(_ node: UInt32?, _ egress: UInt32?, _ queue: UInt16?) -> String {
    func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "?" }
    return "\(number(node)) if \(number(egress)) queue \(number(queue))"
  }
}

/// What packets told of a queue during an interval.
public struct BinEntry: Codable, Equatable, Sendable {
  /// The queue's node.
  public var node: UInt32?
  /// The interface.
  public var egress: UInt32?
  /// The queue.
  public var queue: UInt16?
  /// When it began.
  public var startNs: UInt64
  /// Packets.
  public var packets: UInt64
  /// Most bytes left behind; nil: nothing was told.
  public var maxDepthBytes: UInt64?
  /// On average.
  public var meanDepthBytes: Double?
  /// Most nanoseconds in the node; nil: nothing was told.
  public var maxLatencyNs: UInt64?
  /// On average.
  public var meanLatencyNs: Double?
}

/// A burst and who filled the queue.
public struct BurstEntry: Codable, Equatable, Sendable {
  /// A flow that had packets in the queue.
  public struct Share: Codable, Equatable, Sendable {
    /// The flow.
    public var flow: String
    /// Its bytes.
    public var bytes: UInt64
    /// Its packets.
    public var packets: UInt64
    /// Bytes that may be another's.
    public var uncertainBytes: UInt64
    /// Its part of all bytes of the burst.
    public var share: Double
  }

  /// The queue's node.
  public var node: UInt32?
  /// The interface.
  public var egress: UInt32?
  /// The queue.
  public var queue: UInt16?
  /// When it began.
  public var startNs: UInt64
  /// How long it lasted.
  public var durationNs: UInt64
  /// Most bytes that a packet left behind.
  public var peakBytes: UInt64
  /// When that was.
  public var peakNs: UInt64
  /// Packets that were in the queue meanwhile, as far as they were reported.
  public var packets: UInt64
  /// Their bytes.
  public var bytes: UInt64
  /// Flows, those with most bytes first.
  public var contributors: [Share]

  /// The queue in words.
  public var queueText: String { QueueEntry.text(node, egress, queue) }
}

/// A flow took another path.
public struct PathChangeEntry: Codable, Equatable, Sendable {
  /// When it was seen.
  public var timeNs: UInt64
  /// The flow.
  public var flow: String
  /// Its number.
  public var flowNumber: UInt64
  /// The path before.
  public var from: String
  /// The path since.
  public var to: String
}

/// Drops of a node for a reason.
public struct DropCount: Codable, Equatable, Sendable {
  /// The node.
  public var node: UInt32?
  /// Its code for the reason.
  public var reason: UInt16?
  /// How many.
  public var packets: UInt64
}

/// One drop.
public struct DropEntry: Codable, Equatable, Sendable {
  /// When.
  public var timeNs: UInt64
  /// The node.
  public var node: UInt32?
  /// The interface that the packet came in by.
  public var ingress: UInt32?
  /// The interface that it was for.
  public var egress: UInt32?
  /// The queue that it was for.
  public var queue: UInt16?
  /// The node's code for the reason.
  public var reason: UInt16?
  /// The flow.
  public var flow: String
  /// Bytes of the packet.
  public var bytes: UInt64
}

/// A source of reports and what became of its datagrams.
public struct SourceEntry: Codable, Equatable, Sendable {
  /// The node.
  public var node: UInt32
  /// The part of it.
  public var part: UInt8
  /// Datagrams that came.
  public var received: UInt64
  /// Datagrams that did not.
  public var lost: UInt64
  /// Datagrams that came after later ones.
  public var reordered: UInt64
  /// How many places late the latest was.
  public var greatestDelay: UInt32
  /// Datagrams that came more than once.
  public var duplicates: UInt64
  /// How often it began to count anew.
  public var restarts: UInt64
  /// Numbers that fit nothing.
  public var strays: UInt64
}
