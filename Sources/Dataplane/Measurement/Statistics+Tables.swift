import Wire

/// What the switch has learned, and the state of its ports. Like all statistics these read flat memory that one worker
/// writes, so another thread may ask; an entry that is being written may be half of each.
extension Switch {
  /// A station of a bridged VLAN.
  public struct Station: Equatable, Sendable {
    /// The VLAN.
    public var vlan: VLANID
    /// Its address.
    public var mac: MACAddress
    /// Where it is.
    public var port: PortID
    /// Ticks since it was last heard of; nil for a configured one.
    public var age: UInt64?
  }

  /// A neighbour of a routed interface.
  public struct KnownNeighbor: Equatable, Sendable {
    /// Where it is.
    public var interface: InterfaceReference
    /// Its IP address.
    public var address: IPAddress
    /// Its MAC address; nil while it is asked for.
    public var mac: MACAddress?
    /// Whether it is configured.
    public var isStatic: Bool
    /// Ticks since it was last heard of; nil for a configured one, and while it is asked for.
    public var age: UInt64?
  }

  /// Stations that have not aged, by VLAN and address.
  ///
  /// - Complexity: O(*n* log *n*) for a table of *n* entries, 65 537 at least.
  public func stations(at now: Tick) -> [Station] {
    var found: [Station] = []
    for position in 0..<tables.stations.entries.count {
      let entry = tables.stations.entries.base[position]
      guard entry.isLive, entry.port.index < configuration.ports.count else { continue }
      let age = now > entry.heard ? now - entry.heard : 0
      if !entry.isStatic, age > tables.stations.ageingTicks { continue }
      found.append(
        Station(
          vlan: VLANID(Int(entry.key >> 48)), mac: MACAddress(bits: entry.key & 0xFFFF_FFFF_FFFF), port: entry.port,
          age: entry.isStatic ? nil : age))
    }
    return found.sorted { ($0.vlan.rawValue, $0.mac.bits) < ($1.vlan.rawValue, $1.mac.bits) }
  }

  /// Neighbours, those that are being asked for too, by interface and address.
  ///
  /// - Complexity: O(*n* log *n*) for a table of *n* entries, 16 385 at least.
  public func neighbors(at now: Tick) -> [KnownNeighbor] {
    var found: [(interface: UInt32, neighbor: KnownNeighbor)] = []
    for position in 0..<tables.neighbors.entries.count {
      let entry = tables.neighbors.entries.base[position]
      guard entry.isResolved || entry.isPinned || entry.asked != .never,
        entry.interface < tables.interfaces.interfaces.count
      else { continue }
      let interface = tables.interfaces.interfaces.base[Int(entry.interface)]
      let isHeard = entry.isResolved && !entry.isStatic
      found.append(
        (
          entry.interface,
          KnownNeighbor(
            interface: interface.vlan == 0 ? .port(interface.port) : .vlan(VLANID(Int(interface.vlan))),
            address: entry.address, mac: entry.isResolved ? MACAddress(bits: entry.mac) : nil,
            isStatic: entry.isStatic, age: isHeard ? (now > entry.heard ? now - entry.heard : 0) : nil)
        ))
    }
    return found.sorted { left, right in
      let (first, second) = (Self.order(of: left.neighbor.address), Self.order(of: right.neighbor.address))
      return (left.interface, first.family, first.high, first.low)
        < (right.interface, second.family, second.high, second.low)
    }.map(\.neighbor)
  }

  private static func order(of address: IPAddress) -> (family: UInt8, high: UInt64, low: UInt64) {
    switch address {
    case .v4(let address): (4, 0, UInt64(address.bits))
    case .v6(let address): (6, address.high, address.low)
    }
  }

  /// Whether a priority of a port is paused by the neighbour at a tick.
  public func isPaused(_ priority: PFCPriority, on port: PortID, at now: Tick) -> Bool {
    pauses.priorities.base[port.index * 8 + priority.index].timer.isActive(at: now)
  }

  /// Whether the neighbour on a port is asked to stop a priority; with link-level PAUSE, on account of the priority group
  /// of that number.
  public func asksForPause(_ priority: PFCPriority, on port: PortID) -> Bool {
    pauses.ports.base[port.index].xoff & 1 << priority.rawValue != 0
  }
}
