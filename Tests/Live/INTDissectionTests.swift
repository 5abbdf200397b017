import Dataplane
import Foundation
import TestSupport
import Testing
import Wire

/// INT and reports as a second decoder reads them: docs/penstock-int.lua, made from the description of the formats alone.
@Suite(
  "In-band telemetry dissected by tshark", .enabled(if: Oracle.has(Oracle.files), Oracle.lacks(Oracle.files)))
struct INTDissectionTests {
  private static let script = Program.packageDirectory + "/docs/penstock-int.lua"

  /// The fields of every frame of a capture as tshark prints them; several values of one field with commas.
  private static func tshark(_ path: String, _ fields: [String], _ options: [String] = []) throws -> [[String]] {
    let arguments =
      ["-X", "lua_script:" + script, "-n", "-r", path, "-T", "fields"] + fields.flatMap { ["-e", $0] } + options
    let outcome = try #require(Program(named: "tshark")).run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private static let headerFields = [
    "int.shim.type", "int.shim.npt", "int.shim.length", "int.version", "int.d", "int.e", "int.m", "int.hop_ml",
    "int.remaining_hops", "int.bitmap", "int.domain", "int.ds_instruction", "int.ds_flags",
  ]
  private static let hopFields = [
    "node_id", "ingress", "egress", "latency", "queue", "occupancy", "ingress_time", "egress_time", "l2_ingress",
    "l2_egress", "utilisation", "buffer", "buffer_occupancy", "complement", "ds",
  ].map { "int.hop." + $0 }

