import CShims
import Wire

extension Switch {
  /// Takes in a MAC control frame. Whatever it is, it ends here, and is counted as no data.
  ///
  /// Obeyed is what is a whole frame, untagged (IEEE 802.3 clause 31.4), sent to the group address or to this switch, and
  /// of the kind that the switch is set to.
  @inline(never)
  mutating func receiveMACControl(_ packet: Packet, at now: Tick) {
    let portID = packet.ingressPort
    let counted = measured.ports.base + portID.index
    let length = packet.state.pointee.wire_length
    counted.pointee.rxPackets &-= 1
    counted.pointee.rxBytes &-= UInt64(length)
    let offset = Int(packet.state.pointee.network_offset)
    let destination = MACAddress(at: packet.bytes)
    var isUnderstood = false
    if offset == EthernetHeader.length, length >= UInt32(MACControl.frameLength),
      destination == MACControl.groupAddress || destination == mac
    {
      let body = packet.bytes + offset
      let available = packet.capturedLength &- offset
      if let frame = PFCFrame(at: body, available: available) {
        isUnderstood = true
        counted.pointee.pauseFramesReceived &+= 1
        obey(frame, on: portID, at: now)
      } else if let frame = PauseFrame(at: body, available: available) {
        isUnderstood = true
        counted.pointee.pauseFramesReceived &+= 1
        obey(frame, on: portID, at: now)
      }
    }
    if !isUnderstood { counted.pointee.otherMACControl &+= 1 }
    recordEnding(of: packet, nil, at: now)
    PacketMemory.free(packet)
  }

  private mutating func obey(_ frame: PFCFrame, on portID: PortID, at now: Tick) {
    let vector = frame.classEnableVector
    let pause = pauses.ports.base + portID.index
    let priorities = pauses.priorities.base + portID.index &* 8
    let obeyed = pause.pointee.mode == .priority ? pause.pointee.obeyed : 0
    var xoff: UInt8 = 0
    for priority in 0..<8 {
      let bit = 1 << UInt8(truncatingIfNeeded: priority) as UInt8
      if vector & bit == 0 { continue }
      let time = frame.time(of: priority)
      if time > 0 {
        xoff |= bit
        priorities[priority].rxXOFF &+= 1
        priorities[priority].requestedQuanta &+= UInt64(time)
      } else {
        priorities[priority].rxXON &+= 1
      }
      if obeyed & bit != 0 { setTimer(of: priority, on: portID, quanta: time, at: now) }
    }
    if recordsPauseEvents {
      record(PauseEvent(.received, at: now, on: portID, priorities: vector, xoff: xoff))
    }
    var rest = vector & obeyed
    while rest != 0 {
      let priority = rest.trailingZeroBitCount
      rest &= rest &- 1
      let isXOFF = xoff & 1 << UInt8(truncatingIfNeeded: priority) != 0
      hold(Int(pauses.maps.queue[unchecked: priority]), on: portID, isXOFF: isXOFF, at: now)
    }
  }

  /// A link-level PAUSE stops all priorities, and so all queues.
  private mutating func obey(_ frame: PauseFrame, on portID: PortID, at now: Tick) {
    let time = frame.time
    let pause = pauses.ports.base + portID.index
    let counted = measured.ports.base + portID.index
    if time > 0 { counted.pointee.linkRxXOFF &+= 1 } else { counted.pointee.linkRxXON &+= 1 }
    if recordsPauseEvents {
      record(PauseEvent(.received, at: now, on: portID, priorities: 0xFF, xoff: time > 0 ? 0xFF : 0))
    }
    guard pause.pointee.mode == .link else { return }
    for priority in 0..<8 {
      if time > 0 { pauses.priorities.base[portID.index &* 8 &+ priority].requestedQuanta &+= UInt64(time) }
      setTimer(of: priority, on: portID, quanta: time, at: now)
    }
    for queue in 0..<8 { hold(queue, on: portID, isXOFF: time > 0, at: now) }
  }

