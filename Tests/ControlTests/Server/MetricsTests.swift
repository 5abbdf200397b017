import Foundation
import TestSupport
import Testing

@testable import Control

/// Whether Prometheus and its tool are there; in continuous integration they must be.
private let hasPrometheus =
  Program(named: "prometheus") != nil && Program(named: "promtool") != nil && Program(named: "curl") != nil
  || ProcessInfo.processInfo.environment["CI"] == "true"

@Suite("Metrics")
struct MetricsTests {
  private func text() throws -> String {
    let device = try RestingSwitch(name: "leaf \"1\" \\")
    var writer = MetricsWriter()
    writer.write(MetricFamily.all, of: [try device.snapshot(of: MetricFamily.parts, ports: [])])
    return writer.text
  }

  @Test("of every family have HELP and TYPE, and their samples stand together with the labels they promise")
  func families() throws {
    let lines = try text().split(separator: "\n").map(String.init)
    #expect(Set(MetricFamily.all.map(\.name)).count == MetricFamily.all.count)
    var rest = lines[...]
    for family in MetricFamily.all {
      #expect(rest.popFirst()?.hasPrefix("# HELP \(family.name) ") == true, "\(family.name)")
      #expect(rest.popFirst() == "# TYPE \(family.name) \(family.kind.rawValue)")
      while let line = rest.first, !line.hasPrefix("#") {
        rest.removeFirst()
        #expect(line.hasPrefix(family.name), "\(line)")
        #expect(line.contains("{switch=\"leaf \\\"1\\\" \\\\\""), "\(line)")
        for label in family.labels { #expect(line.contains(",\(label)=\""), "\(line)") }
      }
      #expect((family.kind == .counter) == family.name.hasSuffix("_total"))
    }
    #expect(rest.isEmpty)
  }

  @Test("of impairments tell what each did, by its place")
  func impairments() throws {
    let lines = Set(try text().split(separator: "\n"))
    let head = "{switch=\"leaf \\\"1\\\" \\\\\",port=\"h1\",direction=\"ingress\""
    for line in [
      "penstock_impairment_packets_total\(head),entry=\"0\",effect=\"lost\"} 3",
      "penstock_impairment_packets_total\(head),entry=\"1\",effect=\"delayed\"} 5",
      "penstock_impairment_held_packets\(head)} 2", "penstock_impairment_overflow_packets_total\(head)} 7",
    ] { #expect(lines.contains(line[...]), "\(line)") }
    let shown = ShowText(
      try RestingSwitch().snapshot(of: [.ports], ports: []), showsAll: false, isColoured: false
    ).text(.ports)
    let rows = shown.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(rows.contains("h1 ingress 0 50 40 3 0 0 0 0 0 0") && rows.contains("h1 ingress all 2 7"), "\(shown)")
  }

  @Test("of latency are a histogram: buckets grow, and the last is the count")
  func histogram() throws {
    let lines = try text().split(separator: "\n").filter {
      $0.contains("latency_seconds") && $0.contains("port=\"h3\"")
    }
    let values = lines.map { Double($0.split(separator: " ").last ?? "") ?? .nan }
    let buckets = values.dropLast(2)
    #expect(buckets.count == MetricsWriter.latencyBounds.count + 1 && buckets.elementsEqual(buckets.sorted()))
    #expect(buckets.last == values.last && (values.last ?? 0) > 20 && Set(buckets).count > 4)
    let mean = values[values.count - 2] / (values.last ?? 1)
    #expect(mean > 1e-7 && mean < 1e-4)
  }

  @Test("every metric has a unit that telemetry/info tells, and a name without abbreviations")
  func units() throws {
    let info = TelemetryInfo.current
    #expect(info.metrics.count == MetricFamily.all.count)
    for metric in info.metrics where !metric.name.hasSuffix("_info") {
      #expect(!metric.unit.isEmpty || metric.name.hasSuffix("_total"), "\(metric.name)")
      #expect(metric.help.hasSuffix("."))
    }
    // Every JSON key that is a quantity ends in a unit.
    let keys = try keys(of: RestingSwitch().snapshot(of: Set(SwitchSnapshot.Part.allCases), ports: []).json())
    let plain: Set<String> = [
      "count", "id", "mtu", "priority", "queue", "group", "weight", "routes", "worker", "cpu", "polls", "busy_polls",
      "sleeps", "storms", "restorations", "pauses", "vlan", "packets", "bytes", "ticks", "ticks_per_second",
      "rx_xoff", "rx_xon", "tx_xoff", "tx_xon", "link_rx_xoff", "link_rx_xon", "link_tx_xoff", "link_tx_xon",
    ]
    for key in keys where !plain.contains(key) {
      #expect(info.units.contains { key.hasSuffix($0.suffix) }, "\(key)")
    }
  }

  /// The keys of all numbers, but those of counters that a driver or a reason names.
  private func keys(of json: String) throws -> Set<String> {
    var found: Set<String> = []
    func walk(_ value: Any) {
      if let list = value as? [Any] { list.forEach(walk) }
      guard let object = value as? [String: Any] else { return }
      for (key, member) in object where !["drops", "counters", "own_drops"].contains(key) {
        if let number = member as? NSNumber, !key.hasPrefix("is_"), !isTruth(number) { found.insert(key) }
        walk(member)
      }
    }
    walk(try JSONSerialization.jsonObject(with: Data(json.utf8)))
    return found
  }

  /// Whether a number is a truth value.
  private func isTruth(_ number: NSNumber) -> Bool {
    ["c", "B"].contains(String(cString: number.objCType))
  }

  @Test("pass promtool without complaint", .enabled(if: hasPrometheus, "missing: prometheus"))
  func promtool() throws {
    let served = try ServedSwitch()
    let shell = Program(path: "/bin/sh")
    let script = "curl -sS --unix-socket \(served.socketPath) http://x/metrics | promtool check metrics"
    let outcome = try shell.run(["-c", script], limit: 30)
    #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
  }

  @Test(
    "are scraped by Prometheus with the token, and PromQL tells the depth of a queue",
    .enabled(if: hasPrometheus, "missing: prometheus"))
  func prometheus() async throws {
    let served = try ServedSwitch(tcp: true)
    let address = try #require(served.server.tcpAddress)
    let queue = try served.switches[0].snapshot(of: [.queues], ports: ["h3"]).queues?[3]
    let web = "127.0.0.1:\(try Self.freePort())"
    try served.directory.write(
      """
      global: {scrape_interval: 1s, scrape_timeout: 1s}
      scrape_configs:
        - job_name: penstock
          authorization: {credentials_file: \(served.directory["token"])}
          static_configs: [{targets: ["\(address)"]}]

      """, to: "prometheus.yml")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Program(named: "prometheus")).path)
    process.arguments = [
      "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=\(web)", "--log.level=error",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: served.directory.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.runWithSignals()
    defer {
      process.terminate()
      process.waitUntilExit()
    }
    let curl = try #require(Program(named: "curl"))
    func ask(_ query: String) async throws -> String? {
      for _ in 0..<100 {
        let answer = try curl.run(["-s", "-G", "http://\(web)/api/v1/query", "--data-urlencode", "query=\(query)"])
          .output
        struct Answer: Decodable {
          struct Data: Decodable { let result: [Result] }
          struct Result: Decodable { let value: [Value] }
          enum Value: Decodable {
            case number(Double), text(String)
            init(from decoder: any Decoder) throws {
              let container = try decoder.singleValueContainer()
              if let text = try? container.decode(String.self) { self = .text(text) } else { self = .number(0) }
            }
          }
          let data: Data?
        }
        let parsed = try? JSONDecoder().decode(Answer.self, from: Data(answer.utf8))
        if case .text(let text) = parsed?.data?.result.first?.value.last { return text }
        try await Task.sleep(for: .milliseconds(200))
      }
      return nil
    }
    let depth = try #require(queue?.depthBytes)
    #expect(depth > 0)
    #expect(try await ask(#"penstock_queue_depth_bytes{port="h3",queue="3"}"#) == "\(depth)")
    #expect(try await ask("sum(penstock_port_receive_packets_total)") == "113")
    #expect(try await ask(#"histogram_quantile(0.5, penstock_queue_latency_seconds_bucket{port="h3"}) < 1"#) != nil)
    #expect(try await ask("up") == "1")
  }

  /// A TCP port that was free a moment ago.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    return UInt16(bigEndian: address.sin_port)
  }
}
