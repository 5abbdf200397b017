/// How the switch stops its neighbours, and how it is stopped by them.
public struct PauseConfiguration: Equatable, Sendable {
  /// Which frames are sent and obeyed.
  public var mode = PauseMode.priority
  /// Time in an XOFF, in quanta of 512 bit times of the port.
  public var quanta: UInt16 = 65_535
  /// Time between an XOFF and the next while the cause lasts; nil: half the time that `quanta` mean.
  public var refresh: Picoseconds?
  /// How long after an XOFF the switch itself stops.
  public var response = PauseResponse.immediate

  /// PFC, refreshed in time, obeyed at once.
  public init() {}
}

/// Which pause frames are sent and obeyed.
public enum PauseMode: String, Equatable, Sendable, CaseIterable {
  /// PFC: each priority on its own (IEEE 802.1Q clause 36).
  case priority = "pfc"
  /// PAUSE: the link as a whole (IEEE 802.3 annex 31B). XOFF is due while any lossless group wants it.
  case link = "pause"
  /// None: pause frames are counted and ignored.
  case off
}

/// How long after an XOFF a transmitter stops; the frame on the wire is always finished.
public enum PauseResponse: Equatable, Sendable {
  /// With the next frame.
  case immediate
  /// As late as IEEE 802.3 clause 31B.3.7 allows at the port's rate.
  case standard
  /// A fixed time.
  case after(Picoseconds)

  /// The time at a rate.
  public func time(at rate: BitRate) -> Picoseconds {
    switch self {
    case .immediate: .zero
    case .standard: Picoseconds(PauseTime.responseQuanta(at: rate) * PauseTime.quantumPicoseconds(at: rate))
    case .after(let time): time
    }
  }
}

/// The units of pause times.
public enum PauseTime {
  /// Bits that pass in a quantum (IEEE 802.3 annex 31B.2).
  public static let bitsPerQuantum: UInt64 = 512

  /// Length of a quantum at a rate, rounded down to a picosecond.
  public static func quantumPicoseconds(at rate: BitRate) -> UInt64 {
    bitsPerQuantum * 1_000_000_000_000 / max(1, rate.bitsPerSecond)
  }

  /// Quanta within which a transmitter must stop after an XOFF: IEEE 802.3 clause 31B.3.7, and 1810 above 400G, where
  /// the standard's figure for two lanes of 400G is assumed.
  public static func responseQuanta(at rate: BitRate) -> UInt64 {
    let table: [(gigabits: UInt64, quanta: UInt64)] = [
      (10, 67), (25, 80), (40, 118), (50, 147), (100, 394), (200, 453), (400, 905),
    ]
    return table.first { rate <= .gigabits($0.gigabits) }?.quanta ?? 1810
  }
}

/// The watchdog: finds queues that have been stopped for too long, and what it does about them.
public struct WatchdogConfiguration: Equatable, Sendable {
  /// How long a queue must have held packets, been paused, and sent nothing.
  public var detection = Picoseconds.milliseconds(200)
  /// How long no XOFF may have come until the queue is treated as usual again; nil: it never is.
  public var restoration: Picoseconds? = .milliseconds(200)
  /// What happens to the queue.
  public var action = WatchdogAction.drop

  /// 200 ms to detect and to restore; drops.
  public init() {}
}

/// What happens to a queue in a pause storm.
public enum WatchdogAction: String, Equatable, Sendable, CaseIterable {
  /// Its packets are dropped, and so is what comes for it, and what comes in for its priority group on the same port.
  case drop
  /// It sends, whatever pause frames say.
  case forward
  /// It is counted.
  case alert
}
