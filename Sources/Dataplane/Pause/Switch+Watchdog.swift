extension Switch {
  /// Packets that one call drops of a queue in a storm, so that a long queue does not stall a live port.
  private static let flushLimit = 256

  /// When the watchdog has something to do on a port; ``Tick/never`` if nothing.
  @inline(never)
  mutating func watchdogDeadline(_ portID: PortID) -> Tick {
    let detection = pauses.watchdog.detectionTicks
    if detection == 0 { return .never }
    let pause = pauses.ports.base + portID.index
    var deadline = Tick.never
    var rest = (pause.pointee.held & egress.ports.base[portID.index].backlogged) | pause.pointee.stormed
    while rest != 0 {
      let queue = rest.trailingZeroBitCount
      let bit = rest & (0 &- rest)
      rest &= rest &- 1
      if pause.pointee.stormed & bit != 0 {
        deadline = min(deadline, stormDeadline(queue, portID))
      } else {
        deadline = min(deadline, blockedSince(queue, portID) + detection)
      }
    }
    return deadline
  }

  /// A queue in a storm has packets to be dropped at once, and is restored when XOFF has been absent for long enough.
  private func stormDeadline(_ queue: Int, _ portID: PortID) -> Tick {
    let index = portID.index &* 8 &+ queue
    if pauses.watchdog.action == .drop, egress.queues.base[index].first != nil { return .zero }
    let restoration = pauses.watchdog.restorationTicks
    return restoration == .max ? .never : pauses.queues.base[index].lastXOFF + restoration
  }

  /// Since when a queue has held packets, been paused and sent nothing.
  private func blockedSince(_ queue: Int, _ portID: PortID) -> Tick {
    let index = portID.index &* 8 &+ queue
    guard let first = egress.queues.base[index].first else { return .never }
    return max(pauses.queues.base[index].heldSince, Tick(first.state.pointee.ready))
  }

  /// Detects storms, drops what they make undeliverable, and restores queues.
  @inline(never)
  mutating func runWatchdog(_ portID: PortID, at now: Tick) {
    let pause = pauses.ports.base + portID.index
    let detection = pauses.watchdog.detectionTicks
    if detection == 0 { return }
    for queue in 0..<8 {
      let bit = 1 << UInt8(truncatingIfNeeded: queue) as UInt8
      let state = pauses.queues.base + (portID.index &* 8 &+ queue)
      if pause.pointee.stormed & bit != 0 {
        let restoration = pauses.watchdog.restorationTicks
        if restoration != .max, state.pointee.lastXOFF + restoration <= now { endStorm(queue, portID, at: now) }
      } else if pause.pointee.held & egress.ports.base[portID.index].backlogged & bit != 0,
        state.pointee.timer.isActive(at: now), blockedSince(queue, portID) + detection <= now
      {
        beginStorm(queue, portID, at: now)
      }
      if pause.pointee.stormed & bit != 0, pauses.watchdog.action == .drop { flush(queue, portID, at: now) }
    }
    egress.ports.base[portID.index].needsPauseWork = pause.pointee.needsWork
  }

  private mutating func beginStorm(_ queue: Int, _ portID: PortID, at now: Tick) {
    let bit = 1 << UInt8(truncatingIfNeeded: queue) as UInt8
    let pause = pauses.ports.base + portID.index
    let state = pauses.queues.base + (portID.index &* 8 &+ queue)
    pause.pointee.stormed |= bit
    state.pointee.storms &+= 1
    // No XOFF has to come for the whole time from here on, or a storm under one long pause would end as it begins.
    state.pointee.lastXOFF = max(state.pointee.lastXOFF, now)
    if recordsPauseEvents { record(PauseEvent(.storm, at: now, on: portID, priorities: bit, xoff: bit)) }
    guard pauses.watchdog.action != .alert else { return }
    state.pointee.timer.release(at: now)
    pause.pointee.held &= ~bit
    if pauses.watchdog.action == .drop { updateIngressStorms(portID) }
  }

  private mutating func endStorm(_ queue: Int, _ portID: PortID, at now: Tick) {
    let bit = 1 << UInt8(truncatingIfNeeded: queue) as UInt8
    let state = pauses.queues.base + (portID.index &* 8 &+ queue)
    pauses.ports.base[portID.index].stormed &= ~bit
    state.pointee.restorations &+= 1
    // What was paused before does not count for the next storm.
    state.pointee.heldSince = max(state.pointee.heldSince, now)
    if pauses.watchdog.action == .drop { updateIngressStorms(portID) }
    if recordsPauseEvents { record(PauseEvent(.restored, at: now, on: portID, priorities: bit, xoff: 0)) }
  }

  /// The priority groups that stormed priorities mean on the same port are dropped too, in every slice.
  func updateIngressStorms(_ portID: PortID) {
    if !egress.ports.base[portID.index].isForeign { slices.tellAll(ofStormsOn: portID) }
    let stormed = pauses.ports.base[portID.index].stormed
    var groups: UInt8 = 0
    for priority in 0..<8 where stormed & 1 << pauses.maps.queue[unchecked: priority] != 0 {
      groups |= 1 << pauses.maps.group[unchecked: priority]
    }
    for group in 0..<8 {
      buffer.groups.base[portID.index &* 8 &+ group].isStormed = groups & 1 << UInt8(truncatingIfNeeded: group) != 0
    }
  }

  /// Drops what waits in a queue.
  private mutating func flush(_ queue: Int, _ portID: PortID, at now: Tick) {
    let index = portID.index &* 8 &+ queue
    var flushed = 0
    while flushed < Switch.flushLimit, let packet = egress.queues.base[index].pop() {
      release(packet, queue: index, at: now)
      pauses.queues.base[index].stormDrops &+= 1
      drop(packet, .pauseStorm, at: now, on: portID)
      flushed &+= 1
    }
    if egress.queues.base[index].first == nil {
      egress.queues.base[index].deficit = 0
      egress.ports.base[portID.index].backlogged &= ~(1 << UInt8(truncatingIfNeeded: queue))
    }
  }
}
