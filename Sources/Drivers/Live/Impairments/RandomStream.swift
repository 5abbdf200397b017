import Dataplane

/// Random numbers for one purpose.
///
/// Every effect of every impairment has a stream of its own, so that changing one does not change what another picks.
struct RandomStream {
  private var numbers: RandomNumbers

  /// The stream of a purpose.
  ///
  /// - Parameters:
  ///   - seed: of the switch.
  ///   - place: of the impairment; streams of different places are unrelated.
  ///   - purpose: number of the effect.
  init(seed: UInt64, place: UInt64, purpose: UInt64) {
    numbers = RandomNumbers(seed: seed)
    // Mixed one after the other: a sum or XOR of all would give different places the same stream.
    for part in [place, purpose] {
      numbers = RandomNumbers(seed: next() ^ (part &+ 1) &* 0xA24B_AED4_963E_E407)
    }
    numbers = RandomNumbers(seed: next())
  }

  @inline(__always)
  mutating func next() -> UInt64 { numbers.next() }

  /// Uniform in 0 to `bound` - 1; `bound` is at least 1.
  @inline(__always)
  mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

  /// True with a probability.
  @inline(__always)
  mutating func decides(_ chance: Chance) -> Bool {
    chance.threshold != 0 && next() &>> 1 < chance.threshold
  }
}

/// A probability, compiled: in units of 2^-63, so that certainty can be said.
struct Chance: Equatable {
  let threshold: UInt64

  init(_ probability: Probability) {
    let product = UInt64(probability.partsPerMillion).multipliedFullWidth(by: 1 << 63)
    threshold = product.high >= 1_000_000 ? .max : UInt64(1_000_000).dividingFullWidth(product).quotient
  }
}
