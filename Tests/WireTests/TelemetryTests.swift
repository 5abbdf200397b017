import Testing
import Wire

@Suite("In-band telemetry")
struct TelemetryTests {
  @Test("INT-MD over TCP: two hops of node identifier and queue")
  func overTCP() throws {
    try withGuarded(try Vectors.octets("spec-intmd-over-tcp-dscp17")) { frame, count in
      let offset = 14 + 20 + 20
      let shim = try #require(INTShim(at: frame + offset, available: count - offset))
      #expect(shim.kind == .metadata && shim.nextProtocol == .unchanged && shim.originalDSCP == 0)
      #expect(shim.contentLength == 28)
      let header = try #require(INTMetadataHeader(at: shim.content, available: shim.contentLength))
      #expect(header.instructions == [.nodeID, .queue])
      #expect(header.hopLength == 8 && header.hopCount == 2 && header.remainingHops == 6)
      #expect(!header.discard && !header.hopsExceeded && !header.mtuExceeded)
      #expect(header.domainID == 0 && header.domainInstructions == 0 && header.domainFlags == 0)
      #expect(header.value(of: .nodeID, hop: 0) == 2)
      #expect(header.value(of: .queue, hop: 0) == 0x0100_0200)
      #expect(header.value(of: .nodeID, hop: 1) == 1)
      #expect(header.value(of: .queue, hop: 1) == 0x0100_0100)
      #expect(header.value(of: .nodeID, hop: 2) == nil)
      #expect(header.value(of: .hopLatency, hop: 0) == nil)
      let rest = UnsafeRawBufferPointer(start: shim.content + shim.contentLength, count: 5)
      #expect(Array(rest) == Array("GET /".utf8))
    }
  }

  @Test("INT-MD in UDP: the original port is in the shim")
  func inUDP() throws {
    try withGuarded(try Vectors.octets("spec-intmd-in-udp")) { frame, count in
      let offset = 14 + 20 + 8
      let shim = try #require(INTShim(at: frame + offset, available: count - offset))
      #expect(shim.kind == .metadata && shim.nextProtocol == .originalPort && shim.originalPort == 4791)
      let header = try #require(INTMetadataHeader(at: shim.content, available: shim.contentLength))
      #expect(header.instructions == [.nodeID, .queue] && header.hopCount == 2)
      #expect((0..<2).map { header.value(of: .nodeID, hop: $0) } == [2, 1])
      #expect((0..<2).map { header.value(of: .queue, hop: $0) } == [0x0100_0200, 0x0100_0100])
      let rest = UnsafeRawBufferPointer(start: shim.content + shim.contentLength, count: 8)
      #expect(Array(rest) == Array("payload!".utf8))
    }
  }

