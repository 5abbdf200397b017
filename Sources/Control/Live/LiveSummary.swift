import Dataplane
import Drivers

/// What live switches have counted, as text for the end of a run.
public struct LiveSummary {
  private let live: LiveRun
  private let isColoured: Bool

  /// - Parameter live: a run that has been stopped, or runs.
  public init(_ live: LiveRun, isColoured: Bool = false) {
    self.live = live
    self.isColoured = isColoured
  }

  /// A table of the ports of each switch, what was dropped and why, and whether every packet is accounted for.
  public func text() -> String { live.switches.map { text(of: $0) }.joined(separator: "\n") }

  private func text(of device: LiveSwitch) -> String {
    let ports = device.ports
    let ids = device.portNames.indices.map { PortID($0) }
    let (received, sent, totals) = device.read { state in
      (ids.map { state.received(on: $0) }, ids.map { state.sent(on: $0) }, state.totals)
    }
    var table = TextTable([
      ("port", .left), ("device", .left), ("received", .right), ("sent", .right), ("dropped", .right),
      ("pause rx/tx", .right), ("pacing p99", .right),
    ])
    var reasons: [String] = []
    for (index, name) in device.portNames.enumerated() {
      let (drops, pause) = device.read { ($0.drops(on: ids[index]), $0.macControl(on: ids[index])) }
      let pacing = ports[index].pacing
      table.add([
        name, ports[index].device, ReportUnits.count(received[index].packets), ReportUnits.count(sent[index].packets),
        ReportUnits.count(drops.reduce(0) { $0 + $1.packets }), "\(pause.pauseFramesReceived)/\(pause.pauseFramesSent)",
        pacing.count == 0 ? "-" : Self.time(ticks: pacing.percentile(0.99)),
      ])
      reasons += drops.map { "  \(name): \(ReportUnits.count($0.packets)) dropped: \($0.reason.name)" }
    }
    let verdict: String =
      totals.isConserved
      ? TextTable.Style.green.apply("every packet is accounted for", isColoured: isColoured)
      : TextTable.Style.red.apply("NOT BALANCED: \(totals)", isColoured: isColoured)
    let lines = reasons.isEmpty ? "" : reasons.joined(separator: "\n") + "\n"
    return "\(device.name)\n\(table.text(isColoured: isColoured))\(lines)  \(verdict)\n"
  }

  private static func time(ticks: UInt64) -> String {
    ReportUnits.time(nanoseconds: Double(LiveClock.nanoseconds(ticks)), ascii: true)
  }
}
