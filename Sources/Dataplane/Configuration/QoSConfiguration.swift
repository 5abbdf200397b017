/// What the traffic class of an arriving packet is taken from.
public enum Trust: String, Equatable, Sendable, CaseIterable {
  /// DSCP of IP packets; the port's class for everything else.
  case dscp
  /// PCP of tagged frames; the port's class for untagged ones.
  case pcp
  /// The port's class, whatever the packet says.
  case port
}

/// Classification, queues and scheduling. Every map is separate, as on an ASIC.
public struct QoSConfiguration: Equatable, Sendable {
  /// What ports trust unless they say otherwise.
  public var trust = Trust.dscp
  /// 64 entries: DSCP to traffic class.
  public var dscpToTrafficClass: [TrafficClass]
  /// 8 entries: PCP to traffic class.
  public var pcpToTrafficClass: [TrafficClass]
  /// 8 entries: traffic class to egress queue.
  public var trafficClassToQueue: [QueueID]
  /// 8 entries: traffic class to ingress priority group.
  public var trafficClassToPriorityGroup: [PriorityGroup]
  /// 8 entries: priority in a received PFC frame to the egress queue it stops.
  public var pfcPriorityToQueue: [QueueID]
  /// 8 entries: priority to the ingress priority group on whose behalf the switch sends it XOFF.
  public var pfcPriorityToPriorityGroup: [PriorityGroup]
  /// 8 entries, by queue number: what ports have unless they say otherwise.
  public var queues: [QueueConfiguration]
  /// Added to a frame's bytes (without check sequence, at least 60) by DWRR and shapers; 24 counts the wire.
  public var overhead = EthernetOverhead.total

  /// The usual RoCE switch, which applies when `qos` is absent: DSCP 26 is the lossless class 3 with ECN, DSCP 48
  /// (CNP) the strict class 6, everything else class 0; queues 0 and 3 share by DWRR, the others are idle.
  public static let roce: QoSConfiguration = {
    var qos = QoSConfiguration()
    qos.dscpToTrafficClass[26] = TrafficClass(3)
    qos.dscpToTrafficClass[48] = TrafficClass(6)
    qos.queues = Array(repeating: QueueConfiguration(schedule: .dwrr(weight: 50)), count: QueueID.count)
    qos.queues[3] = QueueConfiguration(
      schedule: .dwrr(weight: 50), isLossless: true,
      ecn: ECNProfile(
        kmin: ByteCount(100_000), kmax: ByteCount(400_000), pmax: Probability(partsPerMillion: 200_000)))
    qos.queues[6].schedule = .strict
    return qos
  }()

  /// Identity maps, everything in class 0, equal DWRR.
  public init() {
    dscpToTrafficClass = Array(repeating: TrafficClass(0), count: 64)
    pcpToTrafficClass = (0..<8).map { TrafficClass($0) }
    trafficClassToQueue = (0..<8).map { QueueID($0) }
    trafficClassToPriorityGroup = (0..<8).map { PriorityGroup($0) }
    pfcPriorityToQueue = (0..<8).map { QueueID($0) }
    pfcPriorityToPriorityGroup = (0..<8).map { PriorityGroup($0) }
    queues = Array(repeating: QueueConfiguration(), count: QueueID.count)
  }
}

/// One egress queue.
public struct QueueConfiguration: Equatable, Sendable {
  /// Strict priority or a share.
  public var schedule: QueueSchedule
  /// Lossless: the buffer drops nothing for it, and the priority groups of its traffic classes are defended by XOFF.
  public var isLossless: Bool
  /// Congestion marking.
  public var ecn: ECNProfile?
  /// Served before all others until it has had this rate.
  public var minimumRate: Shaper?
  /// Not served beyond this rate.
  public var maximumRate: Shaper?

  /// A queue.
  public init(
    schedule: QueueSchedule = .dwrr(weight: 1), isLossless: Bool = false, ecn: ECNProfile? = nil,
    minimumRate: Shaper? = nil, maximumRate: Shaper? = nil
  ) {
    self.schedule = schedule
    self.isLossless = isLossless
    self.ecn = ecn
    self.minimumRate = minimumRate
    self.maximumRate = maximumRate
  }
}

/// How a queue competes with the others of its port.
public enum QueueSchedule: Equatable, Sendable {
  /// Before every DWRR queue; among strict queues the higher number first.
  case strict
  /// Deficit weighted round robin with a weight of 1 to 1000.
  case dwrr(weight: Int)
}

/// A rate with a burst.
public struct Shaper: Equatable, Sendable {
  /// The rate on the wire.
  public var rate: BitRate
  /// What may be sent at line rate after a pause, in bytes on the wire; 0 paces every frame.
  public var burst: ByteCount

  /// A rate with a burst.
  public init(rate: BitRate, burst: ByteCount = ByteCount(0)) {
    self.rate = rate
    self.burst = burst
  }
}
