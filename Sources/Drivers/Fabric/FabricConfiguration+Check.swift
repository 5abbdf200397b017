import Dataplane
import Wire

/// What is wrong with a network, and where.
public struct FabricProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The part that is wrong.
  public enum Place: Equatable, Sendable {
    /// A switch, by index.
    case device(Int)
    /// A link, by index.
    case link(Int)
    /// A host, by index.
    case host(Int)
    /// A flow, by index.
    case flow(Int)
    /// An event, by index.
    case event(Int)
  }

  /// The part that is wrong.
  public var place: Place
  /// What is wrong.
  public var problem: String
  /// What would be right.
  public var remedy: String

  init(_ place: Place, _ problem: String, _ remedy: String) {
    self.place = place
    self.problem = problem
    self.remedy = remedy
  }

  /// Both as one sentence.
  public var description: String { "\(problem), \(remedy)" }
}

extension FabricConfiguration {
  /// Everything that keeps the network from being built; empty if nothing does.
  public func problems() -> [FabricProblem] {
    var problems: [FabricProblem] = []
    var names: [String: Int] = [:]
    for (index, device) in switches.enumerated() {
      if let first = names.updateValue(index, forKey: device.name) {
        problems.append(
          FabricProblem(.device(index), "switch \(first + 1) is named `\(device.name)` too", "write another name"))
      }
      if device.forwardingMode == .direct {
        problems.append(
          FabricProblem(
            .device(index), "ports without queues and rates have no place in virtual time",
            "write `mode: store-and-forward`"))
      }
    }
    checkPorts(&problems)
    for (index, flow) in flows.enumerated() {
      if let problem = problem(of: flow, index) { problems.append(problem) }
    }
    for (index, event) in events.enumerated() where !links.indices.contains(event.link) {
      problems.append(FabricProblem(.event(index), "there is no such link", "name one of the links"))
    }
    return problems
  }

  private func checkPorts(_ problems: inout [FabricProblem]) {
    var used: Set<FabricPort> = []
    func check(_ port: FabricPort, _ place: FabricProblem.Place) -> Bool {
      guard switches.indices.contains(port.device),
        switches[port.device].ports.indices.contains(port.port.index)
      else {
        problems.append(FabricProblem(place, "there is no such port", "name a port of a switch"))
        return false
      }
      guard used.insert(port).inserted else {
        problems.append(
          FabricProblem(place, "something is plugged into \(name(of: port)) already", "use another port"))
        return false
      }
      return true
    }
    for (index, link) in links.enumerated() {
      let (a, b) = (check(link.a, .link(index)), check(link.b, .link(index)))
      guard a, b else { continue }
      let speeds = (port(link.a).speed, port(link.b).speed)
      if speeds.0 != speeds.1 {
        problems.append(
          FabricProblem(
            .link(index), "\(name(of: link.a)) and \(name(of: link.b)) have different speeds",
            "give both the same, or the link a `rate`"))
      }
    }
    for (index, host) in hosts.enumerated() { _ = check(host.port, .host(index)) }
  }

  private func problem(of flow: FabricFlow, _ index: Int) -> FabricProblem? {
    guard hosts.indices.contains(flow.source), hosts.indices.contains(flow.destination) else {
      return FabricProblem(.flow(index), "there is no such host", "name one of the hosts")
    }
    if flow.source == flow.destination {
      return FabricProblem(.flow(index), "a host sends to itself", "name another host")
    }
    let least = flow.kind == .roce ? FrameTemplate.shortestRoCE : 60
    let most = port(hosts[flow.source].port).mtu + 14
    if flow.length < least || flow.length > most {
      return FabricProblem(
        .flow(index), "a frame of \(flow.length) B does not pass \(name(of: hosts[flow.source].port))",
        "write \(least) to \(most) B")
    }
    if flow.frames == .max, flow.stop == nil, until == nil {
      return FabricProblem(.flow(index), "this never ends", "say how much it sends, when it stops, or `until`")
    }
    return nil
  }

  /// The configuration of a port.
  public func port(_ place: FabricPort) -> PortConfiguration { switches[place.device].ports[place.port.index] }

  /// A port as `SWITCH/PORT`.
  public func name(of place: FabricPort) -> String { "\(switches[place.device].name)/\(port(place).name)" }

  /// A link as `SWITCH/PORT-SWITCH/PORT`.
  public func name(of link: FabricLink) -> String { "\(name(of: link.a))-\(name(of: link.b))" }
}

extension FabricConfiguration {
  /// The switches as they are built: cables as long as the links are, and neighbours known.
  func prepared() -> [SwitchConfiguration] {
    var prepared = switches
    for link in links {
      for end in [link.a, link.b] { prepared[end.device].ports[end.port.index].cable = CableLength(delay: link.delay) }
      prepared[link.a.device].addNeighbors(on: link.a.port, of: switches[link.b.device], link.b.port)
      prepared[link.b.device].addNeighbors(on: link.b.port, of: switches[link.a.device], link.a.port)
    }
    for host in hosts {
      prepared[host.port.device].ports[host.port.port.index].cable = CableLength(delay: host.delay)
      prepared[host.port.device].addNeighbor(on: host.port.port, .v4(host.address), host.mac)
    }
    return prepared
  }

  /// Priorities whose pause frames stop a flow at its host, a bit each.
  func obeyedPriorities(of flow: FabricFlow) -> UInt8 {
    let device = switches[hosts[flow.source].port.device]
    switch device.pause.mode {
    case .off: return 0
    case .link: return 0xFF
    case .priority: break
    }
    let port = port(hosts[flow.source].port)
    let trafficClass = port.trust == .dscp ? device.qos.dscpToTrafficClass[Int(flow.dscp & 63)] : port.trafficClass
    let group = device.qos.trafficClassToPriorityGroup[trafficClass.index]
    return (0..<8).reduce(0) { device.qos.pfcPriorityToPriorityGroup[$1] == group ? $0 | 1 << UInt8($1) : $0 }
  }
}

extension SwitchConfiguration {
  /// Makes the addresses that another switch has on its port known on a port of this one.
  fileprivate mutating func addNeighbors(on port: PortID, of other: SwitchConfiguration, _ far: PortID) {
    switch other.ports[far.index].role {
    case .routed(let addresses): for address in addresses { addNeighbor(on: port, address.address, other.mac) }
    case .access(let vlan):
      for address in other.vlans.first(where: { $0.id == vlan })?.addresses ?? [] {
        addNeighbor(on: port, address.address, other.mac)
      }
    case .trunk: break
    }
  }

  /// Makes a station known, unless the configuration says who has its address.
  fileprivate mutating func addNeighbor(on port: PortID, _ address: IPAddress, _ mac: MACAddress) {
    let interface: InterfaceReference
    switch ports[port.index].role {
    case .routed: interface = .port(port)
    case .access(let vlan) where vlans.contains { $0.id == vlan }: interface = .vlan(vlan)
    case .access, .trunk: return
    }
    if neighbors.contains(where: { $0.interface == interface && $0.address == address }) { return }
    neighbors.append(NeighborConfiguration(interface: interface, address: address, mac: mac))
  }
}
