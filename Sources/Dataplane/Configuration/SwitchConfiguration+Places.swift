/// Ports that come and go while a switch runs.
///
/// A ``PortID`` is a place, and a running switch has a fixed number of them. A port keeps its place as long as it is there;
/// a place without a port is vacant, and another port can get it.
extension PortConfiguration {
  /// A place without a port: it is down for ever, belongs to no VLAN, and nothing of the buffer is set aside for it.
  public static let vacant: PortConfiguration = {
    // So fast and so small that neither the slowest port nor the largest frame of a switch is this one's.
    var port = PortConfiguration(name: "", speed: .gigabits(1600))
    port.mtu = 68
    port.isUp = false
    port.isVacant = true
    return port
  }()
}

extension SwitchConfiguration {
  /// How many ports a live run has room for unless `maxPorts` says otherwise: those that it begins with, and so many.
  public static let usualSparePorts = 8

  /// Places that a live run makes: for the ports there are, and for those that may come.
  public var placeCount: Int {
    // What is set aside in the simulator's buffer is computed from all of its ports at once.
    if buffer.model == .hpcc { return ports.count }
    return max(ports.count, maxPorts ?? min(512, ports.count + SwitchConfiguration.usualSparePorts))
  }

  /// The same switch with its ports at other places; all other places are vacant.
  ///
  /// - Parameters:
  ///   - places: for each port, in the order of ``ports``, a place of its own below `count`.
  ///   - count: how many places there are.
  public func placed(at places: [Int], of count: Int) -> SwitchConfiguration {
    var placed = self
    placed.ports = Array(repeating: .vacant, count: count)
    for (port, place) in zip(ports, places) { placed.ports[place] = port }
    placed.leastSlices = sliceCount
    if !owners.isEmpty {
      placed.owners = Array(repeating: 0, count: count)
      for (owner, place) in zip(owners, places) { placed.owners[place] = owner }
    }
    func move(_ port: PortID) -> PortID { places.indices.contains(port.index) ? PortID(places[port.index]) : port }
    func move(_ interface: InterfaceReference) -> InterfaceReference {
      if case .port(let port) = interface { .port(move(port)) } else { interface }
    }
    for index in neighbors.indices { placed.neighbors[index].interface = move(neighbors[index].interface) }
    for index in staticMACs.indices { placed.staticMACs[index].port = move(staticMACs[index].port) }
    for (group, hops) in nextHopGroups.enumerated() {
      for (index, hop) in hops.members.enumerated() {
        placed.nextHopGroups[group].members[index].interface = move(hop.interface)
      }
    }
    for (index, rule) in acl.enumerated() {
      placed.acl[index].port = rule.port.map { move($0) }
      if case .mirror(let port) = rule.action { placed.acl[index].action = .mirror(to: move(port)) }
    }
    if let telemetry {
      placed.telemetry?.hostPorts = telemetry.hostPorts.map { move($0) }
      placed.telemetry?.excludedPorts = telemetry.excludedPorts.map { move($0) }
    }
    return placed
  }

  /// Places that have a port here and none there, or the other way round.
  public func changedPlaces(to other: SwitchConfiguration) -> [Int] {
    zip(ports, other.ports).enumerated().filter { $0.element.0.isVacant != $0.element.1.isVacant }.map(\.offset)
  }
}
