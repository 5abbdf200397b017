import Dataplane
import TestSupport
import Testing
import Wire

@Suite("Access list")
struct AccessListTests {
  private func rule(
    _ action: ACLAction, _ set: (inout ACLRule) -> Void = { _ in }
  ) -> ACLRule {
    var rule = ACLRule(name: "rule", action: action)
    set(&rule)
    return rule
  }

  @Test("The first rule that matches decides; none permits; each match is counted")
  func firstMatch() throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [
      rule(.permit) { $0.destinationPorts = 100...200 },
      rule(.deny) { $0.ipProtocol = 17 },
      rule(.deny) { $0.destinationPorts = 150...160 },
      rule(.permit),
    ]
    var campus = try VirtualSwitch(configuration)
    let frame = Frame.campus(from: 1, to: 2)
    #expect(campus.exchange(frame.udp(1, 155), on: "r1").count == 1)
    #expect(campus.exchange(frame.udp(1, 201), on: "r1").isEmpty)
    #expect(campus.exchange(frame.tcp(1, 201), on: "r1").count == 1)
    #expect(campus.exchange(frame.tcp(1, 155), on: "r1").count == 1)
    #expect(campus.device.accessRuleMatches == [2, 1, 0, 1])
    #expect(campus.allDrops(on: "r1") == ["access-denied: 1"])
  }

  @Test("Denied frames are dropped before anything is learned from them or answered")
  func denied() throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [rule(.deny) { $0.port = PortID(2) }]
    var campus = try VirtualSwitch(configuration)
    let frame = Frame(from: "10.0.10.5", to: "10.0.10.1", sourceMAC: Frame.station(5))
    #expect(campus.exchange(frame.arp(isRequest: true), on: "a1").isEmpty)
    #expect(campus.exchange(frame.echoRequest(), on: "a1").isEmpty)
    #expect(campus.allDrops(on: "a1") == ["access-denied: 2"])
    #expect(campus.exchange(Frame.layer2(from: Frame.station(6), to: Frame.station(5)), on: "a2").count == 3)
  }

  @Test("MAC control is not subject to access rules")
  func macControl() throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [rule(.deny)]
    var campus = try VirtualSwitch(configuration)
    #expect(campus.exchange(Frame.priorityPause([3: 100]), on: "r1").isEmpty)
    #expect(campus.device.macControl(on: campus.port("r1")).pauseFramesReceived == 1)
  }

  @Test("A remarked packet has its DSCP, a right checksum and its class; ECN stays", arguments: [false, true])
  func remark(isIPv6: Bool) throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [rule(.remark(dscp: 26))]
    var campus = try VirtualSwitch(configuration)
    var frame = Frame.campus(from: 1, to: 2, isIPv6: isIPv6)
    (frame.dscp, frame.ecn) = (5, 2)
    frame.flowLabel = 0xABCDE
    let out = campus.exchange(frame.udp(1, 2), on: "r1")
    frame.dscp = 26
    #expect(out.map(\.bytes) == [Frame.routed(frame.udp(1, 2), to: TestConfiguration.hostMAC(2))])
    #expect(out.map(\.queue) == [3])
    // Bridged packets are remarked too; what has no DSCP is left alone and keeps its class.
    frame.destinationMAC = Frame.station(1)
    let wanted = frame.udp(1, 2)
    frame.dscp = 11
    for departure in campus.exchange(frame.udp(1, 2), on: "a1") where departure.port != "t1" {
      #expect(departure.bytes == wanted)
      #expect(departure.queue == 3)
    }
    let other = Frame.layer2(from: Frame.station(2), to: Frame.station(3))
    #expect(campus.exchange(other, on: "c1").on("c2").map(\.bytes) == [other])
    #expect(campus.exchange(other, on: "c1").on("c2").map(\.queue) == [0])
  }

  @Test("A mirrored frame leaves twice: as it was received, and as it would anyway")
  func mirror() throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [rule(.mirror(to: PortID(7))) { $0.ipProtocol = 17 }]
    var campus = try VirtualSwitch(configuration)
    let routed = Frame.campus(from: 1, to: 2).udp(1, 2, size: 200)
    let first = campus.exchange(routed, on: "r1", wireLength: 700)
    #expect(first.on("c2").map(\.bytes) == [routed])
    #expect(first.map(\.wireLength) == [700, 700])
    #expect(first.on("r2").map(\.bytes) == [Frame.routed(routed, to: TestConfiguration.hostMAC(2))])

    // Bridged, with tags that the mirror port would take off or renumber in its own VLAN.
    var frame = Frame.campus(from: 10, to: 1)
    frame.destinationMAC = Frame.station(1)
    frame.tags = [.init(vlan: 10, priority: 3), .init(vlan: 77)]
    let tagged = frame.udp(1, 2, size: 90)
    let second = campus.exchange(tagged, on: "t1")
    #expect(second.map(\.port).sorted() == ["a1", "a2", "c2", "t2"])
    #expect(second.on("c2").map(\.bytes) == [tagged])
    #expect(second.on("a1").map(\.bytes) == [Frame.untagged(tagged)])

    // What is dropped further on has been mirrored.
    var expired = Frame.campus(from: 1, to: 2)
    (expired.ttl, expired.destinationMAC) = (1, Frame.station(9))
    #expect(campus.exchange(expired.udp(1, 2), on: "r1").map(\.port) == ["c2"])
    #expect(campus.device.totals.replicatedPackets == 5)
  }

  @Test("A mirror port that is down costs the copy alone")
  func mirrorDown() throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [rule(.mirror(to: PortID(7)))]
    configuration.ports[7].isUp = false
    var campus = try VirtualSwitch(configuration)
    #expect(campus.exchange(Frame.campus(from: 1, to: 2).udp(1, 2), on: "r1").map(\.port) == ["r2"])
    #expect(campus.allDrops(on: "c2") == ["egress-down: 1"])
  }

  @Test("A rule about ports does not match what has no ports, nor one about IP what is no IP")
  func absentFields() throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [
      rule(.deny) { $0.destinationPorts = 0...1000 }, rule(.deny) { $0.sourcePorts = 0...1000 },
      rule(.deny) {
        $0.dscp = 0; $0.port = PortID(2)
      },
      rule(.deny) {
        $0.ipProtocol = 0; $0.port = PortID(3)
      },
    ]
    var campus = try VirtualSwitch(configuration)
    var frame = Frame.campus(from: 1, to: 2)
    #expect(campus.exchange(frame.udp(2000, 80), on: "r1").isEmpty)
    #expect(campus.exchange(frame.udp(80, 2000), on: "r1").isEmpty)
    #expect(campus.exchange(frame.icmp(type: 0), on: "r1").count == 1)
    #expect(campus.exchange(frame.ip(253, []), on: "r1").count == 1)
    frame.fragmentOffset = 100
    #expect(campus.exchange(frame.udp(80, 80), on: "r1").count == 1)
    let cut = Frame.campus(from: 1, to: 2).udp(80, 80, size: 100)
    #expect(campus.exchange(Array(cut[..<40]), on: "r1", wireLength: 100).count == 1)
    // ARP and other frames have neither DSCP nor protocol.
    #expect(campus.exchange(Frame.layer2(from: Frame.station(1), to: Frame.station(2)), on: "a1").count == 3)
    #expect(campus.exchange(Frame.layer2(from: Frame.station(2), to: Frame.station(3)), on: "a2").count == 3)
    #expect(campus.device.accessRuleMatches == [1, 1, 0, 0])
  }
}
