import Control
import Foundation

extension StageCounts {
  /// The counts as a table, with what no stage owns below it.
  public func text(title: String) -> String {
    var table = TextTable([("stage", .left), ("instructions a packet", .right)])
    for stage in Stage.ofTheSwitch where (perPacket[stage] ?? 0) > 0.05 {
      table.add([stage.rawValue, String(format: "%.1f", perPacket[stage] ?? 0)])
    }
    table.add(["total", String(format: "%.1f", total)])
    table.add(["(source and sink)", String(format: "%.1f", perPacket[.source] ?? 0)])
    var text = title + "\n" + table.text(isColoured: false)
    for (name, cost) in unknown.prefix(5) where cost > 0.5 {
      text += "  other: \(TextTable.printable(name)) \(String(format: "%.1f", cost))\n"
    }
    for (name, count) in forbidden.sorted(by: { $0.key < $1.key }) {
      text += "  called \(count) times: \(TextTable.printable(name))\n"
    }
    return text
  }
}
