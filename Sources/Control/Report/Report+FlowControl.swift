/// Priority flow control of one priority (IEEE 802.1Q clause 36).
public struct PriorityReport: Codable, Equatable, Sendable {
  /// Frames sent that stop this priority.
  public var pfcTxXoff: UInt64
  /// Frames sent that release it.
  public var pfcTxXon: UInt64
  /// Frames received that stop it.
  public var pfcRxXoff: UInt64
  /// Frames received that release it.
  public var pfcRxXon: UInt64
  /// The sum of the times in received frames, in quanta of 512 bit times of the port.
  public var pfcRxQuanta: UInt64
  /// How often a pause began.
  public var pauses: UInt64
  /// Time for which this port was not allowed to send the priority, in picoseconds.
  public var pausedPicoseconds: UInt64
  /// Paused time over time.
  public var series: PrioritySeries

  /// Creates the counters of a priority; without arguments those of one that was never paused.
  public init(
    pfcTxXoff: UInt64 = 0, pfcTxXon: UInt64 = 0, pfcRxXoff: UInt64 = 0, pfcRxXon: UInt64 = 0,
    pfcRxQuanta: UInt64 = 0, pauses: UInt64 = 0, pausedPicoseconds: UInt64 = 0,
    series: PrioritySeries = PrioritySeries()
  ) {
    self.pfcTxXoff = pfcTxXoff
    self.pfcTxXon = pfcTxXon
    self.pfcRxXoff = pfcRxXoff
    self.pfcRxXon = pfcRxXon
    self.pfcRxQuanta = pfcRxQuanta
    self.pauses = pauses
    self.pausedPicoseconds = pausedPicoseconds
    self.series = series
  }

  /// Whether any frame was seen or sent for the priority, or it was paused.
  public var isUsed: Bool { self != PriorityReport() }

  enum CodingKeys: String, CodingKey {
    case pfcTxXoff = "pfc_tx_xoff"
    case pfcTxXon = "pfc_tx_xon"
    case pfcRxXoff = "pfc_rx_xoff"
    case pfcRxXon = "pfc_rx_xon"
    case pfcRxQuanta = "pfc_rx_quanta"
    case pauses
    case pausedPicoseconds = "paused_ps"
    case series
  }
}

/// For how long a priority was paused over time, bin by bin like ``PortSeries``.
public struct PrioritySeries: Codable, Equatable, Sendable {
  /// Picoseconds of each bin in which the priority was paused.
  public let pausedPicoseconds: [UInt64]

  /// Creates a series, dropping zeros at the end.
  public init(pausedPicoseconds: [UInt64] = []) {
    self.pausedPicoseconds = pausedPicoseconds.withoutTrailingZeros
  }

  enum CodingKeys: String, CodingKey {
    case pausedPicoseconds = "paused_ps"
  }
}

/// MAC control frames of a port (IEEE 802.3 annex 31), which are in none of its other counters.
public struct MACControlReport: Codable, Equatable, Sendable {
  /// PFC and PAUSE frames received, obeyed or not.
  public var rxPauseFrames: UInt64
  /// PFC and PAUSE frames sent.
  public var txPauseFrames: UInt64
  /// Link-level PAUSE frames received with a time.
  public var linkRxXoff: UInt64
  /// Link-level PAUSE frames received with time zero.
  public var linkRxXon: UInt64
  /// Link-level PAUSE frames sent with a time.
  public var linkTxXoff: UInt64
  /// Link-level PAUSE frames sent with time zero.
  public var linkTxXon: UInt64
  /// Others received: unknown opcodes, and frames that are tagged, too short or to a foreign address.
  public var rxOtherFrames: UInt64

  /// Creates the counters of a port; without arguments those of one without such frames.
  public init(
    rxPauseFrames: UInt64 = 0, txPauseFrames: UInt64 = 0, linkRxXoff: UInt64 = 0, linkRxXon: UInt64 = 0,
    linkTxXoff: UInt64 = 0, linkTxXon: UInt64 = 0, rxOtherFrames: UInt64 = 0
  ) {
    self.rxPauseFrames = rxPauseFrames
    self.txPauseFrames = txPauseFrames
    self.linkRxXoff = linkRxXoff
    self.linkRxXon = linkRxXon
    self.linkTxXoff = linkTxXoff
    self.linkTxXon = linkTxXon
    self.rxOtherFrames = rxOtherFrames
  }

