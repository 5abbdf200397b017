import CShims

extension Switch {
  /// When a port could next do something, pauses, pause frames, reports and the watchdog considered.
  @inline(never)
  mutating func nextDeadlineWithPauses(_ portID: PortID) -> Tick {
    let port = egress.ports.base + portID.index
    let pause = pauses.ports.base + portID.index
    // Not before the tick at which pauses were last looked at: a renewed pause does not say when it first began.
    let free = max(port.pointee.wireFree, pause.pointee.lookedAt)
    var deadline = port.pointee.owesReports ? telemetry.reports.state.base.pointee.deadline : Tick.never
    if pause.pointee.owed != 0 {
      deadline = min(deadline, max(free, pause.pointee.owedSince))
    } else if pause.pointee.xoff != 0 {
      deadline = min(deadline, max(free, pause.pointee.refreshAt))
    }
    let first = portID.index &* QueueID.count
    var rest = port.pointee.backlogged
    while rest != 0 {
      let queue = rest.trailingZeroBitCount
      rest &= rest &- 1
      var tick = free
      if port.pointee.isTimed {
        tick = max(tick, Scheduler.eligible(queue, port, egress.queues.base + first, egress.shapers.base + first))
        if let shaper = port.pointee.shaper { tick = max(tick, shaper.eligible) }
      }
      deadline = min(deadline, pauseEnd(queue, on: portID, from: tick))
    }
    // The watchdog is looked at in ``transmit(_:at:into:)``, which does nothing while a frame is on the wire.
    let watch = watchdogDeadline(portID)
    return watch == .never ? deadline : min(deadline, max(free, watch))
  }

  /// A port goes down or comes up: what its neighbour said holds no more, and what it must know it must be told anew.
  mutating func resetPauses(of portID: PortID, at now: Tick) {
    let pause = pauses.ports.base + portID.index
    for number in 0..<8 {
      pauses.queues.base[portID.index &* 8 &+ number].timer.release(at: now)
      pauses.priorities.base[portID.index &* 8 &+ number].timer.release(at: now)
    }
    pause.pointee.held = 0
    pause.pointee.owed = pause.pointee.xoff
    pause.pointee.owedSince = now
    pause.pointee.refreshAt = .never
    egress.ports.base[portID.index].needsPauseWork = pause.pointee.needsWork
  }

  /// Adds what a packet waited for pauses of its queue to the queue's sums.
  @inline(never)
  mutating func notePauseShare(_ packet: Packet, queue: Int, _ bit: UInt8, on portID: PortID, at start: Tick) {
    let state = pauses.queues.base + queue
    let ticks = state.pointee.timer.total(at: start) &- packet.state.pointee.paused
    packet.state.pointee.paused = ticks
    state.pointee.packetTicks &+= ticks
    state.pointee.longestPacketTicks = max(state.pointee.longestPacketTicks, ticks)
    let pause = pauses.ports.base + portID.index
    if pause.pointee.stormed & bit != 0 { state.pointee.stormSent &+= 1 }
    // What is sent while a pause is announced, but not yet in effect, does not speak against a storm later.
    if pause.pointee.held & bit != 0, state.pointee.timer.from > start { state.pointee.sentThen &+= 1 }
    if state.pointee.heldSince <= start { state.pointee.heldSince = start }
  }

  /// Drops a packet for a queue in a storm, if that is what the watchdog does.
  @inline(never)
  mutating func isDroppedInStorm(
    _ packet: Packet, _ bit: UInt8, queue: Int, on portID: PortID, at now: Tick
  ) -> Bool {
    guard pauses.ports.base[portID.index].stormed & bit != 0, pauses.watchdog.action == .drop else { return false }
    pauses.queues.base[queue].stormDrops &+= 1
    drop(packet, .pauseStorm, at: now, on: portID)
    return true
  }
}
