/// The screen of `penstock top`: rates of ports, bars of queues, pauses.
public struct TopScreen {
  private let earlier: SwitchSnapshot
  private let snapshot: SwitchSnapshot
  private let rates: TopRates
  private let isColoured: Bool

  /// What a snapshot must hold.
  public static let parts = TopRates.parts

  /// A screen of what happened between two snapshots.
  public init(from earlier: SwitchSnapshot, to later: SwitchSnapshot, isColoured: Bool) {
    self.earlier = earlier
    snapshot = later
    rates = TopRates(from: earlier, to: later)
    self.isColoured = isColoured
  }

  /// The lines, none longer than `width`. With a height, as many of ports and queues as fit, and what is left out is
  /// counted.
  ///
  /// - Parameters:
  ///   - width: columns, 80 at least.
  ///   - height: lines; nil: as many as there are.
  public func lines(width: Int = 80, height: Int? = nil) -> [String] {
    let width = max(80, width)
    var ports = rates.ports.map { line($0, width) }
    var queues = rates.queues.map { line($0, width) }
    if let height {
      // Three lines of heading, and each table has its own with an empty line before it.
      let room = max(3, height - 7)
      let forQueues = min(queues.count, max(room / 2, room - ports.count))
      ports = fit(ports, room - forQueues)
      queues = fit(queues, room - ports.count)
    }
    return heading(width) + ["", style(portTitle(width), .dim)] + ports
      + (queues.isEmpty ? [] : ["", style(queueTitle(width), .dim)] + queues)
  }

  private func fit(_ lines: [String], _ room: Int) -> [String] {
    guard lines.count > room else { return lines }
    let left = lines.count - max(0, room - 1)
    return lines.prefix(max(0, room - 1)) + [style("  and \(left) more", .dim)]
  }

  private func heading(_ width: Int) -> [String] {
    let rx = rates.ports.reduce(0) { $0 + $1.rxPackets }
    let tx = rates.ports.reduce(0) { $0 + $1.txPackets }
    let drops = rates.ports.reduce(0) { $0 + $1.drops }
    let name = TextTable.printable(snapshot.name, width: 30)
    let up = snapshot.ports?.count(where: \.isUp) ?? 0
    let first =
      "\(name)  up \(ShowText.duration(snapshot.uptimeSeconds))  \(up) of \(snapshot.ports?.count ?? 0) ports up"
    let second =
      "rx \(packets(rx))  tx \(packets(tx))  dropped \(packets(drops))  waiting \(snapshot.totals.waitingPackets)"
    var lines = [style(cut(first, width), .bold), style(cut(second, width), drops > 0 ? .red : .plain)]
    if let pool = snapshot.buffers?.pools.first(where: { $0.name == "shared" }) {
      let used = "\(ReportUnits.bytes(pool.usedBytes)) of \(ReportUnits.bytes(pool.sizeBytes))"
      let text = "  \(used), peak \(ReportUnits.bytes(pool.peakBytes))"
      let bar = bar(pool.usedBytes, of: pool.sizeBytes, width: max(10, width - text.count - 9))
      lines.append("buffer \(bar)\(text)")
    }
    return lines
  }

  private func portTitle(_ width: Int) -> String {
    left("PORT", nameWidth(width)) + right("SPEED", 7) + "  " + left("STATE", 8) + right("RX", 12) + right("TX", 12)
      + right("USE", 5) + right("DROP/s", 9) + "  " + left("PAUSES", pauseWidth(width))
      + (showsTransit(width) ? right("RX-TX p50", 11) + right("p99", 11) : "")
  }

