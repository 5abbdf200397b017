import Foundation

/// A switch between two live devices, fed and drained by another process that is the same for all of them: testpmd, which
/// sends a capture into the one as fast as the device takes it, and counts what comes out of the other.
struct LiveForwarder: Forwarder {
  /// What forwards.
  enum Switch: Sendable {
    /// This program, everything on.
    case penstock
    /// testpmd, which moves packets from one device to the other.
    case testpmd
  }

  let place: LivePlace
  let device: Switch

  var name: String { device == .penstock ? place.rawValue : "testpmd io" }

  /// Both: source and sink are testpmd as well.
  var absence: AbsentPeer? {
    if let absence = Testpmd.absence { return absence }
    guard place.needsNetwork else { return nil }
    for (program, package) in [("ip", "iproute2"), ("unshare", "util-linux")] where SystemProgram(program) == nil {
      return AbsentPeer(name: place.rawValue, reason: "\(program) is not installed: apt install \(package)")
    }
    return geteuid() == 0 ? nil : AbsentPeer(name: place.rawValue, reason: "network namespaces need root: sudo")
  }

  func start(_ job: ForwardingJob, on site: PeerSite) throws -> RunningForwarder {
    let directory = try site.makeDirectory()
    let network = place.needsNetwork ? try NetworkNamespace(on: site) : nil
    var outside = network
    if place == .afPacket, let network {
      let other = try NetworkNamespace(on: site)
      for index in 0...1 { try other.connect("g\(index)", to: network, "d\(index)", mtu: 1500) }
      outside = other
    }
    let started = try start(job, in: directory, network, on: site)
    if place == .tap, let network {
      for interface in ["d0", "d1"] {
        try started.process.wait(10, for: "\(interface) was there") { network.received()[interface] != nil }
        try network.bringUp(interface)
      }
    }
    let source = TestpmdArguments(
      devices: ["net_pcap0,rx_pcap=\(job.capture),infinite_rx=1"] + place.ends(in: directory)
        + ["net_null0,no-rx=1"], mode: "io", worker: job.control, control: job.control,
      hasHugepages: PeerMemory.hasHugepages, packets: max(16_384, job.workload.frames.count + 8192))
    let generator = try startSource(source, in: outside, on: site)
    return RunningForwarder(
      name: name, version: started.version, hasHugepages: started.hasHugepages,
      processes: [started.process, generator.process], worker: started.process,
      count: { try generator.port(2).received })
  }

  /// Starts source and sink. virtio_user and vhost do not always find each other at the first try.
  private func startSource(
    _ arguments: TestpmdArguments, in network: NetworkNamespace?, on site: PeerSite
  ) throws -> TestpmdProcess {
    var tries = 3
    while true {
      tries -= 1
      let generator = try TestpmdProcess("the source for \(name)", arguments, in: network, on: site)
      do {
        try generator.process.wait(5, for: "anything came out of \(place.rawValue)") {
          generator.telemetry.port(2)?.received ?? 0 > 0
        }
        return generator
      } catch {
        guard tries > 0 else { throw error }
        generator.process.end()
      }
    }
  }

  private struct Started {
    var process: PeerProcess
    var version = ""
    var hasHugepages: Bool
  }

  private func start(
    _ job: ForwardingJob, in directory: String, _ network: NetworkNamespace?, on site: PeerSite
  ) throws -> Started {
    switch device {
    case .penstock:
      let devices = place.penstock(in: directory)
      let configuration = PenstockConfiguration(
        input: devices[0], outputs: [devices[1]], level: .lossless, routes: job.workload.routes, mtu: 1500,
        buffer: "{size: 4MB}")
      let running = try PenstockProcess(configuration, cpus: job.cpus, control: job.control, in: network, on: site)
      return Started(process: running.process, hasHugepages: running.hasHugepages)
    case .testpmd:
      let arguments = TestpmdArguments(
        devices: place.testpmd(in: directory), mode: "io", worker: job.cpus[0], control: job.control,
        hasHugepages: PeerMemory.hasHugepages, packets: 32_768)
      let running = try TestpmdProcess(name, arguments, in: network, on: site)
      return Started(
        process: running.process, version: running.telemetry.greeting.version, hasHugepages: arguments.hasHugepages)
    }
  }
}