  /// What the views of Wire read, in the order and the form of those fields.
  private static func views(_ frame: [UInt8], dscp: Int?) -> [String] {
    var bytes = frame
    guard let reference = ReferenceINT(frame, dscp: dscp) else {
      return [String](repeating: "", count: headerFields.count + hopFields.count)
    }
    return bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress,
        let shim = INTShim(at: base + reference.shim, available: frame.count - reference.shim)
      else { return [] }
      func hex(_ value: UInt16) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
      }
      func flag(_ value: Bool) -> String { value ? "1" : "0" }
      var texts = ["\(shim.kind.rawValue)", "\(shim.nextProtocol.rawValue)", "\(shim.contentLength / 4)", "2"]
      if let header = INTMetadataHeader(at: shim.content, available: shim.contentLength), shim.kind == .metadata {
        texts += [flag(header.discard), flag(header.hopsExceeded), flag(header.mtuExceeded)]
        texts += ["\(header.hopLength / 4)", "\(header.remainingHops)", hex(header.instructions.rawValue)]
        texts += [hex(header.domainID), hex(header.domainInstructions), hex(header.domainFlags)]
        return texts + hops(header)
      }
      guard let header = INTInstructionHeader(at: shim.content, available: shim.contentLength) else { return [] }
      texts += [flag(header.discard), "", "", "", "", hex(header.instructions.rawValue), hex(header.domainID)]
      texts += [hex(header.domainInstructions), hex(header.domainFlags)]
      return texts + [String](repeating: "", count: hopFields.count)
    }
  }

  private static func hops(_ header: INTMetadataHeader) -> [String] {
    func all(_ instruction: INTInstructions, _ part: (UInt64) -> UInt64) -> String {
      (0..<header.hopCount).compactMap { header.value(of: instruction, hop: $0).map { "\(part($0))" } }
        .joined(separator: ",")
    }
    func wide(_ instruction: INTInstructions, _ shift: UInt64, _ mask: UInt64) -> String {
      all(instruction) { $0 >> shift & mask }
    }
    let complement = (0..<header.hopCount).compactMap { header.value(of: .checksumComplement, hop: $0) }
      .map { "0x" + String($0, radix: 16) }.joined(separator: ",")
    let domainWords = header.hopLength / 4 - header.instructions.words
    let first = header.hopLength - 4 * (domainWords + (header.instructions.contains(.checksumComplement) ? 1 : 0))
    var words: [String] = []
    for hop in 0..<header.hopCount {
      for index in 0..<domainWords {
        let place = INTMetadataHeader.length + hop * header.hopLength + first + index * 4
        let digits = String(header.base.loadBigEndian(UInt32.self, at: place), radix: 16)
        words.append("0x" + String(repeating: "0", count: 8 - digits.count) + digits)
      }
    }
    return [
      all(.nodeID) { $0 }, wide(.interfaces, 16, 0xFFFF), wide(.interfaces, 0, 0xFFFF), all(.hopLatency) { $0 },
      wide(.queue, 24, 0xFF), wide(.queue, 0, 0xFF_FFFF), all(.ingressTimestamp) { $0 }, all(.egressTimestamp) { $0 },
      wide(.logicalInterfaces, 32, 0xFFFF_FFFF), wide(.logicalInterfaces, 0, 0xFFFF_FFFF),
      all(.egressUtilisation) { $0 }, wide(.buffer, 24, 0xFF), wide(.buffer, 0, 0xFF_FFFF), complement,
      words.joined(separator: ","),
    ]
  }

  @Test("every field of thousands of packets, and their checksums", arguments: INTAnnouncement.allCases)
  func everyField(_ announcement: INTAnnouncement) throws {
    var random = SplitMix64(seed: announcement == .port ? 1 : announcement == .header ? 2 : 3)
    var frames: [StampedFrame] = []
    for _ in 0..<40 {
      var path = TelemetryPath(1 + Int(random.below(4)), isTagged: random.below(3) == 0) {
        $0.int.announcement = announcement
        $0.int.mode = random.below(5) == 0 ? .instructions : .metadata
        $0.int.roce = random.below(4) == 0 ? .clone : .metadata
        $0.int.instructions = INTInstructions(rawValue: UInt16(random.below(0x200)) << 7 | UInt16(random.below(2)))
        $0.int.maximumHops = UInt8(1 + random.below(4))
        if random.below(2) == 0 {
          $0.int.domainID = UInt16(1 + random.below(3))
          $0.int.domainWords = INTDomainWords(rawValue: UInt16(random.below(16)) << 12)
        }
      }
      // The last bridge leaves INT on as well.
      let last = path.switches.count - 1
      path.switches[last].telemetry?.hostPorts = last == 0 ? [PortID(0)] : []
      path.switches[last].ports[1].mtu = 300 + random.below(1000)
      var sent: [(bytes: [UInt8], tick: UInt64)] = []
      for number in 0..<4 {
        for frame in TelemetryPath.frames(payload: Int(random.below(900))) {
          sent.append((frame.bytes, UInt64(number) * 1_000_000))
        }
      }
      let stamp = UInt64(frames.count)
      frames += try path.run(sent).flatMap { $0.map { StampedFrame(at: stamp, $0.bytes) } }
    }
    #expect(frames.count > 2000)
    let directory = try ScratchDirectory()
    let path = try directory.write(frames, to: "int.pcap")
    let dscp = announcement == .dscp ? 23 : nil
    let read = try INTDissectionTests.tshark(path, INTDissectionTests.headerFields + INTDissectionTests.hopFields)
    try #require(read.count == frames.count)
    var found = 0
    for (index, fields) in read.enumerated() {
      // Packets inside of tunnels and what stands behind INT may hold fields of their own: there is no second INT here.
      let wanted = INTDissectionTests.views(frames[index].bytes, dscp: dscp)
      if wanted.first != "" { found += 1 }
      if fields != wanted { Issue.record("frame \(index): tshark has \(fields), the views \(wanted)") }
    }
    #expect(found > 1000)
    let checks = ["ip.check_checksum", "udp.check_checksum", "tcp.check_checksum"].flatMap { ["-o", "\($0):TRUE"] }
    // 0 is bad. A fragment and what a UDP header says of one cannot be checked.
    let bad = try INTDissectionTests.tshark(
      path, ["frame.number"],
      checks + ["-Y", "ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0"])
    #expect(bad == [])
  }

  @Test("reports: group, kinds, metadata, and the packet inside")
  func reports() throws {
    var router = TestConfiguration.router(ports: 4)
    router.id = 0x1234_5678
    router.neighbors = (0..<4).map {
      TestConfiguration.neighbor($0, "10.0.\($0 + 1).2", TestConfiguration.hostMAC($0 + 1))
    }
    var telemetry = TelemetryConfiguration()
    telemetry.hostPorts = [PortID(0)]
    telemetry.int.mode = .postcards
    telemetry.int.instructions = INTInstructions(rawValue: 0xFF81)
    telemetry.int.domainID = 3
    telemetry.int.domainWords = [.lineRate]
    telemetry.int.watch = [WatchRule()]
    telemetry.reports = TelemetryReportConfiguration(collector: TestConfiguration.address("10.0.4.2"))
    router.telemetry = telemetry
    var device = try VirtualSwitch(router)
    for number in 0..<40 {
      device.send(
        Frame(from: "10.0.1.2", to: number % 4 == 3 ? "10.77.0.1" : "10.0.3.2").udp(UInt16(number), 9, size: 300),
        on: "p1", at: UInt64(number) * 1_000_000)
    }
    let departures = device.run()
    let directory = try ScratchDirectory()
    let path = try directory.write(
      departures.on("p4").map { StampedFrame(at: $0.start / 1000, $0.bytes) }, to: "reports.pcap")
    let fields = [
      "trpt.version", "trpt.hw_id", "trpt.sequence", "trpt.group_node", "trpt.type", "trpt.inner", "trpt.d", "trpt.f",
      "trpt.i", "trpt.md_bits", "trpt.ingress", "trpt.egress", "trpt.latency", "trpt.ingress_time", "trpt.egress_time",
      "trpt.utilisation", "trpt.ds", "trpt.drop_queue", "trpt.drop_reason", "trpt.l2_egress",
    ]
    let rows = try INTDissectionTests.tshark(path, fields)
    func column(_ name: String) -> [String] {
      guard let index = fields.firstIndex(of: name) else { return [] }
      return rows.flatMap { $0[index].split(separator: ",").map(String.init) }
    }
    let out = departures.on("p3")
    #expect(out.count == 30 && column("trpt.d") == (0..<40).map { $0 % 4 == 3 ? "1" : "0" })
    #expect(column("trpt.sequence") == rows.indices.map(String.init))
    #expect(Set(column("trpt.group_node")) == ["\(0x1234_5678)"] && Set(column("trpt.version")) == ["2"])
    #expect(column("trpt.latency") == out.map { "\($0.latency / 1000)" })
    #expect(column("trpt.egress_time") == out.map { "\($0.start / 1000)" })
    #expect(Set(column("trpt.drop_reason")) == ["\(DropReason.noRoute.reportCode)"])
    #expect(Set(column("trpt.md_bits")) == ["0x7f80", "0x4801"] && Set(column("trpt.inner")) == ["3"])
    #expect(Set(column("trpt.ds")) == ["0x000186a0"] && Set(column("trpt.l2_egress")) == ["3"])
    let inner = try INTDissectionTests.tshark(path, ["ip.src", "udp.srcport"])
    let sources = inner.flatMap { $0[0].split(separator: ",") }.filter { $0 == "10.0.1.2" }
    #expect(sources.count == 40)
    let checks = ["ip.check_checksum", "udp.check_checksum"].flatMap { ["-o", "\($0):TRUE"] }
    let statuses = try INTDissectionTests.tshark(path, ["udp.checksum.status"], checks)
    #expect(statuses.allSatisfy { $0[0].hasPrefix("1") })
  }
}
