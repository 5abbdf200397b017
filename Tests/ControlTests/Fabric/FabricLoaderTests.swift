import Dataplane
import Drivers
import Foundation
import Testing

@testable import Control

/// Networks from YAML: what they become, what is wrong with them, and what is written about them.
@Suite struct FabricLoaderTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Two switches and two hosts, in lines that mistakes can be made in.
  private static let small = """
    fabric: {name: pair, seed: 5}
    switches:
      - name: s1
        configuration:
          ports:
            - {name: h, speed: 100G, address: 10.1.1.1/24}
            - {name: up, speed: 100G, address: 10.0.0.0/31}
          routes: [{prefix: 10.2.0.0/16, via: 10.0.0.1}]
      - name: s2
        configuration:
          ports:
            - {name: h, speed: 100G, address: 10.2.1.1/24}
            - {name: up, speed: 100G, address: 10.0.0.1/31}
          routes: [{prefix: 10.1.0.0/16, via: 10.0.0.0}]
    links:
      - {a: s1/up, b: s2/up, delay: 1us}
    hosts:
      - {name: h1, port: s1/h, address: 10.1.1.2}
      - {name: h2, port: s2/h, address: 10.2.1.2, delay: 100ns}
    traffic:
      - {name: there, from: h1, to: h2, flows: 3, packets: 10, rate: 10G, pattern: poisson}
      - {from: h2, to: h1, kind: udp, size: 100B, bytes: 950B}
    events:
      - {at: 5us, link: s1/up, rate: 10G}

    """

  @Test func aNetworkIsRead() throws {
    let fabric = try FabricLoader().load(yaml: Self.small, file: "f.yaml").configuration
    #expect(fabric.name == "pair")
    #expect(fabric.switches.map(\.name) == ["s1", "s2"])
    #expect(fabric.switches.map(\.id) == [1, 2])
    #expect(fabric.switches[0].mac != fabric.switches[1].mac)
    #expect(fabric.links[0].delay == .microseconds(1))
    #expect(fabric.hosts[1].delay == .nanoseconds(100))
    #expect(fabric.flows.map(\.frames) == [10, 10, 10, 10])
    #expect(fabric.flows[0].pace == .poisson(.gigabits(10)))
    #expect(fabric.traffic == ["there", "traffic2"])
    #expect(fabric.events[0].change == .rate(.gigabits(10)))
  }

  @Test func itRunsAndIsReported() throws {
    var configuration = try FabricLoader().load(yaml: Self.small, file: "f.yaml").configuration
    configuration.drawEntropy()
    var fabric = try Fabric(configuration)
    let result = try fabric.run()
    let report = FabricReport(of: fabric, result, notices: [])
    #expect(report.totals.sent == 40)
    #expect(report.totals.received == 40)
    #expect(report.totals.isConserved)
    #expect(report.traffic[0].complete == 3)
    #expect(report.traffic[0].completionHistogram.reduce(0) { $0 + $1.count } == 3)
    let text = FabricSummary(report).text()
    #expect(text.contains("every frame is accounted for"))
    let parsed = try JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [String: Any]
    #expect((parsed?["flows"] as? [Any])?.count == 4)
    let page = try FabricHTML(report).page()
    #expect(page.contains("pair - Penstock fabric"))
    #expect(!page.contains("http://www.w3.org/1999"))
  }

  @Test(arguments: [
    ("seed: 5", "sed: 5", 1, "did you mean `seed`?"),
    ("speed: 100G, address: 10.1.1.1/24", "speed: 100, address: 10.1.1.1/24", 6, "has no unit"),
    ("b: s2/up", "b: s3/up", 16, "no switch `s3`"),
    ("b: s2/up", "b: s2/pu", 16, "did you mean `up`?"),
    ("port: s2/h", "port: s1/h", 19, "plugged into s1/h already"),
    ("address: 10.1.1.2}", "address: 10.1.1.0/24}", 18, "has a prefix length"),
    ("from: h1, to: h2", "from: h1, to: h1", 21, "nobody sends"),
    ("from: h2, to: h1", "from: h2, to: h3", 22, "no host `h3`"),
    ("bytes: 950B", "stop: 0s", 22, "stops before it starts"),
    ("size: 100B, bytes: 950B", "size: 100B", 22, "never ends"),
    ("size: 100B", "size: 50B", 22, "`50B` is out of range"),
    ("link: s1/up, rate: 10G", "link: s1/up", 24, "nothing happens"),
    ("link: s1/up, rate: 10G", "link: s1/up, rate: 400G", 24, "faster than its ports"),
    ("pattern: poisson}", "burst: 3}", 21, "only `pattern: burst`"),
    ("rate: 10G, pattern", "pattern", 21, "needs a mean rate"),
    ("{name: up, speed: 100G, address: 10.0.0.1/31}", "{name: up, speed: 40G, address: 10.0.0.1/31}", 16, "speeds"),
    ("name: s2", "name: s1", 9, "is named `s1` already"),
  ])
  func mistakesHaveALineAndARemedy(right: String, wrong: String, line: Int, message: String) {
    let text = Self.small.replacing(right, with: wrong, maxReplacements: 1)
    do {
      _ = try FabricLoader().load(yaml: text, file: "f.yaml")
      Issue.record("accepted: \(wrong)")
    } catch {
      #expect(
        error.errors.contains { $0.line == line && $0.description.contains(message) }, "\(error)")
    }
  }

  @Test func mistakesOfAnotherFileAreItsOwn() throws {
    let directory = try TemporaryDirectory()
    try directory.write("ports: [{name: h, sped: 100G}]\n", to: "leaf.yaml")
    do {
      _ = try FabricLoader().load(
        yaml: "switches: [{name: s1, file: leaf.yaml}]\n", file: "f.yaml", directory: directory.path)
      Issue.record("accepted")
    } catch {
      #expect(error.errors.first?.file.hasSuffix("/leaf.yaml") == true)
      #expect(error.description.contains("did you mean `speed`?"))
    }
  }

  @Test func theExampleRuns() throws {
    let loaded = try FabricLoader().load(path: Self.root.appendingPathComponent("examples/fabric.yaml").path)
    #expect(loaded.notices.isEmpty)
    #expect(loaded.configuration.switches.count == 6)
    var configuration = loaded.configuration
    for index in configuration.flows.indices where configuration.flows[index].frames != .max {
      configuration.flows[index].frames = 20
    }
    configuration.drawEntropy()
    var fabric = try Fabric(configuration)
    let result = try fabric.run()
    #expect(result.dropped == 0)
    #expect(result.isConserved)
  }

  @Test func everyKeyIsDocumentedOnceAndNoOther() throws {
    let text = try String(contentsOf: Self.root.appendingPathComponent("docs/fabric.md"), encoding: .utf8)
    let file = text.components(separatedBy: "## What is printed")[0]
    let keys = file.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      line.split(separator: "|")[0].trimmingCharacters(in: .whitespaces).replacing("`", with: "")
    }
    #expect(keys.sorted() == FabricSchema.keyPaths.sorted())
  }
}
