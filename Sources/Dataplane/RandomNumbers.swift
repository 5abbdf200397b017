/// Random numbers that a seed decides, the same on every machine: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
///
/// Cost: eight instructions a number.
package struct RandomNumbers {
  @usableFromInline package var state: UInt64

  /// Any seed will do; those that are related give numbers that are not.
  @inlinable
  package init(seed: UInt64) { state = seed }

  @inlinable @inline(__always)
  package mutating func next() -> UInt64 {
    state &+= FlowHasher.increment
    return FlowHasher.scramble(state)
  }
}
