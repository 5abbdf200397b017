import CShims

extension Switch {
  /// Compares every account of the buffer with the packets that wait in the queues.
  ///
  /// For tests and checked builds: it walks through all queues and allocates.
  ///
  /// - Returns: nil if all agree; otherwise a sentence that names the first difference, with both numbers.
  public func audit() -> String? {
    // Ports without queues have no buffer to account for.
    if mode == .direct { return nil }
    var sums = AuditSums(ports: egress.ports.count)
    for index in 0..<egress.queues.count {
      if let difference = auditQueue(index, &sums) { return difference }
    }
    let isSimulator = buffer.model == .hpcc
    return (isSimulator ? auditSimulator(sums) : auditAccounts(sums)) ?? auditPauses()
  }

  /// Walks through a queue, and adds up what its packets are charged with.
  private func auditQueue(_ index: Int, _ sums: inout AuditSums) -> String? {
    let queue = egress.queues.base[index]
    let account = buffer.queues.base[index]
    let name = "port \(index >> 3), queue \(index & 7)"
    var (packets, bytes, reserve, shared) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    var next = queue.first
    while let packet = next {
      let state = packet.state.pointee
      packets += 1
      bytes += UInt64(state.queued_bytes)
      if packets > queue.packets { return "\(name) counts \(queue.packets) packets, but its list is longer." }
      let place = Int(state.egress_port) * QueueID.count + Int(state.queue)
      if place != index { return "\(name) holds a packet for port \(place >> 3), queue \(place & 7)." }
      if buffer.model == .asic {
        if let difference = sums.charge(
          packet, buffer.accounts.groupIndex(of: packet), buffer.accounts, isLossless: account.isLossless)
        {
          return "\(name): \(difference)"
        }
        if !account.isLossless {
          let cells = UInt64(state.charged_group) + UInt64(state.charged_port) + UInt64(state.charged_rest)
          reserve += UInt64(state.charged_queue)
          shared += cells - UInt64(state.charged_queue)
        }
      } else if !buffer.accounts.isExempt(packet, queue: index) {
        sums.groups[buffer.accounts.groupIndex(of: packet)].bytes += UInt64(state.queued_bytes)
      }
      next = state.next.map { Packet($0) }
    }
    sums.egress += shared
    if packets != queue.packets { return "\(name) holds \(packets) packets and counts \(queue.packets)." }
    if bytes != queue.bytes { return "\(name) holds \(bytes) bytes and counts \(queue.bytes)." }
    if queue.intervalPeakBytes < bytes || queue.peakBytes < queue.intervalPeakBytes {
      return "\(name) holds \(bytes) bytes, but its peaks are \(queue.intervalPeakBytes) and \(queue.peakBytes)."
    }
    let isBacklogged = egress.ports.base[index >> 3].backlogged & 1 << UInt8(index & 7) != 0
    if isBacklogged != (packets > 0) {
      return "\(name) holds \(packets) packets, and is \(isBacklogged ? "" : "not ")taken to be backlogged."
    }
    if buffer.model == .hpcc { return nil }
    if reserve != UInt64(account.reserveUsed) || shared != UInt64(account.sharedUsed) {
      return "\(name): packets are charged \(reserve) cells of its reserve and \(shared) of the egress pool, "
        + "and the account says \(account.reserveUsed) and \(account.sharedUsed)."
    }
    if account.reserveUsed > account.reserve {
      return "\(name) has \(account.reserveUsed) cells of a reserve of \(account.reserve)."
    }
    return nil
  }

  private func auditAccounts(_ sums: AuditSums) -> String? {
    var pools: [UInt64] = [0, 0, 0, sums.egress]
    let sharesHeadroom = buffer.pools.base[Buffer.headroomPool].size != 0
    for (index, sum) in sums.groups.enumerated() {
      let account = buffer.groups.base[index]
      pools[Int(account.pool)] += UInt64(account.sharedUsed)
      if sharesHeadroom { pools[Buffer.headroomPool] += UInt64(account.headroomUsed) }
      if let difference = sum.difference(from: account) { return "\(sums.name(ofGroup: index)): \(difference)" }
    }
    for (index, sum) in sums.portReserves.enumerated() {
      let reserve = buffer.portReserves.base[index]
      if sum != UInt64(reserve.used) || reserve.used > reserve.size {
        return "port \(index): packets are charged \(sum) cells of its reserve of \(reserve.size), "
          + "and the account says \(reserve.used)."
      }
    }
    for (sum, (index, name)) in zip(pools, ["first shared", "second shared", "headroom", "egress"].enumerated()) {
      let pool = buffer.pools.base[index]
      if sum != UInt64(pool.used) || pool.used > pool.size {
        return "\(name) pool: packets are charged \(sum) of its \(pool.size) cells, and the account says \(pool.used)."
      }
      if pool.intervalPeak < pool.used || pool.peak < pool.intervalPeak {
        return "\(name) pool: \(pool.used) cells are in use, but its peaks are \(pool.intervalPeak) and \(pool.peak)."
      }
    }
    return nil
  }

