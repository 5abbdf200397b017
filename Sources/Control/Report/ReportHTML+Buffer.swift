extension ReportHTML {
  /// Queues in the latency split at most; the rest are in report.json.
  private static let splitLimit = 40

  /// What the mean time of a packet is made of, as a bar for each queue.
  var latencySplit: HTML {
    let measured = report.ports.flatMap { port in
      port.queues.enumerated().compactMap { number, queue in SplitRow(port: port.name, number: number, queue: queue) }
    }
    if measured.isEmpty { return "" }
    let order = measured.indices.sorted { (measured[$1].packets, $0) < (measured[$0].packets, $1) }
    let rows = order.prefix(Self.splitLimit).sorted().map { row(measured[$0]) }.joined()
    let rest = order.count - Self.splitLimit
    let more: HTML = rest > 0 ? "<p class=\"hint\">\(rest) queues with fewer packets are in report.json.</p>" : ""
    let heads = [("pause", "Pause"), ("queueing", "Queueing"), ("serialisation", "Serialisation")].map { style, title in
      "<th scope=\"col\" class=\"num\"><i class=\"part \(style)-part\"></i>\(title)</th>" as HTML
    }.joined()
    return """
      <section class="card">
      <h2>Where time goes</h2>
      <p class="hint">Means over all packets of a queue: waiting because it was paused, all other waiting, and the time \
      on the wire after it.</p>
      <div class="scroll"><table>
      <thead><tr><th scope="col">Port</th><th scope="col" class="num">Queue</th><td class="bar"></td>\(heads)\
      <th scope="col" class="num">Sum</th><th scope="col" class="num">Longest pause</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>\(more)
      </section>
      """
  }

  /// One queue of the latency split.
  private struct SplitRow {
    var port: String
    var number: Int
    var packets: UInt64
    var parts: [(style: String, nanoseconds: Double)]
    var longestPause: UInt64

    /// Nil if no packet was measured.
    init?(port: String, number: Int, queue: QueueReport) {
      let split = queue.latencySplit
      guard let pause = split.pause, let queueing = split.queueing, let serialisation = split.serialisation else {
        return nil
      }
      self.port = port
      self.number = number
      packets = queue.latency.count
      parts = [("pause", pause), ("queueing", queueing), ("serialisation", serialisation)]
      longestPause = queue.pause.longestWaitPicoseconds
    }
  }

  private func row(_ row: SplitRow) -> HTML {
    let sum = row.parts.reduce(0) { $0 + $1.nanoseconds }
    let bars = row.parts.filter { $0.nanoseconds > 0 }.map { style, part in
      "<i class=\"\(style)-part\" style=\"width:\(width(part / sum))\"></i>" as HTML
    }.joined()
    let numbers = row.parts.map { "<td class=\"num\">\(ReportUnits.time(nanoseconds: $0.nanoseconds))</td>" as HTML }
    return """
      <tr><th scope="row">\(row.port)</th><td class="num">\(row.number)</td>\
      <td class="bar"><div class="split">\(bars)</div></td>\(numbers.joined())\
      <td class="num">\(ReportUnits.time(nanoseconds: sum))</td>\
      <td class="num">\(ReportUnits.time(picoseconds: row.longestPause))</td></tr>

      """
  }

  /// The buffer's pools, the priority groups that used it, and flow control; nothing when none of them was used.
  var buffer: HTML { [poolTable, groupTable, priorityTable].joined() }

  private var poolTable: HTML {
    let pools = report.buffer.pools.filter { $0.pool.sizeBytes > 0 }
    if pools.allSatisfy({ $0.pool.peakBytes == 0 }) { return "" }
    let rows = pools.map { name, pool in
      let share = Double(pool.peakBytes) / Double(pool.sizeBytes)
      return """
        <tr><th scope="row">\(name)</th><td class="num">\(ReportUnits.bytes(pool.sizeBytes))</td>\
        <td class="bar"><div class="track"><i style="width:\(width(share))"></i></div></td>\
        <td class="num">\(ReportUnits.bytes(pool.peakBytes))</td><td class="num">\(ReportUnits.percent(share))</td>\
        <td class="num">\(ReportUnits.bytes(pool.usedBytes))</td></tr>

        """ as HTML
    }.joined()
    let buffer = report.buffer
    let cells: HTML = buffer.cellBytes > 1 ? " in cells of \(ReportUnits.bytes(buffer.cellBytes))" : ""
    return """
      <section class="card">
      <h2>Buffer</h2>
      <p class="hint">\(ReportUnits.bytes(buffer.sizeBytes))\(cells), model <code>\(buffer.model)</code>. What is not in \
      a pool is set aside for ports and groups. A packet is charged at ingress and, if lossy, at egress.</p>
      <div class="scroll"><table>
      <thead><tr><th scope="col">Pool</th><th scope="col" class="num">Size</th><td class="bar"></td>\
      <th scope="col" class="num">Peak</th><th scope="col" class="num">Peak share</th>\
      <th scope="col" class="num">In use at the end</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      </section>

      """
  }

  private var groupTable: HTML {
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Group"), Column(title: "Kind", isNumber: false),
      Column(title: "Shared peak"), Column(title: "Limit at the end"), Column(title: "Headroom peak"),
      Column(title: "Headroom"), Column(title: "Shared at the end"), Column(title: "State", isNumber: false),
    ]
    let rows = report.ports.flatMap { port in
      port.groups.enumerated().filter(\.element.isUsed).map { number, group in
        [
          Cell(port.name), .count(UInt64(number)), Cell(group.isLossless ? "lossless" : "lossy"),
          .bytes(group.sharedPeakBytes), .bytes(group.limitBytes), .bytes(group.headroomPeakBytes),
          .bytes(group.headroomSizeBytes), .bytes(group.sharedBytes), Cell(group.isXOFF ? "XOFF" : "-"),
        ]
      }
    }
    if rows.isEmpty { return "" }
    return table(
      "Priority groups", note: "What arrived on each port had of the shared buffer, and of headroom after XOFF.",
      columns, rows)
  }

  /// Priority flow control, when there was any.
  private var priorityTable: HTML {
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Priority"), Column(title: "XOFF sent"),
      Column(title: "XON sent"), Column(title: "XOFF received"), Column(title: "XON received"),
      Column(title: "Quanta received"), Column(title: "Pauses"), Column(title: "Paused"),
      Column(title: "Paused share"),
    ]
    let rows = report.ports.flatMap { port in
      port.priorities.enumerated().filter(\.element.isUsed).map { number, priority in
        let paused = Double(priority.pausedPicoseconds)
        let share = report.durationPicoseconds == 0 ? 0 : paused / Double(report.durationPicoseconds)
        return [
          Cell(port.name), .count(UInt64(number)), .count(priority.pfcTxXoff), .count(priority.pfcTxXon),
          .count(priority.pfcRxXoff), .count(priority.pfcRxXon), .count(priority.pfcRxQuanta),
          .count(priority.pauses), .time(paused / 1000), Cell(ReportUnits.percent(share), key: share),
        ]
      }
    }
    return rows.isEmpty ? "" : table("Priority flow control", note: "", columns, rows)
  }

  /// Congestion marking, when there was any.
  var markingTable: HTML {
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Queue"), Column(title: "Marked"),
      Column(title: "Marked bytes"), Column(title: "Marked share"), Column(title: "Arrived marked"),
      Column(title: "Not capable"), Column(title: "Dropped by WRED"),
    ]
    let rows = report.ports.flatMap { port in
      port.queues.enumerated().filter { $0.element.marking != MarkingReport() }.map { number, queue in
        let marking = queue.marking
        let share = queue.txPackets == 0 ? 0 : Double(marking.markedPackets) / Double(queue.txPackets)
        return [
          Cell(port.name), .count(UInt64(number)), .count(marking.markedPackets), .bytes(marking.markedBytes),
          Cell(ReportUnits.percent(share), key: share), .count(marking.arrivedPackets),
          .count(marking.notCapablePackets), .count(marking.wredDroppedPackets),
        ]
      }
    }
    return rows.isEmpty ? "" : table("Congestion marking", note: "", columns, rows)
  }

  /// Trimming, when there was any.
  var trimmingTable: HTML {
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Queue"), Column(title: "Trimmed"),
      Column(title: "Trimmed sent"), Column(title: "Trimmed dropped"),
    ]
    let rows = report.ports.flatMap { port in
      port.queues.enumerated().filter { $0.element.trimming != TrimmingReport() }.map { number, queue in
        [
          Cell(port.name), .count(UInt64(number)), .count(queue.trimming.trimmedPackets),
          .count(queue.trimming.txPackets), .count(queue.trimming.droppedPackets),
        ]
      }
    }
    let note = "Packets of a queue that the buffer did not admit, and what was left of them in the queue they went to."
    return rows.isEmpty ? "" : table("Trimming", note: note, columns, rows)
  }

  /// What pauses and the watchdog did to queues, when they did anything.
  var queuePauseTable: HTML {
    let columns = [
      Column(title: "Port", isNumber: false), Column(title: "Queue"), Column(title: "Paused"),
      Column(title: "Longest wait"), Column(title: "Storms"), Column(title: "Restored"),
      Column(title: "Dropped in storms"), Column(title: "Dropped at ingress"), Column(title: "Sent in storms"),
    ]
    let rows = report.ports.flatMap { port in
      port.queues.enumerated().filter { $0.element.pause != QueuePauseReport() }.map { number, queue in
        let pause = queue.pause
        return [
          Cell(port.name), .count(UInt64(number)), .time(LatencyReport.nanoseconds(pause.pausedPicoseconds)),
          .time(LatencyReport.nanoseconds(pause.longestWaitPicoseconds)), .count(pause.storms),
          .count(pause.restorations), .count(pause.stormDroppedPackets), .count(pause.stormIngressDroppedPackets),
          .count(pause.stormTxPackets),
        ]
      }
    }
    let note = "Time that queues were not allowed to send, and what the watchdog did about storms."
    return rows.isEmpty ? "" : table("Paused queues", note: note, columns, rows)
  }
}
