extension Collector {
  /// Takes ``hops`` as what one packet met.
  ///
  /// - Parameter isWhole: they end where the packet left the telemetry domain, or was captured. Otherwise reports of other
  ///   nodes about the same packet are awaited.
  mutating func observePath(
    _ summary: PacketSummary, isWhole: Bool, arrival: UInt64, isCongested: Bool = false
  ) {
    observeHops(summary, arrival: arrival, isCongested: isCongested)
    guard let flow = flowIndex(summary.flow, arrival) else { return }
    flows[flow].pointee.reports += 1
    guard !isWhole else { return takePath(flow, bytes: summary.bytes, isLate: isLate, at: arrival) }
    gather(summary, arrival)
  }

  /// Puts ``hops`` to those of other reports of the same packet.
  private mutating func gather(_ summary: PacketSummary, _ arrival: UInt64) {
    let key = PacketKey(signature: summary.signature, flow: summary.flow)
    var index = packets.find(key)
    for position in 0..<hops.count {
      let hop = hops[position]
      if let known = index {
        if packets[known].pointee.add(hop) {
          packets[known].pointee.isLate = packets[known].pointee.isLate || isLate
          continue
        }
        // The node has told of this packet: this is another one with the same content.
        concludePacket(known, keepingHops: true)
      }
      if packets.isFull, let oldest = packets.oldestIndex {
        concludePacket(oldest, keepingHops: true)
        forgotten.packets += 1
      }
      let fresh = packets.insert(key, PartialPacket(bytes: summary.bytes, arrival: arrival, isLate: isLate))
      _ = packets[fresh].pointee.add(hop)
      index = fresh
    }
  }

  /// Believes that all reports of a packet have come.
  ///
  /// - Parameter keepingHops: ``hops`` are still needed.
  mutating func concludePacket(_ index: Int, keepingHops: Bool = false) {
    let packet = packets[index].pointee
    let identity = packets.key(index).flow
    packets.remove(index)
    guard let flow = flows.find(identity) else { return }
    guard keepingHops else {
      packet.fill(&hops)
      return takePath(flow, bytes: packet.bytes, isLate: packet.isLate, at: packet.arrival)
    }
    swap(&spare, &hops)
    packet.fill(&hops)
    takePath(flow, bytes: packet.bytes, isLate: packet.isLate, at: packet.arrival)
    swap(&spare, &hops)
  }

  /// Takes ``hops`` as the path of a packet.
  ///
  /// - Parameter isLate: it is not the newest, and changes nothing that newer ones told.
  private mutating func takePath(_ index: Int, bytes: UInt64, isLate: Bool, at time: UInt64) {
    let flow = flows[index]
    flows.touch(index)
    flow.pointee.turn = turn
    flow.pointee.packets += 1
    flow.pointee.bytes = flow.pointee.bytes.addingSaturating(bytes)
    // Two kilobytes that are needed for changes alone: cheaper to copy the few hops only then.
    guard flow.pointee.path.wouldChange(hops) else {
      _ = flow.pointee.path.take(hops)
      return
    }
    let old = flow.pointee.path
    guard flow.pointee.path.take(hops) == .changed else { return }
    guard !isLate else {
      flow.pointee.path = old
      return
    }
    flow.pointee.changes += 1
    counters.pathChanges += 1
    changes.append(
      PathChange(time: time, flow: flows.key(index), flowID: flow.pointee.id, from: old, to: flow.pointee.path))
  }

  /// The entry of a flow, new if it is not there; nil for what is no flow.
  mutating func flowIndex(_ identity: FlowIdentity, _ arrival: UInt64) -> Int? {
    guard identity.version != 0 else { return nil }
    if let index = flows.find(identity) {
      flows.touch(index)
      flows[index].pointee.last = max(flows[index].pointee.last, arrival)
      flows[index].pointee.turn = turn
      return index
    }
    if flows.isFull, let oldest = flows.oldestIndex {
      ended.append(FlowRecord(identity: flows.key(oldest), state: flows[oldest].pointee))
      flows.remove(oldest)
    }
    defer { nextFlowID += 1 }
    return flows.insert(identity, FlowState(id: nextFlowID, turn: turn, first: arrival, last: arrival))
  }
}
