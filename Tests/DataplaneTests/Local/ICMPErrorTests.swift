import Dataplane
import TestSupport
import Testing
import Wire

/// What each error says and where it goes.
@Suite("ICMP errors")
struct ICMPErrorTests {
  private static func configuration() -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    configuration.ports[1].mtu = 1400
    configuration.icmpRatePerSecond = 1_000_000
    return configuration
  }

  /// Checks all of an error that is the same for every kind, and hands it out.
  private func error(
    about frame: [UInt8], in departures: [Departure], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Message {
    try #require(departures.map(\.port) == ["r1"], sourceLocation: sourceLocation)
    #expect(departures[0].number == .max, sourceLocation: sourceLocation)
    #expect(departures[0].queue == 6, sourceLocation: sourceLocation)
    #expect(departures[0].wireLength == departures[0].bytes.count, sourceLocation: sourceLocation)
    let message = try #require(Message(departures[0].bytes), sourceLocation: sourceLocation)
    let isIPv4 = message.source.count == 4
    #expect(message.destinationMAC == TestConfiguration.hostMAC(1), sourceLocation: sourceLocation)
    #expect(message.sourceMAC == Frame.switchMAC, sourceLocation: sourceLocation)
    #expect(message.source == Frame.octets(isIPv4 ? "10.0.1.1" : "fd00:1::1"), sourceLocation: sourceLocation)
    #expect(message.destination == Frame.octets(isIPv4 ? "10.0.1.2" : "fd00:1::2"), sourceLocation: sourceLocation)
    #expect(message.ttl == 64, sourceLocation: sourceLocation)
    #expect(message.dscp == 48, sourceLocation: sourceLocation)
    #expect(message.padding.isEmpty, sourceLocation: sourceLocation)
    let length = isIPv4 ? Int(frame[16]) * 256 + Int(frame[17]) : 40 + Int(frame[18]) * 256 + Int(frame[19])
    let quoted = min(length, isIPv4 ? 576 - 28 : 1280 - 48)
    #expect(message.body == Array(frame[14..<14 + quoted]), sourceLocation: sourceLocation)
    return message
  }

  @Test("Time exceeded, with the packet as it came", arguments: [false, true], [0, 1] as [UInt8])
  func timeExceeded(isIPv6: Bool, ttl: UInt8) throws {
    var campus = try VirtualSwitch(ICMPErrorTests.configuration())
    var frame = Frame.campus(from: 1, to: 2, isIPv6: isIPv6)
    frame.ttl = ttl
    for size in [0, 100, 589, 590, 591, 1293, 1294, 1295, 4000] {
      let bytes = frame.udp(1, 2, size: size)
      let message = try error(about: bytes, in: campus.exchange(bytes, on: "r1"))
      #expect([message.type, message.code] == (isIPv6 ? [3, 0] : [11, 0]))
      #expect(message.number == 0)
    }
    #expect(campus.allDrops(on: "r1") == ["time-to-live: 9"])
  }

  @Test("Padding of a short frame is not quoted")
  func padding() throws {
    var campus = try VirtualSwitch(ICMPErrorTests.configuration())
    var frame = Frame.campus(from: 1, to: 2)
    frame.ttl = 1
    let bytes = Frame.padded(frame.ip(253, []), to: 60)
    let message = try error(about: bytes, in: campus.exchange(bytes, on: "r1"))
    #expect(message.body.count == 20)
  }

  @Test("Network unreachable, no route to destination", arguments: [false, true])
  func noRoute(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(ICMPErrorTests.configuration())
    let frame = Frame(from: isIPv6 ? "fd00:1::2" : "10.0.1.2", to: isIPv6 ? "2001:db8::1" : "192.0.2.1")
    let bytes = frame.udp(1, 2)
    let message = try error(about: bytes, in: campus.exchange(bytes, on: "r1"))
    #expect([message.type, message.code] == (isIPv6 ? [1, 0] : [3, 0]))
    #expect(campus.allDrops(on: "r1") == ["no-route: 1"])
  }

  @Test("Fragmentation needed and packet too big name the MTU of the way out", arguments: [false, true])
  func tooBig(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(ICMPErrorTests.configuration())
    var frame = Frame.campus(from: 1, to: 2, isIPv6: isIPv6)
    for dontFragment in [true, false] {
      frame.dontFragment = dontFragment
      let bytes = frame.udp(1, 2, size: 14 + 1401)
      let message = try error(about: bytes, in: campus.exchange(bytes, on: "r1"))
      #expect([message.type, message.code] == (isIPv6 ? [2, 0] : [3, 4]))
      #expect(message.number == 1400)
    }
    #expect(campus.allDrops(on: "r1") == ["mtu-exceeded: 2"])
  }

  @Test("Port unreachable comes from the address that was asked", arguments: [false, true])
  func portUnreachable(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(ICMPErrorTests.configuration())
    // Traceroute ends at the address that it asked for: on whichever interface it is, that address must answer.
    for number in [1, 2, 20] {
      let address = isIPv6 ? "fd00:\(number)::1" : "10.0.\(number).1"
      let bytes = Frame(from: isIPv6 ? "fd00:1::2" : "10.0.1.2", to: address).udp(1, 33434)
      let out = campus.exchange(bytes, on: "r1")
      let message = try #require(Message(out.first?.bytes ?? []))
      #expect([message.type, message.code] == (isIPv6 ? [1, 4] : [3, 3]))
      #expect(message.source == Frame.octets(address))
      #expect(message.body == Array(bytes[14...]))
    }
    #expect(campus.device.consumed(on: campus.port("r1")) == 3)
    #expect(campus.device.totals.originatedPackets == 3)
  }

  @Test("What a snap length left of a packet is quoted, and no more", arguments: [false, true])
  func snapped(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(ICMPErrorTests.configuration())
    var frame = Frame.campus(from: 1, to: 2, isIPv6: isIPv6)
    frame.ttl = 1
    let bytes = frame.udp(1, 2, size: 300)
    for captured in [bytes.count - 1, 100, 64] {
      let out = campus.exchange(Array(bytes[..<captured]), on: "r1", wireLength: 300)
      let message = try #require(Message(out.first?.bytes ?? []))
      #expect(message.body == Array(bytes[14..<captured]))
    }
  }

  @Test("The source is the address of the subnet that the error leaves into, not just any of the interface's")
  func sourceAddress() throws {
    var configuration = ICMPErrorTests.configuration()
    configuration.ports[0].role = .routed(
      addresses: ["10.0.1.1/24", "192.168.7.1/24", "fd00:1::1/64", "fd00:7::1/64"].compactMap { IPPrefix($0) })
    configuration.neighbors.append(TestConfiguration.neighbor(0, "192.168.7.2", Frame.station(7)))
    configuration.neighbors.append(TestConfiguration.neighbor(0, "fd00:7::2", Frame.station(7)))
    TestConfiguration.route(&configuration, "172.16.0.0/12", [("192.168.7.2", 0, 1)])
    var campus = try VirtualSwitch(configuration)
    for (sender, wanted) in [
      ("10.0.1.2", "10.0.1.1"), ("192.168.7.2", "192.168.7.1"), ("172.16.1.1", "192.168.7.1"),
      ("fd00:1::2", "fd00:1::1"), ("fd00:7::2", "fd00:7::1"),
    ] {
      var frame = Frame(from: sender, to: sender.contains(":") ? "fd00:2::2" : "10.0.2.2")
      frame.ttl = 1
      let message = try #require(Message(campus.exchange(frame.udp(1, 2), on: "r1").first?.bytes ?? []))
      #expect(message.source == Frame.octets(wanted), "\(sender)")
    }
  }

  @Test("Errors go where the route to the source leads, which may be another port or a VLAN")
  func wayBack() throws {
    var campus = try VirtualSwitch(ICMPErrorTests.configuration())
    _ = campus.exchange(Frame.layer2(from: TestConfiguration.hostMAC(10), to: Frame.station(1)), on: "t2")
    var frame = Frame.campus(from: 10, to: 2)
    frame.ttl = 1
    let out = campus.exchange(frame.udp(1, 2), on: "r1")
    #expect(out.map(\.port) == ["t2"])
    let message = try #require(Message(out.first?.bytes ?? []))
    #expect(message.source == Frame.octets("10.0.10.1"))
    #expect(message.destinationMAC == TestConfiguration.hostMAC(10))
    // Towards a tagged port the error has a tag, with the class of network control as priority.
    _ = campus.exchange(
      Frame.layer2(from: TestConfiguration.hostMAC(10), to: Frame.station(1), tags: [.init(vlan: 10)]), on: "t1")
    let tagged = campus.exchange(frame.udp(1, 2), on: "r1")
    #expect(tagged.map { Array($0.bytes[12..<16]) } == [[0x81, 0x00, 0xC0, 10]])
    #expect(tagged.map(\.wireLength) == tagged.map(\.bytes.count))
  }
}
