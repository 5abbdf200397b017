/// Writes what a collector finds into an SQLite file, each batch in one transaction.
///
/// The system's library, with statements prepared once: no package is needed for that, and a reader (python, the sqlite3
/// shell) sees whole batches only. What a row costs: `penstock bench collector`.
public final class Store {
  private let database: SQLiteDatabase
  private let session: Int64
  private let rowLimit: UInt64
  private let flow: SQLiteStatement
  private let change: SQLiteStatement
  private let bin: SQLiteStatement
  private let burst: SQLiteStatement
  private let contributor: SQLiteStatement
  private let drop: SQLiteStatement
  private let gap: SQLiteStatement
  private let source: SQLiteStatement
  private let deletions: [SQLiteStatement]
  private var nextBurst: Int64
  /// Rows written.
  public private(set) var rows: UInt64 = 0

  /// Opens a file, or makes it, and begins a session in it.
  ///
  /// - Parameters:
  ///   - started: nanoseconds since 1970.
  ///   - rowLimit: rows that a table of events or intervals keeps; the oldest go.
  public init(
    path: String, started: UInt64, binNanoseconds: UInt64, rowLimit: UInt64
  ) throws(StoreError) {
    let database = try SQLiteDatabase(path, isReadOnly: false)
    self.database = database
    self.rowLimit = rowLimit
    try Self.prepare(database)
    try database.prepare("INSERT INTO sessions (started_ns, bin_ns) VALUES (?, ?)")
      .run([SQLiteValue(started), SQLiteValue(binNanoseconds)])
    var session: Int64 = 0
    try database.prepare("SELECT max(session) FROM sessions").rows { session = $0.number(0) ?? 0 }
    self.session = session
    var burstCount: Int64 = 0
    try database.prepare("SELECT max(burst) FROM bursts").rows { burstCount = $0.number(0) ?? 0 }
    nextBurst = burstCount + 1
    func insert(_ table: String, _ count: Int) throws(StoreError) -> SQLiteStatement {
      let places = Array(repeating: "?", count: count).joined(separator: ", ")
      return try database.prepare("INSERT OR REPLACE INTO \(table) VALUES (\(places))")
    }
    flow = try insert("flows", 18)
    change = try insert("path_changes", 6)
    bin = try insert("queue_bins", 12)
    burst = try insert("bursts", 11)
    contributor = try insert("contributors", 6)
    drop = try insert("drops", 9)
    gap = try insert("gaps", 6)
    source = try insert("sources", 10)
    var deletions: [SQLiteStatement] = []
    for table in StoreSchema.growing {
      deletions.append(
        try database.prepare("DELETE FROM \(table) WHERE rowid <= (SELECT max(rowid) FROM \(table)) - ?"))
    }
    deletions.append(
      try database.prepare(
        "DELETE FROM contributors WHERE ? AND burst < (SELECT coalesce(min(burst), 0) FROM bursts)"))
    self.deletions = deletions
  }

  private static func prepare(_ database: SQLiteDatabase) throws(StoreError) {
    // Readers do not wait for the writer; a crash loses the last batch and no more.
    try database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
    var version = 0
    try database.prepare("PRAGMA user_version").rows { version = $0.number(0) ?? 0 }
    if version == StoreSchema.version { return }
    var tables = 0
    try database.prepare("SELECT count(*) FROM sqlite_master").rows { tables = $0.number(0) ?? 0 }
    guard version == 0, tables == 0 else {
      throw StoreError(
        path: database.path, problem: "is a database of something else",
        remedy: "Name a new file, or one of this version of `penstock collect`.")
    }
    try database.run(
      """
      BEGIN; \(StoreSchema.tables) PRAGMA user_version = \(StoreSchema.version);
      PRAGMA application_id = \(StoreSchema.application); COMMIT;
      """)
  }

  /// Writes a batch, whole or not at all.
  public func write(_ batch: StoreBatch) throws(StoreError) {
    try database.run("BEGIN IMMEDIATE")
    do throws(StoreError) {
      try writeRows(of: batch)
      try database.run("COMMIT")
    } catch {
      try? database.run("ROLLBACK")
      throw error
    }
    rows += UInt64(batch.rows)
  }

