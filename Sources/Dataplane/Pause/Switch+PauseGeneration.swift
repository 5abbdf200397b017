import CShims
import Wire

extension Switch {
  /// A priority group has come to want its neighbour to stop, or to go on. Whoever sends on its port tells the neighbour.
  @inline(never)
  mutating func noteChange(_ change: PauseChange, group index: Int, at now: Tick) {
    let port = index &>> 3
    let isXOFF = change == .xoff
    if recordsPauseEvents {
      let bits = pauses.ports.base[port].announced[unchecked: index & 7]
      recordChange(isXOFF, group: index, priorities: bits, at: now)
    }
    if egress.ports.base[port].isForeign { return slices.tell(Int(egress.ports.base[port].owner), ofGroup: index) }
    setXOFF(isXOFF, group: index, by: slices.slice.number, at: now)
  }

  /// A slice wants the neighbour of a priority group to stop, or does not want that any more. The neighbour stops while
  /// any slice wants it.
  mutating func setXOFF(_ isXOFF: Bool, group index: Int, by slice: Int, at now: Tick) {
    guard slices.note(isXOFF, group: index, by: slice) else { return }
    let portID = PortID(index &>> 3)
    let pause = pauses.ports.base + portID.index
    let bits = pause.pointee.announced[unchecked: index & 7]
    guard bits != 0 else { return }
    let before = pause.pointee.xoff
    pause.pointee.xoff = isXOFF ? before | bits : before & ~bits
    // A link that is stopped stays stopped while another group wants it.
    if pause.pointee.mode == .link, (before == 0) == (pause.pointee.xoff == 0) { return }
    if pause.pointee.owed == 0 { pause.pointee.owedSince = now }
    pause.pointee.owed |= bits
    egress.ports.base[portID.index].needsPauseWork = true
    touch(portID)
  }

  private mutating func recordChange(_ isXOFF: Bool, group index: Int, priorities: UInt8, at now: Tick) {
    let use = groupUse(index)
    let kind: PauseEvent.Kind = !isXOFF ? .drained : use.headroomBytes > 0 ? .headroom : .threshold
    var event = PauseEvent(
      kind, at: now, on: PortID(index >> 3), priorities: priorities, xoff: isXOFF ? priorities : 0)
    event.group = PriorityGroup(index & 7)
    event.sharedBytes = use.sharedBytes
    event.limitBytes = use.limitBytes
    event.headroomBytes = use.headroomBytes
    record(event)
  }

  /// Sends the pause frame that is due, at the next frame boundary and ahead of all queues. True: one was sent.
  ///
  /// One frame carries every change, and renews every XOFF that lasts. Without memory for it, it stays due.
  @inline(never)
  mutating func sendPauseFrame(_ portID: PortID, at now: Tick, into burst: inout PacketBurst) -> Bool {
    let port = egress.ports.base + portID.index
    let pause = pauses.ports.base + portID.index
    let isRefresh = pause.pointee.owed == 0
    if isRefresh, pause.pointee.xoff == 0 || pause.pointee.refreshAt > now { return false }
    let due = isRefresh ? pause.pointee.refreshAt : pause.pointee.owedSince
    guard let packet = memory.allocatePause() else { return false }
    let start = max(port.pointee.wireFree, due)
    let xoff = pause.pointee.xoff
    let vector = pause.pointee.owed | xoff
    writePauseFrame(packet, vector: vector, pause)
    packet.state.pointee.egress_port = portID.rawValue
    packet.state.pointee.departure = start.rawValue
    packet.state.pointee.arrival = due.rawValue
    port.pointee.wireFree = start + port.pointee.line.advance(bytes: packet.wireSlot)
    pause.pointee.owed = 0
    pause.pointee.refreshAt = xoff == 0 ? .never : start + pause.pointee.refreshTicks
    port.pointee.needsPauseWork = pause.pointee.needsWork
    countPauseFrame(portID, vector: vector, xoff: xoff)
    if recordsPauseEvents {
      record(PauseEvent(isRefresh ? .refreshed : .sent, at: start, on: portID, priorities: vector, xoff: xoff))
    }
    burst.append(packet)
    return true
  }

  private func countPauseFrame(_ portID: PortID, vector: UInt8, xoff: UInt8) {
    let counted = measured.ports.base + portID.index
    counted.pointee.pauseFramesSent &+= 1
    if pauses.ports.base[portID.index].mode == .link {
      if xoff != 0 { counted.pointee.linkTxXOFF &+= 1 } else { counted.pointee.linkTxXON &+= 1 }
      return
    }
    let priorities = pauses.priorities.base + portID.index &* 8
    for priority in 0..<8 where vector & 1 << UInt8(truncatingIfNeeded: priority) != 0 {
      if xoff & 1 << UInt8(truncatingIfNeeded: priority) != 0 {
        priorities[priority].txXOFF &+= 1
      } else {
        priorities[priority].txXON &+= 1
      }
    }
  }

  private func writePauseFrame(_ packet: Packet, vector: UInt8, _ pause: UnsafeMutablePointer<PortPause>) {
    let state = packet.state
    let xoff = pause.pointee.xoff
    let quanta = pause.pointee.quanta
    if pause.pointee.mode == .link {
      PauseFrame.write(to: packet.bytes, source: mac, time: xoff == 0 ? 0 : quanta)
    } else {
      var times = SIMD8<UInt16>.zero
      for priority in 0..<8 where xoff & 1 << UInt8(truncatingIfNeeded: priority) != 0 { times[priority] = quanta }
      PFCFrame.write(to: packet.bytes, source: mac, classEnableVector: vector, times: times)
    }
    packet.setLength(MACControl.frameLength)
    state.pointee.ether_type = EtherType.macControl
    state.pointee.network_offset = UInt16(EthernetHeader.length)
    state.pointee.ingress_port = PortID.none.rawValue
    state.pointee.queue = 0
    state.pointee.vlan = 0
    state.pointee.number = .max
    state.pointee.paused = 0
    packet.flags = .pause
  }
}
