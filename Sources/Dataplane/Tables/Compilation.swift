import Wire

/// What a configuration is compiled into before a switch can be made of it: the tables that may not fit.
struct CompiledTables: ~Copyable {
  let interfaces: InterfaceTable
  let routes: RouteTable
  let neighbors: NeighborTable
  var stations: ForwardingDatabase
  var groups: NextHopGroups
  let accessList: AccessList
  let vlans: VLANTable

  init(_ configuration: SwitchConfiguration, ticksPerSecond: UInt64) throws(SwitchError) {
    guard configuration.ports.count <= 512 else { throw .tooManyPorts(configuration.ports.count) }
    let interfaces = InterfaceTable(configuration)
    let nextHops = configuration.nextHopGroups.reduce(0) { $0 + $1.members.count }
    let neighbors = try NeighborTable(
      capacity: max(16_384, 2 * (configuration.neighbors.count + nextHops)),
      interfaces: interfaces.interfaces.base, ticksPerSecond: ticksPerSecond)
    let routes = try CompiledTables.compileRoutes(configuration, interfaces)
    var groups = try CompiledTables.compileNeighbors(
      configuration, interfaces, neighbors, ticksPerSecond: ticksPerSecond)
    for (index, port) in configuration.ports.enumerated() where !port.isUp {
      groups.setPort(PortID(index), isUp: false)
    }
    let accessList = try AccessList(configuration.acl)
    var stations = try ForwardingDatabase(
      capacity: max(65_536, 2 * configuration.staticMACs.count),
      ageingTicks: configuration.macAgeing.ticks(perSecond: ticksPerSecond))
    for entry in configuration.staticMACs {
      try stations.addStatic(vlan: entry.vlan.rawValue, mac: entry.mac, port: entry.port)
    }
    self.interfaces = interfaces
    self.neighbors = neighbors
    self.routes = routes
    self.groups = groups
    self.accessList = accessList
    self.stations = stations
    vlans = VLANTable(configuration)
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
    // A link-local address says nothing about the link: those are not looked up here.
    connected.removeAll { if case .v6(let address) = $0.prefix.address { address.isLinkLocal } else { false } }
    var size = RouteTable.Size()
    for route in configuration.routes { size.add(route.prefix) }
    for (prefix, _) in connected {
      size.add(prefix.network)
      size.add(prefix.host)
      prefix.broadcasts.forEach { size.add($0) }
    }
    let table = try RouteTable(
      size, targets: max(interfaces.interfaces.count, configuration.nextHopGroups.count))
    // Short prefixes first: the FIB of DPDK 22.11 overwrites other routes when a prefix that reaches the end of the
    // address space is added after a longer one that does (fib/dir24_8.c, modify_fib). Of two targets for one prefix the
    // last one stays: connected subnets win over configured routes, own addresses over everything.
    var byLength = [[(prefix: IPPrefix, target: RouteTarget)]](repeating: [], count: 129)
    for route in configuration.routes {
      let target =
        route.group == RouteConfiguration.discard
        ? RouteTarget(.discard) : RouteTarget(.group, index: route.group)
      byLength[route.prefix.length].append((route.prefix, target))
    }
    for (prefix, interface) in connected {
      byLength[prefix.length].append((prefix.network, RouteTarget(.connected, index: interface)))
    }
    for (prefix, interface) in connected {
      byLength[32] += prefix.broadcasts.map { ($0, RouteTarget(.broadcast, index: interface)) }
    }
    for (prefix, interface) in connected {
      byLength[prefix.host.length].append((prefix.host, RouteTarget(.local, index: interface)))
    }
    for routes in byLength {
      for (prefix, target) in routes { try table.add(prefix, target) }
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
        interface: interfaces.index(of: entry.interface), address: entry.address, at: .zero)
      guard position >= 0 else { throw .outOfMemory("\(configuration.neighbors.count) neighbours") }
      neighbors.entries.base[position].resolve(entry.mac.bits)
      neighbors.entries.base[position].isStatic = true
      neighbors.entries.base[position].isPinned = true
    }
    var isFull = false
    var positions: [NextHopConfiguration: (Int, PortID)] = [:]
    for group in configuration.nextHopGroups {
      for member in group.members {
        let key = NextHopConfiguration(address: member.address, interface: member.interface, weight: 0)
        guard positions[key] == nil else { continue }
        let position = neighbors.findOrAdd(
          interface: interfaces.index(of: member.interface), address: member.address, at: .zero)
        if position < 0 { isFull = true } else { neighbors.entries.base[position].isPinned = true }
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

  /// The broadcast addresses of an IPv4 subnet: its first and its last. A /31 has none (RFC 3021).
  fileprivate var broadcasts: [IPPrefix] {
    guard case .v4(let address) = address, length < 31 else { return [] }
    let hostBits = length == 0 ? UInt32.max : (1 << UInt32(32 - length)) - 1
    return [address.bits & ~hostBits, address.bits | hostBits].map { IPPrefix(.v4(IPv4Address(bits: $0))) }
  }
}
