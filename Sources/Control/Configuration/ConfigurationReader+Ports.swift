import Dataplane
import Drivers
import Wire

/// The speeds a port can have: 10M to 1.6T.
let portSpeeds: ClosedRange<UInt64> = 10_000_000...1_600_000_000_000
/// The rates a shaper can have: 1k to 1.6T.
private let shaperRates: ClosedRange<UInt64> = 1000...1_600_000_000_000
/// The bursts a shaper can have.
private let shaperBursts: ClosedRange<UInt64> = 0...1_000_000_000
/// The sizes of IP packets a port can carry: from the least of RFC 791 to a jumbo frame.
private let mtus: ClosedRange<UInt64> = 68...9216

extension ConfigurationReader {
  /// Ports a switch can have.
  static let portLimit = 512

  /// Reads `ports`.
  func readPorts(_ list: [Field], _ field: Field?) {
    if let field, field.isList, list.isEmpty { field.report("there is no port", "write at least one") }
    if list.count > Self.portLimit {
      list[Self.portLimit].report("there are \(list.count) ports", "write at most \(Self.portLimit)")
    }
    var lines: [String: Int] = [:]
    var devices = DeviceUse()
    for (index, entry) in list.prefix(Self.portLimit).enumerated() {
      // A wrong entry keeps its place, so that the ports after it are the ports they are.
      var port = PortConfiguration(name: "", speed: .gigabits(100))
      port.trust = configuration.qos.trust
      port.queues = configuration.qos.queues
      var impairments: [ImpairmentSettings] = []
      if let section = entry.section(ConfigurationSchema.port) {
        if let name = section["name"], let text = name.name("a port name") ?? name.scalar {
          if let first = lines.updateValue(name.line, forKey: text) {
            name.report("a port named `\(text)` exists already, in line \(first)", "write another name")
          } else {
            ports[text] = PortID(index)
          }
          port.name = text
        }
        port.device = section["device"].flatMap { devices.read($0) }
        read(section, into: &port, PortID(index))
        impairments = readImpairments(section)
      } else {
        connected.addUnknown(.port(PortID(index)))
      }
      configuration.ports.append(port)
      self.impairments.append(impairments)
    }
  }

  private func read(_ section: Section, into port: inout PortConfiguration, _ id: PortID) {
    if let speed = section["speed"]?.rate(portSpeeds) { port.speed = speed }
    if let cable = section["cable"]?.length(0...100_000_000) { port.cable = cable }
    if let cable = cables[port.name] { port.cable = cable }
    if let mtu = section["mtu"]?.integer(mtus, "an MTU", unit: "B") { port.mtu = Int(mtu) }
    if let up = section["up"]?.boolean() { port.isUp = up }
    if let trust = section["trust"]?.choice(Trust.self) { port.trust = trust }
    if let number = section["traffic-class"]?.integer(0...7, "a traffic class") {
      port.trafficClass = TrafficClass(Int(number))
    }
    if let shaper = section["shaper"]?.section(ConfigurationSchema.portShaper) {
      port.shaper = readShaper(shaper)
      if let rate = port.shaper?.rate, rate > port.speed, section["speed"] != nil {
        shaper["rate"]?.report(
          "the shaper is faster than the port", "write at most `\(Quantity.rate.text(port.speed.bitsPerSecond))`")
      }
    }
    if let queues = section["queues"] { readQueues(queues, into: &port.queues) }
    checkMinimumRates(of: port, section)
    readRole(section, into: &port, id)
  }

  private func readRole(_ section: Section, into port: inout PortConfiguration, _ id: PortID) {
    if let vlan = section["vlan"] {
      if let role = readPortVLAN(vlan) { port.role = role }
      if let address = section["address"] {
        address.report(
          "a bridged port has no address of its own", "remove `vlan`, or give the address to the VLAN under `vlans`")
      }
      // An unreadable VLAN leaves open what the port is: say nothing about who refers to it.
      if case .routed = port.role { connected.addUnknown(.port(id)) }
      return
    }
    let addresses = section["address"].map { readAddresses($0, of: .port(id), named: port.name) } ?? []
    port.role = .routed(addresses: addresses)
    noticeSmallMTU(port.mtu, addresses, port.name)
  }

  private func readPortVLAN(_ field: Field) -> PortRole? {
    guard field.isMapping else { return field.vlan().map { .access($0) } }
    guard let section = field.section(ConfigurationSchema.portVLAN) else { return nil }
    var allowed: [VLANID] = []
    var seen: Set<VLANID> = []
    var isWhole = section["trunk"] != nil
    for entry in section["trunk"]?.oneOrMore() ?? [] {
      guard let range = entry.vlanRange() else {
        isWhole = false
        continue
      }
      for number in range {
        let vlan = VLANID(number)
        if seen.insert(vlan).inserted {
          allowed.append(vlan)
        } else {
          entry.report("VLAN \(number) is listed twice", "list it once")
        }
      }
    }
    if let trunk = section["trunk"], trunk.isList, allowed.isEmpty, isWhole {
      trunk.report("the trunk carries no VLAN", "list at least one: `[10, 20]`")
    }
    let native = section["native"]?.vlan()
    if let native, isWhole, !seen.contains(native), let field = section["native"] {
      field.report(
        "native VLAN \(native.rawValue) is not in the trunk",
        "add \(native.rawValue) to `trunk`, or write \(Suggestion.alternatives(allowed.map { "\($0.rawValue)" }))"
      )
    }
    return isWhole ? .trunk(allowed: allowed, native: native) : nil
  }

