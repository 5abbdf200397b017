import Dataplane
import Foundation

extension CheckReport {
  /// How text is emphasised.
  public enum Style: Sendable {
    /// Not at all: for files and pipes.
    case plain
    /// Headings in bold, by ANSI escape sequences: for terminals.
    case bold

    func emphasized(_ text: String) -> String { self == .bold ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  }

  /// Next-hop groups shown as text; JSON has all of them.
  private static let groupLimit = 50

  /// The report as aligned tables, with a line break at the end.
  public func text(style: Style = .plain) -> String {
    var lines: [String] = []
    func section(_ title: String, _ content: [String]) {
      guard !content.isEmpty else { return }
      if !lines.isEmpty { lines.append("") }
      lines.append(style.emphasized(title))
      lines += content
    }
    section("Switch \(self.switch.name)", device)
    section("Ports", portTable(style))
    section("Time on the wire", timeTable(style))
    for (names, queues) in queueSets { section("Queues of \(names)", queueTable(queues, style)) }
    section("Classification", classification)
    section("VLAN interfaces", vlanTable(style))
    section("Neighbours", neighborTable(style))
    section("Static MAC addresses", macTable(style))
    section("Routes", routeLines)
    section("Next hops", groupTable(style))
    section("ECMP", ecmpLines)
    section("Access rules", ruleTable(style))
    section("Buffer", bufferLines)
    section("Limits", limitTable(style))
    section("Headroom", headroomTable(style))
    section("Pause frames", pauseLines)
    section("Pause times", pauseTable(style))
    section("Watchdog", watchdogLines)
    section("Telemetry", telemetryLines)
    section("Impairments in `penstock run`", (impairments ?? []).map { "  \($0.port)  \($0.settings)" })
    section("Workers of `penstock run`", workerTable(style))
    section("Notices", notices.map { "  \($0)" })
    return lines.joined(separator: "\n") + "\n"
  }

  private var device: [String] {
    let device = self.switch
    let ports = device.maxPorts.map { [("max-ports", "\($0) while it runs")] } ?? []
    return Self.pairs(
      [
        ("file", file), ("id", "\(device.id)"), ("mac", device.mac), ("mode", device.mode),
        ("latency", Quantity.time.text(device.latencyPs)), ("mac-ageing", Quantity.time.text(device.macAgeingPs)),
        ("seed", "\(device.seed)"), ("icmp rate", icmpRate == 0 ? "none" : "\(icmpRate) per second"),
        ("largest frame", "\(device.largestFrameBytes) B, tags and overhead included: the unit of DWRR quanta"),
      ] + ports)
  }

  private func portTable(_ style: Style) -> [String] {
    let hasDevices = ports.contains { $0.device != nil }
    var table = TextTable(
      [
        ("port", .left), ("speed", .right), ("cable", .right), ("mtu", .right), ("up", .left), ("role", .left),
        ("trust", .left), ("class", .right), ("shaper", .left), ("addresses or VLANs", .left),
      ] + (hasDevices ? [("device", .left)] : []))
    for port in ports {
      let native = port.nativeVlan.map { ", native \($0)" } ?? ""
      let place = port.role == "routed" ? port.addresses.joined(separator: " ") : Self.ranges(port.vlans) + native
      table.add(
        [
          port.name, Quantity.rate.text(port.speedBps), Quantity.length.text(port.cableMm), "\(port.mtu)",
          port.up ? "yes" : "no", port.role, port.trust, "\(port.trafficClass)", Self.text(port.shaper),
          place.isEmpty ? "-" : place,
        ] + (hasDevices ? [port.device ?? "-"] : []))
    }
    return table.lines(style: style)
  }

  private func timeTable(_ style: Style) -> [String] {
    var table = TextTable([
      ("port", .left), ("64 B frame", .right), ("on the wire", .right), ("MTU frame", .right), ("on the wire", .right),
    ])
    for port in ports {
      table.add([
        port.name, port.smallestFrame.description, "\(port.smallestFrame.wireBytes) B", port.largestFrame.description,
        "\(port.largestFrame.wireBytes) B",
      ])
    }
    return table.lines(style: style)
  }

  /// Ports with equal queues together.
  private var queueSets: [(names: String, queues: [Queue])] {
    var sets: [(names: [String], queues: [Queue])] = []
    for port in ports {
      if let index = sets.firstIndex(where: { $0.queues == port.queues }) {
        sets[index].names.append(port.name)
      } else {
        sets.append(([port.name], port.queues))
      }
    }
    return sets.map { ($0.names.count == ports.count ? "all ports" : $0.names.joined(separator: ", "), $0.queues) }
  }

  private func queueTable(_ queues: [Queue], _ style: Style) -> [String] {
    var table = TextTable([
      ("queue", .right), ("schedule", .left), ("weight", .right), ("quantum", .right), ("share", .right),
      ("lossless", .left), ("ecn", .left), ("minimum", .left), ("maximum", .left),
    ])
    for queue in queues {
      let ecn = queue.ecn.map { ecn in
        "\(Quantity.size.text(ecn.kminBytes)) to \(Quantity.size.text(ecn.kmaxBytes)), \(Self.percent(ecn.pmax))"
          + (ecn.at == "dequeue" ? "" : " at \(ecn.at)") + (ecn.drop ? ", drops" : "")
      }
      table.add([
        "\(queue.queue)", queue.schedule, queue.weight.map(String.init) ?? "-",
        queue.quantumBytes.map { "\($0) B" } ?? "-", queue.share.map(Self.percent) ?? "-",
        queue.lossless ? "yes" : "no", ecn ?? "-", Self.text(queue.minimum), Self.text(queue.maximum),
      ])
    }
    return table.lines(style: style)
  }