  private func line(_ port: TopRates.Port, _ width: Int) -> String {
    let use = port.speed > 0 ? Int((max(port.rxBits, port.txBits) * 100 / port.speed).rounded()) : 0
    var pauses: [String] = []
    if !port.paused.isEmpty { pauses.append("rx" + port.paused.map { "\($0)" }.joined()) }
    if !port.asked.isEmpty { pauses.append("tx" + port.asked.map { "\($0)" }.joined()) }
    if port.pausedShare >= 0.005 { pauses.append("\(Int((port.pausedShare * 100).rounded()))%") }
    let name = left(TextTable.printable(port.name, width: nameWidth(width) - 1), nameWidth(width))
    let text = left(port.state.text, 8)
    let drops = right(short(port.drops), 9)
    return name + right(ReportUnits.speed(UInt64(port.speed)), 7) + "  "
      + port.state.style.apply(text, isColoured: isColoured)
      + right(ReportUnits.rate(port.rxBits), 12) + right(ReportUnits.rate(port.txBits), 12) + right("\(use)%", 5)
      + (port.drops > 0 ? style(drops, .red) : drops)
      + "  " + style(left(cut(pauses.joined(separator: " "), pauseWidth(width)), pauseWidth(width)), .yellow)
      + (showsTransit(width) ? transit(port) : "")
  }

  /// How long packets took from the device that they came by to this one, since the start.
  private func transit(_ port: TopRates.Port) -> String {
    guard let summary = port.rxToTx else { return right("-", 11) + right("-", 11) }
    func time(_ nanoseconds: Double) -> String { right(ReportUnits.time(nanoseconds: nanoseconds, ascii: true), 11) }
    return time(summary.p50Nanoseconds) + time(summary.p99Nanoseconds)
  }

  /// Latency takes 22 columns beyond 80.
  private func showsTransit(_ width: Int) -> Bool { width >= 104 }

  private func pauseWidth(_ width: Int) -> Int { 11 }

  private func queueTitle(_ width: Int) -> String {
    left("QUEUE", nameWidth(width) + 2) + left("DEPTH", barWidth(width) + 2) + right("BYTES", 11) + right("PEAK", 11)
      + right("MARK/s", 8) + right("DROP/s", 8) + right("PAUSED", 8)
  }

  private func line(_ queue: TopRates.Queue, _ width: Int) -> String {
    let deepest = rates.queues.map(\.peakBytes).max() ?? 0
    let name = left(TextTable.printable(queue.port, width: nameWidth(width) - 1), nameWidth(width)) + "\(queue.number) "
    let drops = right(short(queue.drops), 8)
    let paused =
      queue.isInStorm
      ? style(right("storm", 8), .red) : right("\(Int((queue.pausedShare * 100).rounded()))%", 8)
    return name + bar(queue.depthBytes, of: deepest, width: barWidth(width))
      + right(ReportUnits.bytes(queue.depthBytes), 11)
      + right(ReportUnits.bytes(queue.peakBytes), 11) + right(short(queue.marks), 8)
      + (queue.drops > 0 ? style(drops, .red) : drops) + paused
  }

  /// Ports have a third of what is beyond 80 columns.
  private func nameWidth(_ width: Int) -> Int {
    min(32, 12 + max(0, width - 80 - (showsTransit(width) ? 22 : 0)) / 3)
  }

  private func barWidth(_ width: Int) -> Int { width - nameWidth(width) - 2 - 46 - 2 }

  private func bar(_ value: UInt64, of whole: UInt64, width: Int) -> String {
    let share = whole == 0 ? 0 : min(1, Double(value) / Double(whole))
    let filled = value > 0 ? max(1, Int((share * Double(width)).rounded())) : 0
    return "[" + style(String(repeating: "#", count: filled), share > 0.75 ? .red : share > 0.25 ? .yellow : .green)
      + String(repeating: " ", count: width - filled) + "]"
  }

  private func packets(_ rate: Double) -> String { short(rate) + " packets/s" }

  /// A number of at most four digits and a prefix.
  private func short(_ value: Double) -> String {
    if value > 0, value < 1 { return "<1" }
    var value = value
    for prefix in ["", " k", " M", " G"] {
      if value < 9999.5 { return "\(Int(value.rounded()))\(prefix)" }
      value /= 1000
    }
    return "\(Int(min(value, 1e15).rounded())) T"
  }

  private func style(_ text: String, _ style: TextTable.Style) -> String { style.apply(text, isColoured: isColoured) }

  private func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private func cut(_ text: String, _ width: Int) -> String { String(text.prefix(width)) }
}
