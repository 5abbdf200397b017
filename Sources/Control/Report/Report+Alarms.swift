import Dataplane

/// Flow control of all ports together.
struct FlowControlTotals: Equatable {
  /// Frames sent and received that stop a priority, each priority counted.
  var sentXOFF: UInt64 = 0
  var receivedXOFF: UInt64 = 0
  /// Pauses, and their time, of all priorities together.
  var pauses: UInt64 = 0
  var pausedPicoseconds: UInt64 = 0

  /// Whether anything happened.
  var isUsed: Bool { self != FlowControlTotals() }
}

extension Report {
  /// Flow control of all ports together.
  var flowControl: FlowControlTotals {
    var totals = FlowControlTotals()
    for port in ports {
      for priority in port.priorities {
        totals.sentXOFF += priority.pfcTxXoff
        totals.receivedXOFF += priority.pfcRxXoff
        totals.pauses += priority.pauses
        totals.pausedPicoseconds += priority.pausedPicoseconds
      }
      totals.sentXOFF += port.macControl.linkTxXoff
      totals.receivedXOFF += port.macControl.linkRxXoff
    }
    return totals
  }

  /// What a lossless network must not do, in plain sentences; empty when all is well.
  var alarms: [String] {
    var alarms: [String] = []
    if let reason = dropsByReason.first(where: { $0.reason == Dataplane.DropReason.headroomFull.name }) {
      alarms.append(
        "LOSS IN LOSSLESS TRAFFIC: \(ReportUnits.count(reason.total)) packets were dropped because headroom was full, "
          + "on \(Self.list(reason.ports.map { "\($0.port) (\(ReportUnits.count($0.count)))" })). Give the groups more "
          + "headroom, or find out why the neighbour did not stop in time.")
    }
    let storms = ports.flatMap { port in
      port.queues.enumerated().filter { $0.element.pause.storms > 0 }.map { number, queue in
        (name: "\(port.name) queue \(number) (\(ReportUnits.count(queue.pause.storms)))", pause: queue.pause)
      }
    }
    if !storms.isEmpty {
      let dropped = storms.reduce(0) { $0 + $1.pause.stormDroppedPackets + $1.pause.stormIngressDroppedPackets }
      alarms.append(
        "PAUSE STORM: the watchdog found that neighbours stopped queues for too long: "
          + "\(Self.list(storms.map(\.name))). It dropped \(ReportUnits.count(dropped)) packets.")
    }
    return alarms
  }

  /// The first few names, and how many more there are.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}
