import Dataplane
import Wire

/// EtherTypes with a name.
let etherTypeNames: [(name: String, value: UInt16)] = [
  ("ipv4", 0x0800), ("arp", 0x0806), ("ipv6", 0x86DD), ("roce", 0x8915), ("lldp", 0x88CC), ("ptp", 0x88F7),
]

/// IP protocols with a name.
let ipProtocolNames: [(name: String, value: UInt8)] = [
  ("icmp", 1), ("igmp", 2), ("ip-in-ip", 4), ("tcp", 6), ("udp", 17), ("ipv6-in-ip", 41), ("gre", 47), ("esp", 50),
  ("ah", 51), ("icmpv6", 58), ("ospf", 89), ("pim", 103), ("vrrp", 112), ("sctp", 132),
]

extension ConfigurationReader {
  /// Reads `acl`.
  func readACL(_ list: [Field]) {
    var lines: [String: Int] = [:]
    for (index, entry) in list.enumerated() {
      guard let section = entry.section(ConfigurationSchema.rule) else { continue }
      var rule = ACLRule(name: "rule-\(index + 1)", action: .permit)
      if let name = section["name"]?.name("a rule name") { rule.name = name }
      if let first = lines.updateValue(entry.line, forKey: rule.name) {
        (section["name"] ?? entry).report(
          "a rule named `\(rule.name)` exists already, in line \(first)", "write another name")
      }
      if let action = section["action"].flatMap(readAction) { rule.action = action }
      rule.port = section["port"].flatMap(portReference)
      rule.vlan = section["vlan"]?.vlan()
      if let number = section["ethertype"]?.number(etherTypeNames, 0x600...0xFFFF, "an EtherType") {
        rule.etherType = UInt16(number)
      }
      rule.ipProtocol = section["protocol"]?.ipProtocol()
      rule.source = section["source"]?.networkPrefix()
      rule.destination = section["destination"]?.networkPrefix()
      rule.sourcePorts = section["source-port"]?.portRange()
      rule.destinationPorts = section["destination-port"]?.portRange()
      rule.dscp = section["dscp"]?.integer(0...63, "a DSCP").map { UInt8($0) }
      check(rule, section)
      configuration.acl.append(rule)
    }
  }

  private func readAction(_ field: Field) -> ACLAction? {
    if field.isMapping {
      guard let section = field.section(ConfigurationSchema.action) else { return nil }
      let keys = ConfigurationSchema.action.keys.filter(section.has)
      if keys.count > 1 { section["mirror"]?.report("an action is one thing", "remove `remark` or `mirror`") }
      if let remark = section["remark"] {
        return remark.integer(0...63, "a DSCP").map { .remark(dscp: UInt8($0)) }
      }
      if let mirror = section["mirror"] { return portReference(mirror).map { .mirror(to: $0) } }
      field.report("the action is empty", "write `{remark: DSCP}` or `{mirror: PORT}`")
      return nil
    }
    switch field.scalar {
    case "permit": return .permit
    case "deny": return .deny
    case "remark": field.report("`remark` has no DSCP", "write `{remark: 26}`")
    case "mirror": field.report("`mirror` has no port", "write `{mirror: PORT}`")
    default:
      let text = field.scalar ?? ""
      let words = ["permit", "deny", "remark", "mirror"]
      let near = Suggestion.nearest(to: text, among: words)
      let remedy =
        near.map { "did you mean `\($0)`?" } ?? "write `permit`, `deny`, `{remark: DSCP}` or `{mirror: PORT}`"
      field.report(text.isEmpty ? "this must be an action" : "`\(text)` is unknown", remedy)
    }
    return nil
  }

  /// Refuses rules that no packet can match.
  private func check(_ rule: ACLRule, _ section: Section) {
    let width = rule.source?.address.bitWidth ?? rule.destination?.address.bitWidth
    if let source = rule.source, let destination = rule.destination,
      source.address.bitWidth != destination.address.bitWidth
    {
      section["destination"]?.report(
        "`\(destination)` is of another IP version than the source `\(source)`", "write two rules, one for each version"
      )
    }
    if let type = rule.etherType {
      let expected = width.map { $0 == 32 ? "ipv4" : "ipv6" }
      let known = etherTypeNames.first { $0.value == type }?.name
      if let expected, known != expected {
        section["ethertype"]?.report(
          "no packet with this EtherType has the rule's addresses", "write `\(expected)` or remove the key")
      } else if known != "ipv4", known != "ipv6",
        let key = ["protocol", "source-port", "destination-port", "dscp"].first(where: section.has)
      {
        section["ethertype"]?.report(
          "only IP packets have what `\(key)` asks for", "write `ipv4` or `ipv6`, or remove `\(key)`")
      }
    }
    if let number = rule.ipProtocol, number != 6, number != 17,
      let key = ["source-port", "destination-port"].first(where: section.has)
    {
      section["protocol"]?.report("`\(key)` asks for TCP or UDP", "write `tcp` or `udp`, or remove `\(key)`")
    }
  }
}

extension Field {
  /// A number in decimal or hexadecimal, or a name for one.
  fileprivate func number<Value: BinaryInteger>(
    _ names: [(name: String, value: Value)], _ range: ClosedRange<UInt64>, _ what: String
  ) -> UInt64? {
    guard let text = text(what, example: names[0].name) else { return nil }
    if let match = names.first(where: { $0.name == text }) { return UInt64(match.value) }
    if text.hasPrefix("0x"), text.utf8.count <= 10, let value = UInt64(text.dropFirst(2), radix: 16) {
      if range.contains(value) { return value }
    } else if text.first?.isNumber == true {
      return integer(range, what)
    }
    if text.hasPrefix("0x") {
      let bounds = "0x\(String(range.lowerBound, radix: 16)) to 0x\(String(range.upperBound, radix: 16))"
      report("\(Self.withoutArticle(what)) `\(text)` is out of range", "write \(bounds)")
    } else {
      let near = Suggestion.nearest(to: text, among: names.map(\.name)).map { "did you mean `\($0)`?" }
      report(
        "`\(text)` is not \(what)", near ?? "write a number, \(Suggestion.alternatives(names.map(\.name), limit: 20))")
    }
    return nil
  }

  /// An IP protocol, by number or name.
  func ipProtocol() -> UInt8? { number(ipProtocolNames, 0...255, "an IP protocol").map { UInt8($0) } }

  /// A TCP or UDP port, or a range of them.
  func portRange() -> ClosedRange<UInt16>? {
    guard let text = text("a port or a range of ports", example: "4791") else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { $0.trimmingSpaces() }
    if parts.count == 1 {
      return integer(0...65535, "a TCP or UDP port").map { UInt16($0)...UInt16($0) }
    }
    guard parts.count == 2, let low = Quantities.integer(parts[0]), let high = Quantities.integer(parts[1]),
      low <= high, high <= 65535
    else {
      report("`\(text)` is not a range of ports", "write the lower number first, within `0-65535`")
      return nil
    }
    return UInt16(low)...UInt16(high)
  }
}
