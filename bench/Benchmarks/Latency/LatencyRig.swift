import Control

/// A switch in another process between two memifs, and a probe in this one.
final class LatencyRig {
  /// What is measured.
  enum Kind: Sendable {
    /// This program, everything on; the rate of the port where frames leave, in bits a second, nil for more than a CPU can
    /// move.
    case penstock(speed: String?)
    /// testpmd, which has no queues: what the way there and back costs.
    case testpmd
  }

  private let process: PeerProcess
  private let client: ControlClient?
  private let devices: ProbedDevices

  /// Starts the switch, and connects to it. When this returns, it is stopped.
  init(_ kind: Kind, cpu: Int, control: Int, on site: PeerSite) throws {
    let directory = try site.makeDirectory()
    switch kind {
    case .penstock(let speed):
      let places = LivePlace.memif.penstock(in: directory)
      let configuration = PenstockConfiguration(
        input: places[0], outputs: [places[1]], level: .lossless, routes: ProbePlan.prefixes.all, outputSpeed: speed,
        mtu: 1500, buffer: "{size: 4MB}")
      let running = try PenstockProcess(configuration, cpus: [cpu], control: control, on: site)
      (process, client) = (running.process, running.client)
    case .testpmd:
      let arguments = TestpmdArguments(
        devices: LivePlace.memif.testpmd(in: directory), mode: "io", worker: cpu, control: control,
        hasHugepages: PeerMemory.hasHugepages, packets: 32_768)
      (process, client) = (try TestpmdProcess("testpmd io", arguments, on: site).process, nil)
    }
    devices = try ProbedDevices(in: directory, cpu: control)
    try devices.waitForLink()
    process.pause()
  }

  /// What the probe found, and what the switch itself measured meanwhile, by queue.
  struct Finding {
    var probe: ProbeResult
    var inside: [Int: LatencyDistribution] = [:]
  }

  /// Lets the switch go on, sends and receives what a plan says, and stops the switch again.
  func measure(_ plan: ProbePlan) throws -> Finding {
    // Nobody else got anything done in the turn before.
    Stopwatch.sleep(0.2)
    process.resume()
    defer { process.pause() }
    // What the last turn left behind.
    _ = try devices.probe(ProbePlan(rate: 1000, warmUp: 0, seconds: 0.02, seed: plan.seed))
    let before = try inside()
    let probe = try devices.probe(plan)
    let after = try inside()
    guard !process.hasEnded else {
      throw BenchmarkError("\(process.name) ended while it was measured. It said:\n\(process.lastWords)")
    }
    var finding = Finding(probe: probe)
    for (queue, distribution) in after {
      finding.inside[queue] = before[queue].map { distribution.since($0) } ?? distribution
    }
    return finding
  }

  private func inside() throws -> [Int: LatencyDistribution] {
    guard let client else { return [:] }
    let snapshot = try client.snapshot(of: PenstockConfiguration.name, parts: [.latency], ports: ["s1"])
    var queues: [Int: LatencyDistribution] = [:]
    for latency in snapshot.latency ?? [] { queues[latency.queue] = LatencyDistribution(latency) }
    return queues
  }
}
