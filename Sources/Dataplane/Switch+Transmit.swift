import CShims
import Wire

extension Switch {
  /// Puts a packet into its queue on a port, if the buffer admits it. Its lengths are final.
  ///
  /// Cost: 150 instructions on a quiet port, most of them the buffer's.
  @inline(always)
  mutating func enqueue(_ packet: Packet, on portID: PortID, at now: Tick) {
    enqueue(packet, on: portID, at: now, pipelineTicks: pipelineTicks)
  }

  /// The same for a packet that may leave `pipelineTicks` from now.
  @inline(always)
  mutating func enqueue(_ packet: Packet, on portID: PortID, at now: Tick, pipelineTicks: UInt64) {
    let port = egress.ports.base + portID.index
    guard port.pointee.isQuiet else {
      if port.pointee.isDirect { return enqueueDirect(packet, on: portID, at: now) }
      return enqueueAny(packet, on: portID, at: now, pipelineTicks: pipelineTicks)
    }
    let state = packet.state
    state.pointee.egress_port = portID.rawValue
    let queue = Int(state.pointee.queue)
    let index = portID.index &* QueueID.count &+ queue
    if state.pointee.ecn == ECN.congestionExperienced { measured.queues.base[index].arrivedCE &+= 1 }
    guard admit(packet, queue: index, on: portID, at: now) else { return }
    state.pointee.paused = 0
    // A quiet port has no pipeline latency.
    state.pointee.ready = now.rawValue
    egress.queues.base[index].push(packet)
    port.pointee.backlogged |= 1 &<< UInt8(truncatingIfNeeded: queue)
    touch(portID)
  }

  /// Does the same on a port of any kind; a port of another slice is that slice's business.
  @inline(never)
  private mutating func enqueueAny(_ packet: Packet, on portID: PortID, at now: Tick, pipelineTicks: UInt64) {
    let port = egress.ports.base + portID.index
    if port.pointee.isForeign { return handOver(packet, to: portID, at: now) }
    guard port.pointee.isUp else { return drop(packet, .egressDown, at: now, on: portID) }
    let state = packet.state
    state.pointee.egress_port = portID.rawValue
    let queue = Int(state.pointee.queue)
    let index = portID.index &* QueueID.count &+ queue
    let bit: UInt8 = 1 &<< UInt8(truncatingIfNeeded: queue)
    if port.pointee.hasTelemetry, planTelemetry(packet, on: portID, at: now) { return }
    if state.pointee.ecn == ECN.congestionExperienced { measured.queues.base[index].arrivedCE &+= 1 }
    let verdict = port.pointee.marksAtEnqueue & bit != 0 ? judgeAtEnqueue(packet, queue: index) : .pass
    if verdict == .drop { return dropByWRED(packet, queue: index, on: portID, at: now) }
    if port.pointee.needsPauseWork, isDroppedInStorm(packet, bit, queue: index, on: portID, at: now) { return }
    guard admit(packet, queue: index, on: portID, at: now) else { return }
    // Only now: what is not admitted was not marked either.
    if verdict == .mark { mark(packet, queue: index) }
    state.pointee.paused = 0
    if port.pointee.everPaused & bit != 0 {
      state.pointee.paused = pauses.queues.base[index].timer.total(at: now)
    }
    var ready = now + pipelineTicks
    // Cut-through: a faster port would run dry in the middle of the frame, so it waits for the last bit.
    if mode == .cutThrough, packet.ingressPort != .none, !packet.flags.contains(.originated),
      port.pointee.rate > egress.ports.base[packet.ingressPort.index].rate
    {
      ready = max(ready, Tick(state.pointee.wire_end) + pipelineTicks)
    }
    state.pointee.ready = ready.rawValue
    egress.queues.base[index].push(packet)
    port.pointee.backlogged |= bit
    touch(portID)
  }

  @inline(__always)
  mutating func touch(_ portID: PortID) {
    let port = egress.ports.base + portID.index
    if port.pointee.isTouched { return }
    port.pointee.isTouched = true
    scratch.touchedPorts.base[touchedCount] = portID.rawValue
    touchedCount &+= 1
  }

