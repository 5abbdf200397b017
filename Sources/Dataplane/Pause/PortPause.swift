/// What a port has to tell its neighbour, and what the neighbour has told it.
struct PortPause {
  /// Priorities that the neighbour should be stopping, a bit each; with link-level PAUSE priority groups.
  var xoff: UInt8 = 0
  /// Those of which the neighbour does not know yet.
  var owed: UInt8 = 0
  /// Since when something is owed.
  var owedSince = Tick.zero
  /// When XOFF must be said again.
  var refreshAt = Tick.never
  /// Queues that a pause holds back or may soon, a bit each.
  var held: UInt8 = 0
  /// The last tick at which pauses changed or were looked at.
  var lookedAt = Tick.zero
  /// Queues in a storm.
  var stormed: UInt8 = 0
  let mode: PauseMode
  let quanta: UInt16
  let refreshTicks: UInt64
  let responseTicks: UInt64
  /// Priorities that are obeyed; with link-level PAUSE all, or none.
  let obeyed: UInt8
  /// By priority group: what its XOFF sets in ``xoff``.
  var announced = InlineArray<8, UInt8>(repeating: 0)

  init(_ port: PortConfiguration, _ configuration: SwitchConfiguration, ticksPerSecond: UInt64) {
    let pause = configuration.pause
    mode = pause.mode
    quanta = pause.quanta
    let line = Serializer(rate: port.speed, ticksPerSecond: ticksPerSecond)
    let length = line.ticks(bytes: 64 * Int(pause.quanta))
    // Pause frames go ahead of everything: with few quanta, renewals would leave nothing of the wire to data.
    let least = 3 * line.ticks(bytes: EthernetOverhead.minimumFrame + EthernetOverhead.total)
    refreshTicks = max(least, pause.refresh.map { $0.ticks(perSecond: ticksPerSecond) } ?? length / 2)
    responseTicks = pause.response.time(at: port.speed).ticks(perSecond: ticksPerSecond)
    switch pause.mode {
    case .priority: obeyed = configuration.obeyedPriorities(of: port)
    case .link: obeyed = 0xFF
    case .off: obeyed = 0
    }
    for group in 0..<8 where pause.mode != .off {
      let priorities = configuration.announcedPriorities(of: port, group: PriorityGroup(group))
      let isLossless = configuration.losslessGroups(of: port) & 1 << UInt8(group) != 0
      announced[group] = pause.mode == .priority ? priorities : isLossless ? 1 << UInt8(group) : 0
    }
  }

  /// True if the port has more to do than to send what is queued.
  var needsWork: Bool { xoff | owed | held | stormed != 0 }
}

/// What pauses do to one queue, and what the watchdog knows about it.
struct QueuePause {
  var timer = PauseTimer()
  /// Since when the queue has been paused without a break, and has sent nothing.
  var heldSince = Tick.zero
  /// What it had sent then.
  var sentThen: UInt64 = 0
  /// Breaks since then, each too short to count.
  var breaks: UInt64 = 0
  /// When XOFF last came for it, or a storm began.
  var lastXOFF = Tick.zero
  var storms: UInt64 = 0
  var restorations: UInt64 = 0
  /// Dropped at egress, dropped at ingress, and sent, in storms.
  var stormDrops: UInt64 = 0
  var stormIngressDrops: UInt64 = 0
  var stormSent: UInt64 = 0
  /// What packets that left have waited for pauses, in all and at most.
  var packetTicks: UInt64 = 0
  var longestPacketTicks: UInt64 = 0
}

/// What pause frames say about one priority of one port.
struct PriorityPause {
  var timer = PauseTimer()
  /// Sum of the times in received XOFFs.
  var requestedQuanta: UInt64 = 0
  var rxXOFF: UInt64 = 0
  var rxXON: UInt64 = 0
  var txXOFF: UInt64 = 0
  var txXON: UInt64 = 0
}

/// Flow control of all ports: flat tables, queues and priorities at port x 8 + number.
struct PauseStates: ~Copyable {
  let ports: FlatTable<PortPause>
  let queues: FlatTable<QueuePause>
  let priorities: FlatTable<PriorityPause>
  let maps: PauseMaps
  let watchdog: Watchdog

  init(_ configuration: SwitchConfiguration, ticksPerSecond: UInt64) {
    ports = FlatTable(configuration.ports.map { PortPause($0, configuration, ticksPerSecond: ticksPerSecond) })
    queues = FlatTable(repeating: QueuePause(), count: configuration.ports.count * QueueID.count)
    priorities = FlatTable(repeating: PriorityPause(), count: configuration.ports.count * 8)
    maps = PauseMaps(configuration.qos)
    watchdog = Watchdog(configuration.watchdog, ticksPerSecond: ticksPerSecond)
  }
}

/// Which queue a priority stops, and which group speaks for it.
struct PauseMaps {
  var queue = InlineArray<8, UInt8>(repeating: 0)
  var group = InlineArray<8, UInt8>(repeating: 0)

  init(_ qos: QoSConfiguration) {
    for priority in 0..<8 {
      queue[priority] = qos.pfcPriorityToQueue[priority].rawValue
      group[priority] = qos.pfcPriorityToPriorityGroup[priority].rawValue
    }
  }
}

/// The watchdog's settings in ticks.
struct Watchdog {
  /// 0: there is no watchdog.
  let detectionTicks: UInt64
  /// `UInt64.max`: never.
  let restorationTicks: UInt64
  let action: WatchdogAction

  init(_ configuration: WatchdogConfiguration?, ticksPerSecond: UInt64) {
    detectionTicks = configuration.map { max(1, $0.detection.ticks(perSecond: ticksPerSecond)) } ?? 0
    restorationTicks = configuration?.restoration.map { $0.ticks(perSecond: ticksPerSecond) } ?? .max
    action = configuration?.action ?? .alert
  }
}
