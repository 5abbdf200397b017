import Dataplane
import Drivers

extension Report {
  /// The report of a replay that has run to its end.
  ///
  /// - Parameters:
  ///   - device: the switch, with its counters.
  ///   - result: what the replay found besides.
  ///   - loops: how often the captures were offered.
  ///   - notices: what the configuration wants the reader to know.
  public init(of device: borrowing Switch, _ result: ReplayResult, loops: UInt64, notices: [String]) {
    let configuration = device.configuration
    self.init(
      identity: SwitchIdentity(
        name: configuration.name, id: configuration.id, mac: configuration.mac.description,
        mode: configuration.forwardingMode.rawValue),
      seed: configuration.ecmp.seed, durationPicoseconds: result.duration.count,
      startNanoseconds: Int64(clamping: result.startNanoseconds))
    let totals = device.totals
    self.totals = TotalsReport(
      rxPackets: totals.rxPackets, txPackets: totals.txPackets, droppedPackets: totals.droppedPackets,
      consumedPackets: totals.consumedPackets, originatedPackets: totals.originatedPackets,
      replicatedPackets: totals.replicatedPackets)
    self.notices = notices
    for (reason, packets) in device.dropsWithoutPort {
      self.notices.append("\(packets) packets that the switch itself made were dropped: \(reason.name).")
    }
    series = SeriesAxis(binPicoseconds: result.series.interval.count, bins: result.series.count)
    for input in result.inputs {
      let port = configuration.ports[input.input.port.index].name
      inputs.append(
        InputReport(
          port: port, file: input.input.path, packets: input.packets, bytes: input.bytes, loops: loops,
          error: input.error?.problem))
      // Equal runs in different places have equal reports: the file is named without its directory.
      if let error = input.error {
        let file = error.path.split(separator: "/").last.map(String.init) ?? error.path
        errors.append("\(file): \(error.problem). \(error.remedy)")
      }
    }
    buffer = BufferReport(device, sharedBytes: result.series.sharedPeakBytes)
    pauseEvents = result.series.pauseMoments.map {
      PauseEventReport($0, portName: configuration.ports[$0.port.index].name)
    }
    pauseEventsOmitted = result.series.pauseMomentsOmitted
    let sizes = GroupSizes(configuration)
    for index in configuration.ports.indices {
      ports.append(
        PortReport(
          configuration.ports[index], PortID(index), of: device, series: result.series.ports[index], sizes: sizes,
          end: Tick(result.duration.count)))
    }
    nextHops = NextHopGroupReport.all(of: device)
    telemetry = TelemetryCounts(device)
  }
}

extension PortReport {
  fileprivate init(
    _ configuration: PortConfiguration, _ port: PortID, of device: borrowing Switch, series: TimeSeries.PortSeries,
    sizes: GroupSizes, end: Tick
  ) {
    self.init(
      name: configuration.name, speedBitsPerSecond: configuration.speed.bitsPerSecond,
      rx: TrafficReport(device.received(on: port)), tx: TrafficReport(device.sent(on: port)),
      macControl: MACControlReport(device.macControl(on: port)),
      series: PortSeries(rxBytes: series.rxBytes, txBytes: series.txBytes))
    for (reason, packets) in device.drops(on: port) { drops[reason.name] = packets }
    for index in 0..<PortReport.queueCount {
      let statistics = device.statistics(of: QueueID(index), on: port)
      let latency = device.latency(of: QueueID(index), on: port)
      let summary = LatencyReport(latency)
      let pause = device.pauseStatistics(of: QueueID(index), on: port, at: end)
      queues[index] = QueueReport(
        txPackets: statistics.tx.packets, txBytes: statistics.tx.bytes, maxBytes: statistics.peakBytes,
        notAdmittedPackets: device.notAdmitted(to: QueueID(index), on: port),
        trimming: TrimmingReport(device.trimming(of: QueueID(index), on: port)),
        marking: MarkingReport(device.marking(of: QueueID(index), on: port)), pause: QueuePauseReport(pause),
        latency: summary,
        latencySplit: LatencySplitReport(
          latency: summary, waitPicoseconds: pause.packetTicks, bytes: statistics.tx.bytes,
          bitsPerSecond: speedBitsPerSecond),
        latencyHistogram: latency.steps.map { LatencyBucket(upperPicoseconds: $0.upperTicks, count: $0.count) },
        series: QueueSeries(txBytes: series.queueTxBytes[index], maxBytes: series.queueMaxBytes[index]))
      priorities[index] = PriorityReport(
        device.statistics(of: PFCPriority(index), on: port, at: end),
        series: PrioritySeries(pausedPicoseconds: series.pausedTicks[index]))
      groups[index] = GroupReport(
        PriorityGroup(index), on: port, of: device, sizes,
        series: GroupSeries(
          sharedBytes: series.groupSharedBytes[index], headroomBytes: series.groupHeadroomBytes[index],
          limitBytes: series.groupLimitBytes[index]))
    }
  }
}

extension TrafficReport {
  fileprivate init(_ traffic: Switch.Traffic) { self.init(packets: traffic.packets, bytes: traffic.bytes) }
}

extension LatencyReport {
  init(_ latency: LatencySnapshot) {
    guard latency.count > 0 else {
      self.init()
      return
    }
    self.init(
      count: latency.count, minPicoseconds: latency.minimumTicks, p50: latency.percentile(0.5),
      p90: latency.percentile(0.9), p99: latency.percentile(0.99), p999: latency.percentile(0.999),
      max: latency.maximumTicks, meanPicoseconds: UInt64(latency.meanTicks.rounded()))
  }
}

extension NextHopGroupReport {
  /// One entry for each next-hop group that a route leads to.
  static func all(of device: borrowing Switch) -> [NextHopGroupReport] {
    let configuration = device.configuration
    var prefixes = Array(repeating: UInt64(0), count: configuration.nextHopGroups.count)
    for route in configuration.routes where route.group >= 0 { prefixes[route.group] += 1 }
    return configuration.nextHopGroups.enumerated().map { index, group in
      let statistics = device.memberStatistics(ofGroup: index)
      let total = statistics.reduce(0) { $0 + $1.packets }
      let via = zip(group.members, statistics).map { member, counted in
        let port =
          switch member.interface {
          case .port(let port): configuration.ports[port.index].name
          case .vlan(let vlan): "vlan\(vlan.rawValue)"
          }
        return NextHopReport(
          address: member.address.description, port: port, weight: UInt64(member.weight),
          achievedShare: counted.achievedShare,
          share: total == 0 ? nil : Double(counted.packets) / Double(total), packets: counted.packets,
          bytes: counted.bytes)
      }
      return NextHopGroupReport(prefix: group.prefix.description, prefixes: prefixes[index], via: via)
    }
  }
}

extension Report {
  /// The contents of report.json.
  public func json() throws -> String { try OrderedJSON.encode(self) }
}
