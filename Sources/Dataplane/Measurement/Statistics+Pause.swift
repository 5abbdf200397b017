/// What flow control and the watchdog have counted.
extension Switch {
  /// What one priority of a port has counted.
  public struct PriorityStatistics: Equatable, Sendable {
    /// PFC frames received with its bit set and a time.
    public var rxXOFF: UInt64 = 0
    /// PFC frames received with its bit set and time zero.
    public var rxXON: UInt64 = 0
    /// PFC frames sent with its bit set and a time.
    public var txXOFF: UInt64 = 0
    /// PFC frames sent with its bit set and time zero.
    public var txXON: UInt64 = 0
    /// Sum of the times received, in quanta of 512 bit times of the port.
    public var requestedQuanta: UInt64 = 0
    /// Time for which it really was paused, in ticks.
    public var pausedTicks: UInt64 = 0
    /// How often a pause began.
    public var pauses: UInt64 = 0
  }

  /// What pauses and the watchdog did to a queue.
  public struct QueuePauseStatistics: Equatable, Sendable {
    /// Time for which it was paused, in ticks.
    public var pausedTicks: UInt64 = 0
    /// What packets that left waited because it was paused, summed up, in ticks.
    public var packetTicks: UInt64 = 0
    /// The longest that a packet waited because it was paused, in ticks.
    public var longestPacketTicks: UInt64 = 0
    /// True while the watchdog takes it to be in a storm.
    public var isInStorm = false
    /// Storms detected.
    public var storms: UInt64 = 0
    /// Storms that ended.
    public var restorations: UInt64 = 0
    /// Packets dropped in storms because they waited in the queue or were to.
    public var stormDrops: UInt64 = 0
    /// Packets dropped in storms because they came in on the queue's port for its priority.
    public var stormIngressDrops: UInt64 = 0
    /// Packets sent in storms.
    public var stormSent: UInt64 = 0
  }

  /// MAC control frames of a port, which are in none of its other counters.
  public struct MACControlStatistics: Equatable, Sendable {
    /// PFC and PAUSE frames received, obeyed or not.
    public var pauseFramesReceived: UInt64 = 0
    /// PFC and PAUSE frames sent.
    public var pauseFramesSent: UInt64 = 0
    /// Link-level PAUSE frames received with a time.
    public var linkRxXOFF: UInt64 = 0
    /// Link-level PAUSE frames received with time zero.
    public var linkRxXON: UInt64 = 0
    /// Link-level PAUSE frames sent with a time.
    public var linkTxXOFF: UInt64 = 0
    /// Link-level PAUSE frames sent with time zero.
    public var linkTxXON: UInt64 = 0
    /// Others: unknown opcodes, and frames that were tagged, too short, or to an address that is not this switch's.
    public var others: UInt64 = 0
  }

  /// Flow control of a priority.
  ///
  /// - Parameter now: the end of what counts as paused.
  public func statistics(of priority: PFCPriority, on port: PortID, at now: Tick) -> PriorityStatistics {
    let counted = pauses.priorities.base[port.index * 8 + priority.index]
    return PriorityStatistics(
      rxXOFF: counted.rxXOFF, rxXON: counted.rxXON, txXOFF: counted.txXOFF, txXON: counted.txXON,
      requestedQuanta: counted.requestedQuanta, pausedTicks: counted.timer.total(at: now), pauses: counted.timer.pauses)
  }

  /// What pauses and the watchdog did to a queue.
  ///
  /// - Parameter now: the end of what counts as paused.
  public func pauseStatistics(of queue: QueueID, on port: PortID, at now: Tick) -> QueuePauseStatistics {
    let counted = pauses.queues.base[port.index * 8 + queue.index]
    return QueuePauseStatistics(
      pausedTicks: counted.timer.total(at: now), packetTicks: counted.packetTicks,
      longestPacketTicks: counted.longestPacketTicks,
      isInStorm: pauses.ports.base[port.index].stormed & 1 << queue.rawValue != 0, storms: counted.storms,
      restorations: counted.restorations, stormDrops: counted.stormDrops,
      stormIngressDrops: counted.stormIngressDrops, stormSent: counted.stormSent)
  }

  /// Pause frames that a port has received. Cost: one load.
  @inline(__always)
  package func pauseFramesReceived(on port: PortID) -> UInt64 { measured.ports.base[port.index].pauseFramesReceived }

  /// MAC control frames of a port.
  public func macControl(on port: PortID) -> MACControlStatistics {
    let counted = measured.ports.base[port.index]
    return MACControlStatistics(
      pauseFramesReceived: counted.pauseFramesReceived, pauseFramesSent: counted.pauseFramesSent,
      linkRxXOFF: counted.linkRxXOFF, linkRxXON: counted.linkRxXON,
      linkTxXOFF: counted.linkTxXOFF, linkTxXON: counted.linkTxXON, others: counted.otherMACControl)
  }
}
