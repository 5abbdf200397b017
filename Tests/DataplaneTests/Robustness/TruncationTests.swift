import Dataplane
import TestSupport
import Testing
import Wire

/// Every frame cut off at every octet, by a snap length (the wire has seen all of it) and on the wire itself.
@Suite("Truncation")
struct TruncationTests {
  /// What the switch must do with a frame on a routed port.
  private enum Fate: Equatable {
    case routed
    case consumed
    case dropped(DropReason)
  }

  private static func hop(_ isIPv6: Bool) -> Frame { Frame.campus(from: 1, to: 2, isIPv6: isIPv6) }

  /// Frames to be routed from r1 to r2, all without tags.
  private static let packets: [(name: String, bytes: [UInt8])] = {
    var options = hop(false)
    options.options = [UInt8](repeating: 1, count: 40)
    var fragment = hop(true)
    fragment.fragmentOffset = 7
    return [
      ("UDP", hop(false).udp(1, 2, size: 80)), ("TCP with options", options.tcp(1, 2)),
      ("ICMP", hop(false).echoRequest(size: 80)), ("RoCE", hop(false).roce(queuePair: 5, size: 90)),
      ("VXLAN", hop(false).vxlan(identifier: 9, hop(true).udp(1, 2))), ("IPv6 UDP", hop(true).udp(1, 2, size: 80)),
      ("IPv6 RoCE", hop(true).roce(queuePair: 5, size: 100)), ("IPv6 fragment", fragment.udp(1, 2)),
      ("IPv6 options", hop(true).ip(0, [60, 0, 1, 4, 0, 0, 0, 0, 17, 1] + [UInt8](repeating: 0, count: 30))),
    ]
  }()

  /// Judged by the lengths alone, as the parser's documentation says.
  private static func fate(_ bytes: [UInt8], captured: Int, wire: Int) -> Fate {
    if captured < 14 { return .dropped(.truncatedEthernet) }
    let isIPv4 = bytes[12] == 0x08
    let header = isIPv4 ? 4 * Int(bytes[14] & 15) : 40
    if captured < 14 + header { return .dropped(.truncatedNetworkHeader) }
    let length = isIPv4 ? Int(bytes[16]) * 256 + Int(bytes[17]) : 40 + Int(bytes[18]) * 256 + Int(bytes[19])
    return 14 + length > wire ? .dropped(.networkLength) : .routed
  }

  @Test(
    "On a routed port: routed with the octets that there are, or dropped for the right reason",
    arguments: [false, true])
  func routed(isSnapped: Bool) throws {
    var first = try PoisonedSwitch(TestConfiguration.campus(), poison: 0)
    var second = try PoisonedSwitch(TestConfiguration.campus(), poison: 0xFF)
    for (name, bytes) in TruncationTests.packets {
      for captured in 0...bytes.count {
        let wire = isSnapped ? bytes.count : captured
        let cut = Array(bytes[..<captured])
        let before = first.device.drops(on: PortID(0)).reduce(into: [:]) { $0[$1.reason] = $1.packets }
        let out = first.exchange(cut, on: 0, wireLength: wire)
        let again = second.exchange(cut, on: 0, wireLength: wire)
        #expect(out == again, "\(name) cut to \(captured)")
        let after = first.device.drops(on: PortID(0)).reduce(into: [:]) { $0[$1.reason] = $1.packets }
        switch TruncationTests.fate(bytes, captured: captured, wire: wire) {
        case .routed:
          #expect(out.map(\.port) == [1], "\(name) cut to \(captured)")
          #expect(
            out.map(\.bytes) == [Frame.routed(cut, to: TestConfiguration.hostMAC(2))], "\(name) cut to \(captured)")
          #expect(out.map(\.wireLength) == [wire])
        case .dropped(let reason):
          #expect(out.isEmpty)
          #expect(after[reason] ?? 0 == (before[reason] ?? 0) + 1, "\(name) cut to \(captured): \(reason)")
        case .consumed: break
        }
      }
    }
    #expect(first.fault == nil)
    #expect(second.fault == nil)
  }

  @Test("On bridged ports: forwarded as they are from the Ethernet header on, tags rewritten", arguments: [2, 4, 5])
  func bridged(port: Int) throws {
    var first = try PoisonedSwitch(TestConfiguration.campus(), poison: 0)
    var second = try PoisonedSwitch(TestConfiguration.campus(), poison: 0xFF)
    for (name, bytes) in TruncationTests.packets {
      for tagCount in 0...2 {
        if port == 4, tagCount == 0 { continue }
        var frame = bytes
        frame.replaceSubrange(0..<6, with: Frame.octets(Frame.station(2), count: 6))
        if tagCount == 2 { frame = Frame.tagged(frame, control: 99) }
        if tagCount > 0 { frame = Frame.tagged(frame, control: 5 << 13 | 10) }
        for captured in 0...frame.count {
          for wire in [captured, frame.count] {
            let cut = Array(frame[..<captured])
            let out = first.exchange(cut, on: port, wireLength: wire)
            #expect(out == second.exchange(cut, on: port, wireLength: wire), "\(name) cut to \(captured)")
            if captured < 14 + 4 * tagCount {
              #expect(out.isEmpty, "\(name) cut to \(captured)")
              continue
            }
            #expect(out.map(\.port) == [2, 3, 4, 5].filter { $0 != port }, "\(name) cut to \(captured)")
            let inner = tagCount == 0 ? cut : Frame.untagged(cut)
            for output in out {
              let isTagged = output.port == 4
              let trafficClass = UInt16(output.queue)
              let control = (tagCount == 0 ? trafficClass : 5) << 13 | 10
              #expect(
                output.bytes == (isTagged ? Frame.tagged(inner, control: control) : inner), "\(name) cut to \(captured)"
              )
              #expect(output.wireLength - output.bytes.count == wire - captured)
            }
          }
        }
      }
    }
    #expect(first.fault == nil)
    #expect(second.fault == nil)
  }

  @Test("What is for the switch itself: answered whole, silent otherwise, and always consumed or dropped")
  func local() throws {
    let own = Frame(from: "10.0.1.2", to: "10.0.1.1")
    let own6 = Frame(from: "fd00:1::2", to: "fd00:1::1")
    let frames = [
      own.arp(isRequest: true), own.echoRequest(size: 90), own.udp(1, 2, size: 90), own6.echoRequest(size: 90),
      own6.neighborSolicitation(for: "fd00:1::1"), own6.neighborAdvertisement(of: "fd00:1::9"),
      own6.udp(1, 2, size: 90),
      Frame.priorityPause([1: 2]),
    ]
    for port in [0, 2] {
      var first = try PoisonedSwitch(TestConfiguration.campus(), poison: 0)
      var second = try PoisonedSwitch(TestConfiguration.campus(), poison: 0xFF)
      for (index, frame) in frames.enumerated() {
        for captured in 0...frame.count {
          for wire in [captured, frame.count] {
            let cut = Array(frame[..<captured])
            let out = first.exchange(cut, on: port, wireLength: wire)
            #expect(out == second.exchange(cut, on: port, wireLength: wire), "frame \(index) cut to \(captured)")
            #expect(first.fault == nil, "frame \(index) cut to \(captured)")
          }
        }
      }
    }
  }
}
