import Dataplane

extension CheckReport {
  /// Pause frames.
  public struct Pause: Codable, Equatable, Sendable {
    /// `pfc`, `pause` or `off`.
    public var mode: String
    /// Time in an XOFF, in quanta.
    public var quanta: UInt16
    /// What that means on each port.
    public var ports: [PausePort]
  }

  /// Times of pause frames on a port.
  public struct PausePort: Codable, Equatable, Sendable {
    /// Its name.
    public var port: String
    /// Priorities that the port announces, and those that it obeys; with link-level PAUSE priority groups.
    public var sends: [Int], obeys: [Int]
    /// Length of a quantum, rounded down, and of the whole pause.
    public var quantumPs: UInt64, pausePs: UInt64
    /// After which time an XOFF is renewed, and how long after one the port stops.
    public var refreshPs: UInt64, responsePs: UInt64
  }

  /// The watchdog.
  public struct Watchdog: Codable, Equatable, Sendable {
    /// How long a queue must have been stopped.
    public var detectionPs: UInt64
    /// How long no XOFF may have come; absent if a queue stays as it is.
    public var restorationPs: UInt64?
    /// `drop`, `forward` or `alert`.
    public var action: String
  }
}

extension CheckReport.Pause {
  init(_ configuration: SwitchConfiguration) {
    let pause = configuration.pause
    self.init(
      mode: pause.mode.rawValue, quanta: pause.quanta,
      ports: configuration.ports.map { port in
        let times = PauseTimes(pause, at: port.speed)
        let lossless = configuration.losslessGroups(of: port)
        let announced = lossless.bits.reduce(UInt8(0)) {
          $0 | configuration.announcedPriorities(of: port, group: PriorityGroup($1))
        }
        let (sends, obeys): (UInt8, UInt8) =
          switch pause.mode {
          case .priority: (announced, configuration.obeyedPriorities(of: port))
          case .link: (lossless, 0xFF)
          case .off: (0, 0)
          }
        return CheckReport.PausePort(
          port: port.name, sends: sends.bits, obeys: obeys.bits, quantumPs: times.quantum, pausePs: times.length,
          refreshPs: times.refresh, responsePs: times.response)
      })
  }
}

extension CheckReport.Watchdog {
  init(_ watchdog: WatchdogConfiguration) {
    self.init(
      detectionPs: watchdog.detection.count, restorationPs: watchdog.restoration?.count,
      action: watchdog.action.rawValue)
  }
}
