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
    let ports = device.portStatus
    let ids = ports.map(\.id)
    // Packets come in and leave by one slice of a port, and are dropped by any.
    let slices = device.read { state in
      ids.map { (rx: state.received(on: $0).packets, tx: state.sent(on: $0).packets, drops: state.drops(on: $0)) }
    }
    let totals = device.totals
    var table = TextTable([
      ("port", .left), ("device", .left), ("received", .right), ("sent", .right), ("dropped", .right),
      ("pause rx/tx", .right), ("pacing p99", .right),
    ])
    var reasons: [String] = []
    for (index, name) in ports.map(\.name).enumerated() {
      let drops = Dataplane.DropReason.allCases.compactMap {
        reason -> (reason: Dataplane.DropReason, packets: UInt64)? in
        let packets = slices.reduce(0) { sum, slice in
          sum + slice[index].drops.reduce(0) { $1.reason == reason ? $0 + $1.packets : $0 }
        }
        return packets == 0 ? nil : (reason, packets)
      }
      let pause = device.read { $0.macControl(on: ids[index]) }
      let pacing = ports[index].pacing
      table.add([
        name, ports[index].device, ReportUnits.count(slices.reduce(0) { $0 + $1[index].rx }),
        ReportUnits.count(slices.reduce(0) { $0 + $1[index].tx }),
        ReportUnits.count(drops.reduce(0) { $0 + $1.packets }),
        "\(pause.reduce(0) { $0 + $1.pauseFramesReceived })/\(pause.reduce(0) { $0 + $1.pauseFramesSent })",
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
