import Dataplane
import TestSupport
import Testing
import Wire

@Suite("Bridging")
struct BridgingTests {
  private let first = Frame.station(1)
  private let second = Frame.station(2)
  private let third = Frame.station(3)

  @Test("An unknown destination is flooded in its VLAN, a known one is not")
  func learnsAndFloods() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let flooded = campus.exchange(Frame.layer2(from: first, to: second), on: "a1")
    #expect(flooded.map(\.port) == ["a2", "t1", "t2"])
    #expect(campus.exchange(Frame.layer2(from: second, to: first), on: "a2").map(\.port) == ["a1"])
    #expect(campus.exchange(Frame.layer2(from: first, to: second), on: "a1").map(\.port) == ["a2"])
    #expect(campus.device.totals.replicatedPackets == 2)
  }

  @Test("Broadcast and multicast are flooded even when their address was claimed by a station")
  func groupsAreFlooded() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for group: UInt64 in [0xFFFF_FFFF_FFFF, 0x0100_5E00_0001, 0x3333_0000_0001] {
      #expect(
        campus.exchange(Frame.layer2(from: first, to: group), on: "a1").map(\.port) == ["a2", "t1", "t2"])
      let claimed = campus.exchange(Frame.layer2(from: group, to: first), on: "a2")
      #expect(claimed.isEmpty)
    }
    #expect(campus.drops(.groupSource, on: "a2") == 3)
  }

  @Test("A station that moves is found at its new port from its first frame there")
  func moves() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.layer2(from: first, to: second), on: "a1")
    _ = campus.exchange(Frame.layer2(from: first, to: second), on: "t2")
    #expect(campus.exchange(Frame.layer2(from: second, to: first), on: "a2").map(\.port) == ["t2"])
    #expect(campus.exchange(Frame.layer2(from: third, to: first), on: "a1").map(\.port) == ["t2"])
  }

  @Test("An entry is used up to its last tick and not one longer; hearing the station renews it")
  func ages() throws {
    var configuration = TestConfiguration.campus()
    configuration.macAgeing = .seconds(10)
    let ageing = configuration.macAgeing.count
    var campus = try VirtualSwitch(configuration)
    // All frames and ports are alike, so that what lies between two sendings lies between their receptions.
    let heard: UInt64 = 1_000_000
    campus.send(Frame.layer2(from: first, to: second), on: "a1", at: heard)
    _ = campus.run()
    campus.send(Frame.layer2(from: second, to: first), on: "a2", at: heard + ageing)
    campus.send(Frame.layer2(from: third, to: first), on: "t2", at: heard + ageing + 1)
    #expect(campus.run().filter { $0.number == 1 }.map(\.port) == ["a1"])

    let again = heard + 2 * ageing
    campus.send(Frame.layer2(from: first, to: second), on: "a1", at: again - ageing / 2)
    campus.send(Frame.layer2(from: first, to: second), on: "a1", at: again)
    campus.send(Frame.layer2(from: second, to: first), on: "a2", at: again + ageing)
    campus.send(Frame.layer2(from: third, to: first), on: "t2", at: again + ageing + 1)
    let later = campus.run()
    #expect(later.filter { $0.number == 5 }.map(\.port) == ["a1"])
    #expect(Set(later.filter { $0.number == 6 }.map(\.port)) == ["a1", "a2", "t1"])
  }

  @Test("The tick after the last one floods")
  func agedEntryIsFlooded() throws {
    var configuration = TestConfiguration.campus()
    configuration.macAgeing = .microseconds(1)
    var campus = try VirtualSwitch(configuration)
    campus.send(Frame.layer2(from: first, to: second), on: "a1", at: 0)
    campus.send(Frame.layer2(from: third, to: first), on: "t2", at: 1_000_001)
    #expect(Set(campus.run().filter { $0.number == 1 }.map(\.port)) == ["a1", "a2", "t1"])
  }

  @Test("A static entry neither moves nor ages")
  func staticEntries() throws {
    var configuration = TestConfiguration.campus()
    configuration.macAgeing = .microseconds(1)
    configuration.staticMACs = [
      StaticMACConfiguration(vlan: VLANID(10), mac: MACAddress(bits: first), port: PortID(3))
    ]
    var campus = try VirtualSwitch(configuration)
    #expect(campus.exchange(Frame.layer2(from: second, to: first), on: "a1").map(\.port) == ["a2"])
    _ = campus.exchange(Frame.layer2(from: first, to: third), on: "a1")
    campus.send(Frame.layer2(from: second, to: first), on: "a1", at: 60_000_000_000_000)
    #expect(campus.run().map(\.port) == ["a2"])
    // The same station in another VLAN is another matter.
    let tagged = Frame.layer2(from: second, to: first, tags: [.init(vlan: 20)])
    #expect(campus.exchange(tagged, on: "t1").map(\.port) == ["t2", "c1", "c2"])
  }

  @Test("A station is known per VLAN")
  func learnsPerVLAN() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.layer2(from: first, to: second), on: "a1")
    _ = campus.exchange(Frame.layer2(from: first, to: second), on: "c1")
    #expect(campus.exchange(Frame.layer2(from: second, to: first), on: "a2").map(\.port) == ["a1"])
    #expect(campus.exchange(Frame.layer2(from: second, to: first), on: "c2").map(\.port) == ["c1"])
  }

  @Test("What is known to be behind its own port is dropped")
  func samePort() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.layer2(from: first, to: second), on: "a1")
    #expect(campus.exchange(Frame.layer2(from: third, to: first), on: "a1").isEmpty)
    #expect(campus.allDrops(on: "a1") == ["same-port: 1"])
  }

  @Test("01-80-C2-00-00-00 to -0F are never forwarded, -10 and -21 are", arguments: ["a1", "t2", "r1"])
  func reservedAddresses(port: String) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for last: UInt64 in 0...15 {
      let frame = Frame.layer2(from: first, to: 0x0180_C200_0000 | last)
      #expect(campus.exchange(frame, on: port).isEmpty, "01-80-C2-00-00-0\(last)")
      #expect(campus.exchange(Frame.tagged(frame, control: 10), on: port).isEmpty)
    }
    #expect(campus.drops(.reservedGroup, on: port) == 32)
    for last: UInt64 in [0x10, 0x21] where port != "r1" {
      #expect(campus.exchange(Frame.layer2(from: first, to: 0x0180_C200_0000 | last), on: port).count == 3)
    }
  }

  @Test("Frames of a VLAN that the port is not in are dropped, and nothing is learned from them")
  func unknownVLAN() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let cases: [(port: String, tags: [Frame.Tag])] = [
      ("a1", [.init(vlan: 20)]), ("a1", [.init(vlan: 4095)]), ("t1", [.init(vlan: 30)]), ("t1", []),
      ("t1", [.init(vlan: 0, priority: 7)]), ("t2", [.init(vlan: 9)]), ("c1", [.init(vlan: 10)]),
    ]
    for (port, tags) in cases {
      let before = campus.drops(.vlanNotAllowed, on: port)
      #expect(campus.exchange(Frame.layer2(from: first, to: second, tags: tags), on: port).isEmpty)
      #expect(campus.drops(.vlanNotAllowed, on: port) == before + 1, "\(port) \(tags)")
    }
    #expect(campus.exchange(Frame.layer2(from: second, to: first), on: "a2").count == 3)
  }

  @Test("A port that is down is neither flooded to nor sent to, and what was learned on it is forgotten")
  func portDown() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.layer2(from: first, to: second), on: "a1")
    campus.setPort("a1", isUp: false)
    campus.setPort("t1", isUp: false)
    #expect(campus.exchange(Frame.layer2(from: third, to: second), on: "a2").map(\.port) == ["t2"])
    #expect(campus.exchange(Frame.layer2(from: third, to: first), on: "a2").map(\.port) == ["t2"])
    #expect(campus.exchange(Frame.layer2(from: first, to: third), on: "a1").isEmpty)
    #expect(campus.allDrops(on: "a1") == ["ingress-down: 1"])
    campus.setPort("a1", isUp: true)
    #expect(campus.exchange(Frame.layer2(from: third, to: first), on: "a2").map(\.port) == ["a1", "t2"])
  }

  @Test("A static entry on a port that is down is a drop on that port")
  func staticPortDown() throws {
    var configuration = TestConfiguration.campus()
    configuration.staticMACs = [
      StaticMACConfiguration(vlan: VLANID(10), mac: MACAddress(bits: first), port: PortID(3))
    ]
    var campus = try VirtualSwitch(configuration)
    campus.setPort("a2", isUp: false)
    #expect(campus.exchange(Frame.layer2(from: second, to: first), on: "a1").isEmpty)
    #expect(campus.allDrops(on: "a2") == ["egress-down: 1"])
  }

  @Test("With no other port in the VLAN there is nowhere to flood to")
  func alone() throws {
    var bridge = try VirtualSwitch(TestConfiguration.bridge(ports: 1))
    #expect(bridge.exchange(Frame.layer2(from: first, to: second), on: "p1").isEmpty)
    #expect(bridge.allDrops(on: "p1") == ["nowhere-to-flood: 1"])
  }

  @Test("Copies share nothing: what is done to one is not done to the others")
  func copiesAreSeparate() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.layer2(from: first, to: second, size: 1500)
    for departure in campus.exchange(frame, on: "a1") {
      #expect(departure.bytes == (departure.port == "t1" ? Frame.tagged(frame, control: 10) : frame))
    }
  }

  @Test("Nothing is learned from the switch's own address")
  func ownAddressIsNotLearned() throws {
    var bridge = try VirtualSwitch(TestConfiguration.bridge(ports: 3))
    _ = bridge.exchange(Frame.layer2(from: Frame.switchMAC, to: second), on: "p1")
    #expect(bridge.exchange(Frame.layer2(from: second, to: Frame.switchMAC), on: "p2").map(\.port) == ["p1", "p3"])
  }

  @Test("A frame that is too long for the port it would leave is dropped, tag included")
  func egressMTU() throws {
    var configuration = TestConfiguration.campus()
    configuration.ports[3].mtu = 1500
    configuration.ports[4].mtu = 1500
    var campus = try VirtualSwitch(configuration)
    #expect(campus.exchange(Frame.layer2(from: first, to: second, size: 1522), on: "a1").map(\.port) == ["a2", "t2"])
    #expect(campus.allDrops(on: "a1") == ["mtu-exceeded: 1"])
    #expect(campus.exchange(Frame.layer2(from: first, to: second, size: 1523), on: "a1").map(\.port) == ["t2"])
    #expect(campus.allDrops(on: "a1") == ["mtu-exceeded: 3"])
    #expect(campus.exchange(Frame.layer2(from: first, to: second, size: 1523), on: "a2").isEmpty)
    #expect(campus.allDrops(on: "a2") == ["oversize: 1"])
  }
}
