import Dataplane
import Wire

/// The switch that benchmarks put their packets through: ports in a row, the first of which is where hosts are, and one
/// weighted group of next hops over the others, to which all routes lead.
public struct BenchmarkSwitch: Equatable, Sendable {
  /// Ports, 2 to 512, the input port included.
  public var ports = 5
  /// Next hops of the group, 1 to 512, spread over the ports behind the first.
  public var nextHops = 4
  /// How much of it is in use.
  public var level = FeatureLevel.lossless
  /// Queues that packets are spread over by their DSCP, 1 to 8, whatever the level says; nil: as it says.
  public var classes: Int?
  /// Access rules, none of which matches.
  public var rules = 0

  /// Five ports, four next hops with weights 4:3:2:1, everything on.
  public init() {}

  /// Such a switch at some level.
  public init(level: FeatureLevel) { self.level = level }

  /// Its configuration, for the routes of a workload.
  ///
  /// - Parameter frame: octets of the largest frame, for headroom.
  public func configuration(routes: [IPPrefix], frame: Int) -> SwitchConfiguration {
    var configuration = SwitchConfiguration()
    configuration.name = "bench"
    configuration.qos = BenchmarkSwitch.quality(at: level)
    if level == .forward { configuration.forwardingMode = .direct }
    if let classes {
      configuration.qos.dscpToTrafficClass = (0..<64).map { TrafficClass($0 % max(1, min(8, classes))) }
    }
    for port in 0..<ports {
      // Input comes at 800G. Four outputs of 200G together keep up with that if they are never empty; one of 1600G does
      // alone, so that nothing waits, however few of them there are.
      let speed: UInt64 = port == 0 ? 800 : level == .busy ? 200 : 1600
      var one = PortConfiguration(name: "p\(port)", speed: .gigabits(speed))
      one.role = .routed(addresses: BenchmarkSwitch.addresses(of: port))
      one.queues = configuration.qos.queues
      configuration.ports.append(one)
    }
    // Room for the headroom of all ports, and for what they share.
    configuration.buffer.size = ByteCount(UInt64(max(16, ports)) * 2_000_000)
    let groups = group(isIPv6: false, in: &configuration) + group(isIPv6: true, in: &configuration)
    let members = [groups.filter { !$0.address.isIPv6 }, groups.filter { $0.address.isIPv6 }]
    for (index, family) in members.enumerated() {
      guard let prefix = routes.first(where: { $0.isIPv6 == (index == 1) }) else { continue }
      let number = configuration.nextHopGroups.count
      configuration.nextHopGroups.append(NextHopGroupConfiguration(prefix: prefix, members: family))
      configuration.routes += routes.filter { $0.isIPv6 == prefix.isIPv6 }.map {
        RouteConfiguration(prefix: $0, group: number)
      }
    }
    configuration.ecmp.fields = [.usual, .roceQP]
    configuration.acl = (0..<rules).map { index in
      var rule = ACLRule(name: "r\(index)", action: .deny)
      rule.destinationPorts = 80...80
      return rule
    }
    if level == .busy { BenchmarkSwitch.crowd(&configuration, frame: frame) }
    return configuration
  }

  /// A buffer in which eight full queues on every port keep each other busy.
  private static func crowd(_ configuration: inout SwitchConfiguration, frame: Int) {
    let headroom = 8 * 1024 + 32 * UInt64(max(60, frame))
    configuration.buffer.size = ByteCount(UInt64(configuration.ports.count * 8) * headroom + 400_000)
    configuration.buffer.cell = ByteCount(64)
    configuration.buffer.headroom = ByteCount(headroom)
  }

  private static func quality(at level: FeatureLevel) -> QoSConfiguration {
    var quality = QoSConfiguration.roce
    switch level {
    case .forward:
      quality = QoSConfiguration()
    case .queues:
      quality.queues[3].isLossless = false
      quality.queues[3].ecn = nil
    case .lossless:
      break
    case .busy:
      quality.dscpToTrafficClass = (0..<64).map { TrafficClass($0 % 8) }
      quality.queues = (0..<QueueID.count).map { queue in
        QueueConfiguration(
          schedule: .dwrr(weight: queue + 1), isLossless: true,
          ecn: ECNProfile(
            kmin: ByteCount(2000), kmax: ByteCount(16_000), pmax: Probability(partsPerMillion: 100_000)))
      }
    }
    return quality
  }

  /// 10.128.0.1/22 and fd00:1::1/64 on the first port, and so on; hosts are in 10.0.0.0/24 behind the first.
  private static func addresses(of port: Int) -> [IPPrefix] {
    let four = IPPrefix(address: .v4(IPv4Address(bits: ipv4(port) | 1)), length: 22)
    let six = IPPrefix(address: .v6(IPv6Address(high: ipv6(port), low: 1)), length: 64)
    return [four, six].compactMap { $0 }
  }

  private static func ipv4(_ port: Int) -> UInt32 { 0x0A80_0000 | UInt32(port) << 10 }
  private static func ipv6(_ port: Int) -> UInt64 { 0xFD00_0001_0000_0000 | UInt64(port) }

  /// The members of the group, whose MAC addresses the configuration is told.
  private func group(isIPv6: Bool, in configuration: inout SwitchConfiguration) -> [NextHopConfiguration] {
    let outputs = max(1, ports - 1)
    return (0..<nextHops).map { index in
      let port = 1 + index % outputs
      let host = UInt32(2 + index / outputs)
      let address: IPAddress =
        isIPv6
        ? .v6(IPv6Address(high: BenchmarkSwitch.ipv6(port), low: UInt64(host)))
        : .v4(IPv4Address(bits: BenchmarkSwitch.ipv4(port) | host))
      let interface = InterfaceReference.port(PortID(port))
      configuration.neighbors.append(
        NeighborConfiguration(
          interface: interface, address: address, mac: MACAddress(bits: 0x0200_0001_0000 + UInt64(index))))
      let weight = UInt32(nextHops <= 4 ? nextHops - index : 1)
      return NextHopConfiguration(address: address, interface: interface, weight: weight)
    }
  }
}

extension IPAddress {
  var isIPv6: Bool { if case .v6 = self { true } else { false } }
}

extension IPPrefix {
  var isIPv6: Bool { address.isIPv6 }
}
