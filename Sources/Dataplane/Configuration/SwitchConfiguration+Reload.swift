extension SwitchConfiguration {
  /// Whether a running switch can go over to another configuration with its queues and counters: ports that both have,
  /// queues, buffer and flow control are the same, and what differs is what packets are matched with: routes, next hops,
  /// weights, neighbours, static MAC addresses, classification and access rules. Ports may come to vacant places, and
  /// leave theirs; with the simulator's buffer, which is divided once for all, they may not.
  public func canBecome(_ other: SwitchConfiguration) -> Bool {
    guard ports.count == other.ports.count else { return false }
    let changed = changedPlaces(to: other)
    if buffer.model == .hpcc, !changed.isEmpty { return false }
    var same = other
    same.neighbors = neighbors
    same.staticMACs = staticMACs
    same.macAgeing = macAgeing
    same.nextHopGroups = nextHopGroups
    same.routes = routes
    same.ecmp = ecmp
    same.acl = acl
    same.icmpRatePerSecond = icmpRatePerSecond
    same.qos.dscpToTrafficClass = qos.dscpToTrafficClass
    same.qos.pcpToTrafficClass = qos.pcpToTrafficClass
    for port in same.ports.indices { same.ports[port].isUp = ports[port].isUp }
    for place in changed {
      same.ports[place] = ports[place]
      if same.owners.count == owners.count, !owners.isEmpty { same.owners[place] = owners[place] }
    }
    return same == self
  }
}
