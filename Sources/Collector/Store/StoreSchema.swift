/// The tables of a file; docs/collector.md describes them. Numbers of another version are not read.
enum StoreSchema {
  static let version = 1
  static let application = 0x5053_544B  // "PSTK"

  /// Times are nanoseconds since 1970, sizes bytes; null: not known. A session is one run of a collector.
  static let tables = """
    CREATE TABLE sessions (session INTEGER PRIMARY KEY, started_ns INTEGER NOT NULL, bin_ns INTEGER NOT NULL);
    CREATE TABLE flows (session INTEGER NOT NULL, flow INTEGER NOT NULL, source TEXT NOT NULL,
      destination TEXT NOT NULL, protocol TEXT NOT NULL, source_port INTEGER, destination_port INTEGER,
      queue_pair INTEGER, first_ns INTEGER, last_ns INTEGER, reports INTEGER, packets INTEGER, bytes INTEGER,
      drops INTEGER, path_changes INTEGER, is_path_partial INTEGER, path TEXT, hops TEXT,
      PRIMARY KEY (session, flow)) WITHOUT ROWID;
    CREATE TABLE path_changes (session INTEGER NOT NULL, time_ns INTEGER, flow INTEGER, flow_text TEXT,
      old_path TEXT, new_path TEXT);
    CREATE TABLE queue_bins (session INTEGER NOT NULL, node INTEGER, egress INTEGER, queue INTEGER,
      start_ns INTEGER, packets INTEGER, depths INTEGER, max_depth INTEGER, sum_depth INTEGER,
      latencies INTEGER, max_latency_ns INTEGER, sum_latency_ns INTEGER);
    CREATE TABLE bursts (burst INTEGER PRIMARY KEY, session INTEGER NOT NULL, node INTEGER, egress INTEGER,
      queue INTEGER, start_ns INTEGER, duration_ns INTEGER, peak INTEGER, peak_ns INTEGER, packets INTEGER,
      bytes INTEGER);
    CREATE TABLE contributors (burst INTEGER NOT NULL, rank INTEGER NOT NULL, flow_text TEXT, bytes INTEGER,
      packets INTEGER, uncertain INTEGER, PRIMARY KEY (burst, rank)) WITHOUT ROWID;
    CREATE TABLE drops (session INTEGER NOT NULL, time_ns INTEGER, node INTEGER, ingress INTEGER, egress INTEGER,
      queue INTEGER, reason INTEGER, flow_text TEXT, bytes INTEGER);
    CREATE TABLE gaps (session INTEGER NOT NULL, time_ns INTEGER, node INTEGER, part INTEGER, number INTEGER,
      missing INTEGER);
    CREATE TABLE sources (session INTEGER NOT NULL, node INTEGER NOT NULL, part INTEGER NOT NULL,
      receiver INTEGER NOT NULL, received INTEGER, lost INTEGER, reordered INTEGER, duplicates INTEGER,
      restarts INTEGER, strays INTEGER, PRIMARY KEY (session, node, part, receiver)) WITHOUT ROWID;
    """

  /// Tables whose rows are only added, so that the oldest can go.
  static let growing = ["path_changes", "queue_bins", "bursts", "drops", "gaps"]
}
