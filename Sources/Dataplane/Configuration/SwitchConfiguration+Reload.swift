extension SwitchConfiguration {
  /// Whether a running switch can go over to another configuration with its queues and counters: ports, queues, buffer
  /// and flow control are the same, and only what packets are matched with differs: routes, next hops, weights,
  /// neighbours, static MAC addresses, classification and access rules.
  public func canBecome(_ other: SwitchConfiguration) -> Bool {
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
    for port in same.ports.indices where port < ports.count { same.ports[port].isUp = ports[port].isUp }
    return same == self
  }
}
