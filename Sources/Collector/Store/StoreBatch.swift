/// What a collector has to write down since it was last asked.
public struct StoreBatch: Sendable {
  var flows: [FlowRecord] = []
  var changes: [PathChange] = []
  var bins: [QueueBin] = []
  var bursts: [Burst] = []
  var drops: [DropRecord] = []
  var gaps: [GapRecord] = []
  var sources: [(key: SourceKey, state: SequenceTracker)] = []
  /// Records that were forgotten before they were asked for.
  public internal(set) var missed: UInt64 = 0

  /// Rows that it makes, contributors of bursts not counted.
  public var rows: Int { flows.count + changes.count + bins.count + bursts.count + drops.count + gaps.count }
}

/// How far a store has read along.
public struct StoreCursor: Sendable {
  var changes: UInt64 = 0
  var bins: UInt64 = 0
  var bursts: UInt64 = 0
  var drops: UInt64 = 0
  var gaps: UInt64 = 0
  var ended: UInt64 = 0

  /// At the beginning.
  public init() {}
}

extension Collector {
  /// Hands out what has changed since the last call with this cursor: copies, quick to make.
  public mutating func takeBatch(_ cursor: inout StoreCursor) -> StoreBatch {
    var batch = StoreBatch()
    func take<Record>(_ ring: borrowing RecordRing<Record>, _ place: inout UInt64) -> [Record] {
      batch.missed += max(ring.forgotten, place) - place
      defer { place = ring.total }
      return ring.records(from: place)
    }
    batch.flows = take(ended, &cursor.ended)
    batch.changes = take(changes, &cursor.changes)
    batch.bins = take(bins, &cursor.bins)
    batch.bursts = take(bursts.finished, &cursor.bursts)
    batch.drops = take(dropped, &cursor.drops)
    batch.gaps = take(gaps, &cursor.gaps)
    flows.forEachNewest { index in
      guard flows[index].pointee.turn == turn else { return false }
      batch.flows.append(FlowRecord(identity: flows.key(index), state: flows[index].pointee))
      return true
    }
    batch.sources = sources.latest { ($0, $1) }
    turn &+= 1
    return batch
  }
}