  private func setTimer(of priority: Int, on portID: PortID, quanta: UInt16, at now: Tick) {
    let state = pauses.priorities.base + (portID.index &* 8 &+ priority)
    if quanta == 0 { return state.pointee.timer.release(at: now) }
    // 512 bit times are the time of 64 bytes.
    let length = egress.ports.base[portID.index].line.ticks(bytes: 64 &* Int(quanta))
    let start = now + pauses.ports.base[portID.index].responseTicks
    _ = state.pointee.timer.pause(from: start, until: now + length, at: now)
  }

  /// Brings a queue's pause in line with the priorities that stop it.
  private mutating func hold(_ queue: Int, on portID: PortID, isXOFF: Bool, at now: Tick) {
    let pause = pauses.ports.base + portID.index
    let state = pauses.queues.base + (portID.index &* 8 &+ queue)
    let bit = 1 << UInt8(truncatingIfNeeded: queue) as UInt8
    pause.pointee.lookedAt = now
    if isXOFF { state.pointee.lastXOFF = now }
    // In a storm pauses are not obeyed, unless the watchdog only watches.
    if pause.pointee.stormed & bit != 0, pauses.watchdog.action != .alert { return }
    var (from, until) = (Tick.never, Tick.zero)
    let isLink = pause.pointee.mode == .link
    for priority in 0..<8 where isLink || Int(pauses.maps.queue[unchecked: priority]) == queue {
      let timer = pauses.priorities.base[portID.index &* 8 &+ priority].timer
      guard timer.until > now else { continue }
      from = min(from, max(timer.from, now))
      until = max(until, timer.until)
    }
    if until <= now {
      state.pointee.timer.release(at: now)
    } else {
      let previousEnd = state.pointee.timer.until
      if state.pointee.timer.pause(from: from, until: until, at: now) {
        beginHold(state, from: from, previousEnd: previousEnd, at: now, portID.index &* 8 &+ queue)
      }
      pause.pointee.held |= bit
      let port = egress.ports.base + portID.index
      port.pointee.needsPauseWork = true
      port.pointee.everPaused |= bit
    }
    touch(portID)
  }

  /// The queue was not paused just before. A break of up to 1 % of the watchdog's window, in which it sent nothing, does
  /// not count as one.
  private func beginHold(
    _ state: UnsafeMutablePointer<QueuePause>, from: Tick, previousEnd: Tick, at now: Tick, _ index: Int
  ) {
    let sent = measured.queues.base[index].txPackets
    let gap = now > previousEnd ? now - previousEnd : 0
    if state.pointee.timer.pauses > 1, sent == state.pointee.sentThen,
      gap &+ state.pointee.breaks <= pauses.watchdog.detectionTicks / 100
    {
      state.pointee.breaks &+= gap
      return
    }
    state.pointee.heldSince = from
    state.pointee.sentThen = sent
    state.pointee.breaks = 0
  }

  /// Queues of a port that a pause holds back at `now`, or that the watchdog is emptying, a bit each. Ends pauses that
  /// are over.
  @inline(never)
  mutating func heldQueues(_ portID: PortID, at now: Tick) -> UInt8 {
    let pause = pauses.ports.base + portID.index
    pause.pointee.lookedAt = now
    var active: UInt8 = pauses.watchdog.action == .drop ? pause.pointee.stormed : 0
    var rest = pause.pointee.held
    while rest != 0 {
      let queue = rest.trailingZeroBitCount
      let bit = rest & (0 &- rest)
      rest &= rest &- 1
      let timer = pauses.queues.base[portID.index &* 8 &+ queue].timer
      if timer.isActive(at: now) {
        active |= bit
      } else if timer.until <= now {
        pause.pointee.held &= ~bit
        if recordsPauseEvents, timer.until > timer.from {
          record(PauseEvent(.expired, at: timer.until, on: portID, priorities: bit, xoff: 0))
        }
      }
    }
    egress.ports.base[portID.index].needsPauseWork = pause.pointee.needsWork
    return active
  }

  /// When a queue that holds packets may send, pauses considered; `tick` if none holds it back then.
  @inline(__always)
  func pauseEnd(_ queue: Int, on portID: PortID, from tick: Tick) -> Tick {
    let timer = pauses.queues.base[portID.index &* 8 &+ queue].timer
    return timer.isActive(at: tick) ? timer.until : tick
  }
}
