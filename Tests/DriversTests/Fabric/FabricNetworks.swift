import Dataplane
import Drivers
import TestSupport
import Wire

/// Networks for tests, put together by hand.
enum FabricNetworks {
  /// A router for lossless RoCE: port p1 to p`count` with 10.`id`.*p*.1/24, all of them at one rate.
  static func router(
    _ id: Int, ports count: Int, gigabits: UInt64 = 100, bytes: UInt64 = 8_000_000
  ) -> SwitchConfiguration {
    var router = SwitchConfiguration()
    router.name = "s\(id)"
    router.id = UInt32(id)
    router.mac = MACAddress(bits: 0x0200_0001_0000 | UInt64(id))
    router.qos = .roce
    router.buffer.size = ByteCount(bytes)
    for number in 1...count {
      var port = TestConfiguration.routedPort("p\(number)", gigabits, ["10.\(id).\(number).1/24"])
      port.queues = router.qos.queues
      router.ports.append(port)
    }
    return router
  }

  /// A route by members: the port, and the switch and port at the other end.
  static func route(
    _ device: inout SwitchConfiguration, _ prefix: String, by members: [(port: Int, id: Int, far: Int)]
  ) {
    TestConfiguration.route(
      &device, prefix, members.map { ("10.\($0.id).\($0.far).1", $0.port - 1, 1) })
    // The far end's address lies in its own subnet, which is made known on the port by a neighbour of that address.
  }

  /// Host number `port` of a switch.
  static func host(_ id: Int, _ port: Int, device: Int, delay: Picoseconds = .nanoseconds(25)) -> FabricHost {
    FabricHost(
      name: "h\(id).\(port)", port: FabricPort(device, PortID(port - 1)), delay: delay,
      address: IPv4Address(bits: 0x0A00_0002 | UInt32(id) << 16 | UInt32(port) << 8),
      mac: MACAddress(bits: 0x0200_0002_0000 | UInt64(id) << 8 | UInt64(port)))
  }

  /// Switches in a row, s1 to s`count`: the last port of each leads to the first of the next. Ports 2 and 3 of each, and
  /// port 1 of the first, are for hosts.
  static func chain(
    _ count: Int, gigabits: UInt64 = 100, delay: Picoseconds = .microseconds(1), bytes: UInt64 = 8_000_000
  ) -> FabricConfiguration {
    var fabric = FabricConfiguration()
    for id in 1...count {
      var router = router(id, ports: 4, gigabits: gigabits, bytes: bytes)
      for other in 1...count where other != id {
        let next = other > id ? (4, id + 1, 1) : (1, id - 1, 4)
        route(&router, "10.\(other).0.0/16", by: [next])
      }
      fabric.switches.append(router)
    }
    for index in 0..<count - 1 {
      fabric.links.append(
        FabricLink(FabricPort(index, PortID(3)), FabricPort(index + 1, PortID(0)), delay: delay))
    }
    for id in 1...count {
      for port in id == 1 ? [1, 2, 3] : [2, 3] { fabric.hosts.append(host(id, port, device: id - 1, delay: delay)) }
    }
    fabric.traffic = ["test"]
    return fabric
  }

  /// Index of a host.
  static func index(_ name: String, in fabric: FabricConfiguration) -> Int {
    fabric.hosts.firstIndex { $0.name == name } ?? -1
  }

  /// Ticks of a frame on the wire, from the standard: 8 octets of preamble, the frame, 4 of check sequence, 12 of gap.
  static func ticks(_ length: Int, gap: Bool = true, gigabits: UInt64 = 100) -> UInt64 {
    UInt64(length + 12 + (gap ? 12 : 0)) * 8000 / gigabits
  }
}
