import CShims

extension BufferAccounts {
  /// Charges a packet that goes to a queue, or says why not. Nothing is charged that is not admitted.
  ///
  /// Cost: see docs/performance.md; no division, three to five cache lines.
  @inline(__always)
  func admit(_ packet: Packet, group: Int, queue: Int) -> Admission {
    let state = packet.state
    let cells = self.cells(state.pointee.wire_length)
    let account = groups + group
    let egress = queues + queue
    var egressReserve: UInt32 = 0
    if !egress.pointee.isLossless {
      egressReserve = min(cells, egress.pointee.reserve &- egress.pointee.reserveUsed)
      let rest = cells &- egressReserve
      if rest != 0 {
        let pool = pools + Buffer.egressPool
        let free = pool.pointee.free
        if UInt64(egress.pointee.sharedUsed &+ rest) > egress.pointee.limit.cells(free: free) || rest > free {
          // Of both reasons, ingress is the one to name: it is looked at first by those who search for loss.
          return wouldAdmit(cells, group: group) ? .egressFull : .ingressFull
        }
      }
    }
    let fromReserve = min(cells, account.pointee.reserve &- account.pointee.reserveUsed)
    var rest = cells &- fromReserve
    var fromPort: UInt32 = 0
    if rest != 0 {
      let port = portReserves + group &>> 3
      if port.pointee.size != 0 {
        fromPort = min(rest, port.pointee.size &- port.pointee.used)
        rest &-= fromPort
      }
      if rest != 0 {
        let pool = pools + Int(account.pointee.pool)
        let free = pool.pointee.free
        let limit = account.pointee.limit.cells(free: free)
        if account.pointee.headroomUsed == 0, UInt64(account.pointee.sharedUsed &+ rest) <= limit, rest <= free {
          account.pointee.takeShared(rest)
          pool.pointee.take(rest)
        } else {
          guard account.pointee.isLossless else { return .ingressFull }
          guard takeHeadroom(rest, account) else { return .headroomFull }
        }
      }
      port.pointee.used &+= fromPort
    }
    account.pointee.reserveUsed &+= fromReserve
    state.pointee.charged_group = UInt16(truncatingIfNeeded: fromReserve)
    state.pointee.charged_port = UInt16(truncatingIfNeeded: fromPort)
    state.pointee.charged_rest = UInt16(truncatingIfNeeded: rest)
    state.pointee.charged_queue = UInt16(truncatingIfNeeded: egressReserve)
    if !egress.pointee.isLossless {
      state.pointee.flags |= PacketFlags.inEgressPool.rawValue
      egress.pointee.reserveUsed &+= egressReserve
      let shared = cells &- egressReserve
      egress.pointee.sharedUsed &+= shared
      pools[Buffer.egressPool].take(shared)
    }
    return .admitted
  }

  /// Headroom is the group's own, or, up to the group's cap, that of the pool which all share.
  @inline(__always)
  private func takeHeadroom(_ cells: UInt32, _ account: UnsafeMutablePointer<GroupAccount>) -> Bool {
    guard account.pointee.headroom &- account.pointee.headroomUsed >= cells else { return false }
    let pool = pools + Buffer.headroomPool
    if pool.pointee.size != 0 {
      guard pool.pointee.free >= cells else { return false }
      pool.pointee.take(cells)
    }
    account.pointee.takeHeadroom(cells)
    return true
  }

  /// Whether ingress would take a packet.
  @inline(never)
  private func wouldAdmit(_ cells: UInt32, group: Int) -> Bool {
    let account = groups[group]
    if account.isLossless { return true }
    let port = portReserves[group &>> 3]
    let reserved = account.reserve &- account.reserveUsed &+ (port.size &- port.used)
    if cells <= reserved { return true }
    let rest = cells &- reserved
    let free = pools[Int(account.pool)].free
    return UInt64(account.sharedUsed &+ rest) <= account.limit.cells(free: free) && rest <= free
  }

  /// Refunds a packet that has left its queue.
  ///
  /// What it had beyond the reserves goes back to headroom first, as long as its group has any in use: the shared cells
  /// that it leaves are taken over by the group's youngest packets, which stand in headroom. So headroom is free again
  /// after as many cells have left as it held. If each packet gave back what it was charged itself, headroom, which holds
  /// the end of the queue, would be empty only when the whole queue is, XON would come no sooner, and the egress port
  /// would run dry before the neighbour's next frame.
  @inline(__always)
  func release(_ packet: Packet, group: Int, queue: Int) {
    let state = packet.state
    let account = groups + group
    let fromReserve = UInt32(state.pointee.charged_group)
    let fromPort = UInt32(state.pointee.charged_port)
    let rest = UInt32(state.pointee.charged_rest)
    account.pointee.reserveUsed &-= fromReserve
    if fromPort != 0 { portReserves[group &>> 3].used &-= fromPort }
    let fromHeadroom = min(rest, account.pointee.headroomUsed)
    if fromHeadroom != 0 {
      account.pointee.headroomUsed &-= fromHeadroom
      if pools[Buffer.headroomPool].size != 0 { pools[Buffer.headroomPool].used &-= fromHeadroom }
    }
    account.pointee.sharedUsed &-= rest &- fromHeadroom
    pools[Int(account.pointee.pool)].used &-= rest &- fromHeadroom
    if packet.flags.contains(.inEgressPool) {
      let egress = queues + queue
      let egressReserve = UInt32(state.pointee.charged_queue)
      let shared = fromReserve &+ fromPort &+ rest &- egressReserve
      egress.pointee.reserveUsed &-= egressReserve
      egress.pointee.sharedUsed &-= shared
      pools[Buffer.egressPool].used &-= shared
    }
    state.pointee.flags &= ~PacketFlags.inEgressPool.rawValue
  }

  /// Whether the neighbour of a group has to be told something, after one of its packets came or went.
  ///
  /// With dynamic limits, what other groups take and give moves this group's limit too. It is looked at when a packet of
  /// the group itself comes or goes, and at no other time.
  @inline(__always)
  func pauseChange(group: Int) -> PauseChange {
    let account = groups + group
    return account.pointee.updateXOFF(free: pools[Int(account.pointee.pool)].free)
  }
}
