import Wire

/// What a configuration is compiled into before a switch can be made of it: the tables that may not fit.
struct CompiledTables: ~Copyable {
  let interfaces: InterfaceTable
  let routes: RouteTable
  let neighbors: NeighborTable
  var stations: ForwardingDatabase
  var groups: NextHopGroups
  let accessList: AccessList

  init(_ configuration: SwitchConfiguration, ticksPerSecond: UInt64) throws(SwitchError) {
    guard configuration.ports.count <= 512 else { throw .tooManyPorts(configuration.ports.count) }
    let interfaces = InterfaceTable(configuration)
    let neighbors = try NeighborTable(
      capacity: max(4096, 2 * configuration.neighbors.count), interfaces: interfaces.interfaces.base)
    let routes = try CompiledTables.compileRoutes(configuration, interfaces)
    var groups = try CompiledTables.compileNeighbors(
      configuration, interfaces, neighbors, ticksPerSecond: ticksPerSecond)
    for (index, port) in configuration.ports.enumerated() where !port.isUp {
      groups.setPort(PortID(index), isUp: false)
    }
    let accessList = try AccessList(configuration.acl)
    var stations = try ForwardingDatabase(
      capacity: 65_536, ageingTicks: configuration.macAgeing.ticks(perSecond: ticksPerSecond))
    for entry in configuration.staticMACs {
      stations.addStatic(vlan: entry.vlan.rawValue, mac: entry.mac, port: entry.port)
    }
    self.interfaces = interfaces
    self.neighbors = neighbors
    self.routes = routes
    self.groups = groups
    self.accessList = accessList
    self.stations = stations
  }
}

extension CompiledTables {
  /// The FIB: connected subnets, own addresses, and the configured routes.
  static func compileRoutes(
    _ configuration: SwitchConfiguration, _ interfaces: borrowing InterfaceTable
  ) throws(SwitchError) -> RouteTable {
    var connected: [(prefix: IPPrefix, interface: Int)] = []
    for (index, port) in configuration.ports.enumerated() {
      guard case .routed(let addresses) = port.role else { continue }
      connected += addresses.map { ($0, index) }
    }
    for vlan in configuration.vlans {
      connected += vlan.addresses.map { ($0, interfaces.index(of: .vlan(vlan.id))) }
    }
    var ipv4 = 64 + 4 * connected.count
    var ipv6 = 64 + 4 * connected.count
    for route in configuration.routes {
      if route.prefix.address.bitWidth == 32 { ipv4 += 1 } else { ipv6 += 1 }
    }
    let table = try RouteTable(
      ipv4Routes: ipv4, ipv6Routes: ipv6,
      targets: max(interfaces.interfaces.count, configuration.nextHopGroups.count))
    // Connected subnets come last, so that they win over a configured route to the very same prefix.
    for route in configuration.routes {
      let target = route.group == RouteConfiguration.discard
        ? RouteTarget(.discard) : RouteTarget(.group, index: route.group)
      try table.add(route.prefix, target)
    }
    for (prefix, interface) in connected {
      try table.add(prefix.network, RouteTarget(.connected, index: interface))
    }
    for (prefix, interface) in connected {
      try table.add(prefix.host, RouteTarget(.local, index: interface))
      // RFC 3021: a /31 has no broadcast address.
      if case .v4(let address) = prefix.address, prefix.length < 31 {
        let hostBits = prefix.length == 0 ? UInt32.max : (1 << UInt32(32 - prefix.length)) - 1
        try table.add(
          IPPrefix(.v4(IPv4Address(bits: address.bits | hostBits))), RouteTarget(.broadcast, index: interface))
        try table.add(
          IPPrefix(.v4(IPv4Address(bits: address.bits & ~hostBits))), RouteTarget(.broadcast, index: interface))
      }
    }
    return table
  }

  /// Static neighbours, and an entry for every next hop.
  static func compileNeighbors(
    _ configuration: SwitchConfiguration, _ interfaces: borrowing InterfaceTable,
    _ neighbors: borrowing NeighborTable, ticksPerSecond: UInt64
  ) throws(SwitchError) -> NextHopGroups {
    for entry in configuration.neighbors {
      let position = neighbors.findOrAdd(
        interface: interfaces.index(of: entry.interface), address: entry.address)
      guard position >= 0 else { throw .outOfMemory("\(configuration.neighbors.count) neighbours") }
      neighbors.entries.base[position].mac = entry.mac.bits
      neighbors.entries.base[position].isResolved = true
      neighbors.entries.base[position].isStatic = true
    }
    var isFull = false
    var positions: [NextHopConfiguration: (Int, PortID)] = [:]
    for group in configuration.nextHopGroups {
      for member in group.members {
        let key = NextHopConfiguration(address: member.address, interface: member.interface, weight: 0)
        guard positions[key] == nil else { continue }
        let position = neighbors.findOrAdd(
          interface: interfaces.index(of: member.interface), address: member.address)
        if position < 0 { isFull = true }
        var port = PortID.none
        if case .port(let routed) = member.interface { port = routed }
        positions[key] = (max(0, position), port)
      }
    }
    if isFull { throw .outOfMemory("\(positions.count) next hops") }
    return try NextHopGroups(configuration, ticksPerSecond: ticksPerSecond) { member in
      positions[NextHopConfiguration(address: member.address, interface: member.interface, weight: 0)]
        ?? (0, .none)
    }
  }
}

extension IPPrefix {
  /// The prefix that holds one address and no other.
  init(_ address: IPAddress) { self = IPPrefix(address: address, length: address.bitWidth)! }

  /// The address alone.
  fileprivate var host: IPPrefix { IPPrefix(address) }
}
