extension ReportHTML {
  /// Groups drawn at most; the rest are in report.json. A table of routes can have many thousands.
  private static let groupLimit = 40

  /// How traffic was spread over next hops, against the weights. Groups with most packets first.
  var nextHops: HTML {
    if report.nextHops.isEmpty { return "" }
    let order = report.nextHops.enumerated().sorted {
      ($1.element.packets, $0.offset) < ($0.element.packets, $1.offset)
    }
    let groups = order.prefix(Self.groupLimit).map { group($0.element) }.joined()
    let rest = order.count - Self.groupLimit
    let more: HTML =
      rest > 0 ? "<p class=\"hint\">\(rest) more groups with less traffic are in report.json.</p>" : ""
    return """
      <section class="card">
      <h2>Load balance</h2>
      <p class="hint">The bar is the part of the group's packets that the next hop carried; the mark is the part that \
      its weight asks for. Hashing divides flows: a flow with many packets moves the bar.</p>
      \(groups)\(more)
      </section>
      """
  }

  private func group(_ group: NextHopGroupReport) -> HTML {
    let others: HTML =
      switch group.prefixes {
      case 0, 1: ""
      case 2: " <span class=\"hint\">and 1 more prefix</span>"
      default: " <span class=\"hint\">and \(ReportUnits.count(group.prefixes - 1)) more prefixes</span>"
      }
    let rows = group.via.map { row($0, wanted: group.wantedShare(of: $0)) }.joined()
    return """
      <div class="scroll"><table class="shares">
      <caption>\(group.prefix)\(others)</caption>
      <thead><tr><th scope="col">Next hop</th><th scope="col">Port</th><th scope="col" class="num">Weight</th>\
      <th scope="col" class="num">Wanted</th><th scope="col" class="num">Buckets</th>\
      <th scope="col" class="num">Packets</th><th scope="col" class="bar">Measured</th>\
      <th scope="col" class="num">Share</th><th scope="col" class="num">Off by</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>

      """
  }

  private func row(_ member: NextHopReport, wanted: Double) -> HTML {
    let off = member.share.map { ReportUnits.difference($0, from: wanted) + " pp" } ?? "-"
    let fill: HTML = member.share.map { "<i style=\"width:\(width($0))\"></i>" } ?? ""
    return """
      <tr><th scope="row">\(member.address)</th><td>\(member.port.isEmpty ? "unresolved" : member.port)</td>\
      <td class="num">\(member.weight == 0 ? "drained" : String(member.weight))</td>\
      <td class="num">\(ReportUnits.percent(wanted))</td>\
      <td class="num">\(ReportUnits.percent(member.achievedShare))</td>\
      <td class="num">\(ReportUnits.count(member.packets))</td>\
      <td class="bar"><div class="track">\(fill)<b style="left:\(width(wanted))"></b></div></td>\
      <td class="num">\(ReportUnits.percent(member.share))</td><td class="num">\(off)</td></tr>

      """
  }

  /// Drops by reason, with the ports where they arose.
  var drops: HTML {
    let reasons = report.dropsByReason
    guard let most = reasons.first?.total else {
      return "<section class=\"card\"><h2>Drops</h2><p>No packet was dropped.</p></section>"
    }
    let all = reasons.reduce(0) { $0 + $1.total }
    let rows = reasons.map { reason in
      let ports = reason.ports.prefix(8).map { port, count in
        "<span>\(port) <b>\(ReportUnits.count(count))</b></span>" as HTML
      }
      let more: HTML = reason.ports.count > 8 ? "<span>and \(reason.ports.count - 8) more ports</span>" : ""
      return """
        <tr><th scope="row">\(reason.reason)</th><td class="num">\(ReportUnits.count(reason.total))</td>\
        <td class="num">\(ReportUnits.percent(Double(reason.total) / Double(all)))</td>\
        <td class="bar"><div class="track drop">\
        <i style="width:\(width(Double(reason.total) / Double(most)))"></i></div></td>\
        <td class="where">\(ports.joined())\(more)</td></tr>

        """ as HTML
    }.joined()
    return """
      <section class="card">
      <h2>Drops</h2>
      <div class="scroll"><table>
      <thead><tr><th scope="col">Reason</th><th scope="col" class="num">Packets</th>\
      <th scope="col" class="num">Share</th><td class="bar"></td><th scope="col">Ports</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      </section>
      """
  }

  /// A part of one as the width of a bar.
  func width(_ share: Double) -> String {
    let thousandths = Int((min(max(share, 0), 1) * 10_000).rounded())
    return "\(thousandths / 100).\(thousandths % 100 < 10 ? "0" : "")\(thousandths % 100)%"
  }
}

/// One reason of drops, over all ports.
struct DropReason: Equatable {
  var reason: String
  var total: UInt64
  /// Ports with such drops, most first.
  var ports: [(port: String, count: UInt64)]

  static func == (left: Self, right: Self) -> Bool {
    left.reason == right.reason && left.total == right.total && left.ports.elementsEqual(right.ports, by: ==)
  }
}

extension Report {
  /// All drops by reason, most first.
  var dropsByReason: [DropReason] {
    var reasons: [String: DropReason] = [:]
    for port in ports {
      for (reason, count) in port.drops where count > 0 {
        reasons[reason, default: DropReason(reason: reason, total: 0, ports: [])].total += count
        reasons[reason]?.ports.append((port.name, count))
      }
    }
    return reasons.values.map { reason in
      var reason = reason
      let order = reason.ports.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
      reason.ports = order.map(\.element)
      return reason
    }.sorted { ($1.total, $0.reason) < ($0.total, $1.reason) }
  }
}
