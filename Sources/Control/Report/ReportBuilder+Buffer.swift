import Dataplane

/// What the configuration gives each priority group, which the switch's counters do not say.
struct GroupSizes {
  /// By port: lossless groups, a bit each.
  private let lossless: [UInt8]
  /// By port: bytes of headroom that each of its lossless groups can have.
  private let headroom: [[UInt64]]

  init(_ configuration: SwitchConfiguration) {
    lossless = configuration.ports.map { configuration.losslessGroups(of: $0) }
    switch configuration.buffer.model {
    case .asic:
      let layout = BufferLayout(configuration)
      headroom = layout.groups.map { $0.map { $0.headroomCells * layout.cell } }
    case .hpcc:
      headroom = HPCCLayout(configuration).headroom.map { Array(repeating: $0, count: PortReport.queueCount) }
    }
  }

  func isLossless(_ group: PriorityGroup, on port: PortID) -> Bool {
    lossless[port.index] & 1 << group.rawValue != 0
  }

  func headroomBytes(_ group: PriorityGroup, on port: PortID) -> UInt64 {
    headroom[port.index][Int(group.rawValue)]
  }
}

extension BufferReport {
  /// The buffer of a switch as it is now.
  ///
  /// - Parameter sharedBytes: the peak of shared use in each interval.
  init(_ device: borrowing Switch, sharedBytes: [UInt64] = []) {
    let configuration = device.configuration.buffer
    let statistics = device.bufferStatistics
    self.init(
      model: configuration.model.rawValue, sizeBytes: configuration.size.bytes,
      cellBytes: configuration.model == .asic ? configuration.cell.bytes : 1, shared: PoolReport(statistics.shared),
      lossy: PoolReport(statistics.lossy), headroom: PoolReport(statistics.headroom),
      egress: PoolReport(statistics.egress), series: BufferSeries(sharedBytes: sharedBytes))
  }
}

extension PoolReport {
  fileprivate init(_ pool: Switch.PoolStatistics) {
    self.init(sizeBytes: pool.sizeBytes, usedBytes: pool.usedBytes, peakBytes: pool.peakBytes)
  }
}

extension GroupReport {
  /// A priority group of a switch as it is now.
  init(
    _ group: PriorityGroup, on port: PortID, of device: borrowing Switch, _ sizes: GroupSizes,
    series: GroupSeries = GroupSeries()
  ) {
    let use = device.use(of: group, on: port)
    self.init(
      isLossless: sizes.isLossless(group, on: port), sharedBytes: use.sharedBytes,
      sharedPeakBytes: use.peakSharedBytes, limitBytes: use.limitBytes, headroomBytes: use.headroomBytes,
      headroomPeakBytes: use.peakHeadroomBytes, headroomSizeBytes: sizes.headroomBytes(group, on: port),
      isXOFF: use.isXOFF, series: series)
  }
}

extension PriorityReport {
  /// What a priority has counted. Its ticks are picoseconds.
  init(_ counted: Switch.PriorityStatistics, series: PrioritySeries = PrioritySeries()) {
    self.init(
      pfcTxXoff: counted.txXOFF, pfcTxXon: counted.txXON, pfcRxXoff: counted.rxXOFF, pfcRxXon: counted.rxXON,
      pfcRxQuanta: counted.requestedQuanta, pauses: counted.pauses, pausedPicoseconds: counted.pausedTicks,
      series: series)
  }
}

extension QueuePauseReport {
  /// What pauses did to a queue. Its ticks are picoseconds.
  init(_ counted: Switch.QueuePauseStatistics) {
    self.init(
      pausedPicoseconds: counted.pausedTicks, waitPicoseconds: counted.packetTicks,
      longestWaitPicoseconds: counted.longestPacketTicks, isInStorm: counted.isInStorm, storms: counted.storms,
      restorations: counted.restorations, stormDroppedPackets: counted.stormDrops,
      stormIngressDroppedPackets: counted.stormIngressDrops, stormTxPackets: counted.stormSent)
  }
}

extension MACControlReport {
  /// What a port has counted.
  init(_ counted: Switch.MACControlStatistics) {
    self.init(
      rxPauseFrames: counted.pauseFramesReceived, txPauseFrames: counted.pauseFramesSent,
      linkRxXoff: counted.linkRxXOFF, linkRxXon: counted.linkRxXON, linkTxXoff: counted.linkTxXOFF,
      linkTxXon: counted.linkTxXON, rxOtherFrames: counted.others)
  }
}

extension MarkingReport {
  /// What marking has counted on a queue.
  init(_ counted: Switch.MarkingStatistics) {
    self.init(
      markedPackets: counted.marked.packets, markedBytes: counted.marked.bytes, arrivedPackets: counted.arrivedCE,
      notCapablePackets: counted.notCapable, wredDroppedPackets: counted.wredDrops)
  }
}

extension TrimmingReport {
  /// What trimming has counted on a queue.
  init(_ counted: Switch.TrimmingStatistics) {
    self.init(trimmedPackets: counted.trimmed, txPackets: counted.sent, droppedPackets: counted.dropped)
  }
}

extension PauseEventReport {
  /// An event of a switch, on the port named `portName`. Its ticks are picoseconds.
  init(_ event: PauseEvent, portName: String) {
    func numbers(_ bits: UInt8) -> [UInt8] { (0..<8).filter { bits & 1 << $0 != 0 } }
    let cause: Cause? =
      switch event.kind {
      case .threshold, .headroom, .drained:
        Cause(
          group: event.group.rawValue, sharedBytes: event.sharedBytes, limitBytes: event.limitBytes,
          headroomBytes: event.headroomBytes)
      case .sent, .refreshed, .received, .expired, .storm, .restored: nil
      }
    self.init(
      picoseconds: event.tick.rawValue, port: portName, kind: event.kind.rawValue,
      priorities: numbers(event.priorities), xoff: numbers(event.xoff), cause: cause)
  }
}
