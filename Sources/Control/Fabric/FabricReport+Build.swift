import Dataplane
import Drivers

extension FabricReport {
  /// The report of a network that has run.
  public init(of fabric: borrowing Fabric, _ result: FabricResult, notices: [String]) {
    let configuration = fabric.configuration
    name = configuration.name
    seed = configuration.seed
    durationPicoseconds = result.duration.count
    self.notices = notices
    totals = Totals(
      sent: result.sent, copies: result.copies, received: result.received, misdirected: result.misdirectedFrames,
      dropped: result.dropped, consumed: result.consumed, waiting: result.waiting,
      drops: Dictionary(uniqueKeysWithValues: result.drops.map { ($0.reason.name, $0.packets) }),
      isConserved: result.isConserved, isStalled: result.isStalled)
    traffic = configuration.traffic.indices.map { FabricTrafficReport(entry: $0, configuration, result) }
    var switches: [Device] = []
    var queues: [Queue] = []
    for index in 0..<fabric.switchCount {
      let series = result.series[index]
      fabric.withSwitch(index) { device in
        switches.append(Device(device))
        queues += Queue.all(of: device, series)
      }
    }
    self.switches = switches
    self.queues = queues
    let peaks = Dictionary(grouping: queues) { $0.port }.mapValues { $0.map(\.peakBytes).max() ?? 0 }
    func direction(_ place: FabricPort, _ channel: FabricChannelResult) -> Direction {
      let series = result.series[place.device].ports[place.port.index]
      let paused = series.pausedTicks.reduce(0) { $0 + $1.reduce(0, +) }
      return Direction(
        from: configuration.name(of: place), channel, speed: configuration.port(place).speed, result.duration,
        peak: peaks[configuration.name(of: place)] ?? 0, paused: paused, series: series.txBytes)
    }
    links = zip(configuration.links, result.links).map { link, channels in
      Link(
        name: configuration.name(of: link), speedBitsPerSecond: configuration.port(link.a).speed.bitsPerSecond,
        delayPicoseconds: link.delay.count,
        directions: [direction(link.a, channels.0), direction(link.b, channels.1)])
    }
    hosts = zip(configuration.hosts, result.hosts).map { host, channels in
      let speed = configuration.port(host.port).speed
      let up = Direction(
        from: host.name, channels.0, speed: speed, result.duration, peak: nil, paused: nil,
        series: result.series[host.port.device].ports[host.port.port.index].rxBytes)
      return Link(
        name: host.name, speedBitsPerSecond: speed.bitsPerSecond, delayPicoseconds: host.delay.count,
        directions: [up, direction(host.port, channels.1)])
    }
    flows = zip(configuration.flows, result.flows).map { flow, found in
      FabricFlowReport(
        traffic: configuration.traffic[flow.entry], from: configuration.hosts[flow.source].name,
        to: configuration.hosts[flow.destination].name, sent: found.sent, received: found.received,
        dropped: found.dropped, marked: found.marked, reordered: found.reordered, reorderDepth: found.reorderDepth,
        completionPicoseconds: found.completion(of: flow)?.count)
    }
    series = SeriesAxis(
      binPicoseconds: result.series.first?.interval.count ?? 0, bins: result.series.first?.count ?? 0)
  }
}

extension FabricReport.Direction {
  fileprivate init(
    from name: String, _ channel: FabricChannelResult, speed: BitRate, _ duration: Picoseconds, peak: UInt64?,
    paused: UInt64?, series: [UInt64]
  ) {
    // Preamble, check sequence and gap.
    let octets = channel.bytes + 24 * channel.frames + 84 * channel.pauseFrames
    let rate = ReportUnits.meanRate(bytes: octets, picoseconds: duration.count)
    self.init(
      from: name, frames: channel.frames, bytes: channel.bytes, pauseFrames: channel.pauseFrames,
      use: rate / Double(max(1, speed.bitsPerSecond)), peakQueueBytes: peak, pausedPicoseconds: paused,
      txBytes: series)
  }
}

extension FabricReport.Device {
  fileprivate init(_ device: borrowing Switch) {
    let totals = device.totals
    self.init(
      name: device.configuration.name, received: totals.rxPackets, sent: totals.txPackets,
      dropped: totals.droppedPackets, waiting: totals.waitingPackets,
      sharedPeakBytes: device.bufferStatistics.shared.peakBytes, nextHops: NextHopGroupReport.all(of: device))
  }
}

extension FabricReport.Queue {
  fileprivate static func all(of device: borrowing Switch, _ series: TimeSeries) -> [Self] {
    var queues: [Self] = []
    for (index, port) in device.configuration.ports.enumerated() {
      for queue in 0..<QueueID.count {
        let peak = device.statistics(of: QueueID(queue), on: PortID(index)).peakBytes
        guard peak > 0 else { continue }
        queues.append(
          Self(
            port: "\(device.configuration.name)/\(port.name)", queue: queue, peakBytes: peak,
            maxBytes: series.ports[index].queueMaxBytes[queue]))
      }
    }
    return queues
  }
}

extension FabricTrafficReport {
  fileprivate init(entry: Int, _ configuration: FabricConfiguration, _ result: FabricResult) {
    let snapshot = result.latencies[entry]
    self.init(
      name: configuration.traffic[entry], flows: 0, latency: LatencyReport(snapshot),
      latencyHistogram: snapshot.steps.map { LatencyBucket(upperPicoseconds: $0.upperTicks, count: $0.count) })
    var times: [UInt64] = []
    for (flow, found) in zip(configuration.flows, result.flows) where flow.entry == entry {
      flows += 1
      sent += found.sent
      received += found.received
      receivedBytes += found.receivedBytes
      dropped += found.dropped
      marked += found.marked
      trimmed += found.trimmed
      reordered += found.reordered
      reorderDepth = max(reorderDepth, found.reorderDepth)
      if let time = found.completion(of: flow)?.count { times.append(time) }
    }
    times.sort()
    complete = UInt64(times.count)
    guard let least = times.first, let most = times.last else { return }
    func quantile(_ share: Double) -> UInt64 {
      times[min(times.count - 1, Int((share * Double(times.count)).rounded(.up)) - 1)]
    }
    completion = LatencyReport(
      count: complete, minPicoseconds: least, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99),
      p999: quantile(0.999), max: most, meanPicoseconds: times.reduce(0, +) / complete)
    let step = max(1, times.count / 200)
    var counted = 0
    for end in stride(from: step, through: times.count + step - 1, by: step) {
      let last = min(end, times.count)
      completionHistogram.append(
        LatencyBucket(upperPicoseconds: times[last - 1], count: UInt64(last - counted)))
      counted = last
    }
  }
}
