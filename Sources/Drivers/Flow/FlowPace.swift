import Dataplane

/// How a flow spaces its frames. Rates are those of the wire: preamble, check sequence and gap count.
public enum FlowPace: Equatable, Sendable {
  /// As fast as the line lets it, in turn with the other flows of the host.
  case backToBack
  /// At equal distances. What a pause or another flow holds up is not made up for.
  case constant(BitRate)
  /// At random: intervals are exponentially distributed, and frames that could not leave wait at the host.
  case poisson(BitRate)
  /// So many frames back to back, and then none until the mean rate is met.
  case bursts(of: UInt64, BitRate)
}

/// When a flow's next frame is due, from the one before it.
struct FlowPacer {
  private let pace: FlowPace
  private var line: Serializer
  private var random: RandomNumbers
  /// Frames left of the present burst.
  private var left: UInt64 = 0
  private var burstEnd = Tick.zero

  init(_ pace: FlowPace, ticksPerSecond: UInt64, seed: UInt64) {
    self.pace = pace
    random = RandomNumbers(seed: seed)
    let rate: BitRate
    switch pace {
    case .backToBack: rate = .gigabits(1)
    case .constant(let given), .poisson(let given): rate = given
    case .bursts(let count, let given):
      rate = given
      left = count
    }
    line = Serializer(rate: rate, ticksPerSecond: ticksPerSecond)
  }

  /// When the first frame is due, of a flow that begins at `start`.
  mutating func first(_ start: Tick, slot: Int) -> Tick {
    burstEnd = start
    if case .poisson = pace { return start + FlowPacer.exponential(mean: line.advance(bytes: slot), &random) }
    return start
  }

  /// When the next frame is due, if one that was due at `due` starts at `now`.
  mutating func next(after due: Tick, startedAt now: Tick, slot: Int) -> Tick {
    switch pace {
    case .backToBack: return due
    case .constant: return max(due, now) + line.advance(bytes: slot)
    case .poisson: return due + FlowPacer.exponential(mean: line.advance(bytes: slot), &random)
    case .bursts(let count, _):
      burstEnd = burstEnd + line.advance(bytes: slot)
      left -= 1
      guard left == 0 else { return due }
      left = count
      burstEnd = max(burstEnd, now)
      return burstEnd
    }
  }

  /// An exponentially distributed number of ticks, in integers: the same on every machine.
  ///
  /// The logarithm to base 2 is found bit by bit: squaring a number of [1, 2) doubles its logarithm.
  static func exponential(mean: UInt64, _ random: inout RandomNumbers) -> UInt64 {
    let uniform = random.next() | 1
    let zeros = uniform.leadingZeroBitCount
    var mantissa = uniform &<< UInt64(zeros)
    var fraction: UInt64 = 0
    for _ in 0..<32 {
      mantissa = mantissa.multipliedFullWidth(by: mantissa).high
      fraction &<<= 1
      if mantissa >> 63 == 1 { fraction |= 1 } else { mantissa &<<= 1 }
    }
    let binary = (UInt64(zeros + 1) << 32) - fraction
    // ln 2 in units of 2^-32.
    let product = binary.multipliedFullWidth(by: 0xB172_17F8)
    let natural = product.high << 32 | product.low >> 32
    let scaled = mean.multipliedFullWidth(by: natural)
    return scaled.high << 32 | scaled.low >> 32
  }
}
