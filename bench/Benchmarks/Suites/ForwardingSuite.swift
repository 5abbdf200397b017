/// This program against others, each a process of its own, on the same capture and core, metered alike from outside.
struct ForwardingSuite: Suite {
  let name = "forwarding"
  let summary = "penstock run against testpmd, OVS-DPDK and Linux: one capture, one core, ports that drop"

  private static let levels = [FeatureLevel.forward, .lossless]

  func measure(_ run: BenchmarkRun) throws {
    Peers.unpackaged.forEach { run.note(absent: $0) }
    for workload in try PeerWorkloads.forwarding(run.options) {
      let rivals = Peers.forwarders.filter { forwarder in
        if let absence = forwarder.absence { run.note(absent: absence) }
        return forwarder.absence == nil
      }
      let own = ForwardingSuite.levels.map { PenstockForwarder(level: $0) }
      try Contest(suite: name, title: workload.name, own: own, rivals: rivals).run(workload, in: run)
    }
  }
}

/// This program on live devices, against testpmd in the same place.
struct LiveSuite: Suite {
  let name = "live"
  let summary = "af_packet, TAP, memif and vhost: penstock run against testpmd io between the same devices"

  func measure(_ run: BenchmarkRun) throws {
    let workload = WorkloadPlan.small.make()
    for place in LivePlace.allCases {
      let own = LiveForwarder(place: place, device: .penstock)
      if let absence = own.absence {
        run.note(absent: absence)
        continue
      }
      let rival = LiveForwarder(place: place, device: .testpmd)
      try Contest(suite: name, title: place.rawValue, own: [own], rivals: [rival]).run(workload, in: run)
    }
  }
}

/// What processes are measured with.
enum PeerWorkloads {
  /// The small, the mixed and the large, of which a quick run leaves out the mixed; or the capture that was named.
  static func forwarding(_ options: BenchmarkOptions) throws -> [Workload] {
    if let capture = options.capture { return [try Workload.capture(capture).readdressed()] }
    let plans: [WorkloadPlan] = options.isQuick ? [.small, .large] : [.small, .imix, .large]
    return plans.map { $0.make() }
  }
}
