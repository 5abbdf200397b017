/// A node as a key.
struct NodeKey: TableKey {
  var node: UInt32

  func hash(seed: UInt64) -> UInt64 {
    var mixer = Mixer(seed)
    mixer.add(UInt64(node))
    return mixer.value
  }
}

/// What is kept of a node.
struct NodeState: BitwiseCopyable {
  var packets: UInt64 = 0
  var drops: UInt64 = 0
  var latencies: UInt64 = 0
  var sumLatency: UInt64 = 0
  var maxLatency: UInt64 = 0
  var clock = NodeClock()
}

/// The clock of a node against the collector's: time stamps that cannot be are not believed.
///
/// The first stamp of a node tells how far its clock is off. One that is further off than ``tolerance`` from that is
/// replaced by the collector's time; when sixteen in a row agree with each other, the clock has been set. A clock that is
/// off by more than the tolerance counts from another beginning, and its times are moved to the collector's.
struct NodeClock: BitwiseCopyable {
  /// Nanoseconds that delays and drift may make.
  static let tolerance: UInt64 = 60_000_000_000
  static let confirmations: UInt8 = 16

  private var offset: UInt64 = 0
  private var hasOffset = false
  private var candidate: UInt64 = 0
  private var confirmed: UInt8 = 0
  /// Stamps that were replaced.
  private(set) var implausible: UInt64 = 0
  /// Times that the clock was set.
  private(set) var steps: UInt64 = 0

  /// The time to believe, in nanoseconds of the node's clock, moved to the collector's beginning.
  mutating func judge(_ stamp: UInt64, arrival: UInt64) -> UInt64 {
    let time = accept(stamp, arrival: arrival)
    return Self.distance(offset, 0) <= Self.tolerance ? time : time &- offset
  }

  private mutating func accept(_ stamp: UInt64, arrival: UInt64) -> UInt64 {
    // Differences of two clocks wrap, whatever they are.
    let measured = stamp &- arrival
    guard hasOffset else {
      hasOffset = true
      offset = measured
      return stamp
    }
    if Self.distance(measured, offset) <= Self.tolerance {
      confirmed = 0
      return stamp
    }
    if confirmed > 0, Self.distance(measured, candidate) <= Self.tolerance {
      confirmed += 1
    } else {
      candidate = measured
      confirmed = 1
    }
    guard confirmed < Self.confirmations else {
      steps += 1
      confirmed = 0
      offset = measured
      return stamp
    }
    implausible += 1
    return arrival &+ offset
  }

  private static func distance(_ left: UInt64, _ right: UInt64) -> UInt64 { min(left &- right, right &- left) }
}
