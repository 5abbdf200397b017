import Dataplane

/// What the packet path costs in steps, each of which does a little more than the one before.
///
/// The stages of the dataplane are inlined into each other, so that they cannot be called one by one; what a stage costs
/// is the difference between two configurations of the same switch, measured in turn.
enum Stages {
  /// A configuration, and what it adds to the one before.
  struct Step {
    var name: String
    var configuration: SwitchConfiguration
  }

  /// From a port that is down to everything on.
  static func steps(from workload: Workload) -> [Step] {
    var steps: [Step] = []
    var down = workload.configuration
    down.ports[0].isUp = false
    steps.append(Step(name: "parse and hash, then drop (port down)", configuration: down))
    var noRoute = workload.configuration
    noRoute.routes = []
    noRoute.nextHopGroups = []
    noRoute.icmpRatePerSecond = 0
    steps.append(Step(name: "+ classify, header checks, FIB miss, drop", configuration: noRoute))
    var single = workload.configuration
    single.nextHopGroups = single.nextHopGroups.map {
      NextHopGroupConfiguration(prefix: $0.prefix, members: [$0.members[0]])
    }
    single.ports[1].speed = .gigabits(1600)
    for port in single.ports.indices {
      single.ports[port].queues = Array(repeating: QueueConfiguration(), count: 8)
    }
    single.qos.dscpToTrafficClass = Array(repeating: TrafficClass(0), count: 64)
    steps.append(Step(name: "routed: FIB hit, one next hop, one queue, rewrite", configuration: single))
    var queues = single
    queues.qos = workload.configuration.qos
    for port in queues.ports.indices { queues.ports[port].queues = workload.configuration.qos.queues }
    steps.append(Step(name: "+ classes: three queues, DWRR and strict", configuration: queues))
    steps.append(Step(name: "+ weighted ECMP over four ports: everything", configuration: workload.configuration))
    var list = workload.configuration
    var rule = ACLRule(name: "r", action: .deny)
    rule.destinationPorts = 80...80
    list.acl = [rule]
    steps.append(Step(name: "+ one access rule", configuration: list))
    return steps
  }
}
