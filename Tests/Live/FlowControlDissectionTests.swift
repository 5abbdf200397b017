import Dataplane
import Foundation
import TestSupport
import Testing

/// What flow control, marking and trimming write, read by tshark and scapy. Packets come in on p1 and leave from p2.
@Suite(
  "Pause frames, marks and trimmed packets dissected by others",
  .enabled(if: Oracle.has(Oracle.files), Oracle.lacks(Oracle.files)))
struct FlowControlDissectionTests {
  /// A router of two ports, where DSCP n is class n and queues 3 and 4 are lossless.
  private static func router(_ gigabits: [UInt64]) -> SwitchConfiguration {
    var router = TestConfiguration.router(ports: 3, speeds: gigabits.map { .gigabits($0) })
    for index in 0..<8 { router.qos.dscpToTrafficClass[index] = TrafficClass(index) }
    for port in router.ports.indices {
      for queue in [3, 4] { router.ports[port].queues[queue].isLossless = true }
    }
    return router
  }

  /// Writes what left a port; a stamp is the nanosecond of its departure.
  private static func capture(_ departures: [Departure], in directory: ScratchDirectory, name: String) throws -> String
  {
    try directory.write(
      departures.map { StampedFrame(at: $0.start / 1000, $0.bytes, wireLength: $0.wireLength) }, to: name)
  }

  private static func expectations(_ filters: KeyValuePairs<String, Int>) -> [String] {
    filters.flatMap { ["--expect", "\($0.key)=\($0.value)"] }
  }

  @Test("PFC: vector, times, padding, addresses; XON with its bit and no time", arguments: [65_535, 1000] as [UInt16])
  func priorityPause(quanta: UInt16) throws {
    var configuration = Self.router([100])
    configuration.pause.quanta = quanta
    configuration.pause.refresh = .seconds(1)
    configuration.buffer.lossless.threshold = .fixed(ByteCount(640))
    configuration.buffer.headroom = ByteCount(64_000)
    var device = try VirtualSwitch(configuration)
    // Both groups get to their limits while a long frame is on the wire that the pause frame has to take.
    device.send(TestConfiguration.frame(toPort: 1, size: 9000), on: "p2", at: 0)
    device.send(Frame.priorityPause([3: 65_535, 4: 65_535]), on: "p3", at: 0)
    for dscp: UInt8 in [3, 4] {
      for _ in 0..<20 {
        device.send(TestConfiguration.frame(toPort: 3, dscp: dscp), on: "p1", at: 740_000)
      }
    }
    device.send(Frame.priorityPause([3: 0]), on: "p3", at: 100_000_000)
    device.send(Frame.priorityPause([4: 0]), on: "p3", at: 200_000_000)
    let departures = device.run(until: 300_000_000).on("p1")
    let directory = try ScratchDirectory()
    let path = try Self.capture(departures, in: directory, name: "pfc.pcap")
    let both =
      "macc.cbfc.enbv == 0x0018 && macc.cbfc.pause_time.c3 == \(quanta) && macc.cbfc.pause_time.c4 == \(quanta)"
    let rest = [0, 1, 2, 5, 6, 7].map { "macc.cbfc.pause_time.c\($0) == 0" }.joined(separator: " && ")
    let third = "macc.cbfc.enbv == 0x0018 && macc.cbfc.pause_time.c3 == 0 && macc.cbfc.pause_time.c4 == \(quanta)"
    let fourth = "macc.cbfc.enbv == 0x0010 && macc.cbfc.pause_time.c3 == 0 && macc.cbfc.pause_time.c4 == 0"
    try Oracle.run(
      "tshark_check.py",
      [path]
        + Self.expectations([
          "macc": 3, "\(both) && \(rest)": 1, "\(third) && \(rest)": 1, "\(fourth) && \(rest)": 1,
          "macc.opcode == 0x0101 && frame.len == 60 && !vlan && eth.type == 0x8808": 3,
          "macc && eth.src == 02:00:00:00:00:01 && eth.dst == 01:80:c2:00:00:01": 3,
          "macc.dst_address_invalid || macc.cbfc.enbv.not_zero || macc.opcode.unknown": 0,
        ]))
    // Zeros behind the eight times.
    let control = departures.filter { $0.bytes[12] == 0x88 && $0.bytes[13] == 0x08 }
    #expect(control.allSatisfy { $0.bytes.count == 60 && $0.bytes[34...].allSatisfy { $0 == 0 } })
  }

