/// A running switch as the control server sees it.
///
/// Calls come from several threads at once, none of them a worker, and may block. A change is in force when the call
/// returns, unless it says otherwise. Names are those of the configuration; they come from outside and are not trusted.
public protocol ControlledSwitch: AnyObject, Sendable {
  /// The name in the configuration; it is part of the path of requests, and unique in the process.
  var name: String { get }

  /// Whether the switch does its work.
  var readiness: Readiness { get }

  /// What the switch has counted, and what it holds.
  ///
  /// - Parameters:
  ///   - parts: only these.
  ///   - ports: only entries of these ports, of parts that have ports; empty: of all.
  /// - Throws: `notFound` for a port that does not exist.
  func snapshot(of parts: Set<SwitchSnapshot.Part>, ports: [String]) throws(ControlError) -> SwitchSnapshot

  /// Takes a port up or down, as an administrator wants it. A port that is up still needs a link to carry packets.
  func setPort(_ port: String, isUp: Bool) throws(ControlError)

  /// Changes the weight of one member of a next-hop group, until the next reload.
  func setWeight(_ change: WeightChange) throws(ControlError)

  /// Forgets all peaks: what is in use now counts from here on.
  func resetWatermarks() throws(ControlError)

  /// The impairments of a port, as JSON.
  func impairments(of port: String) throws(ControlError) -> String

  /// Replaces the impairments of a port by what the JSON says.
  ///
  /// - Throws: `invalid` if it is no JSON, `unprocessable` if it asks for what does not exist.
  func setImpairments(of port: String, json: String) throws(ControlError)

  /// Starts to write packets of a port into a file. It ends by itself when nobody asks for its status for a while.
  ///
  /// - Throws: `unprocessable` for what cannot be captured or written, `conflict` while another capture is under way on
  ///   the port or into the file.
  func startCapture(of port: String, _ request: CaptureRequest) throws(ControlError) -> CaptureStatus

  /// How the last capture of a port is getting on; keeps it alive.
  ///
  /// - Parameter id: the one that is meant; nil: whichever.
  /// - Throws: `notFound` if that is not the last one of the port.
  func captureStatus(of port: String, id: UInt64?) throws(ControlError) -> CaptureStatus

  /// Ends the capture of a port; its file is complete when the call returns.
  func stopCapture(of port: String, id: UInt64?) throws(ControlError) -> CaptureStatus

  /// Replaces the configuration while packets flow, or says what that would change.
  ///
  /// - Throws: `unprocessable` with all mistakes; the switch is as it was.
  func reload(_ request: ReloadRequest) throws(ControlError) -> ReloadReport

  /// Keeps a configuration that would otherwise be taken back when its time is up.
  ///
  /// - Throws: `conflict` if none is on trial.
  func confirmReload() throws(ControlError)
}

/// Whether a switch does its work, and if not, why.
public struct Readiness: Codable, Equatable, Sendable {
  /// Whether packets flow.
  public var isReady: Bool
  /// Why not, in one sentence; empty if they do.
  public var reason: String

  /// A switch that does its work.
  public static let ready = Readiness(isReady: true, reason: "")

  /// A switch that does not do its work.
  public static func notReady(_ reason: String) -> Readiness { Readiness(isReady: false, reason: reason) }
}

/// A change of the weight of one next hop.
public struct WeightChange: Codable, Equatable, Sendable {
  /// The prefix of the group, as `show nexthops` prints it.
  public var prefix: String
  /// The address of the member.
  public var via: String
  /// Its new weight, 0 to 65535; 0 drains it.
  public var weight: UInt32

  /// A change.
  public init(prefix: String, via: String, weight: UInt32) {
    self.prefix = prefix
    self.via = via
    self.weight = weight
  }
}

/// What configuration to change to, and how carefully. Without text and path: the file of the running configuration.
public struct ReloadRequest: Codable, Equatable, Sendable {
  /// The configuration itself, YAML.
  public var text: String?
  /// The file that it is in, on the switch's host. With ``text`` its name in messages, and where the files that it
  /// names are looked for.
  public var path: String?
  /// Whether only to say what would change.
  public var isDryRun: Bool?
  /// Seconds after which the change is taken back if it is not confirmed, more than 0 and up to 86 400.
  public var rollbackAfterSeconds: Double?

  /// A request.
  public init(
    text: String? = nil, path: String? = nil, isDryRun: Bool = false, rollbackAfterSeconds: Double? = nil
  ) {
    self.text = text
    self.path = path
    self.isDryRun = isDryRun
    self.rollbackAfterSeconds = rollbackAfterSeconds
  }
}

/// What a reload changed, or would change.
public struct ReloadReport: Codable, Equatable, Sendable {
  /// Whether the configuration is in force now; false after a dry run, or if nothing differs.
  public var isApplied: Bool
  /// What differs, one sentence each, in the order of the configuration.
  public var changes: [String]
  /// What is worth knowing about the new configuration.
  public var notices: [String]
  /// When it is taken back if it is not confirmed, in seconds from now; nil: never.
  public var rollbackAfterSeconds: Double?

  /// A report.
  public init(isApplied: Bool, changes: [String], notices: [String] = [], rollbackAfterSeconds: Double? = nil) {
    self.isApplied = isApplied
    self.changes = changes
    self.notices = notices
    self.rollbackAfterSeconds = rollbackAfterSeconds
  }
}
