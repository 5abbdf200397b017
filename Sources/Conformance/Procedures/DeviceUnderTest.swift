import Dataplane

/// What a benchmarking procedure is applied to: something with ports that streams of frames are offered to.
///
/// A procedure knows nothing else of it, so a model in virtual time and a device with a tester around it are alike.
public protocol DeviceUnderTest {
  /// What a report has to state of it, in order.
  var conditions: [Condition] { get }
  /// Rates of its ports.
  var rates: [BitRate] { get }
  /// Largest frame that all ports take, with check sequence.
  var largestFrame: Int { get }
  /// Whether it has a class that it defends with pause frames.
  var isLossless: Bool { get }
  /// Whether several streams can be offered at a time.
  var takesSeveralStreams: Bool { get }
  /// Offers streams, all at once, and waits until nothing comes out any more.
  func offer(_ streams: [TestStream]) throws -> [StreamResult]
  /// Sends back to back on a port, stops it with an XOFF whose last bit arrives `phase` after a frame began, and says
  /// how long after that the last frame ended, gap included; nil: it cannot tell.
  func reaction(on port: Int, frame: Int, phase: Picoseconds) throws -> Picoseconds?
}

/// A fact that belongs into a report.
public struct Condition: Codable, Equatable, Sendable {
  /// What it is about.
  public var name: String
  /// What holds.
  public var value: String

  /// States a fact.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// Frames of one size from one port to another.
public struct TestStream: Sendable {
  /// The port that they come in on, counted from 0.
  public var from: Int
  /// The port that they leave by.
  public var to: Int
  /// Bytes of a frame with check sequence, as RFC 2544 counts them.
  public var frame: Int
  /// Frames.
  public var frames: UInt64
  /// Rate on the wire, preamble and gap included; nil: the line's.
  public var rate: BitRate?
  /// When it begins.
  public var start = Picoseconds.zero
  /// Whether it is of a lossless class, and its sender stops for pause frames.
  public var isLossless = false

  /// A stream at the rate of the line.
  public init(from: Int, to: Int, frame: Int, frames: UInt64, rate: BitRate? = nil) {
    self.from = from
    self.to = to
    self.frame = frame
    self.frames = frames
    self.rate = rate
  }
}

/// What became of a stream.
public struct StreamResult: Equatable, Sendable {
  /// Frames sent.
  public var sent: UInt64 = 0
  /// Frames that came out.
  public var received: UInt64 = 0
  /// Number of the last frame that was lost, counted from 1; 0: none.
  public var lastLost: UInt64 = 0
  /// From the first bit of the first frame that came out to that of the last, in picoseconds.
  public var span: UInt64 = 0
  /// When the last frame that came out began to, in picoseconds.
  public var lastDeparture: UInt64 = 0
  /// From the last bit in to the first bit out (RFC 1242 section 3.8, store-and-forward), in picoseconds.
  public var leastLatency: UInt64 = 0
  /// The mean.
  public var meanLatency: Double = 0
  /// The most.
  public var mostLatency: UInt64 = 0

  /// Frames lost.
  public var lost: UInt64 { sent - received }
  /// Frames that came out in a second.
  public var framesPerSecond: Double { span == 0 ? 0 : Double(received - 1) * 1e12 / Double(span) }
}

/// A procedure cannot be carried out on this device.
public struct ProcedureError: Error, CustomStringConvertible {
  /// Why, and what to do.
  public var description: String

  init(_ description: String) { self.description = description }
}
