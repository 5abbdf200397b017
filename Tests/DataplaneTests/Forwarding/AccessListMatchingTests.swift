import Dataplane
import TestSupport
import Testing
import Wire

/// Random rules and packets against a matcher that compares field by field.
@Suite("Access list matching")
struct AccessListMatchingTests {
  /// The fields of a packet as the test made it; nil for what it does not have.
  private struct Fields {
    var port: Int
    var etherType: UInt16
    var vlan: UInt16
    var source: IPAddress?
    var destination: IPAddress?
    var ipProtocol: UInt8?
    var dscp: UInt8?
    var ports: (source: UInt16, destination: UInt16)?
  }

  private static func matches(_ rule: ACLRule, _ fields: Fields) -> Bool {
    if let port = rule.port, port.index != fields.port { return false }
    if let etherType = rule.etherType, etherType != fields.etherType { return false }
    if let vlan = rule.vlan, vlan.rawValue != fields.vlan { return false }
    if let prefix = rule.source {
      guard let address = fields.source, prefix.contains(address) else { return false }
    }
    if let prefix = rule.destination {
      guard let address = fields.destination, prefix.contains(address) else { return false }
    }
    if let ipProtocol = rule.ipProtocol, ipProtocol != fields.ipProtocol { return false }
    if let dscp = rule.dscp, dscp != fields.dscp { return false }
    if let range = rule.sourcePorts {
      guard let ports = fields.ports, range.contains(ports.source) else { return false }
    }
    if let range = rule.destinationPorts {
      guard let ports = fields.ports, range.contains(ports.destination) else { return false }
    }
    return true
  }

  private static let edges: [UInt16] = [0, 1, 2, 79, 80, 81, 4791, 65_534, 65_535]

  private static func range(_ random: inout SplitMix64) -> ClosedRange<UInt16> {
    let bounds = [edges[random.below(edges.count)], edges[random.below(edges.count)]].sorted()
    return bounds[0]...bounds[1]
  }

  /// A rule with about `density` in eight of its fields, whose values are likely to occur.
  private static func rule(_ random: inout SplitMix64, density: Int) -> ACLRule {
    var rule = ACLRule(name: "rule", action: .deny)
    func wants() -> Bool { random.below(8) < density }
    if wants() { rule.port = PortID(random.below(8)) }
    if wants() { rule.vlan = VLANID([10, 20][random.below(2)]) }
    if wants() { rule.ipProtocol = [0, 6, 17, 58][random.below(4)] }
    if wants() { rule.dscp = [0, 1, 26, 63][random.below(4)] }
    if wants() { rule.sourcePorts = range(&random) }
    if wants() { rule.destinationPorts = range(&random) }
    let isIPv6 = random.below(2) == 1
    if wants() { rule.source = prefix(&random, isIPv6) }
    if wants() { rule.destination = prefix(&random, isIPv6) }
    if rule.source == nil, rule.destination == nil, wants() {
      rule.etherType = [0x0800, 0x86DD, 0x0806, 0x88B5][random.below(4)]
    }
    return rule
  }

  private static func prefix(_ random: inout SplitMix64, _ isIPv6: Bool) -> IPPrefix {
    isIPv6
      ? IPPrefix(address: address(&random, true), length: [0, 1, 31, 32, 33, 64, 96, 97, 127, 128][random.below(10)])!
      : IPPrefix(address: address(&random, false), length: [0, 1, 8, 15, 24, 25, 31, 32][random.below(8)])!
  }

  private static func address(_ random: inout SplitMix64, _ isIPv6: Bool) -> IPAddress {
    let low = UInt64(random.below(4))
    return isIPv6
      ? .v6(IPv6Address(high: 0x2001_0DB8_0000_0000 | UInt64(random.below(3)) << 31, low: low << 31 | low))
      : .v4(IPv4Address(bits: 0x2020_2000 | UInt32(random.below(2)) << 16 | UInt32(low) << 7 | UInt32(low)))
  }

  /// A frame to be bridged, and what a rule can see of it.
  private static func packet(_ random: inout SplitMix64) -> (bytes: [UInt8], port: String, fields: Fields) {
    let index = 2 + random.below(6)
    let port = ["r1", "r2", "a1", "a2", "t1", "t2", "c1", "c2"][index]
    var vlan: UInt16 = index < 6 ? 10 : 20
    var tags: [Frame.Tag] = []
    if port == "t1" || (port == "t2" && random.below(2) == 0) {
      vlan = [10, 20][random.below(2)]
      tags = [.init(vlan: vlan)]
    }
    var fields = Fields(port: index, etherType: 0x88B5, vlan: vlan)
    if random.below(8) == 0 {
      return (Frame.layer2(from: Frame.station(1), to: Frame.station(2), tags: tags), port, fields)
    }
    let isIPv6 = random.below(2) == 1
    let source = address(&random, isIPv6)
    let destination = address(&random, isIPv6)
    var frame = Frame(
      from: "\(source)", to: "\(destination)", sourceMAC: Frame.station(1), destinationMAC: Frame.station(2))
    frame.tags = tags
    frame.dscp = [0, 1, 26, 63][random.below(4)]
    fields.etherType = isIPv6 ? 0x86DD : 0x0800
    (fields.source, fields.destination, fields.dscp) = (source, destination, frame.dscp)
    let kind = random.below(4)
    fields.ipProtocol = kind == 0 ? 58 : kind == 1 ? 6 : 17
    if kind == 0 { return (frame.ip(58, [1, 2, 3, 4]), port, fields) }
    if kind == 3 { frame.fragmentOffset = [0, 8][random.below(2)]; frame.moreFragments = true }
    let ports = (edges[random.below(edges.count)], edges[random.below(edges.count)])
    if kind != 3 { fields.ports = ports }
    return (kind == 1 ? frame.tcp(ports.0, ports.1) : frame.udp(ports.0, ports.1), port, fields)
  }

  @Test("The first matching rule is found, among few rules and many", arguments: [(1, 6), (2, 4), (7, 3), (40, 2)])
  func agreesWithNaiveMatcher(count: Int, density: Int) throws {
    var random = SplitMix64(seed: UInt64(count))
    for round in 0..<4 {
      var configuration = TestConfiguration.campus()
      configuration.vlans = []
      configuration.neighbors = []
      configuration.acl = (0..<count).map { _ in AccessListMatchingTests.rule(&random, density: density) }
      var campus = try VirtualSwitch(configuration)
      var wanted = [UInt64](repeating: 0, count: count)
      for _ in 0..<500 {
        let (bytes, port, fields) = AccessListMatchingTests.packet(&random)
        let first = configuration.acl.firstIndex { AccessListMatchingTests.matches($0, fields) }
        let isForwarded = !campus.exchange(bytes, on: port).isEmpty || campus.drops(.samePort, on: port) > 0
        if let first { wanted[first] += 1 }
        if isForwarded != (first == nil) || campus.device.accessRuleMatches != wanted {
          Issue.record(
            "round \(round): \(fields) should match \(first.map { "\(configuration.acl[$0])" } ?? "nothing")")
          return
        }
      }
    }
  }
}
