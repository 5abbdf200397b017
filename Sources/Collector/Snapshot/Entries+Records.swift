extension QueueBin {
  /// Intervals by queue and time, each once.
  static func merged(_ bins: [QueueBin]) -> [QueueBin] {
    let sorted = bins.sorted {
      ($0.key.node, $0.key.egress, $0.key.queue, $0.start) < ($1.key.node, $1.key.egress, $1.key.queue, $1.start)
    }
    var result: [QueueBin] = []
    for bin in sorted {
      if let last = result.last, last.key == bin.key, last.start == bin.start {
        result[result.count - 1].add(bin)
      } else {
        result.append(bin)
      }
    }
    return result
  }
}

extension BinEntry {
  init(_ bin: QueueBin) {
    (node, egress, queue) = (bin.key.node.known, bin.key.egress.known, bin.key.queue.known)
    (startNs, packets) = (bin.start, bin.packets)
    maxDepthBytes = bin.depths == 0 ? nil : bin.maxDepth
    meanDepthBytes = bin.depths == 0 ? nil : Double(bin.sumDepth) / Double(bin.depths)
    maxLatencyNs = bin.latencies == 0 ? nil : bin.maxLatency
    meanLatencyNs = bin.latencies == 0 ? nil : Double(bin.sumLatency) / Double(bin.latencies)
  }
}

extension BurstEntry {
  init(_ burst: Burst) {
    (node, egress, queue) = (burst.key.node.known, burst.key.egress.known, burst.key.queue.known)
    (startNs, durationNs) = (burst.start, burst.end - burst.start)
    (peakBytes, peakNs) = (burst.peak, burst.peakTime)
    (packets, bytes) = (burst.packets, burst.bytes)
    contributors = burst.ranked.map {
      Share(
        flow: $0.flow.text, bytes: $0.bytes, packets: $0.packets, uncertainBytes: $0.uncertain,
        share: burst.bytes == 0 ? 0 : Double($0.bytes) / Double(burst.bytes))
    }
  }
}

extension PathChangeEntry {
  init(_ change: PathChange) {
    (timeNs, flow, flowNumber) = (change.time, change.flow.text, change.flowID)
    (from, to) = (FlowEntry.text(of: change.oldHops), FlowEntry.text(of: change.newHops))
  }
}

extension DropEntry {
  init(_ drop: DropRecord) {
    (node, ingress, egress) = (drop.hop.node.known, drop.hop.ingress.known, drop.hop.egress.known)
    (timeNs, queue, reason) = (drop.time, drop.queue.known, drop.reason.known)
    (flow, bytes) = (drop.flow.text, drop.bytes)
  }
}
