/// Something that happened to flow control, for logs and plots.
public struct PauseEvent: Equatable, Sendable {
  /// What happened.
  public enum Kind: String, Equatable, Sendable, CaseIterable {
    /// A priority group wants its neighbour to stop: shared use is above the limit.
    case threshold = "xoff-threshold"
    /// The same, as a packet had to go to headroom.
    case headroom = "xoff-headroom"
    /// A priority group wants its neighbour to go on.
    case drained = "xon"
    /// A pause frame leaves with XOFF, XON or both; ``PauseEvent/priorities`` and ``PauseEvent/xoff`` say for whom.
    case sent
    /// The same, only because the neighbour's timer would run out.
    case refreshed
    /// A pause frame came in.
    case received
    /// A pause ended by itself: no frame renewed it in time.
    case expired
    /// The watchdog found a queue in a storm.
    case storm
    /// The watchdog treats the queue as usual again.
    case restored
  }

  /// What happened.
  public var kind: Kind
  /// When.
  public var tick: Tick
  /// On which port.
  public var port: PortID
  /// Priorities concerned, a bit each. Of `expired`, `storm` and `restored`: queues. With link-level PAUSE: all.
  public var priorities: UInt8
  /// Those of them that are stopped, not released.
  public var xoff: UInt8
  /// The priority group that caused it, of `threshold`, `headroom` and `drained`.
  public var group = PriorityGroup(0)
  /// Bytes that the group has of the shared pool then.
  public var sharedBytes: UInt64 = 0
  /// Its limit then.
  public var limitBytes: UInt64 = 0
  /// Bytes it has in headroom then.
  public var headroomBytes: UInt64 = 0

  /// An event.
  public init(_ kind: Kind, at tick: Tick, on port: PortID, priorities: UInt8, xoff: UInt8) {
    self.kind = kind
    self.tick = tick
    self.port = port
    self.priorities = priorities
    self.xoff = xoff
  }
}

extension Switch {
  /// Events that are kept; a driver that asks after each call loses none.
  static let pauseEventCapacity = 1024

  /// What happened to flow control, oldest first; `index` is below ``pauseEventCount``.
  public func pauseEvent(_ index: Int) -> PauseEvent { scratch.pauseEvents.base[index] }

  /// Makes room for new events.
  public mutating func forgetPauseEvents() { pauseEventCount = 0 }

  @inline(never)
  mutating func record(_ event: PauseEvent) {
    guard recordsPauseEvents, pauseEventCount < Switch.pauseEventCapacity else { return }
    scratch.pauseEvents.base[pauseEventCount] = event
    pauseEventCount &+= 1
  }
}