  /// The simulator's accounts are the bytes of the packets, whichever of reserve, pool and headroom they came to.
  private func auditSimulator(_ sums: AuditSums) -> String? {
    let simulator = buffer.simulator.groups.base
    var shared: UInt64 = 0
    for (index, sum) in sums.groups.enumerated() where index < buffer.simulator.groups.count {
      let account = simulator[index]
      let name = sums.name(ofGroup: index)
      shared += buffer.simulator.beyondReserve(account.ingress)
      if account.ingress + account.headroomUsed != sum.bytes {
        return "\(name): \(sum.bytes) bytes wait, and the account says \(account.ingress) and "
          + "\(account.headroomUsed) in headroom."
      }
      if account.headroomUsed > 0, !account.isXOFF {
        return "\(name) has \(account.headroomUsed) bytes in headroom, but no XOFF."
      }
      if sum.bytes == 0, account.isXOFF { return "\(name) is empty, but XOFF." }
      if account.intervalPeakIngress < account.ingress || account.peakIngress < account.intervalPeakIngress {
        return "\(name) has \(account.ingress) bytes, but its peaks are \(account.intervalPeakIngress) and "
          + "\(account.peakIngress)."
      }
    }
    let used = buffer.simulator.sharedUsed.base[0].used
    return used == shared ? nil : "groups have \(shared) bytes of the shared buffer, and the account says \(used)."
  }

  /// What ports tell their neighbours is what their groups want.
  private func auditPauses() -> String? {
    for port in 0..<egress.ports.count {
      let pause = pauses.ports.base[port]
      if egress.ports.base[port].isForeign {
        if pause.xoff | pause.owed != 0 { return "port \(port) is another slice's, but has pauses to announce." }
        continue
      }
      var wanted: UInt8 = 0
      for group in 0..<8 {
        let isXOFF =
          buffer.model == .hpcc
          ? buffer.simulator.groups.base[port * 8 + group].isXOFF : buffer.groups.base[port * 8 + group].isXOFF
        if isXOFF != slices.isHeld(group: port * 8 + group, by: slices.slice.number) {
          return "port \(port), priority group \(group) is \(isXOFF ? "" : "not ")XOFF, and is not noted so."
        }
        if slices.holders.base[port * 8 + group] != 0 { wanted |= pause.announced[group] }
      }
      if wanted != pause.xoff {
        return "port \(port): its groups want the priorities \(wanted) stopped, and it stops \(pause.xoff)."
      }
      if pause.needsWork, !egress.ports.base[port].needsPauseWork {
        return "port \(port) has flow control to do, but does not know."
      }
    }
    return nil
  }
}

/// What the packets in the queues are charged with, by account.
struct AuditSums {
  struct Group {
    var reserve: UInt64 = 0
    /// Beyond the reserves. Whether that is shared or headroom is the group's account to say: what leaves frees headroom
    /// first, whichever it was charged to.
    var rest: UInt64 = 0
    var bytes: UInt64 = 0
  }

  var groups: [Group]
  var portReserves: [UInt64]
  var egress: UInt64 = 0
  private let ports: Int

  init(ports: Int) {
    self.ports = ports
    groups = Array(repeating: Group(), count: (ports + 1) * 8)
    portReserves = Array(repeating: 0, count: ports + 1)
  }

  func name(ofGroup index: Int) -> String {
    index >> 3 == ports ? "the switch's own group \(index & 7)" : "port \(index >> 3), priority group \(index & 7)"
  }

  /// Adds what a packet is charged with, or says what cannot be true of it.
  mutating func charge(_ packet: Packet, _ group: Int, _ accounts: BufferAccounts, isLossless: Bool) -> String? {
    let state = packet.state.pointee
    let (fromGroup, fromPort) = (UInt64(state.charged_group), UInt64(state.charged_port))
    let rest = UInt64(state.charged_rest)
    let cells = UInt64(accounts.cells(state.queued_bytes))
    if fromGroup + fromPort + rest != cells {
      return "a packet of \(cells) cells is charged \(fromGroup) of its group, \(fromPort) of its port, and \(rest)."
    }
    if packet.flags.contains(.inEgressPool) == isLossless {
      return "a packet is charged to the egress pool if its queue is lossless, or not though it is lossy."
    }
    groups[group].reserve += fromGroup
    portReserves[group >> 3] += fromPort
    groups[group].rest += rest
    return nil
  }
}

extension AuditSums.Group {
  /// How a group's account differs from what its packets are charged with, or contradicts itself.
  func difference(from account: GroupAccount) -> String? {
    if reserve != UInt64(account.reserveUsed) || account.reserveUsed > account.reserve {
      return "packets are charged \(reserve) cells of its reserve of \(account.reserve), "
        + "and the account says \(account.reserveUsed)."
    }
    if rest != UInt64(account.sharedUsed) + UInt64(account.headroomUsed) {
      return "packets are charged \(rest) cells beyond reserves, and the account says \(account.sharedUsed) shared and "
        + "\(account.headroomUsed) in headroom."
    }
    if account.headroomUsed > account.headroom {
      return "\(account.headroomUsed) cells of a headroom of \(account.headroom) are in use."
    }
    if account.intervalPeakShared < account.sharedUsed || account.peakShared < account.intervalPeakShared
      || account.intervalPeakHeadroom < account.headroomUsed || account.peakHeadroom < account.intervalPeakHeadroom
    {
      return "\(account.sharedUsed) shared cells and \(account.headroomUsed) of headroom are in use, but the peaks are "
        + "\(account.intervalPeakShared) and \(account.peakShared), \(account.intervalPeakHeadroom) and "
        + "\(account.peakHeadroom)."
    }
    if account.headroomUsed > 0, !account.isXOFF {
      return "\(account.headroomUsed) cells of headroom are in use, but there is no XOFF."
    }
    if account.isXOFF, !account.isLossless { return "it is lossy, but XOFF." }
    // With little left of the pool a limit can be below the point of XON; without a packet nobody may be stopped.
    if account.isXOFF, account.headroomUsed == 0, account.sharedUsed == 0 { return "it is XOFF without a packet." }
    return nil
  }
}
