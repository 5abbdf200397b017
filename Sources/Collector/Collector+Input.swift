import Wire

extension Collector {
  /// Takes the payload of a datagram that was sent to the collector.
  ///
  /// - Parameters:
  ///   - payload: read only; not kept.
  ///   - arrival: nanoseconds since 1970.
  public mutating func take(datagram payload: UnsafeRawBufferPointer, arrival: UInt64) {
    take(datagram: payload, receiver: 0, arrival: arrival)
  }

  /// Takes a frame of a capture: reports, or a packet with INT-MD or IOAM on its way.
  ///
  /// - Parameters:
  ///   - frame: from the first octet of the Ethernet header; may be cut. Read only; not kept.
  ///   - arrival: nanoseconds since 1970.
  public mutating func take(frame: UnsafeRawBufferPointer, arrival: UInt64) {
    guard let base = frame.baseAddress else { return }
    let summary = PacketSummary.read(
      UnsafeMutableRawPointer(mutating: base), available: frame.count, as: .ethernet, options.format)
    if let datagram = summary.datagram, summary.flow.destinationPort == options.format.reportPort {
      let payload = UnsafeRawBufferPointer(start: datagram, count: summary.datagramLength)
      var receiver = Mixer(0)
      receiver.add(summary.flow.destinationHigh)
      receiver.add(summary.flow.destinationLow)
      return take(datagram: payload, receiver: receiver.value, arrival: arrival)
    }
    advance(to: arrival)
    guard summary.metadata != nil || summary.trace != nil || summary.hasInstructions || summary.isMalformed else {
      counters.otherFrames += 1
      return
    }
    counters.telemetryPackets += 1
    guard readHops(of: summary), hops.count > 0 else { return }
    // It may pass more nodes yet.
    hops.isPartial = true
    observePath(summary, isWhole: true, arrival: arrival)
  }

  private mutating func take(datagram payload: UnsafeRawBufferPointer, receiver: UInt64, arrival: UInt64) {
    advance(to: arrival)
    counters.datagrams += 1
    counters.octets += UInt64(payload.count)
    guard let base = payload.baseAddress,
      let group = TelemetryReportGroup(at: UnsafeMutableRawPointer(mutating: base), available: payload.count)
    else {
      counters.malformedGroups += 1
      return
    }
    let node = group.nodeID
    let key = SourceKey(node: node, hardware: group.hardwareID, receiver: receiver)
    switch follow(key, group.sequenceNumber, arrival) {
    case .late, .duplicate: isLate = true
    case .next, .gap, .stray, .restart: isLate = false
    }
    defer { isLate = false }
    var offset = TelemetryReportGroup.length
    while offset < payload.count {
      guard let report = TelemetryReport(at: group.base + offset, available: payload.count - offset) else {
        counters.malformedReports += 1
        return
      }
      counters.reports += 1
      take(ReportContents(report, of: node, options.format), arrival)
      offset += report.length
    }
  }

  private mutating func take(_ report: ReportContents, _ arrival: UInt64) {
    if report.isShort { counters.shortMetadata += 1 }
    guard report.kind <= 1 else {
      counters.unknownReports += 1
      return
    }
    if report.isCongested { counters.congestionReports += 1 }
    var summary = PacketSummary()
    if let packet = report.packet {
      summary = PacketSummary.read(packet, available: report.packetLength, as: report.layer, options.format)
    }
    if summary.flow.version == 0 { counters.unknownPackets += 1 }
    var own = report.hop
    own.hopLimit = summary.hopLimit
    guard !report.isDropped else { return takeDrop(report, own, summary, arrival) }
    let hasStack = readHops(of: summary)
    if hasStack {
      counters.stackReports += 1
      appendOwn(own)
      // A node on the way may report a queue with the stack that the packet has so far.
      let isWhole = report.isTracked && !report.isIntermediate
      if !isWhole { orderPiece(from: own.hopLimit) }
      observePath(summary, isWhole: isWhole, arrival: arrival, isCongested: report.isCongested)
    } else {
      counters.postcards += 1
      hops.removeAll()
      hops.append(own)
      observePath(summary, isWhole: false, arrival: arrival, isCongested: report.isCongested)
    }
  }

  /// Fills ``hops`` from what a packet carries; false if it carries nothing.
  private mutating func readHops(of summary: PacketSummary) -> Bool {
    hops.removeAll()
    if summary.isMalformed { counters.malformedTelemetry += 1 }
    if summary.isCut { counters.cutTelemetry += 1 }
    var hasHops = false
    if let metadata = summary.metadata {
      hasHops = hops.take(metadata: metadata, available: summary.metadataLength, options.format)
      if !hasHops, !summary.isCut { counters.malformedTelemetry += 1 }
    } else if let trace = summary.trace {
      hasHops = hops.take(trace: trace, available: summary.traceLength, options.format)
      if hasHops { counters.traceReports += 1 } else { counters.malformedTelemetry += 1 }
    }
    // What was cut off were the oldest hops, which are at the bottom.
    if summary.isCut { hops.isPartial = true }
    if hops.count == HopList.capacity, hops.isPartial { counters.longPaths += 1 }
    return hasHops
  }

  /// Adds the node that reports, unless it is on the stack already: then it fills what is missing there.
  private mutating func appendOwn(_ own: HopRecord) {
    guard var last = hops.last, last.node == own.node else {
      hops.append(own)
      return
    }
    if last.ingress == HopRecord.unknownNumber { last.ingress = own.ingress }
    if last.egress == HopRecord.unknownNumber { last.egress = own.egress }
    if last.queue == HopRecord.unknownQueue { last.queue = own.queue }
    if last.depth == HopRecord.unknown { last.depth = own.depth }
    if last.latency == HopRecord.unknown { last.latency = own.latency }
    if last.ingressTime == HopRecord.unknown { last.ingressTime = own.ingressTime }
    if last.egressTime == HopRecord.unknown { last.egressTime = own.egressTime }
    if last.hopLimit == 0 { last.hopLimit = own.hopLimit }
    hops[hops.count - 1] = last
  }

  /// Gives hops of a stack, which have no hop limits, those that they had if all of them are routers: other reports of the
  /// same packet are put in order by them.
  private mutating func orderPiece(from limit: UInt8) {
    for index in 0..<hops.count where hops[index].hopLimit == 0 {
      hops[index].hopLimit = UInt8(clamping: Int(limit) + hops.count - 1 - index)
    }
  }

  private mutating func follow(_ key: SourceKey, _ number: UInt32, _ arrival: UInt64) -> SequenceTracker.Finding {
    let index: Int
    if let known = sources.find(key) {
      index = known
    } else {
      if sources.isFull, let oldest = sources.oldestIndex {
        sources.remove(oldest)
        forgotten.sources += 1
      }
      index = sources.insert(key, SequenceTracker())
    }
    sources.touch(index)
    let finding = sources[index].pointee.take(number)
    if case .gap(let missing) = finding {
      gaps.append(GapRecord(time: arrival, source: key, number: number, missing: missing))
    }
    return finding
  }
}
