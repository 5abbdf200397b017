/// How a collector works.
public struct CollectorOptions: Equatable, Sendable {
  /// How telemetry is announced, and its units.
  public var format = TelemetryFormat()
  /// When a queue counts as bursting.
  public var bursts = BurstOptions()
  /// Nanoseconds of an interval of histories.
  public var binNanoseconds: UInt64 = 100_000
  /// Nanoseconds for which reports of one packet are awaited.
  public var holdNanoseconds: UInt64 = 10_000_000
  /// How much is kept.
  public var limits = CollectorLimits(memory: 128 << 20)
  /// Decides where entries are in tables, and nothing else; nil: drawn at random.
  public var seed: UInt64?

  /// The usual.
  public init() {}
}

/// How many things a collector keeps of each kind; what is beyond makes the oldest go, and is counted.
public struct CollectorLimits: Equatable, Sendable {
  /// Flows with their paths.
  public var flows: Int
  /// Queues.
  public var queues: Int
  /// Nodes, and as many times four sources of reports.
  public var nodes: Int
  /// Packets whose reports are being gathered.
  public var packets: Int
  /// Intervals of histories, over all queues.
  public var bins: Int
  /// Events of each kind: path changes, bursts, drops, gaps.
  public var events: Int

  /// The limits that need no more than so many bytes, from 4 MiB on.
  public init(memory: Int) {
    // Bursts that are going on have their room beforehand.
    let rest = Double(max(memory, Self.leastMemory) - BurstDetector.bytes(finished: 0))
    func part(_ share: Double, of size: Int) -> Int { max(16, Int(rest * share) / size) }
    flows = part(0.40, of: BoundedTable<FlowIdentity, FlowState>.bytes(capacity: 1024) / 1024)
    queues = part(0.05, of: BoundedTable<QueueKey, QueueState>.bytes(capacity: 1024) / 1024)
    nodes = part(0.03, of: BoundedTable<SourceKey, SequenceTracker>.bytes(capacity: 4096) / 1024 + 200)
    packets = part(0.10, of: BoundedTable<PacketKey, PartialPacket>.bytes(capacity: 1024) / 1024)
    bins = part(0.20, of: MemoryLayout<QueueBin>.stride)
    let event = MemoryLayout<PathChange>.stride + MemoryLayout<DropRecord>.stride + MemoryLayout<GapRecord>.stride
    events = part(0.16, of: event + MemoryLayout<Burst>.stride + MemoryLayout<FlowRecord>.stride)
  }

  /// Less does not hold what one burst needs.
  public static let leastMemory = 4 << 20

  /// Bytes that all of this takes at most.
  public var bytes: Int {
    BoundedTable<FlowIdentity, FlowState>.bytes(capacity: flows)
      + BoundedTable<QueueKey, QueueState>.bytes(capacity: queues)
      + BoundedTable<NodeKey, NodeState>.bytes(capacity: nodes)
      + BoundedTable<SourceKey, SequenceTracker>.bytes(capacity: 4 * nodes)
      + BoundedTable<DropKey, UInt64>.bytes(capacity: nodes)
      + BoundedTable<PacketKey, PartialPacket>.bytes(capacity: packets)
      + RecordRing<QueueBin>.bytes(capacity: bins) + RecordRing<PathChange>.bytes(capacity: events)
      + RecordRing<DropRecord>.bytes(capacity: events) + RecordRing<GapRecord>.bytes(capacity: events)
      + RecordRing<FlowRecord>.bytes(capacity: events) + BurstDetector.bytes(finished: events)
  }
}
