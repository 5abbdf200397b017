/// A hash of words. The seed is drawn when a collector starts: whoever sends reports cannot choose flows that collide.
struct Mixer {
  private(set) var value: UInt64

  init(_ seed: UInt64) { value = seed ^ 0x9E37_79B9_7F4A_7C15 }

  /// Takes one more word in: the two halves of a product, folded.
  @inline(__always)
  mutating func add(_ word: UInt64) {
    let product = (value ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    value = product.high ^ product.low ^ (value &<< 23 | value &>> 41)
  }
}
