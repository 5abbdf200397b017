import Dataplane

extension SnapshotBuilder {
  func ports(_ device: borrowing Switch) -> [SwitchSnapshot.Port] {
    var ports: [SwitchSnapshot.Port] = []
    for port in selected {
      let configured = configuration.ports[port.index]
      let role =
        switch configured.role {
        case .routed: "routed"
        case .access: "access"
        case .trunk: "trunk"
        }
      var drops: [String: UInt64] = [:]
      for (reason, packets) in device.drops(on: port) { drops[reason.name] = packets }
      var waiting: UInt64 = 0
      for queue in 0..<QueueID.count { waiting += device.statistics(of: QueueID(queue), on: port).waiting.packets }
      ports.append(
        SwitchSnapshot.Port(
          name: configured.name, speedBitsPerSecond: configured.speed.bitsPerSecond, mtu: configured.mtu, role: role,
          isUp: device.isUp(port), driver: facts.ports[port.index],
          rx: SwitchSnapshot.Traffic(device.received(on: port)), tx: SwitchSnapshot.Traffic(device.sent(on: port)),
          consumedPackets: device.consumed(on: port), waitingPackets: waiting, drops: drops,
          macControl: SwitchSnapshot.MACControl(device.macControl(on: port))))
    }
    return ports
  }

  func queues(_ device: borrowing Switch) -> [SwitchSnapshot.Queue] {
    var queues: [SwitchSnapshot.Queue] = []
    for port in selected {
      for number in 0..<QueueID.count {
        let queue = QueueID(number)
        let counted = device.statistics(of: queue, on: port)
        let marking = device.marking(of: queue, on: port)
        let trimming = device.trimming(of: queue, on: port)
        let pause = device.pauseStatistics(of: queue, on: port, at: facts.now)
        queues.append(
          SwitchSnapshot.Queue(
            port: name(of: port), queue: number,
            isLossless: configuration.ports[port.index].queues[number].isLossless,
            depthPackets: counted.waiting.packets, depthBytes: counted.waiting.bytes, peakBytes: counted.peakBytes,
            tx: SwitchSnapshot.Traffic(counted.tx), droppedPackets: device.notAdmitted(to: queue, on: port),
            marked: SwitchSnapshot.Traffic(marking.marked), arrivedMarkedPackets: marking.arrivedCE,
            notCapablePackets: marking.notCapable, wredDroppedPackets: marking.wredDrops,
            trimmedPackets: trimming.trimmed, trimmedTxPackets: trimming.sent,
            trimmedDroppedPackets: trimming.dropped, pausedSeconds: seconds(pause.pausedTicks),
            isInStorm: pause.isInStorm, storms: pause.storms, restorations: pause.restorations,
            stormDroppedPackets: pause.stormDrops + pause.stormIngressDrops))
      }
    }
    return queues
  }

  func latencies(_ device: borrowing Switch) -> [SwitchSnapshot.Latency] {
    var latencies: [SwitchSnapshot.Latency] = []
    for port in selected {
      for number in 0..<QueueID.count {
        let measured = device.latency(of: QueueID(number), on: port)
        guard measured.count > 0 else { continue }
        func percentile(_ fraction: Double) -> Double { nanoseconds(measured.percentile(fraction)) }
        latencies.append(
          SwitchSnapshot.Latency(
            port: name(of: port), queue: number, count: measured.count,
            minNanoseconds: nanoseconds(measured.minimumTicks),
            meanNanoseconds: measured.meanTicks * 1e9 / Double(ticksPerSecond), p50Nanoseconds: percentile(0.5),
            p99Nanoseconds: percentile(0.99), p999Nanoseconds: percentile(0.999),
            maxNanoseconds: nanoseconds(measured.maximumTicks),
            buckets: measured.steps.map {
              SwitchSnapshot.Bucket(upperNanoseconds: nanoseconds($0.upperTicks), count: $0.count)
            }))
      }
    }
    return latencies
  }
}

extension SwitchSnapshot.Traffic {
  init(_ traffic: Switch.Traffic) { self.init(packets: traffic.packets, bytes: traffic.bytes) }
}

extension SwitchSnapshot.MACControl {
  init(_ counted: Switch.MACControlStatistics) {
    self.init(
      rxPauseFrames: counted.pauseFramesReceived, txPauseFrames: counted.pauseFramesSent,
      linkRxXoff: counted.linkRxXOFF, linkRxXon: counted.linkRxXON, linkTxXoff: counted.linkTxXOFF,
      linkTxXon: counted.linkTxXON, rxOtherFrames: counted.others)
  }
}