  /// Reads one address or a list of them, and makes their subnets connected.
  private func readAddresses(_ field: Field, of interface: InterfaceReference, named name: String) -> [IPPrefix] {
    var addresses: [IPPrefix] = []
    for entry in field.oneOrMore() ?? [] {
      guard let address = entry.interfaceAddress() else {
        connected.addUnknown(interface)
        continue
      }
      if connected.add(address, interface, named: name, entry) { addresses.append(address) }
    }
    return addresses
  }

  /// RFC 8200 section 5 wants 1280 bytes of every link that carries IPv6.
  private func noticeSmallMTU(_ mtu: Int, _ addresses: [IPPrefix], _ name: String) {
    guard mtu < 1280, addresses.contains(where: { $0.address.bitWidth == 128 }) else { return }
    diagnostics.notice("`\(name)` has an IPv6 address and an MTU of \(mtu); IPv6 expects at least 1280")
  }

  /// Reads `vlans`.
  func readVLANs(_ list: [Field]) {
    var lines: [VLANID: Int] = [:]
    var names: [String: Int] = [:]
    for entry in list {
      guard let section = entry.section(ConfigurationSchema.vlan) else { continue }
      let id = section["id"]?.vlan()
      if let id, let field = section["id"], let first = lines.updateValue(field.line, forKey: id) {
        field.report("VLAN \(id.rawValue) is described already, in line \(first)", "keep one of them")
      }
      var vlan = VLANConfiguration(id: id ?? VLANID(0))
      if let field = section["name"], let name = field.name("a VLAN name") {
        vlan.name = name
        if let first = names.updateValue(field.line, forKey: name) {
          field.report("a VLAN named `\(name)` exists already, in line \(first)", "write another name")
        }
      }
      if let mtu = section["mtu"]?.integer(mtus, "an MTU", unit: "B") { vlan.mtu = Int(mtu) }
      let interface = InterfaceReference.vlan(vlan.id)
      let name = "VLAN \(vlan.id.rawValue)"
      connected.addInterface(interface, named: name)
      vlan.addresses = section["address"].map { readAddresses($0, of: interface, named: name) } ?? []
      noticeSmallMTU(vlan.mtu, vlan.addresses, name)
      if let id, !configuration.ports.contains(where: { $0.role.carries(id) }) {
        diagnostics.notice("no port carries VLAN \(id.rawValue)")
      }
      configuration.vlans.append(vlan)
    }
  }

  /// Reads a rate with a burst.
  func readShaper(_ section: Section) -> Shaper? {
    let burst = section["burst"]?.size(shaperBursts) ?? ByteCount(0)
    guard let rate = section["rate"]?.rate(shaperRates) else { return nil }
    return Shaper(rate: rate, burst: burst)
  }

  private func checkMinimumRates(of port: PortConfiguration, _ section: Section) {
    let total = port.queues.reduce(UInt64(0)) { $0 + ($1.minimumRate?.rate.bitsPerSecond ?? 0) }
    guard total > port.speed.bitsPerSecond, let speed = section["speed"] else { return }
    speed.report(
      "the minimum rates of the queues add up to `\(Quantity.rate.text(total))`, more than the port's speed",
      "lower them to `\(Quantity.rate.text(port.speed.bitsPerSecond))` together")
  }
}

extension PortRole {
  /// True if frames of a VLAN can enter or leave.
  func carries(_ vlan: VLANID) -> Bool {
    switch self {
    case .routed: false
    case .access(let own): own == vlan
    case .trunk(let allowed, _): allowed.contains(vlan)
    }
  }
}

extension Field {
  /// A VLAN number.
  func vlan() -> VLANID? { integer(1...4094, "a VLAN").map { VLANID(Int($0)) } }

  /// A VLAN number, or a range of them as `100-199`.
  fileprivate func vlanRange() -> ClosedRange<Int>? {
    let parts = (scalar ?? "").split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return vlan().map { Int($0.rawValue)...Int($0.rawValue) } }
    guard let low = Quantities.integer(parts[0].trimmingSpaces()), low >= 1,
      let high = Quantities.integer(parts[1].trimmingSpaces()), high <= 4094, low <= high
    else {
      report("`\(scalar ?? "")` is not a range of VLANs", "write the lower number first, within `1-4094`")
      return nil
    }
    return Int(low)...Int(high)
  }
}