  @Test("PAUSE: time, padding, addresses")
  func linkPause() throws {
    var configuration = Self.router([100])
    configuration.pause.mode = .link
    configuration.pause.refresh = .seconds(1)
    configuration.buffer.lossless.threshold = .fixed(ByteCount(640))
    configuration.buffer.headroom = ByteCount(64_000)
    configuration.ports[1].speed = .gigabits(10)
    var device = try VirtualSwitch(configuration)
    for _ in 0..<30 { device.send(TestConfiguration.frame(toPort: 2, dscp: 3), on: "p1", at: 0) }
    let directory = try ScratchDirectory()
    let path = try Self.capture(device.run().on("p1"), in: directory, name: "pause.pcap")
    try Oracle.run(
      "tshark_check.py",
      [path]
        + Self.expectations([
          "macc.opcode == 0x0001 && macc.pause_time == 65535": 1, "macc.opcode == 0x0001 && macc.pause_time == 0": 1,
          "macc && frame.len == 60 && eth.dst == 01:80:c2:00:00:01 && eth.src == 02:00:00:00:00:01": 2, "macc": 2,
        ]))
  }

  /// Header stacks with random fields, so that checksums carry in every way.
  private static func stack(_ number: Int, _ random: inout SplitMix64, dscp: UInt8) -> [UInt8] {
    let isIPv4 = number % 2 == 0
    let host = UInt8(truncatingIfNeeded: random.next())
    var frame =
      isIPv4
      ? Frame(source: [10, 0, 1, max(2, host)], destination: [10, 0, 2, 2])
      : Frame(from: "fd00:1::\(String(random.next() & 0xFFFF | 0x1000, radix: 16))", to: "fd00:2::2")
    frame.dscp = dscp
    frame.ecn = number % 3 == 0 ? 1 : 2
    frame.identification = UInt16(truncatingIfNeeded: random.next())
    frame.flowLabel = UInt32(truncatingIfNeeded: random.next() & 0xFFFFF)
    frame.ttl = UInt8(truncatingIfNeeded: 2 + random.below(250))
    let port = UInt16(truncatingIfNeeded: 61_000 + random.below(2000))
    // Four octets that no heuristic of tshark takes for the beginning of anything.
    let payload =
      [0, 1, 2, 3] + Frame.octets(random.next(), count: 4) + Frame.octets(random.next(), count: 1 + random.below(8))
    switch number / 2 {
    case 0: return frame.udp(port, 40_001, payload)
    case 1: return frame.tcp(port, 40_001, sequence: UInt32(truncatingIfNeeded: random.next()), payload)
    case 2:
      // A WRITE: of a SEND, tshark takes random payload for RPC over RDMA.
      return frame.roce(
        queuePair: UInt32(random.below(1 << 24)), opcode: 10, sourcePort: port,
        Array(repeating: 1, count: 16) + payload + [0, 0, 0])
    case 3:
      var inner = Frame(from: "192.168.0.1", to: "192.168.0.2", destinationMAC: 0x0200_0000_0C0C)
      inner.ecn = UInt8(random.below(4))
      return frame.vxlan(port, identifier: 5, inner.udp(port, 40_001, payload))
    case 4:
      // A priority tag, which goes.
      frame.tags = [Frame.Tag(vlan: 0, priority: 3)]
      return frame.udp(port, 40_001, payload)
    case 5:
      if isIPv4 { frame.options = [1, 1, 1, 1] + Array(repeating: 1, count: 4 * random.below(9)) }
      return frame.udp(port, 40_001, payload)
    case 6:
      (frame.fragmentOffset, frame.moreFragments) = (UInt16(8 * random.below(3)), true)
      return frame.udp(port, 40_001, payload)
    default: return frame.echoRequest(identifier: port, sequence: UInt16(truncatingIfNeeded: random.next()))
    }
  }

  @Test("100 000 marked packets of 16 header stacks: every checksum is right, and the ICRC still holds")
  func marks() throws {
    let (stacks, count) = (16, 100_000)
    var configuration = Self.router([100, 10])
    configuration.ports[1].queues[3].ecn = ECNProfile(
      kmin: ByteCount(0), kmax: ByteCount(0), pmax: Probability(partsPerMillion: 0))
    var device = try VirtualSwitch(configuration, counts: (count + 1000, 64, 64))
    var random = SplitMix64(seed: 26)
    for index in 0..<count {
      device.send(Self.stack(index % stacks, &random, dscp: 3), on: "p1", at: 0)
    }
    let departures = device.run()
    #expect(departures.count == count)
    let marking = device.device.marking(of: QueueID(3), on: device.port("p2"))
    // The first leaves an empty queue behind, and the last does.
    let marked = Int(marking.marked.packets)
    #expect(count - marked <= 2 && marking.arrivedCE == 0)
    let directory = try ScratchDirectory()
    let path = try Self.capture(departures, in: directory, name: "marked.pcap")
    let outer = "eth.type == 0x0800 && ip.dsfield.ecn == 3 && ip.dsfield.dscp == 3"
    try Oracle.run(
      "tshark_check.py",
      [path] + Self.expectations(["(\(outer)) || (ipv6.tclass.ecn == 3 && ipv6.tclass.dscp == 3)": marked]))
    // scapy takes a millisecond a frame.
    let scapy = try Oracle.run("scapy_check.py", [path, "--limit", "4000"])
    let found = scapy.firstMatch(of: /(\d+) ICRCs/).flatMap { Int($0.1) }
    #expect(found == 500)
  }

