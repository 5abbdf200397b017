import Dataplane
import Wire

extension CheckReport {
  /// What the switch says about packets.
  public struct Telemetry: Codable, Equatable, Sendable {
    /// The switch's number.
    public var nodeId: UInt32
    /// Ports by their roles.
    public var hostPorts: [String], transitPorts: [String], excludedPorts: [String]
    /// Windows of utilisation.
    public var utilisationWindowPs: UInt64
    /// `md`, `mx` or `xd`, and the same for RoCE.
    public var mode: String, roce: String
    /// How INT is announced: `UDP port 51000`.
    public var announcement: String
    /// What hops record.
    public var instructions: [String], domainWords: [String]
    /// Octets that a hop adds, and those that a source adds beside its hop.
    public var hopBytes: Int, headerBytes: Int
    /// Hops that may record, and what MTUs must have room for beyond what hosts send.
    public var maxHops: Int, headroomBytes: Int
    /// Rules of the watch list.
    public var watch: Int
    /// Where reports go; absent: nowhere.
    public var collector: String?
    /// Reports per second; 0: any number.
    public var reportRate: UInt64?
  }

  static func telemetry(of configuration: SwitchConfiguration) -> Telemetry? {
    guard let telemetry = configuration.telemetry else { return nil }
    let int = telemetry.int
    func names(_ role: TelemetryRole) -> [String] {
      configuration.ports.enumerated().filter { telemetry.role(of: PortID($0.offset)) == role }.map(\.element.name)
    }
    let header = INTShim.length + INTMetadataHeader.length + (int.announcement == .header ? UDPHeader.length : 0)
    let hops = min(Int(int.maximumHops), int.hopLength == 0 ? 0 : (1020 - INTMetadataHeader.length) / int.hopLength)
    let announcement =
      switch int.announcement {
      case .port: "UDP port \(int.udpPort)"
      case .header: "a UDP header with port \(int.udpPort)"
      case .dscp: "DSCP \(int.dscp)"
      }
    return Telemetry(
      nodeId: telemetry.nodeID ?? configuration.id, hostPorts: names(.host), transitPorts: names(.transit),
      excludedPorts: names(.none), utilisationWindowPs: telemetry.utilisationWindow.count, mode: int.mode.rawValue,
      roce: int.roce.rawValue, announcement: announcement,
      instructions: INTInstructions.names.filter { int.instructions.contains($0.instruction) }.map(\.name),
      domainWords: INTDomainWords.names.filter { int.domainWords.contains($0.word) }.map(\.name),
      hopBytes: int.hopLength, headerBytes: header, maxHops: Int(int.maximumHops),
      headroomBytes: header + (int.mode == .metadata ? hops * int.hopLength : 0), watch: int.watch.count,
      collector: telemetry.reports.map { "\($0.collector) port \($0.port)" }, reportRate: telemetry.reports?.rate)
  }

  /// The section of telemetry.
  var telemetryLines: [String] {
    guard let telemetry else { return [] }
    func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: " ") }
    return Self.pairs([
      ("node id", "\(telemetry.nodeId)"), ("host ports", list(telemetry.hostPorts)),
      ("transit ports", list(telemetry.transitPorts)), ("excluded ports", list(telemetry.excludedPorts)),
      ("mode", "\(telemetry.mode), RoCE \(telemetry.roce), announced by \(telemetry.announcement)"),
      ("a hop records", "\(list(telemetry.instructions + telemetry.domainWords)): \(telemetry.hopBytes) B"),
      (
        "headroom",
        "\(telemetry.headroomBytes) B of MTU for \(telemetry.headerBytes) B of headers and \(telemetry.maxHops) hops"
      ),
      ("watched", telemetry.watch == 0 ? "nothing" : "by \(telemetry.watch) rules"),
      (
        "reports",
        telemetry.collector.map {
          "to \($0), " + (telemetry.reportRate == 0 ? "without limit" : "\(telemetry.reportRate ?? 0) per second")
        } ?? "none"
      ),
    ])
  }
}
