import Dataplane
import TestSupport
import Testing
import Wire

/// Routed VLAN interfaces: between ports and VLANs, both ways, and between VLANs over one port.
@Suite("Routed VLAN interfaces")
struct RoutedVLANTests {
  @Test("Into a VLAN whose station is not known: flooded, each copy routed once", arguments: [false, true])
  func floodsIntoVLAN(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame.campus(from: 1, to: 10, isIPv6: isIPv6)
    frame.dscp = 26
    let bytes = frame.udp(1, 2, size: 90)
    let routed = Frame.routed(bytes, to: TestConfiguration.hostMAC(10))
    let out = campus.exchange(bytes, on: "r1", wireLength: 500)
    #expect(out.map(\.port) == ["a1", "a2", "t1", "t2"])
    for departure in out {
      let isTagged = departure.port == "t1"
      #expect(departure.bytes == (isTagged ? Frame.tagged(routed, control: 3 << 13 | 10) : routed))
      #expect(departure.wireLength == (isTagged ? 504 : 500))
    }
  }

  @Test("Into a VLAN whose station is known: to its port alone")
  func unicastIntoVLAN() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.layer2(from: TestConfiguration.hostMAC(10), to: Frame.station(1)), on: "a2")
    let bytes = Frame.campus(from: 1, to: 10).udp(1, 2)
    let out = campus.exchange(bytes, on: "r1")
    #expect(out.map(\.port) == ["a2"])
    #expect(out.map(\.bytes) == [Frame.routed(bytes, to: TestConfiguration.hostMAC(10))])
  }

  @Test("Out of a VLAN, untagged and tagged", arguments: [false, true])
  func outOfVLAN(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame.campus(from: 10, to: 2, isIPv6: isIPv6)
    let plain = frame.udp(1, 2, size: 90)
    let wanted = Frame.routed(plain, to: TestConfiguration.hostMAC(2))
    for (port, tags) in [("a1", []), ("t2", []), ("t1", [Frame.Tag(vlan: 10, priority: 4)]), ("t2", [.init(vlan: 10)])]
    {
      frame.tags = tags
      let bytes = frame.udp(1, 2, size: 90 + 4 * tags.count)
      let out = campus.exchange(bytes, on: port, wireLength: 200 + 4 * tags.count)
      #expect(out.map(\.port) == ["r2"], "\(port)")
      #expect(out.map(\.bytes) == [wanted])
      #expect(out.map(\.wireLength) == [200])
    }
  }

  @Test("One-armed: between two VLANs of one trunk, the tag is renumbered and keeps its priority")
  func oneArmed() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    // The station of VLAN 20 is behind the very port that the packet comes from.
    let station = Frame.layer2(from: TestConfiguration.hostMAC(20), to: Frame.station(1), tags: [.init(vlan: 20)])
    _ = campus.exchange(station, on: "t1")
    var frame = Frame.campus(from: 10, to: 20)
    let plain = Frame.routed(frame.udp(1, 2, size: 90), to: TestConfiguration.hostMAC(20))
    frame.tags = [.init(vlan: 10, priority: 5)]
    let out = campus.exchange(frame.udp(1, 2, size: 94), on: "t1")
    #expect(out.map(\.port) == ["t1"])
    #expect(out.map(\.bytes) == [Frame.tagged(plain, control: 5 << 13 | 20)])
    #expect(out.map(\.wireLength) == [94])
  }

  @Test("Between VLANs the tag is put on or taken off as the ports want it")
  func betweenVLANs() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame.campus(from: 10, to: 20)
    frame.dscp = 26
    let bytes = frame.udp(1, 2, size: 90)
    let routed = Frame.routed(bytes, to: TestConfiguration.hostMAC(20))
    let out = campus.exchange(bytes, on: "a1")
    #expect(out.map(\.port) == ["t1", "t2", "c1", "c2"])
    for departure in out {
      let isTagged = departure.port.hasPrefix("t")
      #expect(departure.bytes == (isTagged ? Frame.tagged(routed, control: 3 << 13 | 20) : routed))
      #expect(departure.wireLength == (isTagged ? 94 : 90))
    }
  }

  @Test("Within a VLAN, a packet sent to the switch goes back to where it came from")
  func withinVLAN() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.layer2(from: TestConfiguration.hostMAC(10), to: Frame.station(1)), on: "a1")
    let bytes = Frame(from: "10.0.10.77", to: "10.0.10.2").udp(1, 2)
    let out = campus.exchange(bytes, on: "a1")
    #expect(out.map(\.port) == ["a1"])
    #expect(out.map(\.bytes) == [Frame.routed(bytes, to: TestConfiguration.hostMAC(10))])
  }

  @Test("What is between stations of the VLAN is bridged: hops and addresses stay")
  func bridgedBesideInterface() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame.campus(from: 10, to: 20)
    frame.destinationMAC = Frame.station(3)
    let bytes = frame.udp(1, 2, size: 90)
    #expect(campus.exchange(bytes, on: "a1").on("a2").map(\.bytes) == [bytes])
    frame.destinationMAC = 0xFFFF_FFFF_FFFF
    #expect(campus.exchange(frame.udp(1, 2), on: "a1").count == 3)
  }

  @Test("More tags than the VLAN's own cannot be routed, nor is ARP within them answered")
  func tooManyTags() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame(from: "10.0.10.3", to: "10.0.10.1")
    for (port, tags) in [
      ("t1", [Frame.Tag(vlan: 10), .init(vlan: 99)]), ("a1", [.init(vlan: 99, protocolIdentifier: 0x88A8)]),
      ("a1", [.init(vlan: 0), .init(vlan: 10)]),
    ] {
      frame.tags = tags
      let before = campus.drops(.notRoutable, on: port)
      #expect(campus.exchange(frame.echoRequest(), on: port).isEmpty)
      #expect(campus.exchange(frame.arp(isRequest: false), on: port).isEmpty)
      #expect(campus.drops(.notRoutable, on: port) == before + 2, "\(port) \(tags)")
      // To everybody, it is a frame like any other.
      let flooded = campus.exchange(frame.arp(isRequest: true), on: port)
      #expect(flooded.count == 3)
      #expect(flooded.allSatisfy { $0.number != .max })
    }
  }

  @Test("The interface's MTU counts, and then the port's")
  func mtu() throws {
    var configuration = TestConfiguration.campus()
    configuration.vlans[0].mtu = 1500
    configuration.ports[2].mtu = 1000
    var campus = try VirtualSwitch(configuration)
    let frame = Frame.campus(from: 1, to: 10)
    #expect(campus.exchange(frame.udp(1, 2, size: 1515), on: "r1").map(\.port) == ["r1"])
    #expect(campus.allDrops(on: "r1") == ["mtu-exceeded: 1"])
    #expect(campus.exchange(frame.udp(1, 2, size: 1514), on: "r1").map(\.port) == ["a2", "t1", "t2"])
    #expect(campus.allDrops(on: "r1") == ["mtu-exceeded: 2"])
  }

  @Test("A VLAN without an interface is only bridged, even to the switch's MAC address")
  func noInterface() throws {
    var configuration = TestConfiguration.campus()
    configuration.vlans.removeAll { $0.id == VLANID(20) }
    configuration.neighbors.removeAll { $0.interface == .vlan(VLANID(20)) }
    var campus = try VirtualSwitch(configuration)
    let bytes = Frame.campus(from: 20, to: 1).udp(1, 2)
    #expect(campus.exchange(bytes, on: "c1").on("c2").map(\.bytes) == [bytes])
  }

  @Test("A next hop may be on a VLAN interface")
  func nextHopOnVLAN() throws {
    var configuration = TestConfiguration.campus()
    let prefix = IPPrefix("172.16.0.0/12")!
    configuration.routes = [RouteConfiguration(prefix: prefix, group: 0)]
    configuration.nextHopGroups = [
      NextHopGroupConfiguration(
        prefix: prefix,
        members: [
          NextHopConfiguration(address: TestConfiguration.address("10.0.20.2"), interface: .vlan(VLANID(20)))
        ])
    ]
    var campus = try VirtualSwitch(configuration)
    _ = campus.exchange(Frame.layer2(from: TestConfiguration.hostMAC(20), to: Frame.station(1)), on: "c2")
    let bytes = Frame(from: "10.0.1.2", to: "172.16.9.9").udp(1, 2)
    let out = campus.exchange(bytes, on: "r1")
    #expect(out.map(\.port) == ["c2"])
    #expect(out.map(\.bytes) == [Frame.routed(bytes, to: TestConfiguration.hostMAC(20))])
    #expect(campus.device.memberStatistics(ofGroup: 0).map(\.packets) == [1])
  }
}