  /// Lets the oldest rows go. Cost: the rows that go.
  public func trim() throws(StoreError) {
    for deletion in deletions { try deletion.run([SQLiteValue(rowLimit)]) }
  }

  private func writeRows(of batch: StoreBatch) throws(StoreError) {
    for record in batch.flows { try write(record) }
    for record in batch.changes {
      try change.run([
        .integer(session), SQLiteValue(record.time), SQLiteValue(record.flowID), .text(record.flow.text),
        .text(FlowEntry.text(of: record.oldHops)), .text(FlowEntry.text(of: record.newHops)),
      ])
    }
    for record in batch.bins { try write(record) }
    for record in batch.bursts { try write(record) }
    for record in batch.drops {
      try drop.run([
        .integer(session), SQLiteValue(record.time), SQLiteValue(record.hop.node.known),
        SQLiteValue(record.hop.ingress.known), SQLiteValue(record.hop.egress.known), SQLiteValue(record.queue.known),
        SQLiteValue(record.reason.known), .text(record.flow.text), SQLiteValue(record.bytes),
      ])
    }
    for record in batch.gaps {
      try gap.run([
        .integer(session), SQLiteValue(record.time), SQLiteValue(record.source.node),
        SQLiteValue(record.source.hardware), SQLiteValue(record.number), SQLiteValue(record.missing),
      ])
    }
    for (key, state) in batch.sources {
      try source.run([
        .integer(session), SQLiteValue(key.node), SQLiteValue(key.hardware), .integer(Int64(bitPattern: key.receiver)),
        SQLiteValue(state.received), SQLiteValue(state.lost), SQLiteValue(state.reordered),
        SQLiteValue(state.duplicates), SQLiteValue(state.restarts), SQLiteValue(state.strays),
      ])
    }
  }

  private func write(_ record: FlowRecord) throws(StoreError) {
    let entry = FlowEntry(record.identity, record.state)
    try flow.run([
      .integer(session), SQLiteValue(entry.id), .text(entry.source), .text(entry.destination), .text(entry.protocol),
      SQLiteValue(entry.sourcePort), SQLiteValue(entry.destinationPort), SQLiteValue(entry.queuePair),
      SQLiteValue(entry.firstNs), SQLiteValue(entry.lastNs), SQLiteValue(entry.reports), SQLiteValue(entry.packets),
      SQLiteValue(entry.bytes), SQLiteValue(entry.drops), SQLiteValue(entry.pathChanges),
      .integer(entry.isPathPartial ? 1 : 0), .text(entry.pathText), .text(StoredHops.json(of: entry.path)),
    ])
  }

  private func write(_ record: QueueBin) throws(StoreError) {
    try bin.run([
      .integer(session), SQLiteValue(record.key.node.known), SQLiteValue(record.key.egress.known),
      SQLiteValue(record.key.queue.known), SQLiteValue(record.start), SQLiteValue(record.packets),
      SQLiteValue(record.depths), SQLiteValue(record.maxDepth), SQLiteValue(record.sumDepth),
      SQLiteValue(record.latencies), SQLiteValue(record.maxLatency), SQLiteValue(record.sumLatency),
    ])
  }

  private func write(_ record: Burst) throws(StoreError) {
    let number = nextBurst
    nextBurst += 1
    try burst.run([
      .integer(number), .integer(session), SQLiteValue(record.key.node.known), SQLiteValue(record.key.egress.known),
      SQLiteValue(record.key.queue.known), SQLiteValue(record.start), SQLiteValue(record.end - record.start),
      SQLiteValue(record.peak), SQLiteValue(record.peakTime), SQLiteValue(record.packets), SQLiteValue(record.bytes),
    ])
    for (rank, share) in record.ranked.enumerated() {
      try contributor.run([
        .integer(number), SQLiteValue(rank + 1), .text(share.flow.text), SQLiteValue(share.bytes),
        SQLiteValue(share.packets), SQLiteValue(share.uncertain),
      ])
    }
  }
}
