import CShims

extension BufferAccounts {
  /// Charges a packet if it is the usual case: nothing is reserved, no headroom is in use, and there is room for it.
  /// False: nothing was charged, and ``admit(_:group:queue:mayChangePause:)`` knows what to do.
  ///
  /// Cost: 55 instructions for a lossless class, 20 more for a lossy queue.
  @inline(always)
  func admitUsual(_ packet: Packet, group: Int, queue: Int, mayChangePause: inout Bool) -> Bool {
    let account = groups + group
    let cells = self.cells(packet.state.pointee.wire_length)
    let pool = pools + Int(account.pointee.pool)
    let free = pool.pointee.free
    let shared = account.pointee.sharedUsed &+ cells
    guard account.pointee.isUsual, account.pointee.headroomUsed == 0, cells <= free,
      UInt64(shared) <= account.pointee.limit.cells(free: free)
    else { return false }
    let egress = queues + queue
    if !egress.pointee.isLossless {
      let egressPool = pools + Buffer.egressPool
      let free = egressPool.pointee.free
      let shared = egress.pointee.sharedUsed &+ cells
      guard egress.pointee.reserve == 0, cells <= free, UInt64(shared) <= egress.pointee.limit.cells(free: free) else {
        return false
      }
      egress.pointee.sharedUsed = shared
      egressPool.pointee.take(cells)
      packet.state.pointee.flags |= PacketFlags.inEgressPool.rawValue
    }
    account.pointee.takeShared(cells)
    pool.pointee.take(cells)
    packet.state.pointee.charged = UInt64(cells)
    mayChangePause = account.pointee.mayChange(shared: shared, free: free &- cells)
    return true
  }

