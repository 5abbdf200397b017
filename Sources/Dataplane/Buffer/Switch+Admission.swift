import CShims
import Wire

extension Switch {
  /// Charges a packet to the buffer. False: it was not admitted, and is gone.
  @inline(always)
  mutating func admit(_ packet: Packet, queue: Int, on portID: PortID, at now: Tick) -> Bool {
    let group = buffer.accounts.groupIndex(of: packet)
    var mayChangePause = true
    if buffer.model == .asic,
      buffer.accounts.admitUsual(packet, group: group, queue: queue, mayChangePause: &mayChangePause)
    {
      if mayChangePause { notePauseChange(group: group, at: now) }
      return true
    }
    return admitAny(packet, group: group, queue: queue, on: portID, at: now)
  }

  @inline(never)
  private mutating func admitAny(_ packet: Packet, group: Int, queue: Int, on portID: PortID, at now: Tick) -> Bool {
    if buffer.model == .hpcc { return admitAsSimulator(packet, group: group, queue: queue, on: portID, at: now) }
    let account = buffer.accounts.groups + group
    if account.pointee.isStormed {
      refuseInStorm(packet, group: group, at: now)
      return false
    }
    var mayChangePause = true
    let admission = buffer.accounts.admit(packet, group: group, queue: queue, mayChangePause: &mayChangePause)
    if admission != .admitted {
      refuse(packet, admission, queue: queue, on: portID, at: now)
    }
    // A packet that was refused has told the same about its group: it stands at its limit.
    if mayChangePause { notePauseChange(group: group, at: now) }
    return admission == .admitted
  }

  /// Refunds a packet that has left its queue.
  @inline(always)
  mutating func release(_ packet: Packet, queue: Int, at now: Tick) {
    let group = buffer.accounts.groupIndex(of: packet)
    if buffer.model == .hpcc { return releaseAsSimulator(packet, group: group, queue: queue, at: now) }
    var mayChangePause = true
    buffer.accounts.release(packet, group: group, queue: queue, mayChangePause: &mayChangePause)
    if mayChangePause { notePauseChange(group: group, at: now) }
  }

  /// Tells the neighbour of a group what it has to be told, if anything.
  @inline(never)
  private mutating func notePauseChange(group: Int, at now: Tick) {
    guard buffer.accounts.groups[group].isLossless else { return }
    let change = buffer.accounts.pauseChange(group: group)
    if change != .none { noteChange(change, group: group, at: now) }
  }

  /// Trims or drops what the buffer does not take; the reason is named for the port on which it is to be looked for.
  @inline(never)
  private mutating func refuse(
    _ packet: Packet, _ admission: Admission, queue: Int, on portID: PortID, at now: Tick
  ) {
    measured.queues.base[queue].droppedPackets &+= 1
    let reason: DropReason
    var counted: PortID?
    switch admission {
    case .headroomFull: reason = .headroomFull
    case .ingressFull: reason = .ingressBuffer
    case .egressFull, .admitted:
      reason = .egressBuffer
      counted = portID
    }
    if trim(packet, reason, countedOn: counted, queue: queue, on: portID, at: now) { return }
    drop(packet, reason, at: now, on: counted)
  }

  /// The watchdog drops what comes in for a priority whose queue on the same port is in a storm.
  @inline(never)
  private mutating func refuseInStorm(_ packet: Packet, group: Int, at now: Tick) {
    for priority in 0..<8 where Int(pauses.maps.group[unchecked: priority]) == group & 7 {
      let queue = Int(pauses.maps.queue[unchecked: priority])
      guard pauses.ports.base[group &>> 3].stormed & 1 << UInt8(truncatingIfNeeded: queue) != 0 else { continue }
      pauses.queues.base[group & ~7 | queue].stormIngressDrops &+= 1
      break
    }
    drop(packet, .pauseStorm, at: now)
  }

  /// The simulator does not know lossy groups. What is dropped of a group that is not defended by XOFF is no lossless drop
  /// here either.
  @inline(never)
  private mutating func admitAsSimulator(
    _ packet: Packet, group: Int, queue: Int, on portID: PortID, at now: Tick
  ) -> Bool {
    if buffer.groups.base[group].isStormed {
      refuseInStorm(packet, group: group, at: now)
      return false
    }
    if buffer.accounts.isExempt(packet, queue: queue) { return true }
    guard buffer.simulator.admit(UInt64(packet.state.pointee.wire_length), group: group) else {
      let admission: Admission = buffer.groups.base[group].isLossless ? .headroomFull : .ingressFull
      refuse(packet, admission, queue: queue, on: portID, at: now)
      return false
    }
    let change = buffer.simulator.pauseChangeAfterArrival(group: group)
    if change != .none { noteChange(change, group: group, at: now) }
    return true
  }

  @inline(never)
  private mutating func releaseAsSimulator(_ packet: Packet, group: Int, queue: Int, at now: Tick) {
    if buffer.accounts.isExempt(packet, queue: queue) { return }
    buffer.simulator.release(UInt64(packet.state.pointee.queued_bytes), group: group)
    let change = buffer.simulator.pauseChangeAfterDeparture(group: group)
    if change != .none { noteChange(change, group: group, at: now) }
  }

  /// What a group has of the buffer, in bytes.
  func groupUse(_ index: Int) -> GroupUse {
    if buffer.model == .hpcc {
      let account = buffer.simulator.groups.base[index]
      let shared = buffer.simulator.beyondReserve(account.ingress)
      return GroupUse(
        reservedBytes: account.ingress - shared, sharedBytes: shared, headroomBytes: account.headroomUsed,
        limitBytes: buffer.simulator.limit(group: index), isXOFF: account.isXOFF,
        peakSharedBytes: buffer.simulator.beyondReserve(account.peakIngress), peakHeadroomBytes: account.peakHeadroom)
    }
    let account = buffer.groups.base[index]
    let cell = buffer.cellBytes
    let free = buffer.pools.base[Int(account.pool)].free
    return GroupUse(
      reservedBytes: UInt64(account.reserveUsed) * cell, sharedBytes: UInt64(account.sharedUsed) * cell,
      headroomBytes: UInt64(account.headroomUsed) * cell, limitBytes: account.limit.cells(free: free) * cell,
      isXOFF: account.isXOFF, peakSharedBytes: UInt64(account.peakShared) * cell,
      peakHeadroomBytes: UInt64(account.peakHeadroom) * cell)
  }
}

/// What a priority group has of the buffer, in bytes of whole cells.
public struct GroupUse: Equatable, Sendable {
  /// Of its reserve.
  public var reservedBytes: UInt64
  /// Of the shared pool.
  public var sharedBytes: UInt64
  /// Of headroom.
  public var headroomBytes: UInt64
  /// What it may have of the shared pool now.
  public var limitBytes: UInt64
  /// Whether its neighbour is asked to stop.
  public var isXOFF: Bool
  /// Most of the shared pool that it ever had.
  public var peakSharedBytes: UInt64
  /// Most of headroom that it ever had.
  public var peakHeadroomBytes: UInt64
}
