import Dataplane

/// What happens to frames on their way between a device and a port of the switch. A plain value; ``PortImpairments``
/// carries it out.
///
/// The effects come in this order: loss, duplication, corruption, reordering, rate, delay.
public struct ImpairmentSettings: Equatable, Sendable {
  /// The way of the frames.
  public var direction: ImpairmentDirection
  /// The frames it applies to.
  public var match = TrafficMatch.all
  /// One-way delay, up to ``longestDelay``.
  public var delay = Picoseconds.zero
  /// The delay varies by at most this much, up and down; at most ``delay``.
  public var jitter = Picoseconds.zero
  /// How jitter is spread within its bounds.
  public var distribution = JitterDistribution.uniform
  /// A frame never overtakes one that it came behind and that this impairment applies to as well: it waits for it.
  public var keepsOrder = true
  /// Probability that a frame is lost, each on its own.
  public var loss = Probability(partsPerMillion: 0)
  /// Losses in bursts, in addition to ``loss``; nil: none.
  public var burstLoss: BurstLoss?
  /// Bit errors; nil: none.
  public var corruption: Corruption?
  /// Probability that a frame arrives twice.
  public var duplication = Probability(partsPerMillion: 0)
  /// Which frames are held back until others have passed; nil: none.
  public var reordering: Reordering?
  /// The rate of a narrower line, Ethernet's overhead included, 1k to 1.6T; nil: none.
  public var rate: BitRate?
  /// What may wait in front of the narrower line; what comes when more is waiting is dropped.
  public var rateQueue = ByteCount(1_000_000)

  /// No effect on any frame of a direction.
  public init(_ direction: ImpairmentDirection) { self.direction = direction }

  /// Longest delay, and longest time for which a frame is held back: 10 s.
  public static let longestDelay = Picoseconds.seconds(10)
  /// Impairments that one direction of a port can have.
  public static let limit = 8
}

/// The way of frames that an impairment stands in.
public enum ImpairmentDirection: String, Equatable, Sendable, CaseIterable {
  /// From the device into the switch.
  case ingress
  /// From the switch to the device.
  case egress
}

/// How jitter is spread from -jitter to +jitter.
public enum JitterDistribution: String, Equatable, Sendable, CaseIterable {
  /// Every delay within the bounds is as likely as another.
  case uniform
  /// A bell: the sum of eight uniform numbers (Irwin and Hall), whose standard deviation is 0.204 of the bound.
  case normal
}

/// Losses by the model of Gilbert and Elliott: a line that is good or bad, and may change with each frame.
public struct BurstLoss: Equatable, Sendable {
  /// Probability, at each frame, that a good line turns bad.
  public var enter: Probability
  /// Probability, at each frame, that a bad line turns good: 1 / (mean length of a burst).
  public var leave: Probability
  /// Probability of loss while the line is good.
  public var good = Probability(partsPerMillion: 0)
  /// Probability of loss while it is bad.
  public var bad = Probability(partsPerMillion: 1_000_000)

  /// A line that loses nothing while it is good, and all while it is bad.
  public init(enter: Probability, leave: Probability) {
    self.enter = enter
    self.leave = leave
  }
}

/// Bit errors in the payload.
public struct Corruption: Equatable, Sendable {
  /// Probability that a frame is hit.
  public var probability: Probability
  /// Bits that are flipped in it, 1 to 64; different ones.
  public var bits = 1
  /// Whether the checksums of transport and RoCE are computed anew, so that only the application can find the error.
  public var mendsChecksums = false

  /// One bit in frames with a probability, checksums left as they are.
  public init(probability: Probability) { self.probability = probability }

  /// Most bits that are flipped.
  public static let bitLimit = 64
}

/// Which frames are held back, and for how long.
public struct Reordering: Equatable, Sendable {
  /// Which frames.
  public enum Choice: Equatable, Sendable {
    /// Every Nth, from 2 on.
    case every(UInt64)
    /// Each with a probability.
    case probability(Probability)
  }

  /// For how long.
  public enum Hold: Equatable, Sendable {
    /// Until so many other frames have passed, 1 to ``distanceLimit``, but no longer than a time.
    case frames(Int, atMost: Picoseconds)
    /// For a time.
    case time(Picoseconds)
  }

  /// Which frames.
  public var choice: Choice
  /// For how long.
  public var hold: Hold

  /// Frames that are held back.
  public init(_ choice: Choice, _ hold: Hold) {
    self.choice = choice
    self.hold = hold
  }

  /// Frames that can overtake one.
  public static let distanceLimit = 255
  /// How long a frame waits for others to overtake it, unless told otherwise.
  public static let usualPatience = Picoseconds.milliseconds(10)
}
