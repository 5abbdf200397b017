import Foundation
import TestSupport
import Testing

@testable import Collector

@Suite("IOAM traces and forms of INT")
struct TraceTests {
  /// A frame that the Linux kernel has written.
  private func kernelFrame(_ id: String) throws -> [UInt8] {
    struct Vector: Decodable {
      let id: String
      let hex: String
    }
    let path = Program.packageDirectory + "/Tests/WireTests/Vectors/vectors.json"
    let vectors = try JSONDecoder().decode([Vector].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    let digits = try #require(vectors.first { $0.id == id }).hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  @Test("of the Linux kernel: the node that it wrote")
  func kernel() throws {
    var collector = Collector(testOptions())
    collector.take(frame: try kernelFrame("linux-ioam-node-id-2hops-out"))
    let flows = collector.snapshot().flows
    let flow = try #require(flows.first)
    #expect(flow.path.map(\.node) == [0xA1B2] && flow.source == "2001:db8:a::2" && flow.protocol == "roce")
    // The free slot of a trace without room says that there was one more.
    var overflown = Collector(testOptions())
    overflown.take(frame: try kernelFrame("linux-ioam-overflow-rem0-out"))
    let counters = overflown.counters
    #expect(counters.malformedTelemetry == 0 && counters.telemetryPackets == 1)
  }

  @Test("every field of two nodes, the last one first, with and without snapshots", arguments: [false, true])
  func everyField(hasSnapshots: Bool) throws {
    // Bits 0 to 6, 8, 9, 11: 1+1+1+1+1+1+1+2+2+1 = 12 words a node.
    let type: UInt32 = 0xFED0_0000 | (hasSnapshots ? 0x200 : 0)
    func node(_ number: UInt32, _ limit: UInt32) -> [UInt32] {
      [
        limit << 24 | number, (number + 1) << 16 | (number + 2), 1_700_000_000, 250_000, 4000 + number, 77,
        9000 + number, limit << 24, number, number + 1, number + 2, 50_000 + number,
      ]
    }
    // One free node in front, then the last node, then the first. A snapshot of one word, and one of none.
    let snapshots: [[UInt32]] = hasSnapshots ? [[1 << 24 | 5, 0xAAAA_AAAA], [0xFF_FFFF]] : [[], []]
    let list = [UInt32](repeating: 0, count: 12) + node(8, 62) + snapshots[0] + node(7, 63) + snapshots[1]
    var option: [UInt8] = [0x31, UInt8(10 + list.count * 4), 0, 0] + TelemetryBytes.big(UInt16(123))
    option +=
      TelemetryBytes.big(UInt16(12 << 11 | 12)) + TelemetryBytes.big(type) + list.flatMap { TelemetryBytes.big($0) }
    let padding: [UInt8] = [1, 0]
    let length = 2 + padding.count + option.count
    let tail = [UInt8](repeating: 0, count: -length & 7)
    let extensionHeader = [17, UInt8((length + tail.count) / 8 - 1)] + padding + option + tail
    let udp = TelemetryBytes.big(UInt16(5)) + TelemetryBytes.big(UInt16(6)) + TelemetryBytes.big(UInt16(8)) + [0, 0]
    var packet: [UInt8] = [0x60, 0, 0, 0] + TelemetryBytes.big(UInt16(extensionHeader.count + udp.count)) + [0, 61]
    packet += [UInt8](repeating: 0x20, count: 16) + [UInt8](repeating: 0x30, count: 16) + extensionHeader + udp
    var hops = HopList()
    let bytes = GuardedBytes(capacity: packet.count)
    defer { withExtendedLifetime(bytes) {} }
    let base = UnsafeMutableRawPointer(mutating: try #require(bytes.place(packet).baseAddress))
    let summary = PacketSummary.read(base, available: packet.count, as: .ipv6, TelemetryFormat())
    let trace = try #require(summary.trace)
    let isTrace = hops.take(trace: trace, available: summary.traceLength, TelemetryFormat())
    let (count, isPartial) = (hops.count, hops.isPartial)
    #expect(isTrace && count == 2 && !isPartial)
    for (index, number) in [UInt32(7), 8].enumerated() {
      let hop = hops[index]
      #expect(hop.node == number && hop.ingress == number + 1 && hop.egress == number + 2)
      #expect(hop.hopLimit == 63 - UInt8(index) && hop.latency == UInt64(4000 + number))
      #expect(hop.depth == UInt64(9000 + number) && hop.buffer == UInt64(50_000 + number))
      #expect(hop.ingressTime == 1_700_000_000_250_000_000)
    }
    #expect(summary.flow.sourcePort == 5 && summary.flow.destinationPort == 6)
  }

  /// What a packet with a stack of one hop reads as.
  private func read(_ bytes: [UInt8], dscp: UInt8? = nil) throws -> (PacketSummary, [UInt32]) {
    var format = TelemetryFormat()
    format.intDSCP = dscp
    let memory = GuardedBytes(capacity: bytes.count)
    defer { withExtendedLifetime(memory) {} }
    let base = UnsafeMutableRawPointer(mutating: try #require(memory.place(bytes).baseAddress))
    let summary = PacketSummary.read(base, available: bytes.count, as: .ipv4, format)
    var hops = HopList()
    let isThere = summary.metadata.map { hops.take(metadata: $0, available: summary.metadataLength, format) }
    #expect(isThere == true)
    return (summary, (0..<hops.count).map { hops[$0].node })
  }

  private func ip(_ ipProtocol: UInt8, dscp: UInt8 = 0, _ content: [UInt8]) -> [UInt8] {
    [0x45, dscp << 2] + TelemetryBytes.big(UInt16(20 + content.count)) + [0, 9, 0x40, 0, 64, ipProtocol, 0, 0]
      + [10, 0, 0, 1, 10, 0, 1, 1] + content
  }

  private func udp(_ source: UInt16, _ destination: UInt16, _ content: [UInt8]) -> [UInt8] {
    TelemetryBytes.big(source) + TelemetryBytes.big(destination) + TelemetryBytes.big(UInt16(8 + content.count)) + [
      0, 0,
    ]
      + content
  }

  /// An INT-MD header with a stack of one hop that has a node number alone: 4 words.
  private let stack: [UInt8] =
    TelemetryBytes.big(UInt32(2 << 28 | 1 << 8 | 3)) + [0x80, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 42]

  @Test("over UDP and TCP, by port, by a header of its own, and by DSCP")
  func announcements() throws {
    let roce: [UInt8] = [0x0A, 0x40, 0xFF, 0xFF, 0, 0, 0, 17, 0, 0, 0, 1, 1, 2, 3, 4]
    let tcp =
      TelemetryBytes.big(UInt16(1000)) + TelemetryBytes.big(UInt16(80)) + [
        0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 0, 0, 0, 0, 0, 0,
      ]
    let inner = udp(7, 4791, roce)
    // NPT 1: the original port. NPT 2: the original protocol, behind a UDP header that was put in. NPT 0: nothing but DSCP.
    let cases: [([UInt8], UInt8?, FlowIdentity, Int)] = [
      (
        ip(17, udp(7, 51_000, [0x14, 4] + TelemetryBytes.big(UInt16(4791)) + stack + roce)), nil,
        identity(17, 7, 4791, 17), 20
      ),
      (ip(17, udp(9, 51_000, [0x18, 4, 0, 17] + stack + inner)), nil, identity(17, 7, 4791, 17), 28),
      (ip(17, udp(9, 51_000, [0x18, 4, 0, 6] + stack + tcp)), nil, identity(6, 1000, 80, nil), 28),
      (ip(17, dscp: 23, udp(7, 4791, [0x10, 4, 0, 0] + stack + roce)), 23, identity(17, 7, 4791, 17), 20),
      (ip(6, dscp: 23, tcp + [0x10, 4, 0, 0] + stack), 23, identity(6, 1000, 80, nil), 20),
    ]
    for (index, (bytes, dscp, flow, telemetry)) in cases.enumerated() {
      let (summary, nodes) = try read(bytes, dscp: dscp)
      #expect(nodes == [42], "case \(index)")
      #expect(summary.flow == flow, "case \(index): \(summary.flow.text)")
      #expect(summary.bytes == UInt64(14 + bytes.count - telemetry), "case \(index)")
    }
    // Signatures of the same packet with and without telemetry are equal.
    let plain = PacketSummary.reading(ip(17, inner))
    for index in [0, 1, 3] {
      let signature = try read(cases[index].0, dscp: cases[index].1).0.signature
      #expect(signature == plain.signature, "case \(index)")
    }
  }

  @Test("in VXLAN-GPE and Geneve")
  func encapsulations() throws {
    // GPE: P bit, next protocol 0x82; the shim: type, words, next protocol 3 (Ethernet).
    let gpe: [UInt8] = [0x0C, 0, 0, 0x82, 0, 0, 5, 0] + [0x10, 4, 0, 3] + stack
    let overGPE = try read(ip(17, udp(7, 4790, gpe))).1
    #expect(overGPE == [42])
    // Geneve: 5 words of options; class 0x0103, type 1, 4 words.
    let geneve: [UInt8] = [5, 0, 0x65, 0x58, 0, 0, 5, 0] + [1, 3, 1, 4] + stack
    let overGeneve = try read(ip(17, udp(7, 6081, geneve))).1
    #expect(overGeneve == [42])
  }

  private func identity(_ ipProtocol: UInt8, _ source: UInt16, _ destination: UInt16, _ pair: UInt32?) -> FlowIdentity {
    var flow = FlowIdentity()
    (flow.version, flow.ipProtocol) = (4, ipProtocol)
    (flow.sourceLow, flow.destinationLow) = (0x0A00_0001, 0x0A00_0101)
    (flow.sourcePort, flow.destinationPort) = (source, destination)
    flow.queuePair = pair ?? FlowIdentity.noQueuePair
    return flow
  }

  @Test("example 4.1 of the report specification reads as it says")
  func example() throws {
    var collector = Collector(testOptions())
    collector.take(frame: try kernelFrame("spec-trpt2-example1"))
    collector.conclude()
    let snapshot = collector.snapshot()
    #expect(snapshot.sources.map(\.node) == [3] && snapshot.sources.first?.part == 1)
    let queue = try #require(snapshot.queues.first)
    #expect(queue.node == 3 && queue.egress == 2 && queue.queue == 0 && queue.maxDepthBytes == 100)
    #expect(snapshot.flows.first?.text == "10.0.0.1:1234 > 10.0.0.2:80 tcp")
    #expect(snapshot.flows.first?.path.first?.ingress == 1 && snapshot.counters.postcards == 1)
  }
}

extension PacketSummary {
  /// What an IPv4 packet reads as.
  fileprivate static func reading(_ packet: [UInt8]) -> PacketSummary {
    let memory = GuardedBytes(capacity: packet.count)
    defer { withExtendedLifetime(memory) {} }
    let base = memory.place(packet).baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
    return base.map { PacketSummary.read($0, available: packet.count, as: .ipv4, TelemetryFormat()) } ?? PacketSummary()
  }
}
