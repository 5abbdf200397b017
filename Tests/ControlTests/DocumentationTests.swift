import Dataplane
import Drivers
import Foundation
import Testing

@testable import Control

/// docs/configuration.md against the loader: neither may know a key that the other does not.
@Suite struct DocumentationTests {
  private static func document() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
  }

  /// The cells of every table row that begins with a key.
  private static func rows() throws -> [[String]] {
    try document().split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test func everyKeyIsDocumentedOnceAndNoOther() throws {
    let documented = try Self.rows().map { $0[0].replacing("`", with: "") }
    #expect(documented.sorted() == ConfigurationSchema.keyPaths.sorted())
    for row in try Self.rows() {
      #expect(row.count == 4, "\(row)")
      #expect(row.allSatisfy { !$0.isEmpty }, "\(row)")
    }
  }

  @Test func requiredKeysAreMarked() throws {
    let marked = try Self.rows().filter { $0[2] == "required" }.map { $0[0].replacing("`", with: "") }
    var required = ConfigurationSchema.sections.flatMap { section in
      section.required.map { section.path.isEmpty ? $0 : "\(section.path).\($0)" }
    }
    // Required unless a port's queue changes a profile that there is already.
    required += ["kmin", "kmax", "pmax"].map { "qos.queues.N.ecn.\($0)" }
    #expect(marked.sorted() == required.sorted())
  }

  @Test func everyKeyOfTheSchemaIsInTheTestConfiguration() {
    // `everyKeyYAML` is what proves that keys are read, so it must hold all of them.
    for path in ConfigurationSchema.keyPaths {
      let key = path.split(separator: ".").last.map(String.init) ?? path
      #expect(
        [everyKeyYAML, everySimulatorKeyYAML, everyNetworkKeyYAML].contains { $0.contains("\(key):") }, "\(path)")
    }
  }

  @Test func examplesOfTheDocumentLoad() throws {
    let parts = try Self.document().components(separatedBy: "```")
    let examples = stride(from: 1, to: parts.count, by: 2).map { String(parts[$0].drop { $0 != "\n" }) }
    #expect(examples.count == 17)
    _ = try load(examples[0])
    let directory = try TemporaryDirectory()
    try directory.write("10.7.0.0/16 via 10.1.1.1*3 10.1.2.1\n", to: "routes.txt")
    // The others are one section each: the sections of the first example that they need stand around them.
    let ports = """
      - {name: h1, speed: 100G, address: 10.0.1.1/24}
      - {name: h3, speed: 25G, address: 10.0.3.1/24}
      - {name: b1, speed: 25G, vlan: 10}
      - {name: s1, speed: 400G, address: [10.1.1.0/31, "fd00:1::/127", "fe80::1/64"]}
      - {name: s2, speed: 400G, address: 10.1.2.0/31}
      """
    for example in examples.dropFirst() {
      var text = example
      if text.contains("\nports:") {
        text = text.replacing("\nports:\n", with: "\nports:\n" + indented(ports))
      } else {
        text += "\nports:\n" + indented(ports)
      }
      if !text.contains("\nvlans:") { text += "\nvlans: [{id: 10, address: 10.0.10.1/24}]\n" }
      #expect(mistakes(in: text, directory: directory.path) == [], "\(example)")
    }
  }

  /// The worked example: every line that is shown is a line that `penstock check` prints.
  @Test func buffersNumbersAreThoseOfCheck() throws {
    let parts = try Self.document().components(separatedBy: "```")
    let index = try #require(parts.firstIndex { $0.contains("name: a, speed: 100G") })
    let report = CheckReport(try load(String(parts[index].drop { $0 != "\n" }))).text().split(separator: "\n")
    let shown = parts[index + 1].split(separator: "\n").filter { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
    #expect(shown.count == 16)
    for line in shown { #expect(report.contains(Substring(line)), "\(line)") }
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "  \($0)\n" }.joined()
  }

  @Test func documentedDefaultsAreTheDefaults() throws {
    let loaded = try load("ports: [{name: p, speed: 10G}]\nqos: {queues: {1: {maximum: {rate: 1G}}}}\n")
    let configuration = loaded.configuration
    let port = configuration.ports[0]
    let impairment = ImpairmentSettings(.egress)
    let corruption = Corruption(probability: Probability(partsPerMillion: 1))
    let profile = ECNProfile(kmin: ByteCount(0), kmax: ByteCount(0), pmax: Probability(partsPerMillion: 0))
    func alpha(_ threshold: BufferThreshold) -> String {
      if case .dynamic(let exponent) = threshold { Quantities.powerText(exponent) } else { "" }
    }
    let actual = [
      "switch.name": configuration.name, "switch.id": "\(configuration.id)", "switch.mac": "\(configuration.mac)",
      "switch.mode": configuration.forwardingMode.rawValue,
      "switch.latency": Quantity.time.text(configuration.pipelineLatency.count),
      "switch.mac-ageing": Quantity.time.text(configuration.macAgeing.count),
      "ports[].cable": Quantity.length.text(port.cable.millimetres), "ports[].mtu": "\(port.mtu)",
      "ports[].up": "\(port.isUp)", "ports[].traffic-class": "\(port.trafficClass.rawValue)",
      "ecmp.mode": configuration.ecmp.mode.rawValue, "ecmp.seed": "\(configuration.ecmp.seed)",
      "ecmp.flowlet-gap": Quantity.time.text(configuration.ecmp.flowletGap.count),
      "qos.trust": configuration.qos.trust.rawValue, "qos.overhead": "\(configuration.qos.overhead)",
      "qos.queues.N.lossless": "\(port.queues[0].isLossless)",
      "qos.queues.N.maximum.burst": Quantity.size.text(port.queues[1].maximumRate?.burst.bytes ?? 1),
      "buffer.size": Quantity.size.text(configuration.buffer.size.bytes),
      "buffer.cell": Quantity.size.text(configuration.buffer.cell.bytes),
      "buffer.headroom": configuration.buffer.headroom == nil ? "auto" : "",
      "switch.seed": "\(configuration.seed)",
      "buffer.model": configuration.buffer.model.rawValue,
      "buffer.port-reserve": Quantity.size.text(configuration.buffer.portReserve.bytes),
      "buffer.alpha.lossless": alpha(configuration.buffer.lossless.threshold),
      "buffer.alpha.lossy": alpha(configuration.buffer.lossy.threshold),
      "buffer.lossless.reserve": Quantity.size.text(configuration.buffer.lossless.reserve.bytes),
      "buffer.lossless.xon": Quantity.size.text(configuration.buffer.lossless.xon.bytes),
      "buffer.lossless.xon-offset": Quantity.size.text(configuration.buffer.lossless.xonOffset.bytes),
      "buffer.lossy.reserve": Quantity.size.text(configuration.buffer.lossy.reserve.bytes),
      "buffer.egress.alpha": alpha(configuration.buffer.egress.threshold),
      "buffer.egress.reserve": Quantity.size.text(configuration.buffer.egress.reserve.bytes),
      "buffer.headroom-parameters.small-packets": "\(configuration.buffer.headroomParameters.smallPacketPercent)%",
      "buffer.headroom-parameters.gearbox": Quantity.size.text(configuration.buffer.headroomParameters.gearbox.bytes),
      "buffer.headroom-parameters.mac-phy": Quantity.size.text(configuration.buffer.headroomParameters.macPhy.bytes),
      "buffer.trim.size": "\(TrimConfiguration(dscp: 0, queue: QueueID(0)).size)B",
      "buffer.hpcc.reserve": Quantity.size.text(configuration.buffer.hpcc.reserve.bytes),
      "buffer.hpcc.resume-offset": Quantity.size.text(configuration.buffer.hpcc.resumeOffset.bytes),
      "buffer.hpcc.shift": "\(configuration.buffer.hpcc.shift)",
      "buffer.hpcc.headroom-factor": "\(configuration.buffer.hpcc.headroomFactor)",
      "pfc.mode": configuration.pause.mode.rawValue, "pfc.quanta": "\(configuration.pause.quanta)",
      "pfc.refresh": configuration.pause.refresh == nil ? "auto" : "",
      "pfc.response": configuration.pause.response == .immediate ? "immediate" : "",
      "watchdog.detection": Quantity.time.text(WatchdogConfiguration().detection.count),
      "watchdog.restoration": Quantity.time.text(WatchdogConfiguration().restoration?.count ?? 0),
      "watchdog.action": WatchdogConfiguration().action.rawValue,
      "qos.queues.N.ecn.at": profile.moment.rawValue, "qos.queues.N.ecn.drop": "\(profile.dropsNotCapable)",
      "icmp.rate": "\(configuration.icmpRatePerSecond)",
      "ports[].impairments[].distribution": impairment.distribution.rawValue,
      "ports[].impairments[].in-order": "\(impairment.keepsOrder)",
      "ports[].impairments[].rate-queue": Quantity.size.text(impairment.rateQueue.bytes),
      "ports[].impairments[].corrupt.bits": "\(corruption.bits)",
      "ports[].impairments[].corrupt.mend": "\(corruption.mendsChecksums)",
      "ports[].impairments[].reorder.at-most": Quantity.time.text(Reordering.usualPatience.count),
      "vlans[].mtu": "\(VLANConfiguration(id: VLANID(1)).mtu)",
      "ecmp.fields": ECMPFields.names.filter { configuration.ecmp.fields.contains($0.field) }.map { "`\($0.name)`" }
        .joined(separator: ", "),
    ]
    let documented = Dictionary(
      uniqueKeysWithValues: try Self.rows().map { ($0[0].replacing("`", with: ""), $0[2]) })
    for (key, value) in actual {
      let cell = try #require(documented[key])
      #expect(cell == (value.contains("`") ? value : "`\(value)`"), "\(key)")
    }
  }
}
