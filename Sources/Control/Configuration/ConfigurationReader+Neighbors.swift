import Dataplane
import Wire

extension ConfigurationReader {
  /// Reads `neighbors`.
  func readNeighbors(_ list: [Field]) {
    struct Key: Hashable {
      let interface: InterfaceReference
      let address: IPAddress
    }
    var lines: [Key: Int] = [:]
    for entry in list {
      guard let section = entry.section(ConfigurationSchema.neighbor) else { continue }
      let mac = section["mac"]?.stationMAC()
      if let mac, mac == configuration.mac {
        section["mac"]?.report("`\(mac)` is the switch's own MAC address", "write the neighbour's")
      }
      let address = section["address"]?.hostAddress()
      let reference = readInterface(section)
      if reference == .missing {
        var remedy = "add `port: NAME` or `vlan: NUMBER`"
        if let address, case .neighbor(let interface) = connected.lookup(address) {
          remedy = "add `\(describe(interface))`"
        }
        entry.report("the neighbour's interface is missing", remedy)
      }
      guard case .interface(let interface) = reference, let address, let field = section["address"] else { continue }
      _ = resolve(address, reference, field)
      let key = Key(interface: interface, address: address)
      if let first = lines.updateValue(field.line, forKey: key) {
        field.report("neighbour `\(address)` is described already, in line \(first)", "keep one of them")
      }
      guard let mac else { continue }
      configuration.neighbors.append(NeighborConfiguration(interface: interface, address: address, mac: mac))
    }
  }

  /// The interface on which a neighbour is, the written one or the one whose subnet holds it; nil after a report.
  func resolve(_ address: IPAddress, _ written: WrittenInterface, _ field: Field) -> InterfaceReference? {
    var wanted: InterfaceReference?
    if case .interface(let interface) = written { wanted = interface }
    let lookup = connected.lookup(address, on: wanted)
    if case .neighbor(let interface) = lookup { return interface }
    if var mistake = lookup.mistake(address, on: wanted.map(name)) {
      if case .nowhere = lookup, case .neighbor(let other) = connected.lookup(address) {
        mistake.remedy = "did you mean `\(describe(other))`?"
      }
      field.report(mistake.problem, mistake.remedy)
    }
    return nil
  }

  /// What `port` and `vlan` of an entry say.
  enum WrittenInterface: Equatable {
    case interface(InterfaceReference)
    case missing
    case wrong
  }

  /// Reads `port` or `vlan` of an entry that may have one of them.
  func readInterface(_ section: Section) -> WrittenInterface {
    if let vlan = section["vlan"] {
      if section.has("port") {
        vlan.report("both `port` and `vlan` are given", "keep `port` for a routed port, `vlan` for a VLAN interface")
        return .wrong
      }
      guard let id = vlan.vlan() else { return .wrong }
      guard connected.has(.vlan(id)) else {
        vlan.report("VLAN \(id.rawValue) has no routed interface", "describe it under `vlans` with an address")
        return .wrong
      }
      return .interface(.vlan(id))
    }
    guard let field = section["port"] else { return .missing }
    guard let port = portReference(field) else { return .wrong }
    switch configuration.ports[port.index].role {
    case .routed: return .interface(.port(port))
    case .access(let vlan): reportBridged(field, [vlan])
    case .trunk(let allowed, let native): reportBridged(field, native.map { [$0] } ?? allowed)
    }
    return .wrong
  }

  private func reportBridged(_ field: Field, _ vlans: [VLANID]) {
    let vlan = vlans.first { connected.has(.vlan($0)) } ?? vlans.first
    field.report(
      "`\(field.scalar ?? "")` is a bridged port",
      "name the VLAN interface instead: `vlan: \(vlan.map { "\($0.rawValue)" } ?? "NUMBER")`")
  }

  /// Reads the name of a port.
  func portReference(_ field: Field) -> PortID? {
    guard let text = field.text("a port name", example: "h1") else { return nil }
    guard let port = ports[text] else {
      let names = configuration.ports.map(\.name).filter { !$0.isEmpty }
      field.report("there is no port `\(text)`", Suggestion.remedy(for: text, among: names))
      return nil
    }
    return port
  }

  /// An interface as it is called in messages.
  func name(of interface: InterfaceReference) -> String {
    switch interface {
    case .port(let port): configuration.ports[port.index].name
    case .vlan(let vlan): "VLAN \(vlan.rawValue)"
    }
  }

  private func describe(_ interface: InterfaceReference) -> String {
    switch interface {
    case .port(let port): "port: \(configuration.ports[port.index].name)"
    case .vlan(let vlan): "vlan: \(vlan.rawValue)"
    }
  }

  /// Reads `macs`.
  func readMACs(_ list: [Field]) {
    struct Key: Hashable {
      let vlan: VLANID
      let mac: MACAddress
    }
    var lines: [Key: Int] = [:]
    for entry in list {
      guard let section = entry.section(ConfigurationSchema.mac) else { continue }
      let vlan = section["vlan"]?.vlan()
      let mac = section["mac"]?.stationMAC()
      if let mac, mac == configuration.mac {
        section["mac"]?.report("`\(mac)` is the switch's own MAC address", "write a station's")
      }
      guard let field = section["port"], let port = portReference(field) else { continue }
      let role = configuration.ports[port.index].role
      if case .routed = role {
        guard !connected.isUnknown(.port(port)) else { continue }
        field.report("`\(field.scalar ?? "")` is a routed port", "name a bridged one, which has `vlan`")
      } else if let vlan, !role.carries(vlan) {
        field.report(
          "`\(field.scalar ?? "")` does not carry VLAN \(vlan.rawValue)",
          "write a port that does, or add the VLAN to it")
      }
      guard let vlan, let mac else { continue }
      if let first = lines.updateValue(entry.line, forKey: Key(vlan: vlan, mac: mac)) {
        entry.report("`\(mac)` is described already for VLAN \(vlan.rawValue), in line \(first)", "keep one of them")
      }
      configuration.staticMACs.append(StaticMACConfiguration(vlan: vlan, mac: mac, port: port))
    }
  }
}
