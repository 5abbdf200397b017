/// Which parts of a snapshot are wanted; the others are empty, and cost nothing.
public struct SnapshotParts: OptionSet, Sendable {
  /// As bits.
  public let rawValue: Int
  /// As bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Flows and their paths.
  public static let flows = SnapshotParts(rawValue: 1)
  /// Nodes and queues.
  public static let queues = SnapshotParts(rawValue: 2)
  /// Histories of queues.
  public static let histories = SnapshotParts(rawValue: 4)
  /// Bursts.
  public static let bursts = SnapshotParts(rawValue: 8)
  /// Changes of paths.
  public static let changes = SnapshotParts(rawValue: 16)
  /// Drops.
  public static let drops = SnapshotParts(rawValue: 32)
  /// Sources of reports.
  public static let sources = SnapshotParts(rawValue: 64)
  /// All of them.
  public static let all = SnapshotParts(rawValue: 127)
}

/// Copies of what a collector keeps: quick to make, so that reports need not wait, and then turned into a snapshot.
public struct CollectorRecords: Sendable {
  var counters: CollectorCounters
  var window: [WindowEntry]
  var now: UInt64
  var binNanoseconds: UInt64
  var flows: [FlowRecord] = []
  var nodes: [(key: NodeKey, state: NodeState)] = []
  var queues: [(key: QueueKey, state: QueueState)] = []
  var bins: [QueueBin] = []
  var bursts: [Burst] = []
  var changes: [PathChange] = []
  var dropCounts: [(key: DropKey, count: UInt64)] = []
  var drops: [DropRecord] = []
  var sources: [(key: SourceKey, state: SequenceTracker)] = []
}

extension Collector {
  /// What is known now; see ``records(_:limit:)``.
  public func snapshot(_ parts: SnapshotParts = .all, limit: Int = .max) -> CollectorSnapshot {
    records(parts, limit: limit).snapshot()
  }

  /// Copies what is known now.
  ///
  /// - Parameter limit: how many at most: the latest flows, bursts, changes and drops.
  public func records(_ parts: SnapshotParts = .all, limit: Int = .max) -> CollectorRecords {
    var records = CollectorRecords(
      counters: counters, window: window, now: now, binNanoseconds: options.binNanoseconds)
    if parts.contains(.flows) { records.flows = flows.latest(limit) { FlowRecord(identity: $0, state: $1) } }
    if parts.contains(.queues) {
      records.nodes = nodes.latest { ($0, $1) }
      records.queues = queues.latest { ($0, $1) }
    }
    if parts.contains(.histories) {
      records.bins = bins.all
      // Those that are not over.
      records.bins += queues.latest { $1.bin }.filter { $0.packets > 0 }
    }
    if parts.contains(.bursts) { records.bursts = bursts.finished.latest(limit) }
    if parts.contains(.changes) { records.changes = changes.latest(limit) }
    if parts.contains(.drops) {
      records.dropCounts = drops.latest { ($0, $1) }
      records.drops = dropped.latest(limit)
    }
    if parts.contains(.sources) { records.sources = sources.latest { ($0, $1) } }
    return records
  }

  private var window: [WindowEntry] {
    [
      WindowEntry(kind: "flows", kept: flows.count, capacity: flows.capacity, forgotten: ended.total),
      WindowEntry(kind: "queues", kept: queues.count, capacity: queues.capacity, forgotten: forgotten.queues),
      WindowEntry(kind: "nodes", kept: nodes.count, capacity: nodes.capacity, forgotten: forgotten.nodes),
      WindowEntry(kind: "sources", kept: sources.count, capacity: sources.capacity, forgotten: forgotten.sources),
      WindowEntry(kind: "packets", kept: packets.count, capacity: packets.capacity, forgotten: forgotten.packets),
      WindowEntry(kind: "intervals", kept: bins.count, capacity: bins.capacity, forgotten: bins.forgotten),
      WindowEntry(
        kind: "bursts", kept: bursts.finished.count, capacity: bursts.finished.capacity,
        forgotten: bursts.finished.forgotten + bursts.overlooked),
      WindowEntry(kind: "path_changes", kept: changes.count, capacity: changes.capacity, forgotten: changes.forgotten),
      WindowEntry(kind: "drops", kept: dropped.count, capacity: dropped.capacity, forgotten: dropped.forgotten),
    ]
  }
}

