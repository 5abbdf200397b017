import Dataplane

/// What became of a flow.
public struct FabricFlowResult: Equatable, Sendable {
  /// Frames that the host has begun to send.
  public internal(set) var sent: UInt64 = 0
  /// Frames that have arrived.
  public internal(set) var received: UInt64 = 0
  /// Bytes of those, without check sequence.
  public internal(set) var receivedBytes: UInt64 = 0
  /// Frames dropped by switches.
  public internal(set) var dropped: UInt64 = 0
  /// Frames that ended in a switch otherwise, which they were addressed to.
  public internal(set) var consumed: UInt64 = 0
  /// Frames that arrived with Congestion Experienced.
  public internal(set) var marked: UInt64 = 0
  /// Frames that arrived trimmed.
  public internal(set) var trimmed: UInt64 = 0
  /// Frames that arrived after one that was sent later (RFC 4737 section 3.3).
  public internal(set) var reordered: UInt64 = 0
  /// By how many frames the latest of those was late, at most: the difference of their numbers.
  public internal(set) var reorderDepth: UInt64 = 0
  /// First bit of the first frame at the sender; ``Tick/never`` if none was sent.
  public internal(set) var firstSent = Tick.never
  /// Last bit of the frame that arrived last.
  public internal(set) var lastReceived = Tick.zero
  /// Whether everything that was to be sent has arrived.
  public internal(set) var isComplete = false

  /// The number of the latest frame that has arrived, from 1.
  var latest: UInt64 = 0

  /// Time from the flow's beginning to the arrival of its last frame; nil if that did not arrive.
  public func completion(of flow: FabricFlow) -> Picoseconds? {
    isComplete && received > 0 ? Picoseconds(lastReceived.rawValue - min(lastReceived.rawValue, flow.start.count)) : nil
  }
}

/// What one direction of a link, or of a host's cable, carried.
public struct FabricChannelResult: Equatable, Sendable {
  /// Frames, pause frames apart.
  public var frames: UInt64
  /// Their bytes, without check sequence.
  public var bytes: UInt64
  /// Pause frames.
  public var pauseFrames: UInt64
}

/// What a run found, beyond the counters of the switches.
public struct FabricResult: Sendable {
  /// Virtual time from zero to the last bit that arrived anywhere, or ``FabricConfiguration/until``.
  public var duration: Picoseconds
  /// By flow.
  public var flows: [FabricFlowResult]
  /// One-way latency by entry of the traffic, in ticks of a picosecond: first bit at the sender to last bit at the
  /// receiver.
  public var latencies: [LatencySnapshot]
  /// By link: from a to b, and from b to a.
  public var links: [(FabricChannelResult, FabricChannelResult)]
  /// By host: to the switch, and from it.
  public var hosts: [(FabricChannelResult, FabricChannelResult)]
  /// By switch: traffic, queues and flow control over time.
  public var series: [TimeSeries]
  /// Frames of hosts that were dropped, by reason, over all switches.
  public var drops: [(reason: DropReason, packets: UInt64)]
  /// Frames that arrived at hosts and were sent by none: answers and questions of switches.
  public var strayFrames: UInt64
  /// Frames that arrived at a host that they were not for: flooded ones.
  public var misdirectedFrames: UInt64
  /// Copies that switches made: flooding, mirrors, what trimming left of frames that count as dropped.
  public var copies: UInt64
  /// Frames of hosts that were on links or in queues when virtual time ended.
  public var waiting: UInt64
  /// True if nothing moved any more although frames waited: a deadlock.
  public var isStalled: Bool

  /// Frames that hosts sent.
  public var sent: UInt64 { flows.reduce(0) { $0 + $1.sent } }
  /// Frames that arrived.
  public var received: UInt64 { flows.reduce(0) { $0 + $1.received } }
  /// Frames that were dropped.
  public var dropped: UInt64 { flows.reduce(0) { $0 + $1.dropped } }
  /// Frames that ended in switches.
  public var consumed: UInt64 { flows.reduce(0) { $0 + $1.consumed } }
  /// True if every frame is accounted for.
  public var isConserved: Bool {
    sent + copies == received + misdirectedFrames + dropped + consumed + waiting
  }
}

/// Something that happened to a frame in a switch, as the simulator knows it.
package struct FabricHop: Equatable, Sendable {
  /// What happened.
  package enum Kind: Sendable { case enqueued, dequeued }

  package var kind: Kind
  /// The flow.
  package var flow: Int
  /// Number of the frame in its flow, from 1.
  package var number: UInt64
  /// The switch.
  package var device: Int
  /// Where it goes out.
  package var port: PortID
  package var queue: QueueID
  /// When: arrival of its last bit, or departure of its first.
  package var tick: Tick
  /// Bytes in the queue afterwards: with the frame, or without it.
  package var queueBytes: UInt64
}
