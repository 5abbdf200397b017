import TestSupport
import Testing
import Wire

@testable import Dataplane

/// ARP as in RFC 826, RFC 5227 and RFC 1812 section 3.3.2.
@Suite("ARP")
struct ARPTests {
  private func reply(to frame: Frame) -> [UInt8] {
    var answer = Frame(source: frame.destination, destination: frame.source)
    (answer.sourceMAC, answer.destinationMAC) = (Frame.switchMAC, frame.sourceMAC)
    return answer.arp(isRequest: false, targetMAC: frame.sourceMAC)
  }

  @Test("A request for an own address is answered, and to its asker alone")
  func answers() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for (port, number) in [("r1", 1), ("r2", 2), ("a1", 10), ("t2", 10), ("c2", 20)] {
      let frame = Frame(from: "10.0.\(number).9", to: "10.0.\(number).1", sourceMAC: Frame.station(number))
      let out = campus.exchange(frame.arp(isRequest: true), on: port)
      #expect(out.map(\.port) == [port])
      #expect(out.map(\.bytes) == [reply(to: frame)])
      #expect(out.map(\.queue) == [6])
      #expect(out.map(\.wireLength) == [60])
      // Asked directly, as a host does that renews what it knows.
      #expect(
        campus.exchange(frame.arp(isRequest: true, isBroadcast: false), on: port).map(\.bytes) == [reply(to: frame)])
    }
    #expect(campus.device.totals.consumedPackets == 10)
    #expect(campus.device.totals.originatedPackets == 10)
  }

  @Test("A probe from no address is answered (RFC 5227), and nothing is learned from it")
  func probe() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame(from: "0.0.0.0", to: "10.0.1.1", sourceMAC: Frame.station(1))
    #expect(campus.exchange(frame.arp(isRequest: true), on: "r1").map(\.bytes) == [reply(to: frame)])
    #expect(campus.device.tables.neighbors.find(interface: 0, address: TestConfiguration.address("0.0.0.0")) < 0)
  }

  @Test("On a tagged port the answer is tagged")
  func tagged() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame(from: "10.0.20.9", to: "10.0.20.1", sourceMAC: Frame.station(1))
    let plain = reply(to: frame)
    frame.tags = [.init(vlan: 20, priority: 1)]
    let out = campus.exchange(frame.arp(isRequest: true), on: "t1")
    #expect(out.map(\.bytes) == [Frame.tagged(plain, control: 6 << 13 | 20)])
    #expect(out.map(\.wireLength) == [64])
  }

  @Test("A request for somebody else ends at a routed port and is flooded in a VLAN")
  func forOthers() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    #expect(campus.exchange(Frame(from: "10.0.1.9", to: "10.0.1.8").arp(isRequest: true), on: "r1").isEmpty)
    #expect(campus.device.consumed(on: campus.port("r1")) == 1)
    let frame = Frame(from: "10.0.10.9", to: "10.0.10.8").arp(isRequest: true)
    #expect(campus.exchange(frame, on: "a1").on("a2").map(\.bytes) == [frame])
  }

  @Test("One request a second for an unresolved next hop, and once it is answered packets flow")
  func resolution() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let second = VirtualSwitch.ticksPerSecond
    let packet = Frame(from: "10.0.2.2", to: "10.0.1.9").udp(1, 2)
    var request = Frame(from: "10.0.1.1", to: "10.0.1.9")
    request.sourceMAC = Frame.switchMAC
    for tick in [0, second / 2, second - 1, 2 * second, 7 * second] { campus.send(packet, on: "r2", at: tick) }
    // From another port, because a wire carries one frame at a time; all these frames are of one length.
    let other = Frame(from: "10.0.10.2", to: "10.0.1.9").udp(1, 2)
    for tick in [second, second + 100_000] { campus.send(other, on: "a1", at: tick) }
    let out = campus.run()
    #expect(out.map(\.port) == ["r1", "r1", "r1", "r1"])
    #expect(out.map(\.bytes) == Array(repeating: request.arp(isRequest: true), count: 4))
    // Nothing but the packets that asked: the requests are as far apart as these.
    #expect(zip(out, out.dropFirst()).map { $1.start - $0.start } == [second, second, 5 * second])
    #expect(campus.drops(.unresolvedNeighbor, on: "r2") == 5)
    #expect(campus.drops(.unresolvedNeighbor, on: "a1") == 2)

    let answer = Frame(from: "10.0.1.9", to: "10.0.1.1", sourceMAC: Frame.station(9))
    #expect(campus.exchange(answer.arp(isRequest: false), on: "r1").isEmpty)
    #expect(campus.exchange(packet, on: "r2").map(\.bytes) == [Frame.routed(packet, to: Frame.station(9))])
  }

  @Test("Each unresolved next hop is asked for by itself, on its own interface")
  func resolutionPerNeighbor() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for host in [7, 8, 9] {
      let out = campus.exchange(Frame(from: "10.0.2.2", to: "10.0.20.\(host)").udp(1, 2), on: "r2")
      #expect(out.map(\.port) == ["t1", "t2", "c1", "c2"])
      #expect(out.on("c1").map { Array($0.bytes[38..<42]) } == [[10, 0, 20, UInt8(host)]])
      #expect(out.on("t1").map { Array($0.bytes[12..<18]) } == [[0x81, 0x00, 0xC0, 20, 0x08, 0x06]])
    }
    #expect(campus.device.totals.originatedPackets == 3)
    #expect(campus.device.totals.replicatedPackets == 9)
  }

  @Test("The request comes from the address in the subnet of the one that is asked for")
  func requestSource() throws {
    var configuration = TestConfiguration.campus()
    configuration.ports[0].role = .routed(
      addresses: ["10.0.1.1/24", "192.168.7.1/24", "192.168.8.129/25"].compactMap { IPPrefix($0) })
    configuration.neighbors.removeAll { $0.address.bitWidth == 128 }
    var campus = try VirtualSwitch(configuration)
    for (target, wanted) in [
      ("10.0.1.9", "10.0.1.1"), ("192.168.7.9", "192.168.7.1"), ("192.168.8.200", "192.168.8.129"),
    ] {
      let out = campus.exchange(Frame(from: "10.0.2.2", to: target).udp(1, 2), on: "r2")
      #expect(out.map { Array($0.bytes[28..<32]) } == [Frame.octets(wanted)])
    }
  }

  @Test("Requests, answers and announcements teach, if their sender is in the interface's subnet")
  func learning() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    func isKnown(_ address: String, at interface: Int = 0) -> Bool {
      let position = campus.device.tables.neighbors.find(
        interface: interface, address: TestConfiguration.address(address))
      return position >= 0 && campus.device.tables.neighbors.entries.base[position].isResolved
    }
    _ = campus.exchange(Frame(from: "10.0.1.31", to: "10.0.1.1").arp(isRequest: true), on: "r1")
    _ = campus.exchange(Frame(from: "10.0.1.32", to: "10.0.1.32").arp(isRequest: true), on: "r1")
    _ = campus.exchange(Frame(from: "10.0.1.33", to: "10.0.1.33").arp(isRequest: false, isBroadcast: true), on: "r1")
    _ = campus.exchange(Frame(from: "10.0.1.34", to: "10.0.1.1").arp(isRequest: false), on: "r1")
    for address in ["10.0.1.31", "10.0.1.32", "10.0.1.33", "10.0.1.34"] { #expect(isKnown(address), "\(address)") }
    // Not from elsewhere, not broadcast addresses, not from the switch's own, not with a group's or the switch's MAC.
    for (address, mac) in [
      ("10.0.2.31", Frame.station(1)), ("10.0.1.255", Frame.station(1)), ("192.0.2.1", Frame.station(1)),
      ("10.0.1.1", Frame.station(1)), ("10.0.1.41", 0x0100_5E00_0001), ("10.0.1.42", Frame.switchMAC),
    ] {
      var frame = Frame(from: address, to: "10.0.1.1", sourceMAC: mac)
      var bytes = frame.arp(isRequest: true)
      frame.sourceMAC = Frame.station(1)
      bytes.replaceSubrange(6..<12, with: Frame.octets(frame.sourceMAC, count: 6))
      _ = campus.exchange(bytes, on: "r1")
      #expect(!isKnown(address), "\(address)")
      #expect(!isKnown(address, at: 1), "\(address)")
    }
  }

  @Test("A static neighbour stays as it is; a learned one follows the latest ARP")
  func changes() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for (address, isStatic) in [("10.0.1.2", true), ("10.0.1.9", false)] {
      for station in [1, 2] {
        let announcement = Frame(from: address, to: address, sourceMAC: Frame.station(station))
        _ = campus.exchange(announcement.arp(isRequest: true), on: "r1")
        let packet = Frame(from: "10.0.2.2", to: address).udp(1, 2)
        let wanted = isStatic ? TestConfiguration.hostMAC(1) : Frame.station(station)
        #expect(campus.exchange(packet, on: "r2").map(\.bytes) == [Frame.routed(packet, to: wanted)])
      }
    }
  }

  @Test("Damaged and foreign ARP is answered by nobody")
  func malformed() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame(from: "10.0.1.9", to: "10.0.1.1", sourceMAC: Frame.station(1)).arp(isRequest: true)
    for captured in 14..<42 {
      #expect(campus.exchange(Array(frame[..<captured]), on: "r1", wireLength: 60).isEmpty)
    }
    // Hardware type, protocol type, address lengths.
    for index in [14, 15, 16, 17, 18, 19] {
      var damaged = frame
      damaged[index] ^= 1
      #expect(campus.exchange(damaged, on: "r1").isEmpty, "octet \(index)")
    }
    // A group as sender would make an answer to everybody.
    var group = frame
    group[22] |= 1
    #expect(campus.exchange(group, on: "r1").isEmpty)
    #expect(campus.device.totals.consumedPackets == campus.device.totals.rxPackets)
  }
}