  @Test("Bridged with a tag, the mark is in the right place")
  func taggedMarks() throws {
    var bridge = TestConfiguration.bridge(ports: 2, speeds: [.gigabits(100), .gigabits(10)])
    bridge.ports[1].role = .trunk(allowed: [VLANID(10)], native: nil)
    bridge.ports[1].queues[0].ecn = ECNProfile(
      kmin: ByteCount(0), kmax: ByteCount(0), pmax: Probability(partsPerMillion: 0))
    var device = try VirtualSwitch(bridge)
    var random = SplitMix64(seed: 27)
    for index in 0..<2000 {
      // The stack of a priority tag is for routed ports.
      device.send(Self.stack([0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13][index % 12], &random, dscp: 0), on: "p1", at: 0)
    }
    let departures = device.run()
    let marked = Int(device.device.marking(of: QueueID(0), on: device.port("p2")).marked.packets)
    #expect(departures.count == 2000 && marked >= 1998)
    let directory = try ScratchDirectory()
    let path = try Self.capture(departures, in: directory, name: "tagged.pcap")
    let outer = "vlan.id == 10 && ((vlan.etype == 0x0800 && ip.dsfield.ecn == 3) || ipv6.tclass.ecn == 3)"
    try Oracle.run("tshark_check.py", [path] + Self.expectations([outer: marked]))
    try Oracle.run("scapy_check.py", [path])
  }

  @Test("Trimmed packets: lengths and checksums of UDP and TCP over both IP versions; RoCE keeps its header")
  func trimmed() throws {
    let directory = try ScratchDirectory()
    var paths: [String] = []
    for (name, stacks) in [("transport", [0, 1, 2, 3, 10]), ("roce", [4, 5])] {
      for size in [128, 251] {
        var configuration = Self.router([100])
        configuration.buffer.egress.threshold = .fixed(ByteCount(1000))
        var trim = TrimConfiguration(dscp: 9, queue: QueueID(6))
        trim.size = size
        configuration.buffer.trim = trim
        var device = try VirtualSwitch(configuration)
        var random = SplitMix64(seed: UInt64(size))
        let payload = (0..<1200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for index in 0..<500 {
          let frame = Self.large(stacks[index % stacks.count], &random, payload)
          device.send(frame, on: "p1", at: UInt64(index) * 200_000)
        }
        let departures = device.run()
        #expect(departures.count == 500 && departures.allSatisfy { $0.wireLength == size })
        let path = try Self.capture(departures, in: directory, name: "\(name)-\(size).pcap")
        paths += name == "transport" ? [path] : []
        try Oracle.run(
          "tshark_check.py",
          [path]
            + Self.expectations([
              "frame.len == \(size) && (ip.dsfield.dscp == 9 || ipv6.tclass.dscp == 9)": 500,
              "infiniband.bth.opcode == 10 && infiniband.bth.destqp == 0x000007": name == "roce" ? 500 : 0,
            ]))
      }
    }
    try Oracle.run("scapy_check.py", paths)
  }

  /// A packet of one of the stacks that are trimmed, with 1200 bytes of payload.
  private static func large(_ number: Int, _ random: inout SplitMix64, _ payload: [UInt8]) -> [UInt8] {
    let isIPv4 = number % 2 == 0
    var frame = isIPv4 ? Frame(from: "10.0.1.2", to: "10.0.2.2") : Frame(from: "fd00:1::2", to: "fd00:2::2")
    frame.identification = UInt16(truncatingIfNeeded: random.next())
    frame.ecn = UInt8(random.below(3))
    let port = UInt16(truncatingIfNeeded: 61_000 + random.below(2000))
    switch number / 2 {
    case 0: return frame.udp(port, 40_001, payload)
    case 1: return frame.tcp(port, 40_001, sequence: UInt32(truncatingIfNeeded: random.next()), payload)
    case 2: return frame.roce(queuePair: 7, opcode: 10, sourcePort: port, Array(repeating: 1, count: 16) + payload)
    default:
      frame.options = Array(repeating: 1, count: 4 * random.below(10))
      return frame.udp(port, 40_001, payload)
    }
  }
}
