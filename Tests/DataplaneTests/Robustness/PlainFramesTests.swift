import CShims
import TestSupport
import Testing
import Wire

@testable import Dataplane

/// Plain frames are read in one go. Whatever is read so must be noted, and done, as if it had gone the long way.
@Suite("Plain frames")
struct PlainFramesTests {
  private static let fields: [ECMPFields] = [
    .usual, [.usual, .roceQP], [.usual, .roceQP, .flowLabel, .vlan], .sourceAddress, [.destinationPort, .ipProtocol],
    [],
  ]

  private static func configuration(_ fields: ECMPFields, trust: Trust) -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    TestConfiguration.route(
      &configuration, "10.8.0.0/16", [("10.0.2.2", 1, 3), ("10.0.1.2", 0, 1), ("10.0.2.3", 1, 2)])
    configuration.neighbors.append(TestConfiguration.neighbor(1, "10.0.2.3", Frame.station(23)))
    configuration.routes.append(
      RouteConfiguration(prefix: IPPrefix("10.9.0.0/16")!, group: RouteConfiguration.discard))
    configuration.ecmp.fields = fields
    configuration.ports[0].trust = trust
    configuration.ports[0].trafficClass = TrafficClass(2)
    configuration.ports[1].mtu = 1400
    return configuration
  }

  /// Frames whose every octet up to the base transport header takes values that matter, and of every captured length.
  private static func frames() -> [[UInt8]] {
    var frames: [[UInt8]] = []
    var frame = Frame(from: "10.0.1.2", to: "10.8.1.2")
    frame.dscp = 26
    frame.ecn = 2
    let whole = [
      frame.roce(queuePair: 0xABCDEF, size: 90), frame.udp(7, 8, size: 70), frame.tcp(80, 1025), frame.echoRequest(),
      frame.udp(1, 4791, [1, 2, 3]), frame.udp(1, 2, size: 1500),
    ]
    for bytes in whole {
      for index in 0..<min(bytes.count, 58) {
        for value in [0, 1, 2, 5, 6, 0x11, 0x1F, 0x20, 0x40, 0x45, 0x46, 0x7F, 0x80, 0xE0, 0xFE, 0xFF] as [UInt8] {
          var changed = bytes
          changed[index] = value
          frames.append(changed)
          // Most of these would end at the checksum of the header.
          frames.append(checked(changed))
        }
      }
      for length in 0..<min(bytes.count, 80) { frames.append(Array(bytes[..<length])) }
    }
    for destination in ["10.8.1.2", "10.9.1.1", "10.0.2.2", "10.0.1.1", "10.0.2.255", "10.77.0.1", "10.0.20.5"] {
      frame = Frame(from: "10.0.1.2", to: destination)
      frames += [frame.udp(5, 6, size: 100), frame.roce(queuePair: 9, size: 100)]
      frame.tags = [.init(vlan: 0, priority: 3)]
      frames.append(frame.udp(5, 6, size: 100))
    }
    return frames
  }

  private static func checked(_ frame: [UInt8]) -> [UInt8] {
    guard frame.count >= 34 else { return frame }
    var bytes = frame
    let end = max(34, min(bytes.count, 14 + 4 * Int(bytes[14] & 15)))
    bytes.replaceSubrange(24..<26, with: [0, 0])
    bytes.replaceSubrange(24..<26, with: Frame.octets(UInt64(Frame.checksum(Array(bytes[14..<end]))), count: 2))
    return bytes
  }

  @Test(
    "What leaves, when, and what is counted is the same with an access list, which asks for the long way",
    arguments: [ForwardingMode.storeAndForward, .direct])
  func bothWays(_ mode: ForwardingMode) throws {
    let frames = PlainFramesTests.frames()
    for (number, fields) in PlainFramesTests.fields.enumerated() {
      var configuration = PlainFramesTests.configuration(fields, trust: Trust.allCases[number % Trust.allCases.count])
      configuration.forwardingMode = mode
      var long = configuration
      long.acl = [ACLRule(name: "all", action: .permit)]
      var plain = try VirtualSwitch(configuration)
      var listed = try VirtualSwitch(long)
      var differences = 0
      for frame in frames {
        let first = plain.exchange(frame, on: "r1")
        let second = listed.exchange(frame, on: "r1")
        if first != second, differences == 0 {
          differences += 1
          Issue.record("\(fields): \(frame) left as \(first), the long way as \(second)")
        }
      }
      for port in 0..<configuration.ports.count {
        let shortDrops = plain.device.drops(on: PortID(port)).map { "\($0.reason) \($0.packets)" }
        let longDrops = listed.device.drops(on: PortID(port)).map { "\($0.reason) \($0.packets)" }
        #expect(shortDrops == longDrops)
        let shortCounts = [plain.device.received(on: PortID(port)), plain.device.sent(on: PortID(port))]
        let longCounts = [listed.device.received(on: PortID(port)), listed.device.sent(on: PortID(port))]
        #expect(shortCounts == longCounts)
      }
      let shortMembers = plain.device.memberStatistics(ofGroup: 0).map { [$0.packets, $0.bytes] }
      let longMembers = listed.device.memberStatistics(ofGroup: 0).map { [$0.packets, $0.bytes] }
      #expect(shortMembers == longMembers)
    }
  }

  @Test("What is noted is what the parser notes")
  func notes() throws {
    let memory = try PacketMemory(counts: (16, 16, 4))
    for fields in PlainFramesTests.fields {
      let configuration = PlainFramesTests.configuration(fields, trust: .dscp)
      let hasher = FlowHasher(seed: 1, switchID: 2)
      let key = try #require(PlainFlowKey(fields: fields, hasher: hasher))
      let classifier = Classifier(configuration.qos)
      var port = Port(
        configuration.ports[0], isTimed: false, isDirect: false, ticksPerSecond: 1000, serialization: .exact, owner: 0,
        slice: 0)
      let plain = PlainFrames(
        on: &port, PortID(3), mac: configuration.mac, acceptsForeignMAC: false, key: key,
        assignments: classifier.assignments.base)
      var read = 0
      for bytes in PlainFramesTests.frames() where bytes.count <= 1500 {
        let packets = (memory.allocate(capacity: bytes.count), memory.allocate(capacity: bytes.count))
        guard let first = packets.0, let second = packets.1 else {
          Issue.record("no memory")
          return
        }
        defer {
          PacketMemory.free(first)
          PacketMemory.free(second)
        }
        for packet in [first, second] {
          packet.fill(bytes, count: bytes.count)
          packet.arrived(number: 1, wireLength: max(60, bytes.count), start: .zero, end: .zero, latencyFrom: .zero)
        }
        guard let destination = plain.read(first) else { continue }
        read += 1
        second.state.pointee.ingress_port = 3
        second.state.pointee.egress_port = 0
        #expect(Parser.parse(second) == nil)
        classifier.classify(second, trust: .dscp, portClass: 0)
        second.state.pointee.flow_hash = FlowKey.hash(second, fields: fields, hasher: hasher)
        second.flags.insert(.plain)
        #expect(Notes(first.state.pointee) == Notes(second.state.pointee))
        let header = IPv4Header(plainAt: first.bytes + 14)
        #expect(header.isChecksumValid && header.destination.bits == destination)
      }
      #expect(read > 1000)
    }
  }

  /// What a packet has beside it after it was parsed.
  private struct Notes: Equatable {
    let words: [UInt64]

    init(_ state: pst_packet) {
      words = [
        UInt64(state.adjacency), UInt64(state.flow_label), UInt64(state.ingress_port), UInt64(state.network_offset),
        UInt64(state.transport_offset), UInt64(state.ether_type), UInt64(state.vlan), UInt64(state.flags),
        UInt64(state.traffic_class), UInt64(state.queue), UInt64(state.member), UInt64(state.priority_group),
        UInt64(state.dscp), UInt64(state.ecn), UInt64(state.ip_protocol), UInt64(state.source_port),
        UInt64(state.destination_port), UInt64(state.roce_qp), UInt64(state.network_length), UInt64(state.pcp),
        UInt64(state.flow_hash), UInt64(state.drop_reason),
      ]
    }
  }
}
