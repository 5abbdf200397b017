import Dataplane

/// What was sent.
public struct SentTraffic: Equatable, Sendable {
  /// Frames that the device took.
  public internal(set) var frames: UInt64 = 0
  /// Their bytes, without check sequence.
  public internal(set) var bytes: UInt64 = 0
  /// Frames that a pause held back.
  public internal(set) var paused: UInt64 = 0
  /// Frames that were paused when the run ended, and were not sent.
  public internal(set) var unsent: UInt64 = 0
  /// How often the device took less than it was given, or had all packets.
  public internal(set) var waits: UInt64 = 0
  /// Tick of the first frame, as planned.
  public internal(set) var start = Tick.zero
  /// Tick after the last frame.
  public internal(set) var end = Tick.zero

  /// Nothing.
  public init() {}
}

/// What came back.
public struct ReturnedTraffic: Equatable, Sendable {
  /// Frames that were sent and came back.
  public internal(set) var frames: UInt64 = 0
  /// Those of them of which several equal ones were on their way, so that they are neither timed nor ordered.
  public internal(set) var ambiguous: UInt64 = 0
  /// Frames that came back more often than they were sent.
  public internal(set) var surplus: UInt64 = 0
  /// Other frames.
  public internal(set) var foreign: UInt64 = 0
  /// Frames that came back behind a frame of their flow that was sent later (RFC 4737).
  public internal(set) var reordered: UInt64 = 0
  /// The most positions that one of them was late.
  public internal(set) var extent: UInt64 = 0

  /// Nothing.
  public init() {}
}

/// What a run found.
public struct SendResult: Sendable {
  /// Frames of the capture, once.
  public var captureFrames: Int
  /// Frames of it that are not whole, and were filled up with zeros.
  public var cutFrames: UInt64
  /// Frames of it that are too long, and were left out.
  public var oversizeFrames: UInt64
  /// Set if the capture broke off.
  public var captureError: CaptureError?
  /// What was to be sent in all.
  public var planned: UInt64
  /// What was sent.
  public var sent: SentTraffic
  /// Pause frames that came in.
  public var pauseFrames: UInt64
  /// How long after it was due each frame was handed to the device, in ticks; without those that were paused.
  public var departureError: LatencySnapshot
  /// What came back; nil: nobody looked.
  public var returned: ReturnedTraffic?
  /// From the hand-over to the device until the receiving thread saw it, in ticks.
  public var latency: LatencySnapshot?
  /// Ticks per second of the clock.
  public var ticksPerSecond: UInt64
  /// CPUs of the threads that sent and received.
  public var cpus: [Int]
  /// False: it was stopped before its end.
  public var isComplete: Bool
  /// True: it was stopped because the device took nothing for ``LiveSend/longestBlock``.
  public var isBlocked: Bool
}

/// How far a run is.
public struct SendProgress: Sendable {
  /// Frames sent.
  public var sent: UInt64
  /// Frames that are to be sent in all.
  public var planned: UInt64
  /// Frames that came back.
  public var returned: UInt64
}
