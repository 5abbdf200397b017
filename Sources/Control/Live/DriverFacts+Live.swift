import Dataplane
import Drivers

extension DriverFacts {
  /// What a live run knows of one of its switches now.
  ///
  /// - Parameters:
  ///   - begin: the tick at which it began to run.
  ///   - configurationText: the running configuration as the user wrote it, YAML.
  ///   - configurationPath: the file that it came from.
  public init(
    of device: LiveSwitch, in run: LiveRun, since begin: Tick, configurationText: String, configurationPath: String
  ) {
    let workers = run.workerStatus.enumerated().flatMap { index, worker in
      worker.shares.filter { $0.switch == device.name }.map { (index, worker, $0.ports) }
    }
    // Read last: nothing that has been counted is younger.
    var ports = Array(repeating: PortFacts(device: "", driver: ""), count: device.placeCount)
    for port in device.portStatus { ports[port.id.index] = PortFacts(port, device.impairments(of: port.id)) }
    let now = LiveClock.now
    self.init(
      now: now, uptimeSeconds: Double(now - begin) / Double(LiveClock.ticksPerSecond), ports: ports,
      workers: workers.map { index, worker, ports in
        WorkerFacts(
          worker: index, cpu: worker.cpu ?? -1, ports: ports, polls: worker.rounds,
          busyPolls: worker.rounds > worker.idleRounds ? worker.rounds - worker.idleRounds : 0, sleeps: worker.sleeps)
      }, configurationText: configurationText, configurationPath: configurationPath)
  }
}

extension PortFacts {
  fileprivate init(_ port: LiveSwitch.PortStatus, _ impairments: [LiveSwitch.ImpairmentStatus]) {
    let ticksPerSecond = LiveClock.ticksPerSecond
    self.init(
      device: port.device, driver: port.driver, mac: port.mac.description, isAdminUp: port.isEnabled,
      isLinkUp: port.link.isUp, passesPauseFrames: port.flowControl != .unknown,
      backlogPackets: UInt64(port.staged),
      pacing: ErrorSummary(port.pacing, ticksPerSecond: ticksPerSecond),
      rxToTx: ErrorSummary(port.transit, ticksPerSecond: ticksPerSecond),
      pauseReaction: ErrorSummary(port.pauseReaction, ticksPerSecond: ticksPerSecond),
      counters: [
        "device_rx_packets": port.counters.rxPackets, "device_rx_bytes": port.counters.rxBytes,
        "device_rx_missed": port.counters.rxMissed, "device_rx_errors": port.counters.rxErrors,
        "device_rx_no_memory": port.counters.rxNoMemory, "device_tx_packets": port.counters.txPackets,
        "device_tx_bytes": port.counters.txBytes, "device_tx_errors": port.counters.txErrors,
        "blocked_calls": port.driverCounters.blockedCalls, "discarded_packets": port.driverCounters.discarded,
        "joined_frames": port.faults.joined, "oversize_frames": port.faults.oversize,
      ], impairments: impairments.map { ImpairmentFacts($0) })
  }
}

extension ImpairmentFacts {
  fileprivate init(_ status: LiveSwitch.ImpairmentStatus) {
    self.init(
      direction: status.direction.rawValue, heldPackets: UInt64(status.held), overflowDroppedPackets: status.overflowed,
      entries: status.counters.map {
        Entry(
          seenPackets: $0.seen, matchedPackets: $0.matched, lostPackets: $0.lost, corruptedPackets: $0.corrupted,
          duplicatedPackets: $0.duplicated, reorderedPackets: $0.reordered, delayedPackets: $0.delayed,
          queueDroppedPackets: $0.queueDrops, notCopiedPackets: $0.missingCopies)
      })
  }
}
