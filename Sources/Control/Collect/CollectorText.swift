import Collector
import Dataplane

/// Prints what a collector knows, for terminals.
public struct CollectorText {
  private let snapshot: CollectorSnapshot
  private let isColoured: Bool
  private let limit: Int

  /// - Parameter limit: rows of a table at most.
  public init(_ snapshot: CollectorSnapshot, isColoured: Bool, limit: Int = 20) {
    self.snapshot = snapshot
    self.isColoured = isColoured
    self.limit = limit
  }

  /// Everything, shortly: what `penstock collect` prints at its end.
  public func summary() -> String {
    let counters = snapshot.counters
    let lost = snapshot.sources.reduce(0) { $0 + $1.lost }
    let reordered = snapshot.sources.reduce(0) { $0 + $1.reordered }
    var text = "\(ReportUnits.count(counters.reports)) reports in \(ReportUnits.count(counters.datagrams)) datagrams, "
    text += "\(ReportUnits.count(counters.telemetryPackets)) packets with telemetry; "
    text += "\(ReportUnits.count(lost)) datagrams lost, \(ReportUnits.count(reordered)) late\n"
    text += complaints
    text += section("Paths", paths()) + section("Path changes", changes()) + section("Queues", queues())
    text += section("Bursts", bursts()) + section("Drops", drops()) + section("Sources of reports", sources())
    return text
  }

  /// Reports that could not be read, if there were any.
  private var complaints: String {
    let counters = snapshot.counters
    let kinds: [(String, UInt64)] = [
      ("malformed datagrams", counters.malformedGroups), ("malformed reports", counters.malformedReports),
      ("reports of unknown kinds", counters.unknownReports), ("short metadata", counters.shortMetadata),
      ("malformed telemetry", counters.malformedTelemetry), ("cut telemetry", counters.cutTelemetry),
      ("implausible times", counters.implausibleTimes),
    ]
    let found = kinds.filter { $0.1 > 0 }.map { "\(ReportUnits.count($0.1)) \($0.0)" }
    return found.isEmpty ? "" : found.joined(separator: ", ") + "\n"
  }

  private func section(_ title: String, _ table: TextTable) -> String {
    guard !table.rows.isEmpty else { return "" }
    let title = TextTable.Style.bold.apply(title, isColoured: isColoured)
    return "\n\(title)\n\(table.text(isColoured: isColoured))"
  }

  /// The flows as a table, the latest first; a line where there are none.
  public func flowTable() -> String {
    var table = TextTable([
      ("flow", .left), ("packets", .right), ("bytes", .right), ("drops", .right), ("changes", .right),
      ("latency", .right), ("path", .left),
    ])
    for flow in snapshot.flows.prefix(limit) {
      table.add([
        flow.text, ReportUnits.count(flow.packets), ReportUnits.bytes(flow.bytes), ReportUnits.count(flow.drops),
        ReportUnits.count(flow.pathChanges), Self.latency(of: flow.path), flow.pathText,
      ])
    }
    return Self.text(table, isColoured, of: snapshot.flows.count, "flows")
  }

  /// The paths as a table, those with most bytes first.
  public func pathTable() -> String {
    Self.text(paths(), isColoured, of: PathEntry.paths(of: snapshot.flows).count, "paths")
      + section("Path changes", changes())
  }

  private static func text(_ table: TextTable, _ isColoured: Bool, of all: Int, _ kind: String) -> String {
    guard !table.rows.isEmpty else { return "No \(kind).\n" }
    let more = all - table.rows.count
    return table.text(isColoured: isColoured) + (more > 0 ? "  and \(more) more \(kind); --limit shows more\n" : "")
  }

  /// The time in all nodes together, on average.
  static func latency(of hops: [FlowEntry.Hop]) -> String {
    let known = hops.compactMap(\.meanLatencyNs)
    guard !known.isEmpty, known.count == hops.count else { return "-" }
    return ReportUnits.time(nanoseconds: known.reduce(0, +), ascii: true)
  }

