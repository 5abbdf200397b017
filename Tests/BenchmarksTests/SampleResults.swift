@testable import Benchmarks

/// Results that no machine measured.
enum SampleResults {
  static let machine = MachineFacts(
    cpu: "Example CPU", cores: 2, ticksPerSecond: 2.5e9, kernel: "6.1", dpdk: "22.11", hugepages: false,
    governor: "none", isVirtual: true, pinnedTo: 1, niceness: -20, groupRaised: true, began: 1_700_000_000)

  static func row(
    _ subject: String, _ nanoseconds: Spread?, calibration: [Double] = [100, 100, 100], suite: String = "capacity",
    variable: BenchmarkRow.Variable? = nil
  ) -> BenchmarkRow {
    var row = BenchmarkRow(
      suite: suite, subject: subject, workload: "64 B", frameBytes: 64, flows: 4096, variable: variable)
    row.nanoseconds = nanoseconds
    row.calibration = calibration
    return row
  }

  static func results(_ rows: [BenchmarkRow]) -> BenchmarkResults {
    var results = BenchmarkResults(machine: machine, isQuick: true)
    results.rows = rows
    return results
  }

  /// Rows with everything that a row can have.
  static var full: BenchmarkResults {
    var row = row("forward only", Spread(min: 70, median: 80, max: 90), variable: .init("routes", 1000))
    row.cycles = 200
    row.instructions = 1167.5
    row.away = [0, 0.01, 0.002]
    row.latency = LatencyQuantiles(
      count: 10, min: 1, p50: 2, p90: 3, p99: 4_000_000, p999: 5, max: 6, mean: 2.5)
    let theirs = [40.0, 45, 50].map { Sample(packets: 10, bytes: 640, nanoseconds: $0 * 10) }
    let ours = [80.0, 70, 90].map { Sample(packets: 10, bytes: 640, nanoseconds: $0 * 10) }
    row.peers = [PeerFigure(name: "<testpmd>", version: "22.11", ours: ours, theirs: theirs)].compactMap { $0 }
    row.figures = [Figure("dropped", 12, unit: "packets")]
    row.note = "a & b"
    var results = results([row, self.row("nothing", nil)])
    results.absent = [AbsentPeer(name: "OVS-DPDK", reason: "not installed: apt install openvswitch-switch-dpdk")]
    return results
  }
}
