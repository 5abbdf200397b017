import Wire

extension Switch {
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
    let table = try RouteTable(ipv4Routes: ipv4, ipv6Routes: ipv6)
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
