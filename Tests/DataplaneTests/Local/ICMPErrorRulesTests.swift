import TestSupport
import Testing
import Wire

@testable import Dataplane

/// When there is no error (RFC 1812 section 4.3.2.7, RFC 4443 section 2.4 e), and how many there are.
@Suite("ICMP error rules")
struct ICMPErrorRulesTests {
  private static func configuration(perSecond: UInt64 = 1_000_000) -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    configuration.icmpRatePerSecond = perSecond
    return configuration
  }

  /// A packet whose hops are used up.
  private func expired(isIPv6: Bool = false) -> Frame {
    var frame = Frame.campus(from: 1, to: 2, isIPv6: isIPv6)
    frame.ttl = 1
    return frame
  }

  @Test("Not about ICMP errors; about other ICMP messages yes")
  func notAboutErrors() throws {
    var campus = try VirtualSwitch(ICMPErrorRulesTests.configuration())
    for type in 0...255 as ClosedRange<UInt8> {
      let out = campus.exchange(expired().icmp(type: type, [0, 0, 0, 0, 1, 2, 3]), on: "r1")
      #expect(out.count == ([3, 4, 5, 11, 12].contains(type) ? 0 : 1), "ICMP \(type)")
      // RFC 4443 section 2.4 e: errors are 0 to 127, and redirects (137) count as such.
      let out6 = campus.exchange(expired(isIPv6: true).icmp(type: type, [0, 0, 0, 0, 1, 2, 3]), on: "r1")
      #expect(out6.count == (type < 128 || type == 137 ? 0 : 1), "ICMPv6 \(type)")
    }
    #expect(campus.drops(.timeToLive, on: "r1") == 512)
  }

  @Test("Not about ICMP whose type a snap length cut off")
  func notAboutUnknown() throws {
    var campus = try VirtualSwitch(ICMPErrorRulesTests.configuration())
    for isIPv6 in [false, true] {
      let bytes = expired(isIPv6: isIPv6).icmp(type: isIPv6 ? 128 : 8, size: 100)
      #expect(campus.exchange(Array(bytes[..<(isIPv6 ? 54 : 34)]), on: "r1", wireLength: 100).isEmpty)
    }
  }

  @Test("About a first fragment, not about later ones", arguments: [false, true])
  func fragments(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(ICMPErrorRulesTests.configuration())
    var frame = expired(isIPv6: isIPv6)
    frame.moreFragments = true
    for offset: UInt16 in [0, 1, 100, 8000] {
      frame.fragmentOffset = offset
      #expect(campus.exchange(frame.udp(1, 2, [1, 2, 3, 4, 5, 6, 7, 8]), on: "r1").count == (offset == 0 ? 1 : 0))
    }
    // A fragment of an ICMP error is one too.
    frame.fragmentOffset = 0
    #expect(campus.exchange(frame.icmp(type: isIPv6 ? 1 : 3), on: "r1").isEmpty)
    #expect(campus.drops(.timeToLive, on: "r1") == 5)
  }

  @Test("Not about a frame to a group, nor to a multicast or broadcast address")
  func groups() throws {
    var campus = try VirtualSwitch(ICMPErrorRulesTests.configuration())
    var frame = expired()
    for (mac, destination) in [
      (0xFFFF_FFFF_FFFF, "10.0.2.2"), (0x0100_5E01_0203, "10.0.2.2"), (Frame.switchMAC, "224.1.2.3"),
      (Frame.switchMAC, "255.255.255.255"), (Frame.switchMAC, "10.0.2.255"),
    ] as [(UInt64, String)] {
      frame.destinationMAC = mac
      frame.destination = Frame.octets(destination)
      #expect(campus.exchange(frame.udp(1, 2), on: "r1").isEmpty, "\(destination)")
    }
    // To the VLAN interface by broadcast: nothing is routed, and nobody is told.
    var inVLAN = Frame(from: "10.0.10.2", to: "192.0.2.1", sourceMAC: TestConfiguration.hostMAC(10))
    inVLAN.destinationMAC = 0xFFFF_FFFF_FFFF
    #expect(campus.exchange(inVLAN.udp(1, 2), on: "a1").allSatisfy { $0.number != .max })
  }

  @Test("Not to sources that are no host of anybody's: the switch's own, broadcasts, and those without a route back")
  func sources() throws {
    var campus = try VirtualSwitch(ICMPErrorRulesTests.configuration())
    for source in ["10.0.1.1", "10.0.2.1", "10.0.1.255", "10.0.1.0", "192.0.2.9", "127.0.0.1", "224.0.0.1"] {
      var frame = expired()
      frame.source = Frame.octets(source)
      #expect(campus.exchange(frame.udp(1, 2), on: "r1").isEmpty, "\(source)")
    }
    #expect(campus.device.totals.originatedPackets == 0)
  }

  @Test("An error about an error does not arise when the switch's own cannot be sent")
  func ownErrors() throws {
    var configuration = ICMPErrorRulesTests.configuration()
    configuration.neighbors.removeAll { $0.address == TestConfiguration.address("10.0.1.2") }
    var campus = try VirtualSwitch(configuration)
    // Instead of the error, an ARP request for where it should go.
    let out = campus.exchange(expired().udp(1, 2), on: "r1")
    #expect(out.map { Array($0.bytes[12..<14]) } == [[0x08, 0x06]])
    #expect(campus.dropsWithoutPort(.unresolvedNeighbor) == 1)
    #expect(campus.device.totals.originatedPackets == 2)
  }

  @Test("Fifty at once, then one per interval, to the tick")
  func limitIsExact() {
    var limit = ErrorLimit(perSecond: 100, ticksPerSecond: 1_000_000)
    let interval: UInt64 = 10_000
    #expect((0..<60).filter { _ in limit.allows(at: Tick(5)) } == Array(0..<50))
    let ticks = [interval - 1, interval, interval, 2 * interval - 1, 2 * interval, 2 * interval]
    #expect(ticks.map { limit.allows(at: Tick(5 + $0)) } == [false, true, false, false, true, false])
    // After a long silence there are fifty again, not more.
    let later = Tick(1_000_000_000)
    #expect((0..<60).filter { _ in limit.allows(at: later) }.count == 50)
  }

  @Test("Zero per second is none at all")
  func noErrors() throws {
    var campus = try VirtualSwitch(ICMPErrorRulesTests.configuration(perSecond: 0))
    #expect(campus.exchange(expired().udp(1, 2), on: "r1").isEmpty)
    #expect(campus.drops(.timeToLive, on: "r1") == 1)
    #expect(campus.exchange(Frame(from: "10.0.1.2", to: "10.0.1.1").echoRequest(), on: "r1").count == 1)
  }

  @Test("The limit is for the whole switch, whatever the kind of error and the port")
  func limitIsShared() throws {
    var campus = try VirtualSwitch(ICMPErrorRulesTests.configuration(perSecond: 1))
    var errors = 0
    for index in 0..<70 {
      let frame =
        index % 2 == 0
        ? expired(isIPv6: index % 4 == 0).udp(1, 2) : Frame(from: "10.0.1.2", to: "192.0.2.1").udp(1, 2)
      errors += campus.exchange(frame, on: index % 3 == 0 ? "r2" : "r1").count
    }
    #expect(errors == 50)
  }

  @Test("Errors that are never sent do not use up the limit")
  func unsentErrorsAreFree() throws {
    var configuration = ICMPErrorRulesTests.configuration(perSecond: 1)
    configuration.ports.append(TestConfiguration.routedPort("r3", 100, ["fd00:3::1/64"]))
    configuration.neighbors.append(TestConfiguration.neighbor(8, "10.0.99.2", Frame.station(9)))
    TestConfiguration.route(&configuration, "10.0.99.0/24", [("10.0.99.2", 8, 1)])
    var campus = try VirtualSwitch(configuration)
    // Towards 10.0.99.0/24 there is no IPv4 address that the error could come from.
    var frame = expired()
    frame.source = Frame.octets("10.0.99.7")
    for _ in 0..<100 { #expect(campus.exchange(frame.udp(1, 2), on: "r1").isEmpty) }
    #expect(campus.exchange(expired().udp(1, 2), on: "r1").count == 1)
  }
}
