/// Writes a network's report as plain text for a terminal.
public struct FabricSummary {
  /// Links listed at most.
  static let linkLimit = 32

  private let report: FabricReport
  private let isColoured: Bool

  /// Creates a writer of `report`; `isColoured` adds terminal colours.
  public init(_ report: FabricReport, isColoured: Bool = false) {
    self.report = report
    self.isColoured = isColoured
  }

  /// The summary, ended by a newline.
  public func text() -> String {
    [heading, traffic, links, switches, nextHops, totals, notices].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func title(_ text: String) -> String { TextTable.Style.bold.apply(text, isColoured: isColoured) + "\n" }

  private func time(_ nanoseconds: Double?) -> String {
    nanoseconds.map { ReportUnits.time(nanoseconds: $0, ascii: true) } ?? "-"
  }

  private var heading: String {
    let name = TextTable.Style.bold.apply(TextTable.printable(report.name), isColoured: isColoured)
    return "\(name): \(report.switches.count) switches, \(report.links.count) links, \(report.hosts.count) hosts, "
      + "\(ReportUnits.time(picoseconds: report.durationPicoseconds, ascii: true)) of virtual time, "
      + "seed \(report.seed)\n"
  }

  private var traffic: String {
    var table = TextTable([
      ("traffic", .left), ("flows", .right), ("sent", .right), ("received", .right), ("dropped", .right),
      ("marked", .right), ("reordered", .right), ("depth", .right), ("complete", .right), ("FCT p50", .right),
      ("FCT max", .right), ("latency p50", .right), ("p99", .right),
    ])
    for entry in report.traffic {
      table.append([
        .init(entry.name), .init(ReportUnits.count(entry.flows)), .init(ReportUnits.count(entry.sent)),
        .init(ReportUnits.count(entry.received)),
        .init(ReportUnits.count(entry.dropped), entry.dropped > 0 ? .red : .plain),
        .init(ReportUnits.count(entry.marked)), .init(ReportUnits.count(entry.reordered)),
        .init(ReportUnits.count(entry.reorderDepth)), .init(ReportUnits.count(entry.complete)),
        .init(time(entry.completion.p50)), .init(time(entry.completion.max)), .init(time(entry.latency.p50)),
        .init(time(entry.latency.p99)),
      ])
    }
    return table.rows.isEmpty ? "" : title("Traffic") + table.text(isColoured: isColoured)
  }

  private var links: String {
    var table = TextTable([
      ("from", .left), ("to", .left), ("speed", .right), ("frames", .right), ("use", .right), ("peak queue", .right),
      ("pause frames", .right), ("paused", .right),
    ])
    for link in report.links.prefix(Self.linkLimit) {
      for (direction, other) in zip(link.directions, link.directions.reversed()) {
        table.add([
          direction.from, other.from, ReportUnits.speed(link.speedBitsPerSecond),
          ReportUnits.count(direction.frames), ReportUnits.percent(direction.use),
          ReportUnits.bytes(direction.peakQueueBytes ?? 0), ReportUnits.count(direction.pauseFrames),
          ReportUnits.time(picoseconds: direction.pausedPicoseconds ?? 0, ascii: true),
        ])
      }
    }
    if table.rows.isEmpty { return "" }
    var text = title("Links") + table.text(isColoured: isColoured)
    let more = report.links.count - Self.linkLimit
    if more > 0 { text += "  \(more) more links are in report.json.\n" }
    return text
  }

  private var switches: String {
    var table = TextTable([
      ("switch", .left), ("received", .right), ("sent", .right), ("dropped", .right), ("waiting", .right),
      ("buffer peak", .right),
    ])
    for device in report.switches {
      table.append([
        .init(device.name), .init(ReportUnits.count(device.received)), .init(ReportUnits.count(device.sent)),
        .init(ReportUnits.count(device.dropped), device.dropped > 0 ? .red : .plain),
        .init(ReportUnits.count(device.waiting)), .init(ReportUnits.bytes(device.sharedPeakBytes)),
      ])
    }
    return title("Switches") + table.text(isColoured: isColoured)
  }

  /// Groups with a choice that somebody made.
  private var nextHops: String {
    var table = TextTable([
      ("switch", .left), ("prefix", .left), ("via", .left), ("weight", .right), ("share", .right),
      ("packets", .right),
    ])
    for device in report.switches {
      for group in device.nextHops where group.via.count > 1 && group.via.contains(where: { $0.packets > 0 }) {
        for (index, hop) in group.via.enumerated() {
          table.add([
            index == 0 ? device.name : "", index == 0 ? group.prefix : "", "\(hop.address) \(hop.port)",
            "\(hop.weight)", ReportUnits.percent(hop.share), ReportUnits.count(hop.packets),
          ])
        }
      }
    }
    return table.rows.isEmpty ? "" : title("Next hops") + table.text(isColoured: isColoured)
  }

  private var totals: String {
    let totals = report.totals
    func count(_ value: UInt64) -> String { ReportUnits.count(value) }
    let verdict =
      totals.isConserved
      ? TextTable.Style.green.apply("every frame is accounted for", isColoured: isColoured)
      : TextTable.Style.red.apply("NOT BALANCED", isColoured: isColoured)
    var text =
      title("Totals") + """
          sent \(count(totals.sent)) + copies \(count(totals.copies)) = received \(count(totals.received)) \
        + misdirected \(count(totals.misdirected)) + dropped \(count(totals.dropped)) \
        + consumed \(count(totals.consumed)) + waiting \(count(totals.waiting))
          \(verdict)

        """
    for (reason, packets) in totals.drops.sorted(by: { $0.key < $1.key }) {
      text += "  dropped as \(reason): \(count(packets))\n"
    }
    if totals.isStalled {
      let words = "DEADLOCK: frames wait, and nothing moves any more"
      text += "  \(TextTable.Style.red.apply(words, isColoured: isColoured))\n"
    }
    return text
  }

  private var notices: String {
    report.notices.isEmpty ? "" : title("Notices") + report.notices.map { "  - \($0)\n" }.joined()
  }
}
