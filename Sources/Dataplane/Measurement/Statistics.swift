/// What a switch has counted, as values that a driver or report may keep. Reading allocates; the packet path does not.
extension Switch {
  /// A number of packets and their bytes.
  public struct Traffic: Equatable, Sendable {
    /// Packets.
    public var packets: UInt64 = 0
    /// Bytes of frames without check sequence.
    public var bytes: UInt64 = 0
  }

  /// What one queue has counted.
  public struct QueueStatistics: Equatable, Sendable {
    /// What left.
    public var tx = Traffic()
    /// What waits now.
    public var waiting = Traffic()
    /// Most bytes that ever waited.
    public var peakBytes: UInt64 = 0
  }

  /// What a switch as a whole has counted.
  public struct Totals: Equatable, Sendable {
    /// Packets received.
    public var rxPackets: UInt64 = 0
    /// Packets sent.
    public var txPackets: UInt64 = 0
    /// Packets dropped.
    public var droppedPackets: UInt64 = 0
    /// Packets that ended their way in the switch.
    public var consumedPackets: UInt64 = 0
    /// Packets that the switch made.
    public var originatedPackets: UInt64 = 0
    /// Copies made by flooding and mirroring, and what trimming left of packets.
    public var replicatedPackets: UInt64 = 0
    /// Packets that wait in queues.
    public var waitingPackets: UInt64 = 0
    /// Packets that went to other slices.
    public var handedOverPackets: UInt64 = 0
    /// Packets that came from other slices.
    public var takenOverPackets: UInt64 = 0

    /// True if every packet is accounted for.
    public var isConserved: Bool {
      rxPackets + originatedPackets + replicatedPackets + takenOverPackets
        == txPackets + droppedPackets + consumedPackets + waitingPackets + handedOverPackets
    }

    /// Nothing yet.
    public init() {}

    /// What all slices of a switch have counted together. What was handed over and not yet taken over waits; of slices
    /// that run, which are read one after the other, that can be wrong by what came in between.
    public init(slices: [Totals]) {
      for slice in slices {
        rxPackets += slice.rxPackets
        txPackets += slice.txPackets
        droppedPackets += slice.droppedPackets
        consumedPackets += slice.consumedPackets
        originatedPackets += slice.originatedPackets
        replicatedPackets += slice.replicatedPackets
        waitingPackets += slice.waitingPackets
        handedOverPackets += slice.handedOverPackets
        takenOverPackets += slice.takenOverPackets
      }
      guard handedOverPackets >= takenOverPackets else { return }
      waitingPackets += handedOverPackets - takenOverPackets
      (handedOverPackets, takenOverPackets) = (0, 0)
    }
  }

  /// What a port received.
  public func received(on port: PortID) -> Traffic {
    let counters = measured.ports.base[port.index]
    return Traffic(packets: counters.rxPackets, bytes: counters.rxBytes)
  }

  /// What a port sent.
  public func sent(on port: PortID) -> Traffic {
    let counters = measured.ports.base[port.index]
    return Traffic(packets: counters.txPackets, bytes: counters.txBytes)
  }

  /// What ended its way in the switch, having come in on a port.
  public func consumed(on port: PortID) -> UInt64 { measured.ports.base[port.index].consumedPackets }

  /// What was dropped on account of a port, by reason; reasons that never applied are absent.
  public func drops(on port: PortID) -> [(reason: DropReason, packets: UInt64)] {
    DropReason.allCases.compactMap { reason in
      let packets = measured.ports.base[port.index].drops[Int(reason.rawValue)]
      return packets == 0 ? nil : (reason, packets)
    }
  }

  /// What a queue has counted.
  public func statistics(of queue: QueueID, on port: PortID) -> QueueStatistics {
    let index = port.index * QueueID.count + queue.index
    let counted = measured.queues.base[index]
    let state = egress.queues.base[index]
    return QueueStatistics(
      tx: Traffic(packets: counted.txPackets, bytes: counted.txBytes),
      waiting: Traffic(packets: state.packets, bytes: state.bytes), peakBytes: state.peakBytes)
  }

  /// Time that packets of a queue spent in the switch.
  public func latency(of queue: QueueID, on port: PortID) -> LatencySnapshot {
    measured.latencies.base[port.index * QueueID.count + queue.index].snapshot
  }

  /// Most bytes that waited in a queue since this was last asked.
  public func takeIntervalPeak(of queue: QueueID, on port: PortID) -> UInt64 {
    let state = egress.queues.base + port.index * QueueID.count + queue.index
    let peak = state.pointee.intervalPeakBytes
    state.pointee.resetIntervalPeak()
    return peak
  }

  /// What went to each member of a next-hop group, with its share of the buckets.
  public func memberStatistics(ofGroup group: Int) -> [(packets: UInt64, bytes: UInt64, achievedShare: Double)] {
    tables.groups.statistics(of: group)
  }

  /// How often each access rule matched, in the order of the configuration.
  public var accessRuleMatches: [UInt64] {
    (0..<tables.accessList.matches.count).map { tables.accessList.matches.base[$0] }
  }

  /// What the switch as a whole has counted.
  public var totals: Totals {
    var totals = Totals()
    totals.originatedPackets = counters.originatedPackets
    totals.replicatedPackets = counters.replicatedPackets
    totals.consumedPackets = counters.consumedWithoutPort
    totals.handedOverPackets = counters.handedOver
    totals.takenOverPackets = counters.takenOver
    for index in 0..<32 { totals.droppedPackets += counters.dropsWithoutPort[index] }
    totals.add(counters.departed)
    for port in 0..<measured.ports.count { totals.add(measured.ports.base[port]) }
    for queue in 0..<egress.queues.count { totals.waitingPackets += egress.queues.base[queue].packets }
    return totals
  }

  /// What was dropped of the packets that the switch made, on account of no port.
  public var dropsWithoutPort: [(reason: DropReason, packets: UInt64)] {
    DropReason.allCases.compactMap { reason in
      let packets = counters.dropsWithoutPort[Int(reason.rawValue)]
      return packets == 0 ? nil : (reason, packets)
    }
  }
}

extension Switch.Totals {
  fileprivate mutating func add(_ port: PortCounters) {
    rxPackets += port.rxPackets
    txPackets += port.txPackets
    consumedPackets += port.consumedPackets
    for index in 0..<32 { droppedPackets += port.drops[index] }
  }
}
