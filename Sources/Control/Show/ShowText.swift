/// A snapshot as the tables that `penstock show` prints.
public struct ShowText {
  let snapshot: SwitchSnapshot
  /// Whether queues, priorities and groups that were never used are listed too.
  let showsAll: Bool
  let isColoured: Bool

  /// Prepares tables of a snapshot.
  public init(_ snapshot: SwitchSnapshot, showsAll: Bool, isColoured: Bool) {
    self.snapshot = snapshot
    self.showsAll = showsAll
    self.isColoured = isColoured
  }

  /// The tables of one part, each line ended.
  public func text(_ part: SwitchSnapshot.Part) -> String {
    switch part {
    case .ports: ports
    case .queues: queues
    case .buffers: buffers
    case .pfc: pfc
    case .latency: latency
    case .nexthops: nextHops
    case .telemetry: telemetry
    case .routes: routes
    case .macs: macs
    case .neighbors: neighbors
    case .config: snapshot.configuration?.text ?? ""
    }
  }

  func render(_ table: TextTable, without nothing: String) -> String {
    table.rows.isEmpty ? "  \(nothing)\n" : table.text(isColoured: isColoured)
  }

  func count(_ value: UInt64) -> String { ReportUnits.count(value) }

  func bytes(_ value: UInt64) -> String { ReportUnits.bytes(value) }

  /// A number that is bad unless it is 0.
  func alarm(_ value: UInt64) -> TextTable.Cell { TextTable.Cell(count(value), value == 0 ? .plain : .red) }

  func time(_ nanoseconds: Double) -> String { ReportUnits.time(nanoseconds: nanoseconds, ascii: true) }

  /// What a port is doing, in a word.
  static func state(_ port: SwitchSnapshot.Port) -> TextTable.Cell {
    if !port.driver.isAdminUp { return TextTable.Cell("disabled", .dim) }
    if !port.driver.isLinkUp { return TextTable.Cell("no link", .red) }
    return port.isUp ? TextTable.Cell("up", .green) : TextTable.Cell("down", .red)
  }

  /// How long ago, or how long since: `3d 04:05:06`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(max(0, seconds))
    let (days, rest) = (whole / 86_400, whole % 86_400)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
    return days > 0 ? "\(days)d \(time)" : time
  }
}
