import TestSupport
import Testing
import Wire

@testable import Dataplane

/// Neighbour discovery as in RFC 4861.
@Suite("Neighbour discovery")
struct NeighborDiscoveryTests {
  private static let linkLocal = "fe80::ff:fe00:1"

  /// A solicitation for an address, to its solicited-node group unless told otherwise.
  private func solicitation(
    from source: String, for target: String, to destination: String? = nil, station: Int = 1
  ) -> [UInt8] {
    var frame = Frame(from: source, to: destination ?? "::", sourceMAC: Frame.station(station))
    if destination == nil {
      let group = Frame.solicitedNode(of: target)
      (frame.destination, frame.destinationMAC) = (group.address, group.mac)
    }
    return frame.neighborSolicitation(for: target)
  }

  private func isKnown(_ campus: borrowing VirtualSwitch, _ address: String, at interface: Int = 0) -> UInt64? {
    let position = campus.device.tables.neighbors.find(
      interface: interface, address: TestConfiguration.address(address))
    guard position >= 0, campus.device.tables.neighbors.entries.base[position].isResolved else { return nil }
    return campus.device.tables.neighbors.entries.base[position].mac
  }

  @Test("A solicitation for an own address is answered, by multicast and by unicast, global and link-local")
  func answers() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for target in ["fd00:1::1", NeighborDiscoveryTests.linkLocal] {
      for source in ["fd00:1::9", "fe80::9"] {
        for destination in [nil, target] {
          let out = campus.exchange(solicitation(from: source, for: target, to: destination), on: "r1")
          try #require(out.map(\.port) == ["r1"], "\(source) for \(target)")
          let answer = try #require(Message(out[0].bytes))
          #expect([answer.type, answer.code, answer.ttl] == [136, 0, 255])
          #expect(answer.parameter == [0xE0, 0, 0, 0])  // router, solicited, override
          #expect(answer.body == Frame.octets(target) + [2, 1] + Frame.octets(Frame.switchMAC, count: 6))
          #expect(answer.source == Frame.octets(target))
          #expect(answer.destination == Frame.octets(source))
          #expect(answer.destinationMAC == Frame.station(1))
          #expect(out[0].queue == 6)
        }
      }
    }
  }

  @Test("Duplicate address detection is answered to all nodes")
  func duplicateAddressDetection() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let group = Frame.solicitedNode(of: "fd00:1::1")
    var frame = Frame(from: "::", to: "::", sourceMAC: Frame.station(1), destinationMAC: group.mac)
    (frame.destination, frame.ttl) = (group.address, 255)
    let bytes = frame.icmp(type: 135, [0, 0, 0, 0] + Frame.octets("fd00:1::1"))
    let out = campus.exchange(bytes, on: "r1")
    let answer = try #require(Message(out.first?.bytes ?? []))
    #expect(answer.parameter == [0xA0, 0, 0, 0])  // not solicited
    #expect(answer.destination == Frame.octets("ff02::1"))
    #expect(answer.destinationMAC == 0x3333_0000_0001)
    // RFC 4861 section 7.1.1: from no address there must be no link-layer address, and it goes to the group.
    #expect(campus.exchange(solicitation(from: "::", for: "fd00:1::1"), on: "r1").isEmpty)
  }

  @Test("In a VLAN, answers go to the asker's port, and other people's questions to everybody")
  func inVLAN() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let out = campus.exchange(solicitation(from: "fd00:10::9", for: "fd00:10::1"), on: "a2")
    #expect(out.map(\.port) == ["a2"])
    let others = campus.exchange(solicitation(from: "fd00:10::9", for: "fd00:10::8"), on: "a2")
    #expect(others.map(\.port) == ["a1", "t1", "t2"])
    #expect(campus.exchange(solicitation(from: "fd00:1::9", for: "fd00:1::8"), on: "r1").isEmpty)
  }

  @Test("What a router could have forwarded, or what is damaged, is neither answered nor learned from")
  func invalid() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let valid = solicitation(from: "fd00:1::9", for: "fd00:1::1")
    var hop = valid
    hop[21] = 254
    #expect(campus.exchange(hop, on: "r1").isEmpty)
    for index in 54..<valid.count {
      var damaged = valid
      damaged[index] ^= 0x10
      #expect(campus.exchange(damaged, on: "r1").isEmpty, "octet \(index)")
    }
    for captured in 54..<valid.count {
      #expect(campus.exchange(Array(valid[..<captured]), on: "r1", wireLength: valid.count).isEmpty, "\(captured)")
    }
    #expect(isKnown(campus, "fd00:1::9") == nil)
    #expect(campus.device.totals.consumedPackets == campus.device.totals.rxPackets)
    #expect(campus.exchange(valid, on: "r1").count == 1)
    #expect(isKnown(campus, "fd00:1::9") == Frame.station(1))
  }

  @Test("One solicitation a second for an unresolved next hop, and once it is answered packets flow")
  func resolution() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let second = VirtualSwitch.ticksPerSecond
    let packet = Frame(from: "fd00:2::2", to: "fd00:1::9").udp(1, 2)
    for tick in [0, second - 1] { campus.send(packet, on: "r2", at: tick) }
    // From another port, because a wire carries one frame at a time; all these frames are of one length.
    let other = Frame(from: "fd00:10::2", to: "fd00:1::9").udp(1, 2)
    for tick in [second, second + 100_000] { campus.send(other, on: "a1", at: tick) }
    let out = campus.run()
    var wanted = Frame(from: "fd00:1::1", to: "ff02::1:ff00:9", sourceMAC: Frame.switchMAC)
    (wanted.destinationMAC, wanted.dscp) = (0x3333_FF00_0009, 48)
    #expect(out.map(\.port) == ["r1", "r1"])
    #expect(out.map(\.bytes) == Array(repeating: wanted.neighborSolicitation(for: "fd00:1::9"), count: 2))

    let answer = Frame(from: "fd00:1::9", to: "fd00:1::1", sourceMAC: Frame.station(9))
    #expect(campus.exchange(answer.neighborAdvertisement(of: "fd00:1::9"), on: "r1").isEmpty)
    #expect(campus.exchange(packet, on: "r2").map(\.bytes) == [Frame.routed(packet, to: Frame.station(9))])
  }

  @Test("A reply to a link-local sender goes out of the interface it came in on")
  func linkLocalReply() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    // The same link-local address on two links is two neighbours.
    for (port, station) in [("r1", 1), ("r2", 2)] {
      _ = campus.exchange(
        solicitation(from: "fe80::9", for: NeighborDiscoveryTests.linkLocal, station: station), on: port)
    }
    for (port, station) in [("r1", 1), ("r2", 2)] {
      let request = Frame(from: "fe80::9", to: NeighborDiscoveryTests.linkLocal, sourceMAC: Frame.station(station))
      let out = campus.exchange(request.echoRequest(), on: port)
      #expect(out.map(\.port) == [port])
      #expect(Message(out.first?.bytes ?? [])?.destinationMAC == Frame.station(station))
    }
  }

  @Test("Only addresses of the link are learned, and no groups, nor the switch's own addresses")
  func learning() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    func advertise(_ target: String, mac: UInt64 = Frame.station(5), to destination: String = "fd00:1::1") -> [UInt8] {
      let group = Frame(
        from: "fe80::5", to: destination, sourceMAC: mac,
        destinationMAC: destination == "ff02::1" ? 0x3333_0000_0001 : Frame.switchMAC)
      var bytes = group.neighborAdvertisement(of: target)
      bytes.replaceSubrange(6..<12, with: Frame.octets(Frame.station(5), count: 6))
      return bytes
    }
    for target in ["fd00:1::5", "fe80::5"] {
      _ = campus.exchange(advertise(target), on: "r1")
      #expect(isKnown(campus, target) == Frame.station(5), "\(target)")
    }
    for target in ["fd00:2::5", "2001:db8::5", "fd00:1::1", NeighborDiscoveryTests.linkLocal, "ff02::5", "::"] {
      _ = campus.exchange(advertise(target), on: "r1")
      #expect(isKnown(campus, target) == nil, "\(target)")
    }
    _ = campus.exchange(advertise("fd00:1::6", mac: 0x3333_0000_0006), on: "r1")
    _ = campus.exchange(advertise("fd00:1::7", mac: Frame.switchMAC), on: "r1")
    // RFC 4861 section 7.1.2: a solicited answer is not for everybody.
    _ = campus.exchange(advertise("fd00:1::8", to: "ff02::1"), on: "r1")
    for target in ["fd00:1::6", "fd00:1::7", "fd00:1::8"] { #expect(isKnown(campus, target) == nil, "\(target)") }
    // From another subnet one may ask, but is not learned.
    _ = campus.exchange(solicitation(from: "2001:db8::7", for: "fd00:1::1"), on: "r1")
    #expect(isKnown(campus, "2001:db8::7") == nil)
  }

  @Test("An advertisement that does not override leaves what is known")
  func override() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for (station, flags, wanted) in [(1, 0x40, 1), (2, 0x40, 1), (3, 0x60, 3)] as [(Int, UInt8, Int)] {
      var frame = Frame(from: "fd00:1::5", to: "fd00:1::1", sourceMAC: Frame.station(station))
      frame.ttl = 255
      let option = [2, 1] + Frame.octets(frame.sourceMAC, count: 6)
      _ = campus.exchange(frame.icmp(type: 136, [flags, 0, 0, 0] + Frame.octets("fd00:1::5") + option), on: "r1")
      #expect(isKnown(campus, "fd00:1::5") == Frame.station(wanted))
    }
  }

  @Test("Learning from the frames of a capture: senders of the link alone")
  func sniffing() throws {
    let campus = try VirtualSwitch(TestConfiguration.campus())
    func sniff(_ frame: [UInt8], on port: String) {
      var bytes = frame
      let id = campus.port(port)
      bytes.withUnsafeMutableBytes {
        if let base = $0.baseAddress {
          campus.device.learnNeighbor(fromFrame: base, captured: $0.count, on: id, at: Tick(0))
        }
      }
    }
    let mac = Frame.station(1)
    sniff(Frame(from: "10.0.1.9", to: "8.8.8.8", sourceMAC: mac).udp(1, 2), on: "r1")
    sniff(Frame(from: "fd00:1::9", to: "fd00:2::2", sourceMAC: mac).udp(1, 2), on: "r1")
    sniff(Frame(from: "fe80::9", to: "fe80::1", sourceMAC: mac).udp(1, 2), on: "r1")
    sniff(Frame(from: "10.0.1.10", to: "10.0.1.1", sourceMAC: mac).arp(isRequest: true), on: "r1")
    for address in ["10.0.1.9", "fd00:1::9", "fe80::9", "10.0.1.10"] {
      #expect(isKnown(campus, address) == mac, "\(address)")
    }
    var tagged = Frame(from: "10.0.20.9", to: "8.8.8.8", sourceMAC: mac)
    tagged.tags = [.init(vlan: 20)]
    sniff(tagged.udp(1, 2), on: "t1")
    #expect(isKnown(campus, "10.0.20.9", at: 9) == mac)
    sniff(Frame(from: "192.0.2.1", to: "8.8.8.8", sourceMAC: mac).udp(1, 2), on: "r1")
    sniff(Frame(from: "10.0.1.1", to: "8.8.8.8", sourceMAC: mac).udp(1, 2), on: "r1")
    sniff(Frame(from: "10.0.1.11", to: "8.8.8.8", sourceMAC: 0x0300_0000_0001).udp(1, 2), on: "r1")
    for address in ["192.0.2.1", "10.0.1.1", "10.0.1.11"] { #expect(isKnown(campus, address) == nil, "\(address)") }
  }
}
