import Control

/// A `penstock run` that is measured from outside.
struct PenstockProcess {
  let process: PeerProcess
  let client: ControlClient
  /// Whether its packets lie in hugepages.
  let hasHugepages: Bool

  /// Starts one. When this returns, it answers.
  ///
  /// - Parameter cpus: those of its workers.
  init(
    _ configuration: PenstockConfiguration, cpus: [Int], control: Int, in network: NetworkNamespace? = nil,
    on site: PeerSite
  ) throws {
    let directory = try site.makeDirectory()
    var routeFile: String?
    if configuration.routes.count > 256 { routeFile = try site.write(configuration.routeLines, to: "routes") }
    let file = try site.write(configuration.text(routeFile: routeFile), to: "bench.yaml")
    let socket = "\(directory)/control"
    hasHugepages = PeerMemory.hasHugepages
    let process = try site.start(
      "penstock run",
      [
        try SystemProgram.penstock().path, "run", file, "--poll", "busy", "--socket", socket, "--cpus",
        cpus.map { "\($0)" }.joined(separator: ","),
      ], in: .init(cpus: Array(Set(cpus + [control])).sorted(), network: network))
    // A million routes take their time.
    let client = ControlClient(socketPath: socket)
    try process.wait(60, for: "it answered") { (try? client.switchName(nil)) != nil }
    self.process = process
    self.client = client
  }

  /// What its devices have sent on the ports where packets leave.
  func sent() throws -> UInt64 {
    let ports = try client.snapshot(of: PenstockConfiguration.name, parts: [.ports]).ports ?? []
    return ports.filter { $0.name != "in" }.reduce(0) { $0 + ($1.driver.counters["device_tx_packets"] ?? 0) }
  }
}

/// This program as a process of its own, from a capture to ports that drop.
struct PenstockForwarder: Forwarder {
  let level: FeatureLevel

  var name: String { level.title }

  var absence: AbsentPeer? { nil }

  func start(_ job: ForwardingJob, on site: PeerSite) throws -> RunningForwarder {
    let configuration = PenstockConfiguration(
      input: "pcap:in=\(job.capture),endless", outputs: Array(repeating: "null:", count: 4), level: level,
      routes: job.workload.routes)
    let running = try PenstockProcess(configuration, cpus: job.cpus, control: job.control, on: site)
    try running.process.wait(20, for: "it forwarded anything") { try running.sent() > 0 }
    return RunningForwarder(
      name: name, version: "", hasHugepages: running.hasHugepages, processes: [running.process],
      worker: running.process, count: { try running.sent() })
  }
}
