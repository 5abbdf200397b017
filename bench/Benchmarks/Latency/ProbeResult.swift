/// What a probe found.
struct ProbeResult: Equatable, Sendable {
  /// What it found of one class.
  struct Class: Equatable, Sendable {
    /// Which class.
    var kind: ProbeClass
    /// Frames sent, and those of them that came back.
    var sent: UInt64
    var received: UInt64
    /// From the moment at which a frame should have left to its arrival.
    var latency: LatencyDistribution
    /// By how much the latency of one frame differs from that of the one before.
    var jitter: LatencyDistribution

    /// Frames that did not come back.
    var lost: UInt64 { sent - min(sent, received) }
  }

  /// Seconds of recording.
  var seconds: Double
  /// Frames that came back in that time.
  var returned: UInt64
  /// Frames that the device did not take.
  var refused: UInt64
  /// How late frames were sent.
  var lateness: LatencyDistribution
  /// All classes.
  var classes: [Class] = []

  /// Frames a second that came back.
  var rate: Double { Double(returned) / seconds }
}