  /// Charges a packet that goes to a queue, or says why not. Nothing is charged that is not admitted.
  ///
  /// Cost: 65 instructions for a lossless class without reserves, 30 more for a lossy queue; no division, three to five
  /// cache lines.
  /// - Parameter mayChangePause: set to false if it is certain that ``pauseChange(group:)`` finds nothing now.
  @inline(always)
  func admit(_ packet: Packet, group: Int, queue: Int, mayChangePause: inout Bool) -> Admission {
    mayChangePause = true
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
          let wouldAdmit = BufferAccounts.wouldAdmit(cells, account, portReserves + group &>> 3, pools)
          return wouldAdmit ? .egressFull : .ingressFull
        }
      }
    }
    let reserved =
      account.pointee.hasReserve
      ? BufferAccounts.reserveShare(of: cells, account, portReserves + group &>> 3) : Reserved()
    let rest = cells &- reserved.cells
    if rest != 0 {
      let pool = pools + Int(account.pointee.pool)
      let free = pool.pointee.free
      let limit = account.pointee.limit.cells(free: free)
      let shared = account.pointee.sharedUsed &+ rest
      if account.pointee.headroomUsed == 0, UInt64(shared) <= limit, rest <= free {
        account.pointee.takeShared(rest)
        pool.pointee.take(rest)
        mayChangePause = account.pointee.mayChange(shared: shared, free: free &- rest)
      } else {
        guard account.pointee.isLossless else { return .ingressFull }
        guard takeHeadroom(rest, account) else { return .headroomFull }
      }
    }
    if reserved.cells != 0 {
      account.pointee.reserveUsed &+= reserved.ofGroup
      portReserves[group &>> 3].used &+= reserved.ofPort
    }
    state.pointee.charged =
      UInt64(rest) | (UInt64(reserved.ofGroup) &<< 16) | (UInt64(reserved.ofPort) &<< 32)
      | (UInt64(egressReserve) &<< 48)
    if !egress.pointee.isLossless {
      state.pointee.flags |= PacketFlags.inEgressPool.rawValue
      egress.pointee.reserveUsed &+= egressReserve
      let shared = cells &- egressReserve
      egress.pointee.sharedUsed &+= shared
      pools[Buffer.egressPool].take(shared)
    }
    return .admitted
  }

  /// What a packet would find of what is set aside for its group, and then for its port.
  ///
  /// Static, as a call on the accounts would have them copied to memory for every packet.
  @inline(never)
  private static func reserveShare(
    of cells: UInt32, _ account: UnsafeMutablePointer<GroupAccount>, _ port: UnsafeMutablePointer<PortReserve>
  ) -> Reserved {
    let ofGroup = min(cells, account.pointee.reserve &- account.pointee.reserveUsed)
    return Reserved(ofGroup: ofGroup, ofPort: min(cells &- ofGroup, port.pointee.size &- port.pointee.used))
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
  private static func wouldAdmit(
    _ cells: UInt32, _ account: UnsafeMutablePointer<GroupAccount>, _ port: UnsafeMutablePointer<PortReserve>,
    _ pools: UnsafeMutablePointer<PoolAccount>
  ) -> Bool {
    if account.pointee.isLossless { return true }
    let reserved = account.pointee.reserve &- account.pointee.reserveUsed &+ (port.pointee.size &- port.pointee.used)
    if cells <= reserved { return true }
    let rest = cells &- reserved
    let free = pools[Int(account.pointee.pool)].free
    return UInt64(account.pointee.sharedUsed &+ rest) <= account.pointee.limit.cells(free: free) && rest <= free
  }

  /// Refunds a packet that has left its queue.
  ///
  /// What it had beyond the reserves goes back to headroom first, as long as its group has any in use: the shared cells
  /// that it leaves are taken over by the group's youngest packets, which stand in headroom. So headroom is free again
  /// after as many cells have left as it held. If each packet gave back what it was charged itself, headroom, which holds
  /// the end of the queue, would be empty only when the whole queue is, XON would come no sooner, and the egress port
  /// would run dry before the neighbour's next frame.
  ///
  /// - Parameter mayChangePause: set to false if it is certain that ``pauseChange(group:)`` finds nothing now.
  @inline(always)
  func release(_ packet: Packet, group: Int, queue: Int, mayChangePause: inout Bool) {
    let state = packet.state
    let account = groups + group
    let rest = UInt32(state.pointee.charged_rest)
    var cells = rest
    mayChangePause = true
    if account.pointee.hasReserve {
      let reserved = Reserved(
        ofGroup: UInt32(state.pointee.charged_group), ofPort: UInt32(state.pointee.charged_port))
      account.pointee.reserveUsed &-= reserved.ofGroup
      portReserves[group &>> 3].used &-= reserved.ofPort
      cells &+= reserved.cells
    }
    let pool = pools + Int(account.pointee.pool)
    if account.pointee.headroomUsed != 0 {
      let fromHeadroom = min(rest, account.pointee.headroomUsed)
      account.pointee.headroomUsed &-= fromHeadroom
      if pools[Buffer.headroomPool].size != 0 { pools[Buffer.headroomPool].used &-= fromHeadroom }
      account.pointee.sharedUsed &-= rest &- fromHeadroom
      pool.pointee.used &-= rest &- fromHeadroom
    } else {
      let shared = account.pointee.sharedUsed &- rest
      account.pointee.sharedUsed = shared
      let used = pool.pointee.used &- rest
      pool.pointee.used = used
      mayChangePause = account.pointee.mayChange(shared: shared, free: pool.pointee.size &- used)
    }
    if packet.flags.contains(.inEgressPool) {
      let egress = queues + queue
      let egressReserve = UInt32(state.pointee.charged_queue)
      egress.pointee.reserveUsed &-= egressReserve
      egress.pointee.sharedUsed &-= cells &- egressReserve
      pools[Buffer.egressPool].used &-= cells &- egressReserve
      state.pointee.flags &= ~PacketFlags.inEgressPool.rawValue
    }
  }

  /// Admits a packet, for those who ask about pauses in any case.
  func admit(_ packet: Packet, group: Int, queue: Int) -> Admission {
    var mayChangePause = false
    return admit(packet, group: group, queue: queue, mayChangePause: &mayChangePause)
  }

  /// Refunds a packet, for those who ask about pauses in any case.
  func release(_ packet: Packet, group: Int, queue: Int) {
    var mayChangePause = false
    release(packet, group: group, queue: queue, mayChangePause: &mayChangePause)
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

/// Cells that a packet has of what is set aside.
private struct Reserved {
  var ofGroup: UInt32 = 0
  var ofPort: UInt32 = 0

  var cells: UInt32 { ofGroup &+ ofPort }
}
