extension ReportSummary {
  /// The pools, headroom and flow control in a few lines; empty when the buffer was not used.
  var buffer: String {
    let pools = report.buffer.pools.filter { $0.pool.peakBytes > 0 }
    var text = ""
    if !pools.isEmpty {
      var table = TextTable([
        ("pool", .left), ("size", .right), ("peak", .right), ("share", .right), ("at the end", .right),
      ])
      for (name, pool) in pools {
        table.append([
          .init(name), .init(ReportUnits.bytes(pool.sizeBytes)), .init(ReportUnits.bytes(pool.peakBytes)),
          .init(ReportUnits.percent(Double(pool.peakBytes) / Double(max(1, pool.sizeBytes)))),
          .init(ReportUnits.bytes(pool.usedBytes)),
        ])
      }
      text += table.text(isColoured: isColoured)
    }
    for sentence in [fullestGroup, fullestHeadroom, flow, marks] where !sentence.isEmpty {
      text += wrapped(sentence, indent: "  ")
    }
    return text.isEmpty ? "" : title("Buffer and flow control") + text
  }

  /// Lossless groups with their ports.
  private var losslessGroups: [(label: String, group: GroupReport)] {
    report.ports.flatMap { port in
      port.groups.enumerated().filter(\.element.isLossless).map {
        (label: "\(port.name) group \($0.offset)", group: $0.element)
      }
    }
  }

  private var fullestGroup: String {
    guard let most = losslessGroups.max(by: { $0.group.sharedPeakBytes < $1.group.sharedPeakBytes }),
      most.group.sharedPeakBytes > 0
    else { return "" }
    return "lossless: at most \(ReportUnits.bytes(most.group.sharedPeakBytes)) of the shared pool, by \(most.label)"
  }

  private var fullestHeadroom: String {
    func share(_ group: GroupReport) -> Double {
      Double(group.headroomPeakBytes) / Double(max(1, group.headroomSizeBytes))
    }
    guard let most = losslessGroups.max(by: { share($0.group) < share($1.group) }), most.group.headroomPeakBytes > 0
    else { return "" }
    let group = most.group
    return "headroom: at most \(ReportUnits.bytes(group.headroomPeakBytes)) of "
      + "\(ReportUnits.bytes(group.headroomSizeBytes)) (\(ReportUnits.percent(share(group)))), by \(most.label)"
  }

  private var flow: String {
    let flow = report.flowControl
    guard flow.isUsed else { return "" }
    let paused = ReportUnits.time(picoseconds: flow.pausedPicoseconds, ascii: true)
    return "XOFF: \(ReportUnits.count(flow.sentXOFF)) sent, \(ReportUnits.count(flow.receivedXOFF)) received; "
      + "\(ReportUnits.count(flow.pauses)) \(flow.pauses == 1 ? "pause" : "pauses"), \(paused) in all"
  }

  private var marks: String {
    let queues = report.ports.flatMap(\.queues)
    let marked = queues.reduce(0) { $0 + $1.marking.markedPackets }
    let arrived = queues.reduce(0) { $0 + $1.marking.arrivedPackets }
    let dropped = queues.reduce(0) { $0 + $1.marking.wredDroppedPackets }
    guard marked + arrived + dropped > 0 else { return "" }
    return "ECN: \(ReportUnits.count(marked)) packets marked, \(ReportUnits.count(arrived)) arrived marked, "
      + "\(ReportUnits.count(dropped)) dropped by WRED"
  }

  /// What a lossless network must not do.
  var alarms: String {
    let alarms = report.alarms
    if alarms.isEmpty { return "" }
    return title("Alarm", .red) + alarms.map { wrapped("- " + $0, indent: "  ") }.joined()
  }
}
