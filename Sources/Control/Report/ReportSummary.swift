/// Writes a report as plain text for a terminal: what a person wants to know when a replay ends.
///
/// Lines stay within 120 columns as long as names are short. A large switch is not listed in full: idle ports are
/// named in one line, and the busiest queues and groups stand for the rest, which is in report.json.
public struct ReportSummary {
  /// Queues, and priorities, listed at most.
  static let queueLimit = 32
  /// Next-hop groups listed at most.
  static let groupLimit = 12
  /// The longest name that is printed in full.
  static let nameWidth = 20
  /// The column at which sentences are broken.
  static let lineWidth = 100

  let report: Report
  let isColoured: Bool

  /// Creates a writer of `report`; `isColoured` adds terminal colours.
  public init(_ report: Report, isColoured: Bool = false) {
    self.report = report
    self.isColoured = isColoured
  }

  /// The summary, ended by a newline.
  public func text() -> String {
    let sections = [
      heading, ports, queues, buffer, priorities, nextHops, drops, totals, notices, alarms, errors,
    ]
    return sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var heading: String {
    let identity = report.identity
    let time = ReportUnits.time(picoseconds: report.durationPicoseconds, ascii: true)
    let name = TextTable.Style.bold.apply(TextTable.printable(identity.name), isColoured: isColoured)
    return "\(name): \(time) of virtual time, \(TextTable.printable(identity.mode)), seed \(report.seed)\n"
  }

  private var ports: String {
    let duration = report.durationPicoseconds
    var table = TextTable([
      ("port", .left), ("speed", .right), ("rx packets", .right), ("rx bytes", .right), ("rx rate", .right),
      ("tx packets", .right), ("tx bytes", .right), ("tx rate", .right), ("drops", .right),
    ])
    for port in report.ports where !port.isIdle {
      table.append([
        name(port.name), .init(ReportUnits.speed(port.speedBitsPerSecond)),
        .init(ReportUnits.count(port.rx.packets)), .init(ReportUnits.bytes(port.rx.bytes)),
        .init(ReportUnits.rate(ReportUnits.meanRate(bytes: port.rx.bytes, picoseconds: duration))),
        .init(ReportUnits.count(port.tx.packets)), .init(ReportUnits.bytes(port.tx.bytes)),
        .init(ReportUnits.rate(ReportUnits.meanRate(bytes: port.tx.bytes, picoseconds: duration))),
        .init(ReportUnits.count(port.dropped), port.dropped > 0 ? .red : .plain),
      ])
    }
    let idle = report.ports.filter(\.isIdle).map { TextTable.printable($0.name, width: Self.nameWidth) }
    var text = title("Ports")
    if table.rows.isEmpty {
      text += "  No packet arrived or left.\n"
    } else {
      text += table.text(isColoured: isColoured)
    }
    if !idle.isEmpty { text += wrapped("idle: " + idle.joined(separator: ", "), indent: "  ") }
    return text
  }

  private var queues: String {
    let used = report.ports.flatMap { port in
      port.queues.enumerated().filter(\.element.isUsed).map { (port: port.name, number: $0.offset, queue: $0.element) }
    }
    if used.isEmpty { return "" }
    let busiest = Self.busiest(used) { $0.queue.txPackets }
    var table = TextTable([
      ("port", .left), ("queue", .right), ("packets", .right), ("bytes", .right), ("peak depth", .right),
      ("ECN marked", .right), ("p50", .right), ("p99", .right), ("p99.9", .right), ("max", .right),
    ])
    for entry in busiest {
      let queue = entry.queue
      table.append([
        name(entry.port), .init(String(entry.number)), .init(ReportUnits.count(queue.txPackets)),
        .init(ReportUnits.bytes(queue.txBytes)), .init(ReportUnits.bytes(queue.maxBytes)),
        .init(ReportUnits.count(queue.marking.markedPackets)), time(queue.latency.p50), time(queue.latency.p99),
        time(queue.latency.p999), time(queue.latency.max),
      ])
    }
    var text = title("Queues, and latency through the switch") + table.text(isColoured: isColoured)
    if used.count > busiest.count { text += "  \(used.count - busiest.count) less busy queues are in report.json.\n" }
    return text
  }

  private var priorities: String {
    var table = TextTable([
      ("port", .left), ("priority", .right), ("XOFF sent", .right), ("XON sent", .right), ("XOFF received", .right),
      ("XON received", .right), ("pauses", .right), ("paused", .right),
    ])
    let used = report.ports.flatMap { port in
      port.priorities.enumerated().filter(\.element.isUsed).map {
        (port: port.name, number: $0.offset, counters: $0.element)
      }
    }
    if used.isEmpty { return "" }
    let busiest = Self.busiest(used) { $0.counters.pfcTxXoff + $0.counters.pfcRxXoff }
    for (port, number, counters) in busiest {
      table.append([
        name(port), .init(String(number)), .init(ReportUnits.count(counters.pfcTxXoff)),
        .init(ReportUnits.count(counters.pfcTxXon)), .init(ReportUnits.count(counters.pfcRxXoff)),
        .init(ReportUnits.count(counters.pfcRxXon)),
        .init(ReportUnits.count(counters.pauses)),
        .init(ReportUnits.time(picoseconds: counters.pausedPicoseconds, ascii: true)),
      ])
    }
    var text = title("Priority flow control") + table.text(isColoured: isColoured)
    if used.count > busiest.count { text += "  \(used.count - busiest.count) more are in report.json.\n" }
    return text
  }

  /// The ``queueLimit`` elements with most of `amount`, in the order in which they came.
  private static func busiest<Element>(_ elements: [Element], amount: (Element) -> UInt64) -> [Element] {
    let order = elements.indices.sorted { (amount(elements[$1]), $0) < (amount(elements[$0]), $1) }
    return order.prefix(queueLimit).sorted().map { elements[$0] }
  }

  private var nextHops: String {
    if report.nextHops.isEmpty { return "" }
    let order = report.nextHops.enumerated().sorted {
      ($1.element.packets, $0.offset) < ($0.element.packets, $1.offset)
    }
    var table = TextTable([
      ("prefix", .left), ("next hop", .left), ("port", .left), ("weight", .right), ("wanted", .right),
      ("buckets", .right), ("packets", .right), ("share", .right),
    ])
    for (_, group) in order.prefix(Self.groupLimit) {
      let more = group.prefixes > 1 ? " +\(ReportUnits.count(group.prefixes - 1))" : ""
      for (index, member) in group.via.enumerated() {
        table.append([
          .init(index == 0 ? group.prefix + more : ""), .init(member.address),
          member.port.isEmpty ? .init("unresolved", .yellow) : name(member.port),
          .init(String(member.weight)), .init(ReportUnits.percent(group.wantedShare(of: member))),
          .init(ReportUnits.percent(member.achievedShare)), .init(ReportUnits.count(member.packets)),
          .init(ReportUnits.percent(member.share)),
        ])
      }
    }
    var text = title("Load balance") + table.text(isColoured: isColoured)
    let rest = order.count - Self.groupLimit
    if rest > 0 { text += "  \(rest) groups with less traffic are in report.json.\n" }
    return text
  }

  private var drops: String {
    let reasons = report.dropsByReason
    if reasons.isEmpty { return "" }
    var table = TextTable([("reason", .left), ("packets", .right), ("ports", .left)])
    for reason in reasons {
      let ports = reason.ports.prefix(3).map {
        "\(TextTable.printable($0.port, width: Self.nameWidth)) \(ReportUnits.count($0.count))"
      }
      let more = reason.ports.count > 3 ? ", \(reason.ports.count - 3) more" : ""
      table.append([
        .init(reason.reason), .init(ReportUnits.count(reason.total), .red), .init(ports.joined(separator: ", ") + more),
      ])
    }
    return title("Drops") + table.text(isColoured: isColoured)
  }
}