  private func paths() -> TextTable {
    var table = TextTable([
      ("path", .left), ("flows", .right), ("packets", .right), ("bytes", .right), ("latency", .right),
    ])
    for path in PathEntry.paths(of: snapshot.flows).prefix(limit) {
      table.add([
        FlowEntry.text(of: path.hops.map(\.pathHop)) + (path.isPartial ? " ..." : ""), "\(path.flows)",
        ReportUnits.count(path.packets), ReportUnits.bytes(path.bytes), Self.latency(of: path.hops),
      ])
    }
    return table
  }

  private func changes() -> TextTable {
    var table = TextTable([("time", .left), ("flow", .left), ("from", .left), ("to", .left)])
    for change in snapshot.pathChanges.suffix(limit) {
      table.add([time(change.timeNs), change.flow, change.from, change.to])
    }
    return table
  }

  private func queues() -> TextTable {
    var table = TextTable([
      ("node", .right), ("egress", .right), ("queue", .right), ("packets", .right), ("deepest", .right),
      ("mean", .right), ("latency", .right), ("most", .right), ("bursts", .right), ("drops", .right),
    ])
    for queue in snapshot.queues.prefix(limit) {
      table.add([
        Self.number(queue.node), Self.number(queue.egress), Self.number(queue.queue), ReportUnits.count(queue.packets),
        ReportUnits.bytes(queue.maxDepthBytes), ReportUnits.bytes(UInt64(queue.meanDepthBytes)),
        ReportUnits.time(nanoseconds: queue.meanLatencyNs, ascii: true),
        ReportUnits.time(nanoseconds: Double(queue.maxLatencyNs), ascii: true), ReportUnits.count(queue.bursts),
        ReportUnits.count(queue.drops),
      ])
    }
    return table
  }

  private func bursts() -> TextTable {
    var table = TextTable([
      ("start", .left), ("node", .right), ("egress", .right), ("queue", .right), ("lasted", .right), ("peak", .right),
      ("share", .right), ("bytes", .right), ("filled by", .left),
    ])
    let largest = snapshot.bursts.enumerated().sorted {
      ($1.element.peakBytes, $0.offset) < ($0.element.peakBytes, $1.offset)
    }
    for burst in largest.prefix(limit).sorted(by: { $0.offset < $1.offset }).map(\.element) {
      for (index, share) in burst.contributors.prefix(3).enumerated() {
        let head =
          index > 0
          ? ["", "", "", "", "", ""]
          : [
            time(burst.startNs), Self.number(burst.node), Self.number(burst.egress), Self.number(burst.queue),
            ReportUnits.time(nanoseconds: Double(burst.durationNs), ascii: true), ReportUnits.bytes(burst.peakBytes),
          ]
        table.add(head + [ReportUnits.percent(share.share), ReportUnits.bytes(share.bytes), share.flow])
      }
    }
    return table
  }

  private func drops() -> TextTable {
    var table = TextTable([("node", .right), ("reason", .left), ("packets", .right)])
    for count in snapshot.dropCounts.prefix(limit) {
      table.add([Self.number(count.node), DropReasonNames.name(count.reason), ReportUnits.count(count.packets)])
    }
    return table
  }

  private func sources() -> TextTable {
    var table = TextTable([
      ("node", .right), ("part", .right), ("received", .right), ("lost", .right), ("late", .right),
      ("twice", .right), ("restarts", .right), ("strays", .right),
    ])
    for source in snapshot.sources.prefix(limit) {
      table.add(
        ["\(source.node)", "\(source.part)"]
          + [source.received, source.lost, source.reordered, source.duplicates, source.restarts, source.strays]
          .map { ReportUnits.count($0) })
    }
    return table
  }

  private func time(_ nanoseconds: UInt64) -> String {
    ReportUnits.instant(nanoseconds: Int64(clamping: nanoseconds)).replacing(" UTC", with: "")
  }

  static func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "?" }
}

/// The words for codes of drop reasons, which are the node's own: Penstock's, where they are such.
enum DropReasonNames {
  private static let words = Dictionary(
    Dataplane.DropReason.allCases.map { (UInt16($0.reportCode), $0.name) }, uniquingKeysWith: { first, _ in first })

  /// The code, and what it means if the node is a Penstock.
  static func name(_ code: UInt16?) -> String {
    guard let code else { return "not told" }
    return words[code].map { "\(code) \($0)" } ?? "\(code)"
  }
}
