/// The hash that keeps a flow on one path: a fold of header fields under a key that belongs to one switch.
///
/// Usage, with one call of ``mix(_:_:)`` for each field or group of fields:
///
///     var state = hasher.initialState
///     state = hasher.mix(state, addresses)
///     state = hasher.mix(state, ports)
///     let entry = Int(hasher.finish(state)) & (entries - 1)
///
/// Two tiers of switches must not choose by related hashes, or the second tier sees only flows on which the first
/// one decided the same way and leaves part of its links idle. A CRC is affine: another seed only adds a constant to
/// every result, and flows that agreed still agree. Here the key is a *factor* of a multiplication whose
/// double-width product is folded, so results under two keys are unrelated.
///
/// The fold is that of Vladimir Makarov's MUM hash and Wang Yi's wyhash; the finaliser is variant 13 of David
/// Stafford's improved MurmurHash3 mixers, as SplitMix64 uses it (Steele, Lea, Flood, OOPSLA 2014).
/// It is not a cryptographic hash: who knows the key can make flows collide.
@frozen
public struct FlowHasher: Equatable, Sendable {
  @usableFromInline let factor: UInt64
  /// The state before the first field.
  public let initialState: UInt64

  /// The hash of one switch.
  /// - Parameters:
  ///   - seed: Configured; other seeds give unrelated hashes.
  ///   - switchID: The switch's number, so that one seed can be configured throughout a fabric.
  public init(seed: UInt64, switchID: UInt32) {
    // Seed and number are each scrambled before they meet: their sum or difference must not decide the key.
    let base = Self.scramble(Self.scramble(seed &+ Self.increment) ^ (UInt64(switchID) &* Self.increment))
    initialState = base
    // An even factor would lose the top bit of every field.
    factor = Self.scramble(base &+ Self.increment) | 1
  }

  /// Takes in up to 64 bits of header fields. The order of the calls matters.
  @inlinable @inline(__always)
  public func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: factor)
    // Adding the state keeps a field that happens to cancel it from erasing the fields before.
    return (product.high ^ product.low) &+ state
  }

  /// The hash of everything taken in. All 32 bits are equally good; a table of 2^k entries takes the low *k*.
  @inlinable @inline(__always)
  public func finish(_ state: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: Self.scramble(state) >> 32)
  }

  /// The golden ratio times 2^64, the usual step between keys.
  @inlinable static var increment: UInt64 { 0x9E37_79B9_7F4A_7C15 }

  /// Spreads the influence of each bit over all 64; a bijection.
  @inlinable @inline(__always)
  static func scramble(_ value: UInt64) -> UInt64 {
    var result = value
    result = (result ^ (result >> 30)) &* 0xBF58_476D_1CE4_E5B9
    result = (result ^ (result >> 27)) &* 0x94D0_49BB_1331_11EB
    return result ^ (result >> 31)
  }
}
