import Dataplane

/// What speaks against a configuration being lossless where it says that it is, with numbers.
///
/// This is the one place that judges it: the loader refuses what is in ``errors`` and gives notice of what is in
/// ``warnings``. A switch whose configuration has neither loses no packet of a lossless priority group, provided that
/// its neighbours stop within the time they are allowed, and that packet memory lasts.
public struct LosslessCheck: Equatable, Sendable {
  /// What can be wrong.
  public enum Kind: String, Equatable, Sendable, CaseIterable {
    /// Reserves, headroom and pools are more than the buffer.
    case bufferTooSmall
    /// Nothing of the buffer is left to share.
    case nothingToShare
    /// Headroom is below what one frame and the way there and back need.
    case headroomTooSmall
    /// The shared headroom pool is smaller than what one group needs.
    case sharedHeadroomTooSmall
    /// A priority group belongs to lossless and to lossy traffic classes.
    case mixedPriorityGroup
    /// No PFC priority stands for a lossless priority group.
    case unannouncedGroup
    /// No PFC priority stops a lossless queue.
    case unstoppedQueue
    /// Trimmed packets would go to a lossless queue, or come from one.
    case trimsLossless
    /// WRED would drop packets of a lossless queue.
    case dropsInLosslessQueue
    /// XOFF is not renewed before it ends.
    case lateRefresh
    /// XON would be due together with XOFF.
    case xonAboveLimit

    /// Pause frames are off.
    case pauseOff
    /// Headroom is below the formula's.
    case headroomBelowFormula
    /// Headroom is below what suffices for frames of every size.
    case headroomBelowWorstCase
    /// Shared headroom is less than all groups could need at once.
    case oversubscribedHeadroom
    /// A pause may end before it is renewed, or before the neighbour has to stop.
    case shortPause
    /// The switch stops later than its neighbours have to expect.
    case lateResponse
    /// XOFF would stop another queue of an equal neighbour.
    case crossedPriorities
    /// A traffic class is lossless on some ports only.
    case partlyLossless
    /// Copies of a packet are charged to its priority group too.
    case copies
    /// The watchdog drops packets of lossless queues.
    case watchdogDrops
    /// The simulator does not account for queue 0.
    case uncountedQueue
  }

  /// One thing that is wrong.
  public struct Finding: Equatable, Sendable, CustomStringConvertible {
    /// Which.
    public var kind: Kind
    /// The key that decides about it: `buffer.headroom`.
    public var key: String
    /// What is wrong, with numbers.
    public var problem: String
    /// What would be right.
    public var remedy: String

    /// One sentence.
    public var description: String { "\(problem); \(remedy)" }
  }

  /// What cannot be lossless, and is refused.
  public private(set) var errors: [Finding] = []
  /// What may lose packets of lossless priority groups, though it is accepted.
  public private(set) var warnings: [Finding] = []

  /// Judges a configuration that is free of other mistakes.
  public init(_ configuration: SwitchConfiguration) {
    let groups = LosslessGroups(configuration)
    checkClasses(configuration, groups)
    switch configuration.buffer.model {
    case .asic: checkBuffer(configuration, groups)
    case .hpcc: checkSimulator(configuration, groups)
    }
    checkPause(configuration, groups)
    checkCopies(configuration, groups)
  }

  mutating func refuse(_ kind: Kind, _ key: String, _ problem: String, _ remedy: String) {
    errors.append(Finding(kind: kind, key: key, problem: problem, remedy: remedy))
  }

  mutating func warn(_ kind: Kind, _ key: String, _ problem: String, _ remedy: String) {
    warnings.append(Finding(kind: kind, key: key, problem: problem, remedy: remedy))
  }
}

/// The lossless priority groups of all ports.
struct LosslessGroups {
  /// By port, a bit each.
  let groups: [UInt8]
  /// Ports that have any.
  let ports: [Int]
  /// All of them.
  let count: Int

  init(_ configuration: SwitchConfiguration) {
    groups = configuration.ports.map { configuration.losslessGroups(of: $0) }
    let groups = groups
    ports = groups.indices.filter { groups[$0] != 0 }
    count = groups.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  var isEmpty: Bool { ports.isEmpty }
}

extension UInt8 {
  /// The numbers of the bits that are set.
  var bits: [Int] { (0..<8).filter { self & 1 << UInt8($0) != 0 } }
}

extension PortConfiguration {
  /// Name, speed and cable: ``` `s1` (400G, 30m) ```.
  var summary: String {
    "`\(name)` (\(Quantity.rate.text(speed.bitsPerSecond)), \(Quantity.length.text(cable.millimetres)))"
  }
}
