/// Reads what a collector has written down.
public struct StoreReader {
  private let database: SQLiteDatabase

  /// Opens a file of `penstock collect`.
  public init(path: String) throws(StoreError) {
    let database = try SQLiteDatabase(path, isReadOnly: true)
    var version = 0
    var application = 0
    try database.prepare("PRAGMA user_version").rows { version = $0.number(0) ?? 0 }
    try database.prepare("PRAGMA application_id").rows { application = $0.number(0) ?? 0 }
    guard version == StoreSchema.version, application == StoreSchema.application else {
      throw StoreError(
        path: path, problem: "is no file of `penstock collect`, or of another version of it",
        remedy: "Name a file that was written with --store.")
    }
    self.database = database
  }

  /// Whether a file is an SQLite database.
  public static func isDatabase(_ head: [UInt8]) -> Bool { head.starts(with: Array("SQLite format 3\0".utf8)) }

  /// Flows of the last session, the latest first.
  public func flows(limit: Int = .max) throws(StoreError) -> [FlowEntry] {
    var entries: [FlowEntry] = []
    let statement = try database.prepare(
      """
      SELECT flow, source, destination, protocol, source_port, destination_port, queue_pair, first_ns, last_ns, reports,
        packets, bytes, drops, path_changes, is_path_partial, hops
      FROM flows WHERE session = (SELECT max(session) FROM sessions) ORDER BY last_ns DESC, flow DESC LIMIT ?
      """)
    try statement.rows([SQLiteValue(limit)]) { row in
      entries.append(
        FlowEntry(
          id: row.number(0) ?? 0, source: row.text(1), destination: row.text(2), protocol: row.text(3),
          sourcePort: row.number(4) ?? 0, destinationPort: row.number(5) ?? 0, queuePair: row.number(6),
          firstNs: row.number(7) ?? 0, lastNs: row.number(8) ?? 0, reports: row.number(9) ?? 0,
          packets: row.number(10) ?? 0, bytes: row.number(11) ?? 0, drops: row.number(12) ?? 0,
          pathChanges: row.number(13) ?? 0, isPathPartial: row.number(14) == 1, path: StoredHops.hops(of: row.text(15))
        ))
    }
    return entries
  }

  /// Changes of paths of the last session, oldest first.
  public func pathChanges(limit: Int = .max) throws(StoreError) -> [PathChangeEntry] {
    var entries: [PathChangeEntry] = []
    let statement = try database.prepare(
      """
      SELECT time_ns, flow_text, flow, old_path, new_path FROM path_changes
      WHERE session = (SELECT max(session) FROM sessions) ORDER BY rowid DESC LIMIT ?
      """)
    try statement.rows([SQLiteValue(limit)]) { row in
      entries.append(
        PathChangeEntry(
          timeNs: row.number(0) ?? 0, flow: row.text(1), flowNumber: row.number(2) ?? 0, from: row.text(3),
          to: row.text(4)))
    }
    return entries.reversed()
  }
}