  /// A port that got something to send since the last call, or nil: its ``nextDeadline(_:)`` may have moved.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(__always)
  public mutating func takeTouchedPort() -> PortID? {
    if touchedCount == 0 { return nil }
    touchedCount &-= 1
    let portID = PortID(Int(scratch.touchedPorts.base[touchedCount]))
    egress.ports.base[portID.index].isTouched = false
    return portID
  }

  /// When a port could next start a frame by itself; ``Tick/never`` if it has nothing to send. May lie in the past.
  ///
  /// Changes nothing, but is `mutating`: a borrowing call from another module copies the whole struct (Swift 6.3.1).
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(__always)
  public mutating func nextDeadline(_ portID: PortID) -> Tick {
    let port = egress.ports.base + portID.index
    if !port.pointee.isUp { return .never }
    if port.pointee.isDirect { return port.pointee.backlogged == 0 ? .never : .zero }
    if port.pointee.needsCare { return nextDeadlineWithPauses(portID) }
    if port.pointee.backlogged == 0 { return .never }
    if !port.pointee.isTimed { return port.pointee.wireFree }
    let first = portID.index &* QueueID.count
    return max(port.pointee.wireFree, Scheduler.earliest(port, egress.queues.base + first, egress.shapers.base + first))
  }

  /// Hands out what a port starts to send up to `now`, in order, each with its ``Packet/departure``.
  ///
  /// The wire is occupied by one frame at a time, so in virtual time, where `now` is the port's deadline, this is one
  /// packet; a live driver that comes late gets all that should have started since. The packets are the caller's.
  ///
  /// Cost: 230 instructions a packet on a quiet port: scheduler, refund, rewrite and counters.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public mutating func transmit(_ portID: PortID, at now: Tick, into burst: inout PacketBurst) {
    let port = egress.ports.base + portID.index
    if port.pointee.isDirect { return transmitDirect(portID, into: &burst, at: now) }
    if port.pointee.isQuiet { transmitQuiet(portID, port, at: now, into: &burst) }
    // Sending can end the quiet: a packet that leaves may call for a pause frame on its own port.
    if !port.pointee.isQuiet, port.pointee.isUp { transmitAny(portID, port, at: now, into: &burst) }
  }

  @inline(always)
  private mutating func transmitQuiet(
    _ portID: PortID, _ port: UnsafeMutablePointer<Port>, at now: Tick, into burst: inout PacketBurst
  ) {
    let firstQueue = portID.index &* QueueID.count
    let queues = egress.queues.base + firstQueue
    let before = burst.count
    while port.pointee.isQuiet, !burst.isFull, port.pointee.wireFree <= now {
      guard let queue = Scheduler.nextOfQuiet(port, queues, overhead: overhead), let packet = queues[queue].pop()
      else { break }
      let bit: UInt8 = 1 &<< UInt8(truncatingIfNeeded: queue)
      if queues[queue].first == nil {
        port.pointee.backlogged &= ~bit
        queues[queue].deficit = 0
      }
      let start = max(port.pointee.wireFree, Tick(packet.state.pointee.ready))
      port.pointee.wireFree = start + port.pointee.line.advance(bytes: packet.wireSlot)
      packet.state.pointee.departure = start.rawValue
      release(packet, queue: firstQueue &+ queue, at: now)
      if port.pointee.marksAtDequeue & bit != 0 { markAtDequeue(packet, queue: firstQueue &+ queue) }
      burst.appendKnownToFit(packet)
    }
    // A loop of its own: what is done to one packet does not wait for what was done to the one before.
    var octets: UInt64 = 0
    for index in before..<burst.count {
      let packet = burst.packet(known: index)
      Rewrite.apply(packet, mac: mac, neighbors: tables.neighbors.entries.base)
      octets &+= UInt64(packet.state.pointee.wire_length)
      count(packet, queue: firstQueue &+ Int(packet.state.pointee.queue), at: packet.departure)
    }
    measured.ports.base[portID.index].txPackets &+= UInt64(burst.count &- before)
    measured.ports.base[portID.index].txBytes &+= octets
  }

  @inline(never)
  private mutating func transmitAny(
    _ portID: PortID, _ port: UnsafeMutablePointer<Port>, at now: Tick, into burst: inout PacketBurst
  ) {
    let firstQueue = portID.index &* QueueID.count
    let queues = egress.queues.base + firstQueue
    let shapers = egress.shapers.base + firstQueue
    let before = burst.count
    if port.pointee.owesReports { sendDueReports(at: now) }
    while !burst.isFull, port.pointee.wireFree <= now {
      var allowed: UInt8 = 0xFF
      if port.pointee.needsPauseWork {
        if sendPauseFrame(portID, at: now, into: &burst) { continue }
        // Once a call, or a long queue that it drops would have more endings than are kept.
        if burst.count == before { runWatchdog(portID, at: now) }
        allowed = ~heldQueues(portID, at: now)
      }
      guard let queue = Scheduler.next(port, queues, shapers, allowed: allowed, overhead: overhead, at: now),
        let packet = queues[queue].pop()
      else { return }
      if queues[queue].first == nil {
        port.pointee.backlogged &= ~(1 &<< UInt8(truncatingIfNeeded: queue))
        queues[queue].deficit = 0
      }
      let bit: UInt8 = 1 &<< UInt8(truncatingIfNeeded: queue)
      var resumed = Tick.zero
      if port.pointee.everPaused & bit != 0 { resumed = pauses.queues.base[firstQueue &+ queue].timer.lastEnd(at: now) }
      let start = Switch.start(of: packet, queue, port, shapers, resumed: resumed, overhead: overhead)
      let slot = packet.wireSlot
      port.pointee.wireFree = start + port.pointee.line.advance(bytes: slot)
      packet.state.pointee.departure = start.rawValue
      release(packet, queue: firstQueue &+ queue, at: now)
      if port.pointee.everPaused & bit != 0 {
        notePauseShare(packet, queue: firstQueue &+ queue, bit, on: portID, at: start)
      }
      if port.pointee.marksAtDequeue & bit != 0 { markAtDequeue(packet, queue: firstQueue &+ queue) }
      if port.pointee.hasTelemetry {
        departWithTelemetry(packet, queue: firstQueue &+ queue, on: portID, start: start, at: now)
      }
      Rewrite.apply(packet, mac: mac, neighbors: tables.neighbors.entries.base)
      measured.ports.base[portID.index].txPackets &+= 1
      measured.ports.base[portID.index].txBytes &+= UInt64(packet.state.pointee.wire_length)
      count(packet, queue: firstQueue &+ queue, at: start)
      burst.append(packet)
    }
  }

  /// The tick at which a packet starts that was chosen just now, and what that means for the rates it is under.
  @inline(__always)
  private static func start(
    of packet: Packet, _ queue: Int, _ port: UnsafeMutablePointer<Port>,
    _ shapers: UnsafeMutablePointer<QueueShapers>, resumed: Tick, overhead: Int
  ) -> Tick {
    let ready = max(Tick(packet.state.pointee.ready), resumed)
    var start = max(port.pointee.wireFree, ready)
    let bit: UInt8 = 1 &<< UInt8(truncatingIfNeeded: queue)
    guard port.pointee.isTimed || port.pointee.guaranteed & bit != 0 else { return start }
    let cost = max(packet.wireLength, EthernetOverhead.minimumFrame) &+ overhead
    if let eligible = port.pointee.shaper?.eligible { start = max(start, eligible) }
    if let eligible = shapers[queue].maximum?.eligible { start = max(start, eligible) }
    port.pointee.shaper?.charge(bytes: cost, at: start)
    shapers[queue].maximum?.charge(bytes: cost, at: start)
    shapers[queue].minimum?.chargeMinimum(bytes: cost, ready: ready, at: start)
    return start
  }

  @inline(always)
  private func count(_ packet: Packet, queue: Int, at start: Tick) {
    measured.queues.base[queue].txPackets &+= 1
    measured.queues.base[queue].txBytes &+= UInt64(packet.state.pointee.wire_length)
    if packet.flags.contains(.trimmed) { measured.queues.base[queue].trimmedSent &+= 1 }
    measured.latencies.base[queue].record(start - packet.arrival)
  }
}
