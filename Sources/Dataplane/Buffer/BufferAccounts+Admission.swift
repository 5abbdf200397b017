import CShims

extension BufferAccounts {
  /// Charges a packet that goes to a queue, or says why not. Nothing is charged that is not admitted.
  ///
  /// Cost: 65 instructions for a lossless class without reserves, 30 more for a lossy queue; no division, three to five
  /// cache lines.
  @inline(always)
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
      if account.pointee.headroomUsed == 0, UInt64(account.pointee.sharedUsed &+ rest) <= limit, rest <= free {
        account.pointee.takeShared(rest)
        pool.pointee.take(rest)
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
  @inline(always)
  func release(_ packet: Packet, group: Int, queue: Int) {
    let state = packet.state
    let account = groups + group
    let rest = UInt32(state.pointee.charged_rest)
    var cells = rest
    if account.pointee.hasReserve {
      let reserved = Reserved(
        ofGroup: UInt32(state.pointee.charged_group), ofPort: UInt32(state.pointee.charged_port))
      account.pointee.reserveUsed &-= reserved.ofGroup
      portReserves[group &>> 3].used &-= reserved.ofPort
      cells &+= reserved.cells
    }
    var shared = rest
    if account.pointee.headroomUsed != 0 {
      let fromHeadroom = min(rest, account.pointee.headroomUsed)
      account.pointee.headroomUsed &-= fromHeadroom
      if pools[Buffer.headroomPool].size != 0 { pools[Buffer.headroomPool].used &-= fromHeadroom }
      shared &-= fromHeadroom
    }
    account.pointee.sharedUsed &-= shared
    pools[Int(account.pointee.pool)].used &-= shared
    if packet.flags.contains(.inEgressPool) {
      let egress = queues + queue
      let egressReserve = UInt32(state.pointee.charged_queue)
      egress.pointee.reserveUsed &-= egressReserve
      egress.pointee.sharedUsed &-= cells &- egressReserve
      pools[Buffer.egressPool].used &-= cells &- egressReserve
      state.pointee.flags &= ~PacketFlags.inEgressPool.rawValue
    }
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
