/// What a port is doing, apart from its queues: 200 bytes that only its worker touches.
struct Port {
  /// Tick at which the wire is free for the next frame.
  var wireFree = Tick.zero
  var line: Serializer
  /// Queues that hold packets, a bit each.
  var backlogged: UInt8 = 0
  /// Queues served before all DWRR queues.
  let strict: UInt8
  /// Queues with a minimum rate.
  let guaranteed: UInt8
  /// Queues with a maximum rate.
  let limited: UInt8
  /// The DWRR queue whose turn it is.
  var turn: UInt8 = 0
  /// True if a packet in a queue may have to wait for something other than the wire.
  let isTimed: Bool
  var shaper: ShaperState?

  var isUp: Bool { didSet { judgeQuiet() } }
  /// Another slice sends what leaves by it.
  let isForeign: Bool
  /// The slice that does.
  let owner: UInt8
  let isRouted: Bool
  /// VLAN of untagged frames; 0 drops them.
  let nativeVLAN: UInt16
  /// Longest frame accepted.
  let largestFrame: UInt32
  let rate: BitRate
  let trust: Trust
  let trafficClass: UInt8
  /// The entry of the classifier that an untagged IP packet has: its DSCP and this mask, or this base.
  let plainClassMask: UInt64
  let plainClassBase: UInt64
  /// True while the driver has not been told that the port has something to send.
  var isTouched = false
  /// True if there is a pause frame to send, a pause to obey, or a storm to end.
  var needsPauseWork = false { didSet { judgeQuiet() } }
  /// True if it sees to reports that wait to be sent.
  var owesReports = false { didSet { judgeQuiet() } }
  /// True for either.
  private(set) var needsCare = false
  /// It has a part in telemetry, and packets that come in are looked at for it.
  let hasTelemetry: Bool
  /// Queues that have ever been paused, a bit each.
  var everPaused: UInt8 = 0 { didSet { judgeQuiet() } }
  /// Queues that mark, a bit each, by when they do.
  let marksAtEnqueue: UInt8
  let marksAtDequeue: UInt8

  /// True if only queues, quanta and the wire decide what leaves and when: it is this slice's and up, was never paused, owes
  /// no pause frame and no reports, marks nothing when it comes in, has no telemetry, and nothing is timed. What most ports
  /// are most of the time.
  private(set) var isQuiet = false
  private let canBeQuiet: Bool
  /// True if it is this slice's and up, and what is forwarded leaves at once.
  private(set) var isDirect = false
  private let canBeDirect: Bool

  private mutating func judgeQuiet() {
    needsCare = needsPauseWork || owesReports
    isQuiet = canBeQuiet && isUp && !needsCare && everPaused == 0
    isDirect = canBeDirect && isUp
  }

  init(
    _ configuration: PortConfiguration, isTimed: Bool, isDirect: Bool, ticksPerSecond: UInt64,
    serialization: Serialization, telemetry: TelemetryRole = .none,
    owner: Int, slice: Int
  ) {
    self.owner = UInt8(truncatingIfNeeded: owner)
    isForeign = owner != slice
    line = Serializer(rate: configuration.speed, ticksPerSecond: ticksPerSecond, serialization: serialization)
    func mask(_ include: (QueueConfiguration) -> Bool) -> UInt8 {
      configuration.queues.enumerated().reduce(0) { include($1.element) ? $0 | 1 << UInt8($1.offset) : $0 }
    }
    strict = mask { $0.schedule == .strict }
    guaranteed = mask { $0.minimumRate != nil }
    limited = mask { $0.maximumRate != nil }
    marksAtEnqueue = mask { $0.ecn.map { $0.moment == .enqueue || $0.dropsNotCapable } ?? false }
    marksAtDequeue = mask { $0.ecn?.moment == .dequeue }
    shaper = configuration.shaper.map { ShaperState($0, ticksPerSecond: ticksPerSecond) }
    self.isTimed = isTimed || limited != 0 || shaper != nil
    canBeDirect = isDirect && !isForeign
    hasTelemetry = telemetry != .none
    canBeQuiet =
      !isDirect && !isForeign && !self.isTimed && guaranteed == 0 && marksAtEnqueue == 0 && !hasTelemetry
    isUp = configuration.isUp
    isQuiet = canBeQuiet && isUp
    self.isDirect = canBeDirect && isUp
    largestFrame = UInt32(configuration.mtu + 22)
    rate = configuration.speed
    trust = configuration.trust
    trafficClass = configuration.trafficClass.rawValue
    (plainClassMask, plainClassBase) = Classifier.untagged(
      trust: configuration.trust, portClass: configuration.trafficClass.rawValue)
    switch configuration.role {
    case .routed:
      isRouted = true
      nativeVLAN = 0
    case .access(let vlan):
      isRouted = false
      nativeVLAN = vlan.rawValue
    case .trunk(_, let native):
      isRouted = false
      nativeVLAN = native?.rawValue ?? 0
    }
  }
}