  @Test("every field of a hop lies where the bitmap puts it")
  func everyInstruction() throws {
    // Twelve words of baseline, one of domain data, the complement last; two hops and one word of the source alone.
    var bytes = octets("2e000e05 ff81 0007 8000 0102")
    bytes += (0..<(2 * 14 + 1) * 4).map { UInt8($0) }
    try withGuarded(bytes) { base, count in
      let header = try #require(INTMetadataHeader(at: base, available: count))
      #expect(header.discard && header.hopsExceeded && header.mtuExceeded)
      #expect(header.domainID == 7 && header.domainInstructions == 0x8000 && header.domainFlags == 0x0102)
      #expect(header.instructions.words == 13 && header.hopLength == 56 && header.hopCount == 2)
      func word(_ octet: UInt64) -> UInt64 { octet << 24 | (octet + 1) << 16 | (octet + 2) << 8 | octet + 3 }
      func double(_ octet: UInt64) -> UInt64 { word(octet) << 32 | word(octet + 4) }
      let single: [(INTInstructions, UInt64)] = [
        (.nodeID, 0), (.interfaces, 4), (.hopLatency, 8), (.queue, 12), (.egressUtilisation, 40), (.buffer, 44),
        (.checksumComplement, 52),
      ]
      let wide: [(INTInstructions, UInt64)] = [
        (.ingressTimestamp, 16), (.egressTimestamp, 24), (.logicalInterfaces, 32),
      ]
      for hop in 0..<2 {
        let start = UInt64(hop * 56)
        for (instruction, offset) in single {
          #expect(header.value(of: instruction, hop: hop) == word(start + offset), "\(instruction)")
        }
        for (instruction, offset) in wide {
          #expect(header.value(of: instruction, hop: hop) == double(start + offset), "\(instruction)")
        }
      }
      header.discard = false
      header.hopsExceeded = false
      header.mtuExceeded = false
      header.remainingHops = 4
      header.domainFlags = 0xFFFF
    }.withUnsafeBytes { #expect(Array($0[..<12]) == octets("20000e04 ff81 0007 8000 ffff")) }
  }

  @Test("a shim or header that lies is refused")
  func refusals() throws {
    func shim(_ hex: String) -> Bool {
      var accepted = false
      withGuarded(octets(hex)) { accepted = INTShim(at: $0, available: $1) != nil }
      return accepted
    }
    #expect(shim("10000000") && shim("20000000") && shim("34000000") && shim("18010000 00000000"))
    #expect(!shim("00000000") && !shim("40000000") && !shim("1c000000"))
    #expect(!shim("10010000") && !shim("10ff0000 00000000") && !shim("100000"))
    func metadata(_ hex: String) -> Bool {
      var accepted = false
      withGuarded(octets(hex)) { accepted = INTMetadataHeader(at: $0, available: $1) != nil }
      return accepted
    }
    #expect(metadata("20000105 8000 0000 0000 0000") && metadata("20000205 0400 0000 0000 0000"))
    #expect(!metadata("10000105 8000 0000 0000 0000") && !metadata("20000105 8000 0000 0000 00"))
    // Two words by the bitmap, one by the hop length.
    #expect(!metadata("20000105 0400 0000 0000 0000") && !metadata("20000105 c000 0000 0000 0000"))
  }

  @Test("INT-MX: instructions without a stack")
  func instructionsOnly() throws {
    try withGuarded(octets("28000000 f000 0001 8000 0203")) { base, count in
      let header = try #require(INTInstructionHeader(at: base, available: count))
      #expect(header.discard && header.instructions == [.nodeID, .interfaces, .hopLatency, .queue])
      #expect(header.domainID == 1 && header.domainInstructions == 0x8000 && header.domainFlags == 0x0203)
      #expect(INTInstructionHeader(at: base, available: 11) == nil)
    }
  }

  @Test("a telemetry report: the example of the specification")
  func report() throws {
    try withGuarded(try Vectors.octets("spec-trpt2-example1")) { frame, count in
      let offset = 14 + 20 + 8
      let group = try #require(TelemetryReportGroup(at: frame + offset, available: count - offset))
      #expect(group.hardwareID == 1 && group.sequenceNumber == 42 && group.nodeID == 3)
      let report = try #require(TelemetryReport(at: frame + offset + 8, available: count - offset - 8))
      #expect(report.kind == 1 && report.isINT && report.contents == 4)
      #expect(report.length == 4 + 14 * 4 && report.metadataLength == 8)
      #expect(report.isTrackedFlow && !report.isDropped && !report.isQueueCongested && !report.isIntermediate)
      #expect(report.metadataBits == [.interfaces, .queue] && report.domainID == 0)
      #expect(report.metadataWord(0) == 0x0001_0002 && report.metadataWord(1) == 100)
      #expect(report.metadataWord(2) == nil && report.metadataWord(-1) == nil)
      for cut in 1...60 {
        #expect(TelemetryReport(at: frame + offset + 8, available: count - offset - 8 - cut) == nil)
      }
    }
  }

  @Test("a telemetry report whose metadata does not fit, or that runs to the end of the datagram")
  func reportLengths() throws {
    func length(_ hex: String) -> Int? {
      var length: Int?
      withGuarded(octets(hex)) { length = TelemetryReport(at: $0, available: $1)?.length }
      return length
    }
    let body = "00000000 00000000 11111111"
    #expect(length("10020000 00000000 00000000") == 12 && length("10030100" + body) == 16)
    #expect(length("10020100" + body) == nil && length("10010000" + body) == nil && length("10040000" + body) == nil)
    #expect(length("10ff0100" + body) == 16 && length("10ff0200" + body) == nil)
    // Contents only: whatever stands in the metadata length does not count.
    #expect(length("0000ff00") == 4 && length("000000") == nil)
    withGuarded(octets("0003ff00" + body)) { base, count in
      let report = TelemetryReport(at: base, available: count)
      #expect(report?.isINT == false && report?.metadataBits.rawValue == 0 && report?.metadataWord(0) == nil)
    }
  }

  @Test("a report that is written is the example of the specification")
  func writtenReport() throws {
    let frame = try Vectors.octets("spec-trpt2-example1")
    let datagram = Array(frame[(14 + 20 + 8)...])
    withGuarded([UInt8](repeating: 0xA5, count: datagram.count)) { base, count in
      TelemetryReportGroup.write(to: base, hardwareID: 1, sequenceNumber: 42, nodeID: 3)
      let report = base + TelemetryReportGroup.length
      TelemetryReport.write(
        to: report, kind: TelemetryReport.Kind.int, contents: TelemetryReport.Contents.ipv4, length: count - 8,
        metadataLength: 8, flags: .tracked)
      TelemetryReport.writeINT(
        to: report, metadata: [.nodeID, .interfaces, .queue], domainID: 0, domainMetadata: 0, domainStatus: 0)
      report.storeBigEndian(0x0001_0002 as UInt32, at: 12)
      report.storeBigEndian(100 as UInt32, at: 16)
      (report + 20).copyMemory(from: Array(datagram[28...]), byteCount: datagram.count - 28)
    }.withUnsafeBytes { #expect(Array($0) == datagram) }
  }

  @Test("every piece of a report's metadata is found where its bits put it")
  func reportMetadata() {
    // Bits 1 to 8 and 15, then one word of the domain, and five octets of a packet in two words.
    let bits: UInt16 = 0x7F81
    var bytes = octets("13 11 0d a0 7f81 0007 8000 0102") + (0..<48).map { UInt8($0) }
    bytes += octets("aabbccdd 0102030405000000")
    withGuarded(bytes) { base, count in
      guard let report = TelemetryReport(at: base, available: count) else {
        Issue.record("not read")
        return
      }
      #expect(report.isDropped && report.isTrackedFlow && report.metadataBits.rawValue == bits)
      #expect(report.domainID == 7 && report.domainMetadataBits == 0x8000 && report.domainStatus == 0x0102)
      #expect(report.value(of: .interfaces) == 0x0001_0203 && report.value(of: .queue) == 0x0809_0A0B)
      #expect(report.value(of: .ingressTimestamp) == 0x0C0D_0E0F_1011_1213)
      #expect(report.value(of: .logicalInterfaces) == 0x1C1D_1E1F_2021_2223)
      #expect(report.value(of: .buffer) == 0x2829_2A2B && report.value(of: .nodeID) == nil)
      #expect(report.droppedQueue == 0x2C && report.dropReason == 0x2D && report.value(of: []) == nil)
      #expect(report.metadataWord(12) == 0xAABB_CCDD)
      #expect(report.contentsOffset == 12 + 52 && report.contentsLength == 8)
    }
  }

  @Test("INT headers that are written are those of the specification")
  func writtenHeaders() throws {
    let frame = try Vectors.octets("spec-intmd-in-udp")
    let headers = Array(frame[42..<58])
    withGuarded([UInt8](repeating: 0xA5, count: 16)) { base, _ in
      INTShim.write(to: base, kind: .metadata, nextProtocol: .originalPort, contentLength: 12, original: 4791)
      INTShim.lengthen(at: base, by: 16)
      INTMetadataHeader.write(
        to: base + 4, hopLength: 8, remainingHops: 6, instructions: [.nodeID, .queue], domainID: 0,
        domainInstructions: 0)
    }.withUnsafeBytes { #expect(Array($0) == headers) }
    withGuarded([UInt8](repeating: 0xA5, count: 12)) { base, _ in
      INTInstructionHeader.write(to: base, instructions: [.hopLatency], domainID: 1, domainInstructions: 0x8000)
    }.withUnsafeBytes { #expect(Array($0) == octets("20000000 2000 0001 8000 0000")) }
  }
}
