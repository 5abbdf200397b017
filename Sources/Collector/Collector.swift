import Wire

/// Makes paths, histories, bursts and losses out of telemetry reports and packets with telemetry.
///
/// It has one owner, reads no clock, and takes no memory after it was made: the time of arrival is an argument, and
/// everything that is kept has a limit (``CollectorLimits``). What comes in may be anything at all; what cannot be read
/// is counted.
///
/// Cost: docs/collector.md.
public struct Collector: ~Copyable {
  /// How it works.
  public let options: CollectorOptions
  /// What it has counted.
  public internal(set) var counters = CollectorCounters()
  /// When the last report came, in nanoseconds.
  public internal(set) var now: UInt64 = 0

  var flows: BoundedTable<FlowIdentity, FlowState>
  var queues: BoundedTable<QueueKey, QueueState>
  var nodes: BoundedTable<NodeKey, NodeState>
  var sources: BoundedTable<SourceKey, SequenceTracker>
  var packets: BoundedTable<PacketKey, PartialPacket>
  var drops: BoundedTable<DropKey, UInt64>
  var bursts: BurstDetector
  var bins: RecordRing<QueueBin>
  var changes: RecordRing<PathChange>
  var dropped: RecordRing<DropRecord>
  var gaps: RecordRing<GapRecord>
  /// Flows that made room for others.
  var ended: RecordRing<FlowRecord>
  var forgotten = Forgotten()
  var nextFlowID: UInt64 = 1
  /// Counts what was handed to a store.
  var turn: UInt32 = 0
  private var nextSweep: UInt64 = 0
  /// What is being looked at came after later reports of its node: it is old, and changes no path.
  var isLate = false
  /// The hops that are being looked at.
  var hops = HopList()
  var spare = HopList()

  /// What had to make room, or found none.
  struct Forgotten {
    var queues: UInt64 = 0
    var nodes: UInt64 = 0
    var sources: UInt64 = 0
    /// Packets that were given up before all their reports can have come.
    var packets: UInt64 = 0
    var drops: UInt64 = 0
  }

  /// A collector that has seen nothing.
  public init(_ options: CollectorOptions = CollectorOptions()) {
    var options = options
    options.binNanoseconds = max(1, options.binNanoseconds)
    self.options = options
    let (limits, seed) = (options.limits, options.seed ?? .random(in: .min ... .max))
    flows = BoundedTable(capacity: limits.flows, seed: seed)
    queues = BoundedTable(capacity: limits.queues, seed: seed)
    nodes = BoundedTable(capacity: limits.nodes, seed: seed)
    sources = BoundedTable(capacity: 4 * limits.nodes, seed: seed)
    packets = BoundedTable(capacity: limits.packets, seed: seed)
    drops = BoundedTable(capacity: limits.nodes, seed: seed)
    bursts = BurstDetector(options.bursts, finished: limits.events)
    bins = RecordRing(capacity: limits.bins)
    changes = RecordRing(capacity: limits.events)
    dropped = RecordRing(capacity: limits.events)
    gaps = RecordRing(capacity: limits.events)
    ended = RecordRing(capacity: limits.events)
  }

  /// Tells the time when nothing came, so that what waits for more is concluded.
  ///
  /// - Parameter arrival: nanoseconds of the collector's clock.
  public mutating func advance(to arrival: UInt64) {
    now = max(now, arrival)
    guard now >= nextSweep else { return }
    nextSweep = now.addingSaturating(min(options.holdNanoseconds, options.bursts.gap) / 2 + 1)
    while let oldest = packets.oldestIndex,
      packets[oldest].pointee.arrival.addingSaturating(options.holdNanoseconds) <= now
    { concludePacket(oldest) }
    guard bursts.activeCount > 0, now >= options.bursts.gap else { return }
    // Reports lie in queues themselves: a burst is over when its packets and then its reports have stayed away.
    let silence = options.bursts.gap.addingSaturating(options.holdNanoseconds)
    for key in bursts.silent(since: now >= silence ? now - silence : 0) where now >= silence {
      if let index = queues.find(key) { bursts.finish(queues[index]) }
    }
  }

  /// Concludes everything that waits for more: for the end of captures.
  public mutating func conclude() {
    while let oldest = packets.oldestIndex { concludePacket(oldest) }
    var open: [Int] = []
    queues.forEachNewest { index in
      open.append(index)
      return true
    }
    for index in open {
      bursts.finish(queues[index])
      closeBin(queues[index])
    }
  }
}
