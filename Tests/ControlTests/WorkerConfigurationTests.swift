import Dataplane
import Drivers
import Testing

@testable import Control

/// `workers` of a configuration: who has which ports, what is refused, and what `penstock check` says of a slice.
@Suite struct WorkerConfigurationTests {
  private static func yaml(_ workers: String, ports: Int = 4, more: String = "") -> String {
    let list = (1...ports).map { "  - {name: h\($0), speed: 100G, cable: 5m}\n" }.joined()
    return "ports:\n\(list)\(workers)\n\(more)"
  }

  @Test(
    "Ports are dealt out in turn, but for those that are named",
    arguments: [
      ("workers: 1", [], [WorkerSettings()]),
      ("workers: 2", [0, 1, 0, 1], [WorkerSettings(), WorkerSettings()]),
      ("workers: [{cpu: 1}, {cpu: 0}, {}]", [0, 1, 2, 0], [WorkerSettings(cpu: 1), WorkerSettings(cpu: 0), .init()]),
      (
        "workers: [{name: left, ports: [h4, h1]}, {}, {name: right}]", [0, 1, 2, 0],
        [WorkerSettings(name: "left"), WorkerSettings(), WorkerSettings(name: "right")]
      ),
      (
        "workers: [{ports: h3}, {ports: [h1, h2, h4]}]", [1, 1, 0, 1], [WorkerSettings(), WorkerSettings()]
      ),
    ])
  func deals(yaml: String, owners: [Int], workers: [WorkerSettings]) throws {
    let loaded = try load(Self.yaml(yaml))
    #expect(loaded.configuration.owners == owners)
    #expect(loaded.workers == workers)
    #expect(loaded.configuration.sliceCount == max(1, Set(owners).count))
  }

  @Test func withoutTheKeyThereIsOneSliceAndNoWorkerOfItsOwn() throws {
    let loaded = try load(Self.yaml(""))
    #expect(loaded.workers.isEmpty && loaded.configuration.owners.isEmpty)
  }

  @Test(
    "Mistakes",
    arguments: [
      ("workers: 5", "number of workers, at most one a port"),
      ("workers: 0", "number of workers, at most one a port"), ("workers: []", "there is no worker"),
      ("workers: [{}, {}, {}, {}, {}]", "there are 5 workers for 4 ports"),
      ("workers: [{ports: h9}, {}]", "there is no port `h9`"),
      ("workers: [{ports: [h1, h1]}, {}]", "port `h1` has a worker already"),
      ("workers: [{ports: h1}, {ports: h2}]", "port `h3` has no worker"),
      ("workers: [{ports: [h1, h2, h3, h4]}, {}]", "worker 2 of the list has no port"),
      ("workers: [{cpu: 1}, {cpu: 1}]", "CPU 1 has a worker already"),
      ("workers: [{name: a}, {name: a}]", "a worker named `a` exists already"),
      ("workers: 2\nbuffer: {model: hpcc}", "the buffer of model `hpcc` cannot be divided among 2 workers"),
      ("workers: 2\nbuffer: {size: 800kB}", "more than each of 2 workers' 399872B of the buffer"),
      ("workers: [{core: 1}]", "unknown key `core`"),
    ])
  func mistakes(yaml: String, words: String) {
    let found = ControlTests.mistakes(in: Self.yaml(yaml))
    #expect(found.count == 1 && found.allSatisfy { $0.contains(words) }, "\(found)")
  }

  @Test("What a remedy names is enough, and a cell less is not", arguments: 2...4)
  func remedySuffices(slices: Int) throws {
    let small = Self.yaml("workers: \(slices)\nbuffer: {size: 100kB, headroom: 50kB}")
    let message = try #require(ControlTests.mistakes(in: small).first)
    let words = try #require(message.components(separatedBy: "write more than `").last)
    let bytes = try #require(UInt64(words.prefix { $0.isNumber }))
    #expect(
      !ControlTests.mistakes(in: Self.yaml("workers: \(slices)\nbuffer: {size: \(bytes)B, headroom: 50kB}")).isEmpty)
    let enough = bytes + UInt64(slices) * 256
    #expect(
      ControlTests.mistakes(in: Self.yaml("workers: \(slices)\nbuffer: {size: \(enough)B, headroom: 50kB}")).isEmpty)
  }

  @Test func checkPrintsASliceAndTheWorkers() throws {
    let whole = CheckReport(try load(Self.yaml("")))
    let report = CheckReport(try load(Self.yaml("workers: [{name: left, cpu: 1, ports: [h1, h4]}, {}]")))
    #expect(whole.buffer.slices == nil && whole.workers == nil)
    #expect(report.buffer.slices == 2)
    #expect(report.buffer.cells * 2 == whole.buffer.cells)
    #expect(report.buffer.headroomCells == whole.buffer.headroomCells)
    #expect(report.buffer.pools[0].cells == report.buffer.cells - report.buffer.headroomCells)
    let lines = report.text().split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.contains("left 1 h1 h4") && lines.contains("2 any h2 h3"))
    #expect(lines.contains { $0.hasPrefix("size 32MB in 2 slices, one for each worker") })
  }

  @Test func whatChangesTheSlicesTakesANewStart() throws {
    let (one, two) = (try load(Self.yaml("")), try load(Self.yaml("workers: 2")))
    let changes = ConfigurationChanges(from: one.configuration, to: two.configuration)
    #expect(changes.restarts == ["workers"])
    #expect(!one.configuration.canBecome(two.configuration))
  }
}
