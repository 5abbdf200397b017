import Dataplane
import TestSupport
import Testing

/// Packet trimming: what is cut and how, what never is, and the counters.
///
/// No queue may have more than 1000 bytes, so that packets of 1400 bytes are never admitted and what is left of them,
/// 128 bytes with DSCP 9 in queue 6, is. The oracle is the frame builder: what leaves is the frame that it makes from the
/// beginning of the payload.
@Suite("Packet trimming")
struct TrimmingTests {
  static let payload = (0..<1320).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }

  static func configuration(
    size: Int = 128, _ change: (inout SwitchConfiguration) -> Void = { _ in }
  ) -> SwitchConfiguration {
    var configuration = TestConfiguration.classes(ports: 2, lossless: [3])
    configuration.qos.dscpToTrafficClass[9] = TrafficClass(6)
    configuration.buffer.egress.threshold = .fixed(ByteCount(1200))
    var trim = TrimConfiguration(dscp: 9, queue: QueueID(6))
    trim.size = size
    configuration.buffer.trim = trim
    change(&configuration)
    return configuration
  }

  /// A frame from p1 to p2's neighbour.
  static func frame(isIPv4: Bool = true, dscp: UInt8 = 0) -> Frame {
    var frame =
      isIPv4 ? Frame(from: "10.0.1.2", to: "10.0.2.2") : Frame(from: "fd00:1::2", to: "fd00:2::2")
    frame.dscp = dscp
    frame.ecn = 2
    return frame
  }

  /// The headers as p2 sends them.
  static func routed(_ frame: Frame) -> Frame {
    var frame = frame
    frame.sourceMAC = Frame.switchMAC
    frame.destinationMAC = TestConfiguration.hostMAC(2)
    frame.ttl -= 1
    frame.dscp = 9
    return frame
  }

  private func expectTrimmed(
    _ sent: [UInt8], _ wanted: [UInt8], size: Int = 128, capturedTo: Int? = nil, _ configuration: SwitchConfiguration,
    reason: DropReason = .egressBuffer, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var device = try VirtualSwitch(configuration)
    let captured = capturedTo.map { Array(sent.prefix($0)) } ?? sent
    device.send(captured, on: "p1", at: 0, wireLength: sent.count)
    let departures = device.run()
    #expect(departures.map(\.bytes) == [wanted], sourceLocation: sourceLocation)
    #expect(departures.map(\.wireLength) == [size] && departures.map(\.queue) == [6], sourceLocation: sourceLocation)
    #expect(departures.map(\.number) == [0], sourceLocation: sourceLocation)
    #expect(device.drops(reason, on: reason == .egressBuffer ? "p2" : "p1") == 1, sourceLocation: sourceLocation)
    let totals = device.device.totals
    #expect(totals.replicatedPackets == 1 && totals.droppedPackets == 1 && totals.txPackets == 1)
    let port = device.port("p2")
    #expect(device.device.trimming(of: QueueID(0), on: port).trimmed == 1, sourceLocation: sourceLocation)
    let counted = device.device.trimming(of: QueueID(6), on: port)
    #expect(counted.sent == 1 && counted.dropped == 0, sourceLocation: sourceLocation)
    device.expectBufferEmpty(sourceLocation: sourceLocation)
  }

  @Test(
    "UDP is cut to every size with new lengths and checksums", arguments: [true, false], [64, 65, 127, 128, 256, 1000])
  func udp(isIPv4: Bool, size: Int) throws {
    let frame = Self.frame(isIPv4: isIPv4)
    let kept = size - frame.headerLength - 8
    try expectTrimmed(
      frame.udp(1000, 2000, Self.payload), Self.routed(frame).udp(1000, 2000, Array(Self.payload.prefix(kept))),
      size: size, Self.configuration(size: size))
  }

  @Test("TCP is cut with new lengths and checksums", arguments: [true, false])
  func tcp(isIPv4: Bool) throws {
    for size in [128, 129, 999] {
      let frame = Self.frame(isIPv4: isIPv4)
      let kept = size - frame.headerLength - 20
      try expectTrimmed(
        frame.tcp(1000, 80, Self.payload), Self.routed(frame).tcp(1000, 80, Array(Self.payload.prefix(kept))),
        size: size, Self.configuration(size: size))
    }
  }

  @Test("IPv4 options stay")
  func options() throws {
    var frame = Self.frame()
    frame.options = Array(repeating: 1, count: 40)
    try expectTrimmed(
      frame.udp(1, 2, Self.payload), Self.routed(frame).udp(1, 2, Array(Self.payload.prefix(128 - 82))),
      Self.configuration())
  }

  @Test("A UDP checksum of zero stays zero")
  func withoutChecksum() throws {
    let frame = Self.frame()
    func zero(_ bytes: [UInt8]) -> [UInt8] { Array(bytes[..<40] + [0, 0] + bytes[42...]) }
    try expectTrimmed(
      zero(frame.udp(1, 2, Self.payload)), zero(Self.routed(frame).udp(1, 2, Array(Self.payload.prefix(86)))),
      Self.configuration())
  }

  @Test("RoCE keeps its base transport header, and loses its invariant CRC with the rest of the payload")
  func roce() throws {
    let frame = Self.frame()
    let sent = frame.roce(queuePair: 7, opcode: 6, sequence: 99, Self.payload)
    var wanted = Self.routed(frame).udp(49_152, 4791, Array(sent[42..<128]))
    wanted.replaceSubrange(40..<42, with: [0, 0])
    try expectTrimmed(sent, wanted, Self.configuration())
    let ipv6 = Self.frame(isIPv4: false)
    let other = ipv6.roce(queuePair: 7, opcode: 6, sequence: 99, Self.payload)
    try expectTrimmed(
      other, Self.routed(ipv6).udp(49_152, 4791, Array(other[62..<128])), Self.configuration())
  }

  @Test("What fails at ingress is trimmed too")
  func ingress() throws {
    let frame = Self.frame()
    try expectTrimmed(
      frame.udp(1, 2, Self.payload), Self.routed(frame).udp(1, 2, Array(Self.payload.prefix(86))),
      Self.configuration {
        $0.buffer.egress.threshold = .dynamic(log2Alpha: 0)
        $0.buffer.lossy.threshold = .fixed(ByteCount(1000))
      }, reason: .ingressBuffer)
  }

  /// The UDP checksum of bytes that are not there cannot be known: over IPv4 it is left out.
  @Test("A capture cut short is trimmed to the right lengths", arguments: [true, false])
  func snapped(isIPv4: Bool) throws {
    let frame = Self.frame(isIPv4: isIPv4)
    let sent = frame.udp(1000, 2000, Self.payload)
    let kept = 128 - frame.headerLength - 8
    let udp = frame.headerLength
    for captured in [udp + 8, 100, 127] {
      var wanted = Array(Self.routed(frame).udp(1000, 2000, Array(Self.payload.prefix(kept))).prefix(captured))
      wanted.replaceSubrange(udp + 6..<udp + 8, with: isIPv4 ? [0, 0] : sent[udp + 6..<udp + 8])
      try expectTrimmed(sent, wanted, capturedTo: captured, Self.configuration())
    }
    // What is kept is all there: the checksum is right, though the rest of the packet is not.
    for captured in [128, 129, 500] {
      let wanted = Self.routed(frame).udp(1000, 2000, Array(Self.payload.prefix(kept)))
      try expectTrimmed(sent, wanted, capturedTo: captured, Self.configuration())
    }
  }

  /// The size is that of the frame that leaves, tag included; a tag that is pushed has the class of trimmed packets.
  @Test("Tags that come and go count for the size")
  func tags() throws {
    var bridge = TestConfiguration.bridge(ports: 2)
    let routed = Self.configuration()
    bridge.qos = routed.qos
    bridge.buffer = routed.buffer
    let frame = Self.frame()
    var tagged = frame
    tagged.tags = [Frame.Tag(vlan: 10, priority: 5)]
    let trunk = PortRole.trunk(allowed: [VLANID(10)], native: nil)
    func left(_ frame: Frame, _ payload: Int) -> [UInt8] {
      var frame = frame
      frame.dscp = 9
      return frame.udp(1, 2, Array(Self.payload.prefix(payload)))
    }
    var push = bridge
    push.ports[1].role = trunk
    var pushed = tagged
    pushed.tags[0].priority = 6
    try expectTrimmed(frame.udp(1, 2, Self.payload), left(pushed, 82), push)
    var pop = bridge
    pop.ports[0].role = trunk
    try expectTrimmed(tagged.udp(1, 2, Self.payload), left(frame, 86), pop)
    var both = pop
    both.ports[1].role = trunk
    try expectTrimmed(tagged.udp(1, 2, Self.payload), left(tagged, 82), both)
  }

  /// Frames that must be dropped whole.
  static let never: [(String, [UInt8])] = {
    func udp(_ change: (inout Frame) -> Void) -> [UInt8] {
      var frame = TrimmingTests.frame()
      change(&frame)
      return frame.udp(1, 2, payload)
    }
    let frame = TrimmingTests.frame()
    let large = Array(repeating: 0, count: 1300) as [UInt8]
    return [
      ("trimmed before", udp { $0.dscp = 9 }),
      ("first fragment", udp { ($0.fragmentOffset, $0.moreFragments) = (0, true) }),
      ("later fragment", udp { $0.fragmentOffset = 100 }),
      ("VXLAN", frame.vxlan(identifier: 5, frame.udp(1, 2, payload))),
      ("RoCE acknowledge", frame.roce(queuePair: 7, opcode: 0x11, large)),
      ("RoCE atomic acknowledge", frame.roce(queuePair: 7, opcode: 0x12, large)),
      ("RoCE congestion notification", frame.roce(queuePair: 7, opcode: 0x81, large)),
      ("TCP segment that ends a connection", frame.tcp(1, 80, flags: 0x11, payload)),
      ("ICMP", frame.icmp(type: 8, large)),
      ("ICMP error", frame.icmp(type: 3, code: 1, large)),
      ("other protocol", frame.ip(50, large)),
      ("lossless queue", udp { $0.dscp = 3 }),
      ("queue that is not eligible", udp { $0.dscp = 2 }),
      ("headers cut off by the capture", Array(udp { _ in }.prefix(41))),
    ]
  }()

  @Test("What is never trimmed is dropped whole", arguments: never.indices)
  func neverTrimmed(index: Int) throws {
    let (name, bytes) = Self.never[index]
    var device = try VirtualSwitch(
      Self.configuration {
        $0.buffer.trim?.queues = 0xFB
        // Lossless queues are not limited at egress: the group is.
        $0.buffer.lossless.threshold = .fixed(ByteCount(1000))
        $0.buffer.headroom = ByteCount(0)
      })
    device.send(bytes, on: "p1", at: 0, wireLength: bytes.count < 100 ? 1362 : bytes.count)
    #expect(device.run().isEmpty, "\(name)")
    #expect(device.device.totals.droppedPackets == 1 && device.device.totals.replicatedPackets == 0, "\(name)")
    #expect((0..<8).allSatisfy { device.device.trimming(of: QueueID($0), on: device.port("p2")).trimmed == 0 })
    let reasons = device.device.drops(on: device.port("p1")) + device.device.drops(on: device.port("p2"))
    #expect(reasons.map(\.reason) == [name == "lossless queue" ? .headroomFull : .egressBuffer], "\(name)")
  }

  @Test("Multicast and what is no IP is never trimmed, be it bridged")
  func neverBridged() throws {
    var bridge = TestConfiguration.bridge(ports: 2)
    bridge.buffer = Self.configuration().buffer
    var multicast = Frame(from: "10.0.1.2", to: "239.1.2.3")
    multicast.destinationMAC = 0x0100_5E01_0203
    var unicastMAC = multicast
    unicastMAC.destinationMAC = 0x0200_0000_0B0B
    var group = Self.frame()
    group.destinationMAC = 0xFFFF_FFFF_FFFF
    var ipv6 = Frame(from: "fd00:1::2", to: "ff05::1")
    ipv6.destinationMAC = 0x0200_0000_0B0B
    let frames =
      [multicast, unicastMAC, group, ipv6].map { $0.udp(1, 2, Self.payload) }
      + [Self.frame().ethernet(0x88B5, Self.payload), Self.frame().arp(isRequest: true) + Self.payload]
    for (index, bytes) in frames.enumerated() {
      var device = try VirtualSwitch(bridge)
      device.send(bytes, on: "p1", at: 0)
      #expect(device.run().isEmpty && device.device.totals.replicatedPackets == 0, "frame \(index)")
      #expect(device.drops(.egressBuffer, on: "p2") == 1, "frame \(index)")
    }
  }

  @Test("A packet that fits in the size is dropped, trailing bytes or not")
  func small() throws {
    for (frame, padding) in [(Self.frame().udp(1, 2, size: 128), 0), (Self.frame().udp(1, 2, size: 120), 80)] {
      var device = try VirtualSwitch(Self.configuration { $0.buffer.egress.threshold = .fixed(ByteCount(64)) })
      device.send(frame + [UInt8](repeating: 0, count: padding), on: "p1", at: 0)
      #expect(device.run().isEmpty && device.drops(.egressBuffer, on: "p2") == 1)
      #expect(device.device.totals.replicatedPackets == 0)
    }
  }

  /// p2 is slower by ten: its trim queue has room for seven packets of two cells.
  @Test("What the queue of trimmed packets does not take is dropped, and all is counted")
  func full() throws {
    var device = try VirtualSwitch(Self.configuration { $0.ports[1].speed = .gigabits(1) })
    for _ in 0..<200 { device.send(Self.frame().udp(1, 2, Self.payload), on: "p1", at: 0) }
    let departures = device.run()
    let port = device.port("p2")
    let (meant, sent) = (
      device.device.trimming(of: QueueID(0), on: port), device.device.trimming(of: QueueID(6), on: port)
    )
    #expect(meant.trimmed == 200 && meant.sent == 0 && meant.dropped == 0)
    #expect(sent.trimmed == 0 && sent.sent == UInt64(departures.count) && sent.sent + sent.dropped == 200)
    #expect(departures.count > 7 && departures.count < 200 && departures.allSatisfy { $0.queue == 6 })
    let totals = device.device.totals
    #expect(totals.droppedPackets == 200 + sent.dropped && totals.replicatedPackets == 200)
    #expect(device.device.notAdmitted(to: QueueID(0), on: port) == 200)
    #expect(device.device.notAdmitted(to: QueueID(6), on: port) == sent.dropped)
    device.expectBufferEmpty()
  }

  @Test("Without a class that leads to the queue, a trimmed packet keeps its own")
  func withoutClass() throws {
    let frame = Self.frame()
    var device = try VirtualSwitch(
      Self.configuration { $0.qos.trafficClassToQueue[6] = QueueID(5) })
    device.send(frame.udp(1, 2, Self.payload), on: "p1", at: 0)
    let departures = device.run()
    #expect(departures.map(\.queue) == [6] && departures.map(\.wireLength) == [128] && device.isBufferEmpty)
  }
}
