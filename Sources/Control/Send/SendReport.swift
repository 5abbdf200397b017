import Dataplane
import Drivers

/// What `penstock send` reports, as text and as JSON.
public struct SendReport: Encodable {
  /// The distribution of a time.
  public struct Times: Encodable {
    /// Frames that were timed.
    public var count: UInt64
    /// Nanoseconds: the least, and those that half, 99 % and 99.9 % of the frames do not exceed (to 1.6 %), the most.
    public var minimumNs: Double
    /// The median.
    public var p50Ns: Double
    /// 99 %.
    public var p99Ns: Double
    /// 99.9 %.
    public var p999Ns: Double
    /// The most.
    public var maximumNs: Double
  }

  /// What was sent.
  public struct Sent: Encodable {
    /// Frames that were to be sent.
    public var planned: UInt64
    /// Frames that the device took.
    public var frames: UInt64
    /// Their bytes, without check sequence.
    public var bytes: UInt64
    /// From the first frame's moment to the end of the last.
    public var seconds: Double
    /// Frames per second.
    public var framesPerSecond: Double
    /// Bits per second on the wire: preamble, check sequence and gap included.
    public var wireBitsPerSecond: Double
    /// How often the device took less than it was offered.
    public var deviceFull: UInt64
    /// Frames that a pause held back.
    public var pausedFrames: UInt64
    /// Frames that were still paused at the end, and were not sent.
    public var unsentFrames: UInt64
    /// Pause frames that came in.
    public var pauseFramesReceived: UInt64
  }

  /// What came back.
  public struct Returned: Encodable {
    /// Frames that came back.
    public var frames: UInt64
    /// Frames that did not.
    public var lost: UInt64
    /// Out of order within their flow (RFC 4737).
    public var reordered: UInt64
    /// Positions by which one of them was late, at most.
    public var reorderingExtent: UInt64
    /// Frames that came back more often than they were sent.
    public var duplicated: UInt64
    /// Frames that could not be told apart, and are in neither latency nor order.
    public var ambiguous: UInt64
    /// Frames of others.
    public var foreign: UInt64
    /// From the hand-over to the device until the frame was received.
    public var latency: Times
  }

  /// The capture.
  public var capture: String
  /// Frames in it.
  public var captureFrames: Int
  /// Where they went.
  public var device: String
  /// Where they were looked for.
  public var receiver: String?
  /// What times were taken with.
  public var clock: String
  /// CPUs of the threads that sent and received.
  public var cpus: [Int]
  /// False: it was stopped before its end.
  public var isComplete: Bool
  /// What was sent.
  public var sent: Sent
  /// How long after they were due frames were handed to the device; those that were paused left out.
  public var departureError: Times
  /// What came back.
  public var returned: Returned?
  /// What is worth knowing.
  public var notices: [String]

  /// Describes a run.
  public init(_ result: SendResult, _ options: SendOptions, clock: String, lineRate: BitRate) {
    let perSecond = Double(result.ticksPerSecond)
    func times(_ snapshot: LatencySnapshot) -> Times {
      func nanoseconds(_ ticks: UInt64) -> Double { (Double(ticks) * 1e10 / perSecond).rounded() / 10 }
      return Times(
        count: snapshot.count, minimumNs: nanoseconds(snapshot.minimumTicks),
        p50Ns: nanoseconds(snapshot.percentile(0.5)), p99Ns: nanoseconds(snapshot.percentile(0.99)),
        p999Ns: nanoseconds(snapshot.percentile(0.999)), maximumNs: nanoseconds(snapshot.maximumTicks))
    }
    capture = options.path
    captureFrames = result.captureFrames
    device = options.device.description
    receiver = options.receiver?.description
    self.clock = clock
    cpus = result.cpus
    isComplete = result.isComplete
    let traffic = result.sent
    let seconds = traffic.end > traffic.start ? Double(traffic.end - traffic.start) / perSecond : 0
    let wireBytes = Double(traffic.bytes) + Double(traffic.frames) * Double(EthernetOverhead.total)
    sent = Sent(
      planned: result.planned, frames: traffic.frames, bytes: traffic.bytes, seconds: seconds,
      framesPerSecond: seconds > 0 ? Double(traffic.frames) / seconds : 0,
      wireBitsPerSecond: seconds > 0 ? wireBytes * 8 / seconds : 0, deviceFull: traffic.waits,
      pausedFrames: traffic.paused, unsentFrames: traffic.unsent, pauseFramesReceived: result.pauseFrames)
    departureError = times(result.departureError)
    if let back = result.returned, let latency = result.latency {
      returned = Returned(
        frames: back.frames, lost: traffic.frames > back.frames ? traffic.frames - back.frames : 0,
        reordered: back.reordered, reorderingExtent: back.extent, duplicated: back.surplus, ambiguous: back.ambiguous,
        foreign: back.foreign, latency: times(latency))
    }
    notices = SendReport.notices(result, options, lineRate)
  }

  private static func notices(_ result: SendResult, _ options: SendOptions, _ lineRate: BitRate) -> [String] {
    var notices: [String] = []
    if result.cutFrames > 0 {
      notices.append(
        "\(result.cutFrames) frames are not whole in the capture; they were filled up with zeros, so that checksums over "
          + "their payload are wrong")
    }
    if result.oversizeFrames > 0 {
      notices.append("\(result.oversizeFrames) frames are longer than 9600 bytes, and were left out")
    }
    if options.obeysPause, options.lineRate == nil {
      notices.append(
        "pauses were counted at \(Quantity.rate.text(lineRate.bitsPerSecond)); give another --line if that is wrong")
    }
    if let back = result.returned, back.ambiguous > 0 {
      notices.append(
        "\(back.ambiguous) frames came back while an equal one was on its way; they are counted, but not timed")
    }
    return notices
  }

  /// The report as JSON, keys in their order.
  public func json() throws -> String { try OrderedJSON.encode(self) }
}
