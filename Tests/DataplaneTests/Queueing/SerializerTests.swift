import TestSupport
import Testing

@testable import Dataplane

@Suite struct SerializerTests {
  static let rates: [UInt64] = [
    1, 7, 10_000_000, 1_000_000_000, 2_500_000_000, 25_000_000_000, 56_000_000_000, 99_999_900_000, 100_000_000_000,
    106_250_000_000, 400_000_000_000, 1_600_000_000_000,
  ]

  /// Whatever the bytes and the clock, the ticks so far are the exact rational number, rounded down.
  @Test(arguments: rates)
  func theSumIsExact(rate: UInt64) {
    for ticksPerSecond in [1_000_000_000_000, 2_400_000_000, 3_141_592_653] as [UInt64] {
      // A byte at 1 bit/s takes 8e12 ticks: few of them fit a clock of 64 bits.
      let count = rate < 100 ? 200 : 20_000
      var serializer = Serializer(rate: BitRate(bitsPerSecond: rate), ticksPerSecond: ticksPerSecond)
      var random = SplitMix64(seed: rate)
      var (ticks, bytes) = (0 as UInt64, 0 as UInt128)
      for _ in 0..<count {
        let length = 1 + random.below(9262)
        ticks += serializer.advance(bytes: length)
        bytes += UInt128(length)
        let exact = bytes * 8 * UInt128(ticksPerSecond) / UInt128(rate)
        guard UInt128(ticks) == exact else {
          Issue.record("\(ticks) ticks after \(bytes) bytes, not \(exact), at \(ticksPerSecond) ticks per second")
          return
        }
      }
    }
  }

  @Test func wholeTicksLeaveNoRemainder() {
    let serializer = Serializer(rate: .gigabits(400), ticksPerSecond: 1_000_000_000_000)
    #expect(serializer.numerator == 20 && serializer.denominator == 1)
    #expect(serializer.ticks(bytes: 1048) == 20_960)
    let odd = Serializer(rate: .gigabits(56), ticksPerSecond: 1_000_000_000_000)
    #expect(odd.numerator == 1000 && odd.denominator == 7)
    #expect(odd.ticks(bytes: 1) == 142 && odd.ticks(bytes: 7) == 1000)
  }

  /// A single frame is rounded down, and does not change what comes after.
  @Test func askingTakesNothing() {
    var serializer = Serializer(rate: .gigabits(56), ticksPerSecond: 1_000_000_000_000)
    let untouched = serializer
    #expect(serializer.ticks(bytes: 84) == 84 * 1000 / 7)
    #expect(serializer == untouched)
    #expect(serializer.advance(bytes: 85) == 85 * 1000 / 7)
    #expect(serializer != untouched)
  }
}
