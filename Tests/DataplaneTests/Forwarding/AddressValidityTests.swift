import Dataplane
import TestSupport
import Testing
import Wire

/// Addresses that must not be routed (RFC 1812 section 5.3.7, RFC 4291 section 2.5), default routes or not.
@Suite("Address validity")
struct AddressValidityTests {
  /// The campus with a default route of each version, so that nothing is dropped for want of a route.
  private static func configuration() -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    TestConfiguration.route(&configuration, "0.0.0.0/0", [("10.0.2.2", 1, 1)])
    TestConfiguration.route(&configuration, "::/0", [("fd00:2::2", 1, 1)])
    return configuration
  }

  @Test("Sources")
  func sources() throws {
    var campus = try VirtualSwitch(AddressValidityTests.configuration())
    let cases: [(String, Bool)] = [
      ("0.0.0.0", false), ("0.1.2.3", false), ("127.0.0.1", false), ("127.255.255.255", false), ("224.0.0.1", false),
      ("239.255.255.255", false), ("240.0.0.1", false), ("255.255.255.255", false), ("1.0.0.1", true),
      ("126.255.255.255", true), ("128.0.0.1", true), ("223.255.255.255", true), ("::", false), ("::1", false),
      ("ff02::1", false), ("ff00::", false), ("::2", true), ("fec0::1", true), ("2001:db8::1", true),
    ]
    for (source, isValid) in cases {
      let destination = source.contains(":") ? "2001:db8::99" : "8.8.8.8"
      let before = campus.drops(.martianAddress, on: "r1")
      let out = campus.exchange(Frame(from: source, to: destination).udp(1, 2), on: "r1")
      #expect(out.map(\.port) == (isValid ? ["r2"] : []), "\(source)")
      #expect(campus.drops(.martianAddress, on: "r1") == before + (isValid ? 0 : 1), "\(source)")
    }
  }

  @Test("Destinations")
  func destinations() throws {
    var campus = try VirtualSwitch(AddressValidityTests.configuration())
    let cases: [(String, DropReason?)] = [
      ("0.0.0.0", .martianAddress), ("0.255.255.255", .martianAddress), ("127.0.0.1", .martianAddress),
      ("224.0.0.5", .multicastNotRouted), ("239.1.2.3", .multicastNotRouted), ("240.0.0.1", .multicastNotRouted),
      ("255.255.255.255", .multicastNotRouted), ("10.0.2.255", .multicastNotRouted),
      ("10.0.2.0", .multicastNotRouted), ("10.0.10.255", .multicastNotRouted), ("10.0.1.255", .multicastNotRouted),
      ("1.0.0.1", nil), ("223.255.255.255", nil), ("::", .martianAddress), ("::1", .martianAddress),
      ("ff02::1", .multicastNotRouted), ("ff0e::1234", .multicastNotRouted), ("fe80::1", .multicastNotRouted),
      ("febf::1", .multicastNotRouted), ("fec0::1", nil), ("2001:db8::1", nil),
    ]
    for (destination, reason) in cases {
      let source = destination.contains(":") ? "fd00:1::2" : "10.0.1.2"
      let before = reason.map { campus.drops($0, on: "r1") } ?? 0
      let out = campus.exchange(Frame(from: source, to: destination).udp(1, 2), on: "r1")
      #expect(out.map(\.port) == (reason == nil ? ["r2"] : []), "\(destination)")
      if let reason { #expect(campus.drops(reason, on: "r1") == before + 1, "\(destination)") }
    }
  }

  @Test("A link-local source is not routed to another link, and is told so (RFC 4443 section 3.1, code 2)")
  func linkLocalSource() throws {
    var campus = try VirtualSwitch(AddressValidityTests.configuration())
    let sender = "fe80::aa"
    campus.device.learnNeighbor(
      TestConfiguration.address(sender), on: campus.port("r1"), mac: MACAddress(bits: Frame.station(1)), at: Tick(0))
    let out = campus.exchange(
      Frame(from: sender, to: "fd00:2::2", sourceMAC: Frame.station(1)).udp(1, 2), on: "r1")
    #expect(campus.allDrops(on: "r1") == ["multicast-not-routed: 1"])
    #expect(out.map(\.port) == ["r1"])
    #expect(out.first.map { Array($0.bytes[54..<56]) } == [1, 2])
    // To the switch itself it may talk.
    #expect(campus.exchange(Frame(from: sender, to: "fd00:2::1").echoRequest(), on: "r1").map(\.port) == ["r1"])
  }

  @Test("The switch's own link-local address answers, and is not sent to the default route")
  func ownLinkLocal() throws {
    var campus = try VirtualSwitch(AddressValidityTests.configuration())
    for (port, number) in [("r1", 1), ("a1", 10)] {
      let frame = Frame(
        from: "fd00:\(number)::2", to: "fe80::ff:fe00:1", sourceMAC: TestConfiguration.hostMAC(number))
      let out = campus.exchange(frame.echoRequest(), on: port)
      #expect(out.map(\.port) == [port])
      #expect(out.map { Array($0.bytes[22..<38]) } == [Frame.octets("fe80::ff:fe00:1")])
    }
    #expect(campus.allDrops(on: "r1").isEmpty)
  }

  @Test("Link-local addresses that are configured belong to their own interface")
  func configuredLinkLocal() throws {
    var configuration = AddressValidityTests.configuration()
    configuration.ports[0].role = .routed(addresses: ["fd00:1::1/64", "fe80::1/64"].compactMap { IPPrefix($0) })
    configuration.ports[1].role = .routed(addresses: ["fd00:2::1/64", "fe80::2/64"].compactMap { IPPrefix($0) })
    configuration.neighbors.removeAll { $0.address.bitWidth == 32 }
    configuration.routes.removeAll { $0.prefix.address.bitWidth == 32 }
    configuration.routes[0].group = 0
    configuration.nextHopGroups.removeFirst()
    var device = try VirtualSwitch(configuration)
    #expect(device.exchange(Frame(from: "fd00:1::2", to: "fe80::1").echoRequest(), on: "r1").map(\.port) == ["r1"])
    #expect(device.exchange(Frame(from: "fd00:2::2", to: "fe80::2").echoRequest(), on: "r2").map(\.port) == ["r2"])
    #expect(device.exchange(Frame(from: "fd00:1::2", to: "fe80::2").echoRequest(), on: "r1").isEmpty)
    #expect(device.exchange(Frame(from: "fd00:1::2", to: "fe80::99").udp(1, 2), on: "r1").isEmpty)
    #expect(device.allDrops(on: "r1") == ["multicast-not-routed: 2"])
  }
}