extension BoundedTable {
  /// Copies of entries, those last used first.
  func latest<Copy>(_ limit: Int = .max, _ copy: (Key, Value) -> Copy) -> [Copy] {
    var copies: [Copy] = []
    copies.reserveCapacity(min(limit, count))
    forEachNewest { index in
      guard copies.count < limit else { return false }
      copies.append(copy(key(index), self[index].pointee))
      return true
    }
    return copies
  }
}

extension RecordRing {
  /// The latest, oldest first.
  func latest(_ limit: Int) -> [Record] { records(from: total - min(total, UInt64(max(0, limit)))) }
}

extension CollectorRecords {
  /// The same for people and programs.
  public func snapshot() -> CollectorSnapshot {
    CollectorSnapshot(
      counters: counters, window: window, nowNs: now, flows: flows.map { FlowEntry($0.identity, $0.state) },
      nodes: nodeEntries, queues: queueEntries, bins: QueueBin.merged(bins).map(BinEntry.init), binNs: binNanoseconds,
      bursts: bursts.map(BurstEntry.init), pathChanges: changes.map(PathChangeEntry.init), dropCounts: dropEntries,
      drops: drops.map(DropEntry.init), sources: sourceEntries)
  }

  private var nodeEntries: [NodeEntry] {
    nodes.map { key, state in
      NodeEntry(
        node: key.node.known, packets: state.packets, drops: state.drops, latencies: state.latencies,
        sumLatencyNs: state.sumLatency, maxLatencyNs: state.maxLatency, implausibleTimes: state.clock.implausible,
        clockSteps: state.clock.steps)
    }.sorted { ($0.node ?? .max) < ($1.node ?? .max) }
  }

  private var queueEntries: [QueueEntry] {
    queues.map { key, state in
      let total = state.total
      return QueueEntry(
        node: key.node.known, egress: key.egress.known, queue: key.queue.known, packets: total.packets,
        depthBytes: state.lastDepth, maxDepthBytes: total.maxDepth, deepestNs: state.deepestTime,
        meanDepthBytes: total.depths == 0 ? 0 : Double(total.sumDepth) / Double(total.depths),
        maxLatencyNs: total.maxLatency,
        meanLatencyNs: total.latencies == 0 ? 0 : Double(total.sumLatency) / Double(total.latencies),
        bursts: state.bursts, congestionReports: state.congested, drops: state.drops)
    }.sorted { left, right in
      let order = { (entry: QueueEntry) in (entry.node ?? .max, entry.egress ?? .max, entry.queue ?? .max) }
      if left.maxDepthBytes != right.maxDepthBytes { return left.maxDepthBytes > right.maxDepthBytes }
      return order(left) < order(right)
    }
  }

  private var dropEntries: [DropCount] {
    dropCounts.map { DropCount(node: $0.key.node.known, reason: $0.key.reason.known, packets: $0.count) }.sorted {
      ($1.packets, $0.node ?? .max, $0.reason ?? .max) < ($0.packets, $1.node ?? .max, $1.reason ?? .max)
    }
  }

  private var sourceEntries: [SourceEntry] {
    sources.map { key, state in
      SourceEntry(
        node: key.node, part: key.hardware, received: state.received, lost: state.lost,
        reordered: state.reordered, greatestDelay: state.greatestDelay, duplicates: state.duplicates,
        restarts: state.restarts, strays: state.strays)
    }.sorted { ($0.node, $0.part, $0.received) < ($1.node, $1.part, $1.received) }
  }
}
