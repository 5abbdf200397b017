import CShims
import Wire

/// Access rules, compiled by DPDK's ACL library into tries: the time of a match does not grow with their number.
///
/// Cost: nothing without rules; about 60 ns a packet with any.
struct AccessList: ~Copyable {
  private let compiled: UnsafeMutableRawPointer?
  private let actions: FlatTable<ACLAction>
  /// How often each rule matched, in the order of the configuration.
  let matches: FlatTable<UInt64>

  init(_ rules: [ACLRule]) throws(SwitchError) {
    let records = rules.map(AccessList.record(of:))
    if records.isEmpty {
      compiled = nil
    } else {
      guard let compiled = pst_acl_create(records, UInt32(records.count)) else {
        throw SwitchError.accessRulesRefused(rules.count)
      }
      self.compiled = compiled
    }
    actions = FlatTable(rules.map(\.action))
    matches = FlatTable(repeating: 0, count: rules.count)
  }

  deinit {
    if let compiled { pst_acl_free(compiled) }
  }

  @inline(__always)
  var isEmpty: Bool { compiled == nil }

  /// What the first rule that matches a parsed packet does.
  func action(for packet: Packet) -> ACLAction {
    guard let compiled else { return .permit }
    let state = packet.state
    var key = pst_acl_key()
    key.ip_protocol = state.pointee.ip_protocol
    key.dscp = state.pointee.dscp
    key.ingress_port = state.pointee.ingress_port
    key.ether_type = state.pointee.ether_type
    key.vlan = state.pointee.vlan
    if packet.flags.contains(.ports) { key.known |= AccessList.hasPorts }
    key.source_port = state.pointee.source_port
    key.destination_port = state.pointee.destination_port
    let header = packet.bytes + Int(state.pointee.network_offset)
    if packet.flags.contains(.ipv4) {
      key.known |= AccessList.isIP
      key.source.3 = header.loadBigEndian(UInt32.self, at: 12)
      key.destination.3 = header.loadBigEndian(UInt32.self, at: 16)
    } else if packet.flags.contains(.ipv6) {
      key.known |= AccessList.isIP
      key.source = (
        header.loadBigEndian(UInt32.self, at: 8), header.loadBigEndian(UInt32.self, at: 12),
        header.loadBigEndian(UInt32.self, at: 16), header.loadBigEndian(UInt32.self, at: 20)
      )
      key.destination = (
        header.loadBigEndian(UInt32.self, at: 24), header.loadBigEndian(UInt32.self, at: 28),
        header.loadBigEndian(UInt32.self, at: 32), header.loadBigEndian(UInt32.self, at: 36)
      )
    }
    let rule = Int(pst_acl_classify(compiled, &key))
    guard rule != 0 else { return .permit }
    matches.base[rule &- 1] &+= 1
    return actions.base[rule &- 1]
  }

  // What says that zeros are values and not the absence of one.
  private static var hasPorts: UInt8 { 1 }
  private static var isIP: UInt8 { 2 }

  /// A rule in the form of the library. A rule that speaks of addresses matches only their IP version, one that
  /// speaks of ports matches only packets whose ports could be read, and one that speaks of protocol or DSCP only IP.
  private static func record(of rule: ACLRule) -> pst_acl_rule {
    var record = pst_acl_rule()
    if let port = rule.port {
      record.value.ingress_port = port.rawValue
      record.mask.ingress_port = 0xFFFF
    }
    if let etherType = rule.etherType {
      record.value.ether_type = etherType
      record.mask.ether_type = 0xFFFF
    }
    if let vlan = rule.vlan {
      record.value.vlan = vlan.rawValue
      record.mask.vlan = 0xFFFF
    }
    if rule.sourcePorts != nil || rule.destinationPorts != nil {
      record.value.known |= AccessList.hasPorts
      record.mask.known |= AccessList.hasPorts
    }
    if rule.source != nil || rule.destination != nil || rule.ipProtocol != nil || rule.dscp != nil {
      record.value.known |= AccessList.isIP
      record.mask.known |= AccessList.isIP
    }
    if let ipProtocol = rule.ipProtocol {
      record.value.ip_protocol = ipProtocol
      record.mask.ip_protocol = 0xFF
    }
    if let dscp = rule.dscp {
      record.value.dscp = dscp
      record.mask.dscp = 0xFF
    }
    record.value.source_port = rule.sourcePorts?.lowerBound ?? 0
    record.mask.source_port = rule.sourcePorts?.upperBound ?? 0xFFFF
    record.value.destination_port = rule.destinationPorts?.lowerBound ?? 0
    record.mask.destination_port = rule.destinationPorts?.upperBound ?? 0xFFFF
    if let prefix = rule.source {
      (record.value.source, record.source_depth) = words(of: prefix)
    }
    if let prefix = rule.destination {
      (record.value.destination, record.destination_depth) = words(of: prefix)
    }
    if rule.etherType == nil, let prefix = rule.source ?? rule.destination {
      record.value.ether_type = prefix.address.bitWidth == 32 ? EtherType.ipv4 : EtherType.ipv6
      record.mask.ether_type = 0xFFFF
    }
    return record
  }

  private typealias Words = (UInt32, UInt32, UInt32, UInt32)
  private typealias Depths = (UInt8, UInt8, UInt8, UInt8)

  private static func words(of prefix: IPPrefix) -> (Words, Depths) {
    switch prefix.network.address {
    case .v4(let address): return ((0, 0, 0, address.bits), (0, 0, 0, UInt8(prefix.length)))
    case .v6(let address):
      func depth(_ word: Int) -> UInt8 { UInt8(max(0, min(32, prefix.length - 32 * word))) }
      return (
        (
          UInt32(address.high >> 32), UInt32(truncatingIfNeeded: address.high), UInt32(address.low >> 32),
          UInt32(truncatingIfNeeded: address.low)
        ), (depth(0), depth(1), depth(2), depth(3))
      )
    }
  }
}
