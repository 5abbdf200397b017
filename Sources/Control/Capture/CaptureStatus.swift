/// How a capture on a port is getting on.
public struct CaptureStatus: Codable, Equatable, Sendable {
  /// What became of it.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// There has been no capture on the port.
    case none
    /// It is under way.
    case running
    /// It was told to stop.
    case stopped
    /// It has as many packets as were asked for.
    case complete
    /// Its time is up.
    case expired
    /// Nobody asked for its status any more.
    case abandoned
    /// The switch was stopped, or the port has left it.
    case ended
    /// The file could not be written; ``CaptureStatus/error`` says why.
    case failed
  }

  /// The port.
  public var port: String
  /// What became of it.
  public var state: State
  /// Tells captures of one switch apart, from 1; 0: there has been none on the port.
  public var id: UInt64 = 0
  /// The file; empty if there has been none. Once the capture is over the file is complete.
  public var path = ""
  /// Packets in the file.
  public var packets: UInt64 = 0
  /// Packets that were wanted and for which there was no room on their way to the file.
  public var missedPackets: UInt64 = 0
  /// How long it has been under way, or was.
  public var elapsedSeconds = 0.0
  /// Why it failed, with a remedy; empty if it did not.
  public var error = ""

  /// Whether it is under way.
  public var isRunning: Bool { state == .running }

  /// No capture on a port.
  public init(port: String, state: State = .none) {
    self.port = port
    self.state = state
  }
}
