import Dataplane

extension SwitchSnapshot {
  /// A switch as it is now, read without stopping its worker.
  ///
  /// Counters are read one by one: those of one moment differ by the packets that came in between. The caller makes sure
  /// that the switch lives, and that its tables are not replaced, until this returns.
  ///
  /// - Parameters:
  ///   - facts: what its driver knows; as many ports as the configuration has.
  ///   - parts: only these.
  ///   - names: only entries of these ports, of parts that have ports; empty: of all.
  /// - Throws: `notFound` for a port that does not exist.
  public init(
    of device: borrowing Switch, _ facts: DriverFacts, parts: Set<Part>, ports names: [String] = []
  ) throws(ControlError) {
    let builder = try SnapshotBuilder(device.configuration, facts, ports: names, ticksPerSecond: device.ticksPerSecond)
    let configuration = builder.configuration
    var totals = Totals(device.totals)
    for (reason, packets) in device.dropsWithoutPort { totals.ownDrops[reason.name] = packets }
    self.init(
      name: configuration.name, id: configuration.id, mac: configuration.mac.description,
      mode: configuration.forwardingMode.rawValue, uptimeSeconds: facts.uptimeSeconds, ticks: facts.now.rawValue,
      ticksPerSecond: device.ticksPerSecond, totals: totals)
    if parts.contains(.ports) {
      ports = builder.ports(device)
      workers = facts.workers
    }
    if parts.contains(.queues) { queues = builder.queues(device) }
    if parts.contains(.buffers) { buffers = builder.buffers(device) }
    if parts.contains(.pfc) { pfc = builder.priorities(device) }
    if parts.contains(.latency) { latency = builder.latencies(device) }
    if parts.contains(.nexthops) { nextHopGroups = builder.nextHopGroups(device) }
    if parts.contains(.telemetry) { telemetry = TelemetryCounts(device) }
    if parts.contains(.routes) { routes = builder.routes }
    if parts.contains(.macs) { macs = builder.stations(device) }
    if parts.contains(.neighbors) { neighbors = builder.neighbors(device) }
    if parts.contains(.config) {
      self.configuration = Configuration(path: facts.configurationPath, text: facts.configurationText)
    }
  }
}

/// Reads a switch. What it does for each part is in the extensions.
struct SnapshotBuilder {
  let configuration: SwitchConfiguration
  let facts: DriverFacts
  let ticksPerSecond: UInt64
  /// The ports that were asked for.
  let selected: [PortID]

  init(
    _ configuration: SwitchConfiguration, _ facts: DriverFacts, ports names: [String], ticksPerSecond: UInt64
  ) throws(ControlError) {
    self.configuration = configuration
    self.facts = facts
    self.ticksPerSecond = ticksPerSecond
    let existing = configuration.ports.filter { !$0.isVacant }.map(\.name)
    for name in names where !existing.contains(name) { throw .unknown("port", name, among: existing) }
    selected = configuration.ports.enumerated().filter { _, port in
      !port.isVacant && (names.isEmpty || names.contains(port.name))
    }.map { PortID($0.offset) }
  }

  func seconds(_ ticks: UInt64) -> Double { Double(ticks) / Double(ticksPerSecond) }

  func nanoseconds(_ ticks: UInt64) -> Double { Double(ticks) * 1e9 / Double(ticksPerSecond) }

  func name(of port: PortID) -> String { configuration.ports[port.index].name }

  func name(of interface: InterfaceReference) -> String {
    switch interface {
    case .port(let port): name(of: port)
    case .vlan(let vlan): "vlan\(vlan.rawValue)"
    }
  }

  // MARK: Tables

  func nextHopGroups(_ device: borrowing Switch) -> [SwitchSnapshot.NextHopGroup] {
    var routes = Array(repeating: UInt64(0), count: configuration.nextHopGroups.count)
    for route in configuration.routes where route.group >= 0 { routes[route.group] += 1 }
    var groups: [SwitchSnapshot.NextHopGroup] = []
    for (index, group) in configuration.nextHopGroups.enumerated() {
      let weights = group.members.reduce(0) { $0 + Double($1.weight) }
      var members: [SwitchSnapshot.NextHop] = []
      for (member, counted) in zip(group.members, device.memberStatistics(ofGroup: index)) {
        let isUp = if case .port(let port) = member.interface { device.isUp(port) } else { true }
        members.append(
          SwitchSnapshot.NextHop(
            address: member.address.description, interface: name(of: member.interface), weight: member.weight,
            wantedShare: weights == 0 ? 0 : Double(member.weight) / weights, achievedShare: counted.achievedShare,
            isUp: isUp, tx: SwitchSnapshot.Traffic(packets: counted.packets, bytes: counted.bytes)))
      }
      groups.append(
        SwitchSnapshot.NextHopGroup(prefix: group.prefix.description, routes: routes[index], members: members))
    }
    return groups
  }

  var routes: [SwitchSnapshot.Route] {
    let via = configuration.nextHopGroups.map { $0.members.map(\.address.description) }
    return configuration.routes.map {
      SwitchSnapshot.Route(prefix: $0.prefix.description, via: $0.group >= 0 ? via[$0.group] : [])
    }
  }

  func stations(_ device: borrowing Switch) -> [SwitchSnapshot.Station] {
    device.stations(at: facts.now).map {
      SwitchSnapshot.Station(
        vlan: $0.vlan.rawValue, mac: $0.mac.description, port: name(of: $0.port), isStatic: $0.age == nil,
        ageSeconds: $0.age.map(seconds))
    }
  }

  func neighbors(_ device: borrowing Switch) -> [SwitchSnapshot.Neighbor] {
    device.neighbors(at: facts.now).map {
      SwitchSnapshot.Neighbor(
        interface: name(of: $0.interface), address: $0.address.description, mac: $0.mac?.description,
        isStatic: $0.isStatic, ageSeconds: $0.age.map(seconds))
    }
  }
}
