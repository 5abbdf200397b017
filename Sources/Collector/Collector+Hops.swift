extension Collector {
  /// Takes what ``hops`` say of their nodes and queues.
  mutating func observeHops(_ summary: PacketSummary, arrival: UInt64, isCongested: Bool) {
    for index in 0..<hops.count {
      let isLast = index == hops.count - 1
      observe(hops[index], summary, arrival: arrival, isCongested: isCongested && isLast)
    }
  }

  private mutating func observe(
    _ hop: HopRecord, _ summary: PacketSummary, arrival: UInt64, isCongested: Bool
  ) {
    counters.hops += 1
    let node = nodes[nodeIndex(hop.node)]
    node.pointee.packets += 1
    let stay = hop.stay
    if let stay {
      node.pointee.latencies += 1
      node.pointee.sumLatency = node.pointee.sumLatency.addingSaturating(stay)
      node.pointee.maxLatency = max(node.pointee.maxLatency, stay)
    }
    let time = time(of: hop, node, arrival)
    let depth = hop.depth == HopRecord.unknown ? nil : hop.depth
    let key = QueueKey(node: hop.node, egress: hop.egress, queue: hop.queue)
    let state = queues[queueIndex(key, time)]
    let start = time / options.binNanoseconds * options.binNanoseconds
    if start != state.pointee.bin.start {
      closeBin(state)
      state.pointee.bin = QueueBin(key: key, start: start)
    }
    state.pointee.bin.add(depth: depth, latency: stay)
    state.pointee.total.add(depth: nil, latency: stay)
    if isCongested { state.pointee.congested += 1 }
    guard let depth else { return }
    if depth > state.pointee.total.maxDepth || state.pointee.total.depths == 0 { state.pointee.deepestTime = time }
    state.pointee.total.depths &+= 1
    state.pointee.total.maxDepth = max(state.pointee.total.maxDepth, depth)
    state.pointee.total.sumDepth = state.pointee.total.sumDepth.addingSaturating(depth)
    if time >= state.pointee.lastTime { (state.pointee.lastTime, state.pointee.lastDepth) = (time, depth) }
    bursts.take(
      state, time: time, depth: depth, latency: stay ?? 0, flow: summary.flow, bytes: summary.bytes, arrival: arrival)
  }

  /// When the packet left the node: by the node's clock if it can be believed, otherwise when the report came.
  private mutating func time(of hop: HopRecord, _ node: UnsafeMutablePointer<NodeState>, _ arrival: UInt64) -> UInt64 {
    guard let departure = hop.departure else { return arrival }
    let before = node.pointee.clock.implausible
    let time = node.pointee.clock.judge(departure, arrival: arrival)
    counters.implausibleTimes += node.pointee.clock.implausible - before
    return time
  }

  mutating func nodeIndex(_ number: UInt32) -> Int {
    if let index = nodes.find(NodeKey(node: number)) {
      nodes.touch(index)
      return index
    }
    if nodes.isFull, let oldest = nodes.oldestIndex {
      nodes.remove(oldest)
      forgotten.nodes += 1
    }
    return nodes.insert(NodeKey(node: number), NodeState())
  }

  private mutating func queueIndex(_ key: QueueKey, _ time: UInt64) -> Int {
    if let index = queues.find(key) {
      queues.touch(index)
      return index
    }
    if queues.isFull, let oldest = queues.oldestIndex {
      bursts.finish(queues[oldest])
      closeBin(queues[oldest])
      queues.remove(oldest)
      forgotten.queues += 1
    }
    return queues.insert(key, QueueState(key, at: time, width: options.binNanoseconds))
  }

  /// Puts the interval of a queue to the others, if anything was told in it.
  mutating func closeBin(_ state: UnsafeMutablePointer<QueueState>) {
    guard state.pointee.bin.packets > 0 else { return }
    bins.append(state.pointee.bin)
    state.pointee.bin = QueueBin(key: state.pointee.bin.key, start: state.pointee.bin.start)
  }

  /// Takes a report of a drop.
  mutating func takeDrop(_ report: ReportContents, _ own: HopRecord, _ summary: PacketSummary, _ arrival: UInt64) {
    counters.dropReports += 1
    let reason = report.dropReason.map(UInt16.init) ?? DropRecord.unknownReason
    let node = nodes[nodeIndex(own.node)]
    node.pointee.drops += 1
    dropped.append(
      DropRecord(
        time: time(of: own, node, arrival), hop: own.hop, queue: own.queue, reason: reason, flow: summary.flow,
        bytes: summary.bytes))
    let key = DropKey(node: own.node, reason: reason)
    if let index = drops.find(key) {
      drops[index].pointee += 1
    } else if drops.isFull {
      forgotten.drops += 1
    } else {
      _ = drops.insert(key, 1)
    }
    if let index = queues.find(QueueKey(node: own.node, egress: own.egress, queue: own.queue)) {
      queues[index].pointee.drops += 1
    }
    guard let flow = flowIndex(summary.flow, arrival) else { return }
    flows[flow].pointee.reports += 1
    flows[flow].pointee.drops += 1
  }
}
