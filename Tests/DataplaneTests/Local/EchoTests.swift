import Dataplane
import TestSupport
import Testing
import Wire

@Suite("Echo")
struct EchoTests {
  private func host(_ number: Int, isIPv6: Bool) -> String { isIPv6 ? "fd00:\(number)::2" : "10.0.\(number).2" }
  private func own(_ number: Int, isIPv6: Bool) -> String { isIPv6 ? "fd00:\(number)::1" : "10.0.\(number).1" }

  @Test("Every address of the switch answers on every interface, with what it was sent", arguments: [false, true])
  func answers(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var random = SplitMix64(seed: 5)
    for (port, from) in [("r1", 1), ("r2", 2), ("a1", 10), ("c1", 20)] {
      for to in [1, 2, 10, 20] {
        for length in [0, 1, 7, 10, 11, 12, 56, 1473, 8000] {
          var frame = Frame(
            from: host(from, isIPv6: isIPv6), to: own(to, isIPv6: isIPv6), sourceMAC: TestConfiguration.hostMAC(from))
          frame.dscp = 26
          let body = (0..<4 + length).map { _ in UInt8(random.below(256)) }
          let request = Frame.padded(frame.icmp(type: isIPv6 ? 128 : 8, body), to: 60)
          let out = campus.exchange(request, on: port)
          try #require(out.map(\.port) == [port], "\(from) to \(to) with \(length)")
          let reply = try #require(Message(out[0].bytes), "\(from) to \(to) with \(length)")
          #expect([reply.type, reply.code] == [isIPv6 ? 129 : 0, 0])
          #expect(reply.parameter + reply.body == body)
          #expect(reply.source == frame.destination)
          #expect(reply.destination == frame.source)
          #expect([reply.ttl, reply.dscp] == [64, 26])
          #expect(out[0].queue == 3)
          // A short reply is padded as Ethernet wants it, and says so.
          #expect(out[0].wireLength == out[0].bytes.count)
          #expect(out[0].wireLength == max(60, 14 + (isIPv6 ? 40 : 20) + 8 + length))
          #expect(reply.padding.allSatisfy { $0 == 0 })
        }
      }
    }
  }

  @Test("Options of the request are not repeated; its tag is that of the way out")
  func optionsAndTags() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    var frame = Frame(from: "10.0.10.2", to: "10.0.10.1", sourceMAC: TestConfiguration.hostMAC(10))
    frame.options = [148, 4, 0, 0]
    frame.tags = [.init(vlan: 10, priority: 2)]
    let out = campus.exchange(frame.echoRequest(), on: "t1")
    #expect(out.map(\.port) == ["t1"])
    let bytes = try #require(out.first?.bytes)
    #expect(Array(bytes[12..<16]) == [0x81, 0x00, 0, 10])
    let reply = try #require(Message(Frame.untagged(bytes)))
    #expect(reply.type == 0)
    #expect(bytes[18] == 0x45)
  }

  @Test("No answer to what is damaged, cut off, a fragment, or no request", arguments: [false, true])
  func silence(isIPv6: Bool) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame(from: host(1, isIPv6: isIPv6), to: own(1, isIPv6: isIPv6))
    let request = frame.echoRequest(size: 100)
    for index in (isIPv6 ? 54 : 34)..<100 {
      var damaged = request
      damaged[index] ^= 0x40
      #expect(campus.exchange(damaged, on: "r1").isEmpty, "octet \(index)")
    }
    for captured in (isIPv6 ? 54 : 34)..<100 {
      #expect(campus.exchange(Array(request[..<captured]), on: "r1", wireLength: 100).isEmpty, "\(captured) octets")
    }
    for type: UInt8 in [0, 13, 129, 200] {
      #expect(campus.exchange(frame.icmp(type: type), on: "r1").isEmpty)
    }
    var fragment = frame
    (fragment.fragmentOffset, fragment.moreFragments) = (0, true)
    #expect(campus.exchange(fragment.echoRequest(), on: "r1").isEmpty)
    #expect(campus.allDrops(on: "r1").isEmpty)
    #expect(campus.device.totals.consumedPackets == campus.device.totals.rxPackets)
  }

  @Test("No answer to a broadcast or a multicast address")
  func groups() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for destination in ["10.0.1.255", "255.255.255.255", "224.0.0.1", "ff02::1"] {
      var frame = Frame(from: destination.contains(":") ? "fd00:1::2" : "10.0.1.2", to: destination)
      for mac: UInt64 in [Frame.switchMAC, 0xFFFF_FFFF_FFFF] {
        frame.destinationMAC = mac
        #expect(campus.exchange(frame.echoRequest(), on: "r1").isEmpty, "\(destination)")
      }
    }
  }

  @Test("A request that claims to come from the switch itself ends in it")
  func ownSource() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    #expect(campus.exchange(Frame(from: "10.0.2.1", to: "10.0.1.1").echoRequest(), on: "r1").isEmpty)
    #expect(campus.device.totals.consumedPackets == 2)
  }

  @Test("Other protocols to the switch are consumed without an answer")
  func otherProtocols() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame(from: "10.0.1.2", to: "10.0.1.1")
    #expect(campus.exchange(frame.tcp(1, 179), on: "r1").isEmpty)
    #expect(campus.exchange(frame.ip(89, [1, 2, 3]), on: "r1").isEmpty)
    #expect(campus.device.consumed(on: campus.port("r1")) == 2)
  }
}
