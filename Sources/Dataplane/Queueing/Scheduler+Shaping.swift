import CShims

/// The two rates that a queue may have.
struct QueueShapers {
  var minimum: ShaperState?
  var maximum: ShaperState?
}

extension Scheduler {
  /// Those of `candidates` whose first packet is ready and whose maximum rate allows it, if the port's rate does.
  static func ready(
    _ candidates: UInt8, _ port: UnsafeMutablePointer<Port>, _ queues: UnsafeMutablePointer<EgressQueue>,
    _ shapers: UnsafeMutablePointer<QueueShapers>, at now: Tick
  ) -> UInt8 {
    if let shaper = port.pointee.shaper, shaper.eligible > now { return 0 }
    var ready: UInt8 = 0
    var rest = candidates
    while rest != 0 {
      let queue = rest.trailingZeroBitCount
      rest &= rest &- 1
      if eligible(queue, port, queues, shapers) <= now { ready |= 1 << UInt8(truncatingIfNeeded: queue) }
    }
    return ready
  }

  /// The earliest tick at which the port may start a frame, the wire aside; ``Tick/never`` with empty queues.
  static func earliest(
    _ port: UnsafeMutablePointer<Port>, _ queues: UnsafeMutablePointer<EgressQueue>,
    _ shapers: UnsafeMutablePointer<QueueShapers>
  ) -> Tick {
    var earliest = Tick.never
    var rest = port.pointee.backlogged
    while rest != 0 {
      let queue = rest.trailingZeroBitCount
      rest &= rest &- 1
      earliest = min(earliest, eligible(queue, port, queues, shapers))
    }
    guard let shaper = port.pointee.shaper, earliest != .never else { return earliest }
    return max(earliest, shaper.eligible)
  }

  /// The earliest tick at which a queue may start its first packet, the wire and the port's rate aside.
  @inline(__always)
  static func eligible(
    _ queue: Int, _ port: UnsafeMutablePointer<Port>, _ queues: UnsafeMutablePointer<EgressQueue>,
    _ shapers: UnsafeMutablePointer<QueueShapers>
  ) -> Tick {
    guard let first = queues[queue].first else { return .never }
    let ready = Tick(first.state.pointee.ready)
    guard let maximum = shapers[queue].maximum else { return ready }
    return max(ready, maximum.eligible)
  }

  /// Those of `candidates` that have had less than their minimum rate.
  static func owed(_ candidates: UInt8, _ shapers: UnsafeMutablePointer<QueueShapers>, at now: Tick) -> UInt8 {
    var owed: UInt8 = 0
    var rest = candidates
    while rest != 0 {
      let queue = rest.trailingZeroBitCount
      rest &= rest &- 1
      if let minimum = shapers[queue].minimum, minimum.eligible <= now {
        owed |= 1 << UInt8(truncatingIfNeeded: queue)
      }
    }
    return owed
  }
}
