import Dataplane
import TestSupport
import Testing
import Wire

@Suite("Routing")
struct RoutingTests {
  @Test("A routed packet has new addresses, one hop less and a right checksum, and is otherwise untouched")
  func rewritesExactly() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var random = SplitMix64(seed: 1)
    for round in 0..<400 {
      var frame = Frame.campus(from: 1, to: 2, isIPv6: round % 2 == 1)
      frame.dscp = UInt8(random.below(64))
      frame.ecn = UInt8(random.below(4))
      frame.ttl = UInt8(2 + random.below(254))
      frame.identification = UInt16(random.below(65_536))
      frame.dontFragment = random.below(2) == 1
      frame.flowLabel = UInt32(random.below(1 << 20))
      if frame.isIPv4 { frame.options = (0..<4 * random.below(11)).map { _ in UInt8(random.below(256)) } }
      let payload = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
      let bytes = Frame.padded(
        frame.ip(UInt8([6, 17, 253][random.below(3)]), payload), to: random.below(2) == 0 ? 60 : 0)
      let out = campus.exchange(bytes, on: "r1")
      #expect(out.map(\.port) == ["r2"])
      #expect(out.first?.bytes == Frame.routed(bytes, to: TestConfiguration.hostMAC(2)), "\(bytes)")
      #expect(out.first?.wireLength == bytes.count)
    }
  }

  @Test("IPv6 extension headers pass through, whatever they say")
  func extensionHeaders() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.campus(from: 1, to: 2, isIPv6: true)
    let chains: [(UInt8, [UInt8])] = [
      (0, [17, 0, 1, 4, 0, 0, 0, 0] + [1, 2, 3, 4, 0, 8, 0, 0]),  // hop by hop, UDP
      (60, [43, 1] + [UInt8](repeating: 0, count: 14) + [59, 0, 4, 0, 0, 0, 0, 0]),  // destination options, routing
      (44, [17, 0, 0, 8, 0, 0, 0, 1, 0xAA, 0xBB]),  // a later fragment
      (51, [6, 200, 0, 0, 0, 0, 0, 0]),  // authentication header beyond the packet
      (60, [60, 0, 0, 0, 0, 0, 0, 0].repeated(12)),  // more headers than anybody walks
      (43, [17]), (0, []), (59, [1, 2, 3]), (50, [9, 9, 9, 9, 9]),
    ]
    for (protocolNumber, payload) in chains {
      let bytes = frame.ip(protocolNumber, payload)
      let out = campus.exchange(bytes, on: "r1")
      #expect(out.map(\.bytes) == [Frame.routed(bytes, to: TestConfiguration.hostMAC(2))], "\(payload)")
    }
  }

  @Test("The longest prefix wins, whatever order routes are given in", arguments: [false, true])
  func longestPrefix(isReversed: Bool) throws {
    var router = TestConfiguration.router(ports: 7)
    var prefixes: [(String, Int)] = [
      ("0.0.0.0/0", 1), ("172.16.0.0/12", 2), ("172.16.0.0/16", 3), ("172.16.5.0/24", 4), ("172.16.5.128/25", 5),
      ("172.16.5.200/32", 6), ("172.16.5.202/31", 7), ("::/0", 1), ("2001:db8::/32", 2), ("2001:db8:5::/48", 3),
      ("2001:db8:5:1::/64", 4), ("2001:db8:5:1:8000::/65", 5), ("2001:db8:5:1::8/128", 6), ("2001:db8:5:1::a/127", 7),
    ]
    if isReversed { prefixes.reverse() }
    for (prefix, port) in prefixes {
      let hop = prefix.contains(":") ? "fd00:\(port)::2" : "10.0.\(port).2"
      TestConfiguration.route(&router, prefix, [(hop, port - 1, 1)])
    }
    var device = try VirtualSwitch(router)
    let cases: [(String, Int)] = [
      ("8.8.8.8", 1), ("172.32.0.1", 1), ("172.15.255.255", 1), ("172.17.0.1", 2), ("172.31.255.255", 2),
      ("172.16.4.255", 3), ("172.16.5.0", 4), ("172.16.5.127", 4), ("172.16.5.128", 5), ("172.16.5.199", 5),
      ("172.16.5.200", 6), ("172.16.5.201", 5), ("172.16.5.202", 7), ("172.16.5.203", 7), ("172.16.5.204", 5),
      ("172.16.6.0", 3), ("223.255.255.255", 1), ("10.0.3.2", 3), ("10.0.99.1", 1), ("2001:db9::", 1),
      ("2001:db7:ffff::", 1), ("2001:db8::", 2), ("2001:db8:4:ffff::1", 2), ("2001:db8:5::1", 3),
      ("2001:db8:5:1::", 4), ("2001:db8:5:1:7fff:ffff:ffff:ffff", 4), ("2001:db8:5:1:8000::", 5),
      ("2001:db8:5:1::7", 4), ("2001:db8:5:1::8", 6), ("2001:db8:5:1::9", 4), ("2001:db8:5:1::a", 7),
      ("2001:db8:5:1::b", 7), ("2001:db8:5:1::c", 4), ("2001:db8:5:2::", 3), ("fd00:3::2", 3), ("fd00:99::1", 1),
    ]
    for (destination, port) in cases {
      let source = destination.contains(":") ? "fd00:1::2" : "10.0.1.2"
      let out = device.exchange(Frame(from: source, to: destination).udp(1, 2), on: "p1")
      #expect(out.map(\.port) == ["p\(port)"], "\(destination)")
    }
  }

  @Test("A discard route drops without a word, and lets longer prefixes through")
  func discard() throws {
    var router = TestConfiguration.router(ports: 2)
    for prefix in ["172.16.0.0/12", "2001:db8::/32"] {
      router.routes.append(RouteConfiguration(prefix: IPPrefix(prefix)!, group: RouteConfiguration.discard))
    }
    TestConfiguration.route(&router, "172.16.1.0/24", [("10.0.2.2", 1, 1)])
    var device = try VirtualSwitch(router)
    #expect(device.exchange(Frame(from: "10.0.1.2", to: "172.16.0.1").udp(1, 2), on: "p1").isEmpty)
    #expect(device.exchange(Frame(from: "fd00:1::2", to: "2001:db8::1").udp(1, 2), on: "p1").isEmpty)
    #expect(device.exchange(Frame(from: "10.0.1.2", to: "172.16.1.1").udp(1, 2), on: "p1").map(\.port) == ["p2"])
    #expect(device.allDrops(on: "p1") == ["discard-route: 2"])
  }

  @Test("A /31 and a /127 have two hosts and no broadcast address")
  func pointToPoint() throws {
    var leaf = try VirtualSwitch(TestConfiguration.leaf())
    let out = leaf.exchange(Frame(from: "10.0.1.2", to: "10.1.1.1").udp(1, 2), on: "h1")
    #expect(out.map(\.port) == ["s1"])
    // fd00:1::1 is not resolved, but it is a neighbour, and :: of the /127 is the switch.
    _ = leaf.exchange(Frame(from: "fd00:2::1", to: "fd00:1::1").udp(1, 2), on: "s2")
    #expect(leaf.allDrops(on: "s2") == ["unresolved-neighbor: 1"])
    _ = leaf.exchange(Frame(from: "10.0.1.2", to: "10.1.1.0").tcp(1, 2), on: "h1")
    #expect(leaf.device.consumed(on: leaf.port("h1")) == 1)
  }

  @Test("A packet may leave by the port that it came in on")
  func hairpin() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let bytes = Frame(from: "10.0.1.77", to: "10.0.1.2").udp(1, 2)
    let out = campus.exchange(bytes, on: "r1")
    #expect(out.map(\.port) == ["r1"])
    #expect(out.map(\.bytes) == [Frame.routed(bytes, to: TestConfiguration.hostMAC(1))])
  }

  @Test("TTL or hop limit 2 is the least that passes", arguments: [false, true])
  func hops(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for ttl: UInt8 in [0, 1, 2, 255] {
      var frame = Frame.campus(from: 1, to: 2, isIPv6: isIPv6)
      frame.ttl = ttl
      let forwarded = campus.exchange(frame.udp(1, 2), on: "r1").on("r2")
      #expect(forwarded.count == (ttl > 1 ? 1 : 0))
      if let bytes = forwarded.first?.bytes { #expect(Frame.ipHeader(of: bytes)?.ttl == ttl - 1) }
    }
    #expect(campus.drops(.timeToLive, on: "r1") == 2)
    var local = Frame(from: isIPv6 ? "fd00:1::2" : "10.0.1.2", to: isIPv6 ? "fd00:2::1" : "10.0.2.1")
    local.ttl = 1
    #expect(campus.exchange(local.echoRequest(), on: "r1").count == 1)
  }

  @Test(
    "An IP packet of exactly the MTU passes, one byte more does not; padding does not count", arguments: [false, true])
  func mtu(isIPv6: Bool) throws {
    var configuration = TestConfiguration.campus()
    configuration.ports[1].mtu = 1500
    var campus = try VirtualSwitch(configuration)
    let frame = Frame.campus(from: 1, to: 2, isIPv6: isIPv6)
    #expect(campus.exchange(frame.udp(1, 2, size: 1514), on: "r1").map(\.port) == ["r2"])
    #expect(campus.exchange(frame.udp(1, 2, size: 1515), on: "r1").map(\.port) == ["r1"])
    #expect(campus.allDrops(on: "r1") == ["mtu-exceeded: 1"])
    // Octets behind the IP packet are none of its own, but the port cannot send a longer frame than it takes.
    let padded = frame.udp(1, 2, size: 1400)
    #expect(campus.exchange(Frame.padded(padded, to: 1522), on: "r1").map(\.wireLength) == [1522])
    #expect(campus.exchange(Frame.padded(padded, to: 1523), on: "r1").isEmpty)
    #expect(campus.allDrops(on: "r1") == ["mtu-exceeded: 2"])
  }

  @Test("A frame to another station, or to a group, is not routed")
  func foreignMAC() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for (mac, reason) in [
      (Frame.station(1), DropReason.foreignMAC), (0xFFFF_FFFF_FFFF, .multicastNotRouted),
      (0x0100_5E00_0001, .multicastNotRouted),
    ] {
      var frame = Frame.campus(from: 1, to: 2)
      frame.destinationMAC = mac
      let before = campus.drops(reason, on: "r1")
      #expect(campus.exchange(frame.udp(1, 2), on: "r1").isEmpty)
      #expect(campus.drops(reason, on: "r1") == before + 1)
    }
    campus.device.routesForeignMAC = true
    var frame = Frame.campus(from: 1, to: 2)
    frame.destinationMAC = Frame.station(1)
    #expect(campus.exchange(frame.udp(1, 2), on: "r1").map(\.port) == ["r2"])
    frame.destinationMAC = 0xFFFF_FFFF_FFFF
    #expect(campus.exchange(frame.udp(1, 2), on: "r1").isEmpty)
  }

  @Test("A routed port takes a priority tag off, and drops every other tag")
  func tagsOnRoutedPorts() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame.campus(from: 1, to: 2)
    frame.tags = [.init(vlan: 0, priority: 5)]
    let bytes = frame.udp(1, 2, size: 100)
    let out = campus.exchange(bytes, on: "r1", wireLength: 300)
    #expect(out.map(\.bytes) == [Frame.routed(Frame.untagged(bytes), to: TestConfiguration.hostMAC(2))])
    #expect(out.map(\.wireLength) == [296])
    for tags: [Frame.Tag] in [
      [.init(vlan: 10)], [.init(vlan: 4095)], [.init(vlan: 100, protocolIdentifier: 0x88A8)],
      [.init(vlan: 100, protocolIdentifier: 0x88A8), .init(vlan: 10)],
    ] {
      frame.tags = tags
      let before = campus.drops(.vlanNotAllowed, on: "r1")
      #expect(campus.exchange(frame.udp(1, 2), on: "r1").isEmpty)
      #expect(campus.exchange(frame.arp(isRequest: true), on: "r1").isEmpty)
      #expect(campus.drops(.vlanNotAllowed, on: "r1") == before + 2, "\(tags)")
    }
    frame.tags = [.init(vlan: 0), .init(vlan: 10)]
    #expect(campus.exchange(frame.udp(1, 2), on: "r1").isEmpty)
    #expect(campus.drops(.notRoutable, on: "r1") == 1)
  }

  @Test("What is neither IP nor ARP is not routed: LLC, LLDP to a station, RoCEv1, a length field")
  func notRoutable() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame(source: [], destination: [])
    for etherType: UInt16 in [0, 46, 1500, 0x88CC, 0x8915, 0x86DE, 0xFFFF] {
      #expect(campus.exchange(frame.ethernet(etherType, [], size: 60), on: "r1").isEmpty)
    }
    #expect(campus.exchange(frame.ethernet(0, []), on: "r1", wireLength: 14).isEmpty)
    #expect(campus.allDrops(on: "r1") == ["not-routable: 8"])
  }

  @Test("A group whose members are all down or drained leads nowhere")
  func noNextHop() throws {
    var leaf = try VirtualSwitch(TestConfiguration.leaf())
    let frame = Frame(from: "10.0.1.2", to: "10.9.0.1")
    leaf.setPort("s1", isUp: false)
    #expect(leaf.exchange(frame.udp(1, 2), on: "h1").map(\.port) == ["s2"])
    leaf.setPort("s2", isUp: false)
    #expect(leaf.exchange(frame.udp(1, 2), on: "h1").map(\.port) == ["h1"])
    #expect(leaf.allDrops(on: "h1") == ["no-next-hop: 1"])
    #expect(leaf.exchange(Frame(from: "10.0.1.2", to: "10.1.1.1").udp(1, 2), on: "h1").isEmpty)
    #expect(leaf.allDrops(on: "s1") == ["egress-down: 1"])
  }
}

extension [UInt8] {
  fileprivate func repeated(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in self } }
}
