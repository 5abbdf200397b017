import Dataplane
import Wire

/// Configurations that many tests start from.
public enum TestConfiguration {
  /// The MAC address of every test switch: ``Frame/switchMAC``.
  public static let mac = MACAddress(bits: Frame.switchMAC)

  /// The leaf of the examples: hosts h1 and h2 at 100G and h3 at 25G, bridged b1 and b2 in VLANs 10 and 20, spines s1
  /// and s2 at 400G, 10.9.0.0/16 by both spines in the ratio 3 to 1, and the usual RoCE classes.
  ///
  /// The hosts 10.0.1.2 and 10.0.2.2, which the examples' captures introduce by ARP, are static here.
  public static func leaf() -> SwitchConfiguration {
    var leaf = SwitchConfiguration()
    leaf.name = "leaf1"
    leaf.mac = mac
    leaf.qos = roceClasses()
    leaf.ports = [
      routedPort("h1", 100, ["10.0.1.1/24"]), routedPort("h2", 100, ["10.0.2.1/24"]),
      routedPort("h3", 25, ["10.0.3.1/24"]), bridgedPort("b1", 25, .access(VLANID(10))),
      bridgedPort("b2", 25, .trunk(allowed: [VLANID(10), VLANID(20)], native: VLANID(10))),
      routedPort("s1", 400, ["10.1.1.0/31", "fd00:1::/127"]), routedPort("s2", 400, ["10.1.2.0/31", "fd00:2::/127"]),
    ]
    for index in leaf.ports.indices { leaf.ports[index].queues = leaf.qos.queues }
    leaf.neighbors = [
      neighbor(0, "10.0.1.2", 0x0200_0000_0102), neighbor(1, "10.0.2.2", 0x0200_0000_0202),
      neighbor(2, "10.0.3.2", 0x0200_0000_0302), neighbor(5, "10.1.1.1", 0x0200_0001_0101),
      neighbor(6, "10.1.2.1", 0x0200_0001_0201),
    ]
    route(&leaf, "10.9.0.0/16", [("10.1.1.1", 5, 3), ("10.1.2.1", 6, 1)])
    leaf.ecmp.fields = [.usual, .roceQP]
    leaf.ecmp.seed = 7
    return leaf
  }

  /// The classes of the examples: DSCP 26 in class 3, 48 in 6, all else in 0; queues share equally by DWRR, but 6 is
  /// strict.
  public static func roceClasses() -> QoSConfiguration {
    var qos = QoSConfiguration.roce
    qos.queues[3].ecn = ECNProfile(
      kmin: ByteCount(100_000), kmax: ByteCount(400_000), pmax: Probability(partsPerMillion: 200_000))
    return qos
  }

  /// A router with ports p1 to p`count`: port p*i* has 10.0.*i*.1/24 and fd00:*i*::1/64, and its neighbours
  /// 10.0.*i*.2 and fd00:*i*::2 at 02:00:00:00:*i*:02.
  ///
  /// - Parameter speeds: of the ports, in turn.
  public static func router(ports count: Int, speeds: [BitRate] = [.gigabits(100)]) -> SwitchConfiguration {
    var router = SwitchConfiguration()
    router.name = "router"
    router.mac = mac
    router.buffer = ample
    for number in 1...count {
      var port = routedPort("p\(number)", 100, ["10.0.\(number).1/24", "fd00:\(number)::1/64"])
      port.speed = speeds[(number - 1) % speeds.count]
      router.ports.append(port)
      let mac = hostMAC(number)
      router.neighbors += [
        neighbor(number - 1, "10.0.\(number).2", mac), neighbor(number - 1, "fd00:\(number)::2", mac),
      ]
    }
    return router
  }

  /// A buffer that never is in the way.
  public static let ample: BufferConfiguration = {
    var buffer = BufferConfiguration()
    buffer.size = ByteCount(64 << 30)
    buffer.cell = ByteCount(64)
    return buffer
  }()

  /// The MAC address of the neighbour of a router's port.
  public static func hostMAC(_ number: Int) -> UInt64 { 0x0200_0000_0002 | UInt64(number) << 8 }

  /// A bridge with access ports p1 to p`count` in one VLAN.
  public static func bridge(
    ports count: Int, speeds: [BitRate] = [.gigabits(100)], vlan: Int = 10
  ) -> SwitchConfiguration {
    var bridge = SwitchConfiguration()
    bridge.name = "bridge"
    bridge.mac = mac
    bridge.buffer = ample
    for number in 1...count {
      var port = bridgedPort("p\(number)", 100, .access(VLANID(vlan)))
      port.speed = speeds[(number - 1) % speeds.count]
      bridge.ports.append(port)
    }
    return bridge
  }

  /// A frame of `size` bytes through a router: to the neighbour of port `number`.
  public static func frame(toPort number: Int, size: Int = 60, dscp: UInt8 = 0) -> [UInt8] {
    var frame = Frame(from: "10.0.99.2", to: "10.0.\(number).2")
    frame.dscp = dscp
    return Frame.padded(frame.udp(1000, 2000, size: size), to: size)
  }
}

extension TestConfiguration {
  /// A routed port with addresses, in gigabits per second.
  public static func routedPort(_ name: String, _ gigabits: UInt64, _ addresses: [String]) -> PortConfiguration {
    var port = PortConfiguration(name: name, speed: .gigabits(gigabits))
    port.role = .routed(addresses: addresses.compactMap { IPPrefix($0) })
    return port
  }

  /// A bridged port, in gigabits per second.
  public static func bridgedPort(_ name: String, _ gigabits: UInt64, _ role: PortRole) -> PortConfiguration {
    var port = PortConfiguration(name: name, speed: .gigabits(gigabits))
    port.role = role
    return port
  }

  /// A static neighbour on a routed port.
  public static func neighbor(_ port: Int, _ address: String, _ mac: UInt64) -> NeighborConfiguration {
    NeighborConfiguration(interface: .port(PortID(port)), address: self.address(address), mac: MACAddress(bits: mac))
  }

  /// Adds a route by weighted next hops: their addresses, ports and weights.
  public static func route(
    _ configuration: inout SwitchConfiguration, _ prefix: String, _ members: [(String, Int, UInt32)]
  ) {
    let prefix = IPPrefix(prefix) ?? IPPrefix(address: .v4(IPv4Address(bits: 0)), length: 0)!
    let hops = members.map { address, port, weight in
      NextHopConfiguration(address: self.address(address), interface: .port(PortID(port)), weight: weight)
    }
    configuration.routes.append(RouteConfiguration(prefix: prefix, group: configuration.nextHopGroups.count))
    configuration.nextHopGroups.append(NextHopGroupConfiguration(prefix: prefix, members: hops))
  }

  /// An address from its text; 0.0.0.0 if the text is none.
  public static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .v4(IPv4Address(bits: 0)) }
}
