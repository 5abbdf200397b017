import Dataplane

/// DPDK's testpmd: receives bursts, does very little with them, sends them. What it forwards is what devices and packet
/// memory allow.
struct Testpmd: Forwarder {
  /// What it does with a packet.
  enum Mode: String, CaseIterable, Sendable {
    /// Nothing.
    case io
    /// Exchanges the MAC addresses.
    case macswap
    /// Exchanges MAC addresses, IP addresses and ports.
    case fiveTuple = "5tswap"
  }

  let mode: Mode

  static let program = "dpdk-testpmd"

  var name: String { "testpmd \(mode.rawValue)" }

  var absence: AbsentPeer? { Testpmd.absence }

  /// Why no testpmd can take part.
  static var absence: AbsentPeer? {
    SystemProgram(program) == nil ? AbsentPeer(name: "testpmd", reason: "not installed: apt install dpdk-dev") : nil
  }

  func start(_ job: ForwardingJob, on site: PeerSite) throws -> RunningForwarder {
    let isJumbo = job.workload.frames.largest > 2048
    let arguments = TestpmdArguments(
      devices: ["net_pcap0,rx_pcap=\(job.capture),infinite_rx=1", "net_null0,no-rx=1"], mode: mode.rawValue,
      worker: job.cpus[0], control: job.control, hasHugepages: PeerMemory.hasHugepages,
      packets: max(16_384, job.workload.frames.count + 4096), mtu: isJumbo ? 9216 : nil)
    let running = try TestpmdProcess(name, arguments, on: site)
    try running.process.wait(20, for: "it forwarded anything") { running.telemetry.port(1)?.sent ?? 0 > 0 }
    return RunningForwarder(
      name: name, version: running.telemetry.greeting.version, hasHugepages: arguments.hasHugepages,
      processes: [running.process], worker: running.process, count: { try running.port(1).sent })
  }
}

/// A testpmd that runs, and its telemetry.
struct TestpmdProcess {
  let process: PeerProcess
  let telemetry: DPDKTelemetry

  /// Starts one. When this returns, its devices are there.
  init(_ name: String, _ arguments: TestpmdArguments, in network: NetworkNamespace? = nil, on site: PeerSite) throws {
    let program = try SystemProgram.required(Testpmd.program, package: "dpdk-dev")
    let directory = try site.makeDirectory()
    let process = try site.start(
      name, [program.path] + arguments.words,
      in: .init(
        cpus: Array(Set([arguments.worker, arguments.control])).sorted(), network: network,
        environment: ["RUNTIME_DIRECTORY": directory]))
    telemetry = try DPDKTelemetry.connect(to: process, in: directory)
    self.process = process
  }

  /// The counters of a port.
  func port(_ number: Int) throws -> DPDKTelemetry.Port {
    guard let counters = telemetry.port(number) else {
      throw BenchmarkError("\(process.name) does not say what it has counted. It said:\n\(process.lastWords)")
    }
    return counters
  }
}

extension DPDKTelemetry {
  /// Connects to a program that was just started.
  static func connect(to process: PeerProcess, in directory: String) throws -> DPDKTelemetry {
    var found: DPDKTelemetry?
    try process.wait(20, for: "it answered about its counters") {
      found = DPDKTelemetry.socket(in: directory).flatMap { DPDKTelemetry(socket: $0) }
      return found != nil
    }
    guard let found else { throw BenchmarkError("\(process.name) has no telemetry") }
    return found
  }
}