  enum CodingKeys: String, CodingKey {
    case rxPauseFrames = "rx_pause_frames"
    case txPauseFrames = "tx_pause_frames"
    case linkRxXoff = "link_rx_xoff"
    case linkRxXon = "link_rx_xon"
    case linkTxXoff = "link_tx_xoff"
    case linkTxXon = "link_tx_xon"
    case rxOtherFrames = "rx_other_frames"
  }
}

/// What pauses and the watchdog did to one egress queue.
public struct QueuePauseReport: Codable, Equatable, Sendable {
  /// Time for which the queue was not allowed to send, in picoseconds.
  public var pausedPicoseconds: UInt64
  /// What packets that left had waited because the queue was paused, summed up, in picoseconds.
  public var waitPicoseconds: UInt64
  /// The longest that one of them had waited for that, in picoseconds.
  public var longestWaitPicoseconds: UInt64
  /// Whether the watchdog took it to be in a storm when the run ended.
  public var isInStorm: Bool
  /// Storms that the watchdog detected.
  public var storms: UInt64
  /// Storms that ended.
  public var restorations: UInt64
  /// Packets dropped in storms, in the queue or on their way to it.
  public var stormDroppedPackets: UInt64
  /// Packets dropped in storms that came in on this port for the queue's priority.
  public var stormIngressDroppedPackets: UInt64
  /// Packets sent in storms.
  public var stormTxPackets: UInt64

  /// Creates the counters of a queue; without arguments those of one that was never paused.
  public init(
    pausedPicoseconds: UInt64 = 0, waitPicoseconds: UInt64 = 0, longestWaitPicoseconds: UInt64 = 0,
    isInStorm: Bool = false, storms: UInt64 = 0, restorations: UInt64 = 0, stormDroppedPackets: UInt64 = 0,
    stormIngressDroppedPackets: UInt64 = 0, stormTxPackets: UInt64 = 0
  ) {
    self.pausedPicoseconds = pausedPicoseconds
    self.waitPicoseconds = waitPicoseconds
    self.longestWaitPicoseconds = longestWaitPicoseconds
    self.isInStorm = isInStorm
    self.storms = storms
    self.restorations = restorations
    self.stormDroppedPackets = stormDroppedPackets
    self.stormIngressDroppedPackets = stormIngressDroppedPackets
    self.stormTxPackets = stormTxPackets
  }

  enum CodingKeys: String, CodingKey {
    case pausedPicoseconds = "paused_ps"
    case waitPicoseconds = "wait_ps"
    case longestWaitPicoseconds = "longest_wait_ps"
    case isInStorm = "in_storm"
    case storms, restorations
    case stormDroppedPackets = "storm_dropped_packets"
    case stormIngressDroppedPackets = "storm_ingress_dropped_packets"
    case stormTxPackets = "storm_tx_packets"
  }
}

/// A moment at which flow control changed: a mark on the timeline.
public struct PauseEventReport: Codable, Equatable, Sendable {
  /// What a priority group had of the buffer at that moment.
  public struct Cause: Codable, Equatable, Sendable {
    /// The group.
    public var group: UInt8
    /// Bytes that it had of the shared pool.
    public var sharedBytes: UInt64
    /// Its limit then.
    public var limitBytes: UInt64
    /// Bytes that it had in headroom.
    public var headroomBytes: UInt64

    /// Creates a cause.
    public init(group: UInt8, sharedBytes: UInt64, limitBytes: UInt64, headroomBytes: UInt64) {
      self.group = group
      self.sharedBytes = sharedBytes
      self.limitBytes = limitBytes
      self.headroomBytes = headroomBytes
    }

    enum CodingKeys: String, CodingKey {
      case group
      case sharedBytes = "shared_bytes"
      case limitBytes = "limit_bytes"
      case headroomBytes = "headroom_bytes"
    }
  }

  /// When, in picoseconds of virtual time.
  public var picoseconds: UInt64
  /// On which port.
  public var port: String
  /// What happened, as docs/report.md lists it.
  public var kind: String
  /// Priorities that it is about; queues where the watchdog or the end of a pause is meant.
  public var priorities: [UInt8]
  /// Those of them that were stopped.
  public var xoff: [UInt8]
  /// Why; nil where no priority group of this switch is the cause.
  public var cause: Cause?

  /// Creates an event.
  public init(
    picoseconds: UInt64, port: String, kind: String, priorities: [UInt8], xoff: [UInt8], cause: Cause? = nil
  ) {
    self.picoseconds = picoseconds
    self.port = port
    self.kind = kind
    self.priorities = priorities
    self.xoff = xoff
    self.cause = cause
  }

  enum CodingKeys: String, CodingKey {
    case picoseconds = "time_ps"
    case port, kind, priorities, xoff, cause
  }
}
