import Dataplane
import Drivers

/// What to capture of a port of a running switch, and where to.
public struct CaptureRequest: Codable, Equatable, Sendable {
  /// Which way packets go.
  public enum Direction: String, Codable, CaseIterable, Sendable {
    /// What comes in at the port.
    case `in`
    /// What leaves through it.
    case out
    /// Both.
    case both
  }

  /// The file, as an absolute path on the switch's host. A capture file that exists is replaced.
  public var path: String
  /// Which way; nil: both.
  public var direction: Direction?
  /// Only what leaves this queue, 0 to 7.
  public var queue: UInt64?
  /// Only what came in and was dropped.
  public var isDropsOnly: Bool?
  /// Only what matches: the keys of `match` of an impairment without braces, such as `dscp: 26`.
  public var match: String?
  /// Bytes of each frame to keep, 14 to 9728; nil: all.
  public var snapBytes: UInt64?
  /// Ends after so many packets, 1 or more.
  public var packetLimit: UInt64?
  /// Ends after so many seconds, more than 0 and up to ``longestSeconds``.
  public var durationSeconds: Double?
  /// Ends when nobody has asked for its status for so many seconds, 1 to ``longestSeconds``; nil: ``usualLease``.
  public var leaseSeconds: Double?

  /// The longest time that can be asked for: a week.
  public static let longestSeconds = 604_800.0
  /// How long a capture goes on without anybody asking for it, in seconds.
  public static let usualLease = 10.0

  static let keys = [
    "path", "direction", "queue", "is_drops_only", "match", "snap_bytes", "packet_limit", "duration_seconds",
    "lease_seconds",
  ]

  /// Everything on a port.
  public init(path: String) { self.path = path }

  /// How the capture is to be made.
  ///
  /// - Throws: `unprocessable` for what cannot be, with the remedy.
  func settings(
    port: PortID, named name: String, speed: BitRate
  ) throws(ControlError) -> CaptureSettings {
    try checkTimes()
    var settings = CaptureSettings(path: path, port: port, named: name, speed: speed)
    settings.filter = try filter()
    if let snapBytes {
      guard (14...UInt64(CaptureSettings.longestSnap)).contains(snapBytes) else {
        throw CaptureRequest.wrong("snap_bytes is \(snapBytes)", "write 14 to \(CaptureSettings.longestSnap)")
      }
      settings.snapLength = Int(snapBytes)
    }
    if packetLimit == 0 { throw CaptureRequest.wrong("packet_limit is 0", "write 1 or more, or leave it out") }
    settings.packetLimit = packetLimit
    try CaptureFile.check(path)
    return settings
  }

  private func filter() throws(ControlError) -> CaptureFilter {
    var filter = CaptureFilter()
    filter.wantsInbound = direction != .out
    filter.wantsOutbound = direction != .in
    if let queue {
      guard queue < UInt64(QueueID.count) else {
        throw CaptureRequest.wrong("there is no queue \(queue)", "write 0 to \(QueueID.count - 1)")
      }
      guard direction != .in else {
        throw CaptureRequest.wrong(
          "packets that come in have no queue yet", "leave the queue out, or capture what goes out")
      }
      filter.queue = QueueID(Int(queue))
    }
    if isDropsOnly == true {
      guard queue == nil, direction != .out else {
        throw CaptureRequest.wrong(
          "drops are captured where packets come in",
          "leave queue and direction out, and capture the port through which the packets came")
      }
      filter.wantsDropsOnly = true
    }
    if let match {
      do throws(ConfigurationErrors) {
        filter.match = try ImpairmentDocument.readMatch(match, name: "match")
      } catch {
        throw ControlError(
          .unprocessable, "the match has mistakes", remedy: "write it as `dscp: 26, qp: [7, 8]`",
          details: error.errors.map(\.description))
      }
    }
    return filter
  }

  private func checkTimes() throws(ControlError) {
    if let seconds = durationSeconds, !(seconds > 0 && seconds <= CaptureRequest.longestSeconds) {
      throw CaptureRequest.wrong("duration_seconds is \(seconds)", "write more than 0 and at most 604800")
    }
    if let seconds = leaseSeconds, !(1...CaptureRequest.longestSeconds).contains(seconds) {
      throw CaptureRequest.wrong("lease_seconds is \(seconds)", "write 1 to 604800")
    }
  }

  private static func wrong(_ error: String, _ remedy: String) -> ControlError {
    ControlError(.unprocessable, error, remedy: remedy)
  }
}