  private var classification: [String] {
    func changes(_ entries: [UInt8], from usual: (Int) -> Int, _ others: String) -> String {
      let changed = entries.enumerated().filter { $0.element != usual($0.offset) }
      let list = changed.map { "\($0.offset)->\($0.element)" }.joined(separator: ", ")
      return list.isEmpty ? "all \(others)" : "\(list), all others \(others)"
    }
    func map(_ entries: [UInt8]) -> String { changes(entries, from: { $0 }, "to their own number") }
    return Self.pairs([
      ("trust", qos.trust), ("DSCP to traffic class", changes(qos.dscp, from: { _ in 0 }, "0")),
      ("PCP to traffic class", map(qos.pcp)),
      ("traffic class to queue", map(qos.trafficClassToQueue)),
      ("traffic class to priority group", map(qos.trafficClassToPriorityGroup)),
      ("PFC priority to queue", map(qos.pfcPriorityToQueue)),
      ("PFC priority to priority group", map(qos.pfcPriorityToPriorityGroup)),
      ("overhead", "\(qos.overheadBytes) B a frame"),
    ])
  }

  private func vlanTable(_ style: Style) -> [String] {
    var table = TextTable([("vlan", .right), ("name", .left), ("mtu", .right), ("addresses", .left), ("ports", .left)])
    for vlan in vlans {
      let addresses = vlan.addresses.isEmpty ? "-" : vlan.addresses.joined(separator: " ")
      let ports = vlan.ports.isEmpty ? "-" : vlan.ports.joined(separator: " ")
      table.add(["\(vlan.id)", vlan.name.isEmpty ? "-" : vlan.name, "\(vlan.mtu)", addresses, ports])
    }
    return table.lines(style: style)
  }

  private func neighborTable(_ style: Style) -> [String] {
    var table = TextTable([("interface", .left), ("address", .left), ("mac", .left)])
    for neighbor in neighbors { table.add([neighbor.interface, neighbor.address, neighbor.mac]) }
    return table.lines(style: style)
  }

  private func macTable(_ style: Style) -> [String] {
    var table = TextTable([("vlan", .right), ("mac", .left), ("port", .left)])
    for entry in macs { table.add(["\(entry.vlan)", entry.mac, entry.port]) }
    return table.lines(style: style)
  }

  private var routeLines: [String] {
    Self.pairs([
      ("total", "\(routes.total) beyond the connected subnets"), ("IPv4", "\(routes.ipv4)"),
      ("IPv6", "\(routes.ipv6)"), ("discard", "\(routes.discard)"),
    ])
  }

  private func groupTable(_ style: Style) -> [String] {
    var table = TextTable([
      ("prefix", .left), ("routes", .right), ("via", .left), ("interface", .left), ("weight", .right),
      ("buckets", .right), ("wanted", .right), ("achieved", .right), ("error", .right),
    ])
    for group in nextHopGroups.prefix(Self.groupLimit) {
      for (index, hop) in group.via.enumerated() {
        table.add([
          index == 0 ? group.prefix : "", index == 0 ? "\(group.routes)" : "", hop.address, hop.interface,
          "\(hop.weight)", "\(hop.buckets) of \(group.buckets)", Self.percent(hop.wantedShare),
          hop.weight == 0 ? "drained" : Self.percent(hop.achievedShare), Self.percent(hop.error),
        ])
      }
    }
    let more = nextHopGroups.count - Self.groupLimit
    return table.lines(style: style) + (more > 0 ? ["  and \(more) more groups, all of them with --json"] : [])
  }

  private var ecmpLines: [String] {
    Self.pairs([
      ("mode", ecmp.mode), ("fields", ecmp.fields.joined(separator: ", ")), ("seed", "\(ecmp.seed)"),
      ("flowlet-gap", Quantity.time.text(ecmp.flowletGapPs)),
    ])
  }

  private func ruleTable(_ style: Style) -> [String] {
    var table = TextTable([("rule", .left), ("action", .left), ("match", .left)])
    for rule in acl { table.add([rule.name, rule.action, rule.match]) }
    return table.lines(style: style)
  }
}

extension CheckReport {
  /// Names and values under each other.
  static func pairs(_ pairs: [(name: String, value: String)]) -> [String] {
    let width = pairs.reduce(0) { max($0, $1.name.count) }
    return pairs.map { "  \($0.name)" + String(repeating: " ", count: width - $0.name.count + 2) + $0.value }
  }

  /// Up to three decimals.
  private static func percent(_ share: Double) -> String {
    decimals(share * 100) + " %"
  }

  /// Up to three decimals.
  static func decimals(_ number: Double) -> String {
    var text = String(format: "%.3f", number)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text
  }

  private static func text(_ rate: Rate?) -> String {
    guard let rate else { return "-" }
    let burst = rate.burstBytes == 0 ? "" : ", burst \(Quantity.size.text(rate.burstBytes))"
    return Quantity.rate.text(rate.rateBps) + burst
  }

  /// `10, 20-22`.
  private static func ranges(_ vlans: [UInt16]) -> String {
    var ranges: [ClosedRange<UInt16>] = []
    for vlan in vlans.sorted() {
      if let last = ranges.last, last.upperBound + 1 == vlan {
        ranges[ranges.count - 1] = last.lowerBound...vlan
      } else {
        ranges.append(vlan...vlan)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(
      separator: ", ")
  }
}
