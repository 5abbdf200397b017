import TestSupport
import Testing

@testable import Dataplane

/// The virtual schedule against a plain token bucket, in exact fractions of a byte.
@Suite struct ShaperStateTests {
  /// A bucket that holds `burst` bytes and may be overdrawn by one frame, which is what a virtual schedule grants: a
  /// frame may start when the bucket is not overdrawn. In units of 1/8e12 of a byte times the rate, so all integers.
  private struct TokenBucket {
    let rate: Int128
    let capacity: Int128
    var tokens: Int128
    var last: Int128 = 0

    init(rate: UInt64, burst: Int) {
      self.rate = Int128(rate)
      capacity = Int128(burst) * 8_000_000_000_000
      tokens = capacity
    }

    mutating func fill(to tick: UInt64) {
      tokens = min(capacity, tokens + (Int128(tick) - last) * rate)
      last = Int128(tick)
    }

    /// The first tick at or after `tick` at which the bucket is not overdrawn.
    mutating func eligible(from tick: UInt64) -> UInt64 {
      fill(to: tick)
      return tokens >= 0 ? tick : tick + UInt64((-tokens + rate - 1) / rate)
    }

    mutating func take(_ bytes: Int, at tick: UInt64) {
      fill(to: tick)
      tokens -= Int128(bytes) * 8_000_000_000_000
    }
  }

  /// Frames of all sizes after pauses of all lengths start within 2 ps of the bucket's tick: the schedule rounds its
  /// burst and its time down to whole picoseconds, once each.
  @Test(arguments: [1_000_000_000, 7_000_000_000, 40_000_000_000] as [UInt64])
  func frameByFrameAsATokenBucket(rate: UInt64) {
    for burst in [0, 84, 1500, 9262, 100_000] {
      var shaper = ShaperState(
        Shaper(rate: BitRate(bitsPerSecond: rate), burst: ByteCount(UInt64(burst))), ticksPerSecond: 1_000_000_000_000)
      var bucket = TokenBucket(rate: rate, burst: burst)
      var random = SplitMix64(seed: rate + UInt64(burst))
      var clock: UInt64 = 1_000_000_000_000
      for index in 0..<3000 {
        if random.below(4) == 0 { clock += UInt64(random.below(20_000_000)) }
        let start = max(clock, shaper.eligible.rawValue)
        let exact = bucket.eligible(from: clock)
        guard max(start, exact) - min(start, exact) <= 2 else {
          Issue.record("frame \(index) at \(start), not \(exact), with a burst of \(burst)")
          return
        }
        let bytes = 84 + random.below(9179)
        // Both go on from the bucket's tick, so that a picosecond of rounding does not add up.
        shaper.charge(bytes: bytes, at: Tick(exact))
        bucket.take(bytes, at: exact)
        // The wire: 100G.
        clock = exact + UInt64(bytes) * 80
      }
    }
  }

  /// A minimum is not run ahead of by more than its burst, and falls behind by no more than its slack.
  @Test func aMinimumStaysNearTheClock() {
    var minimum = ShaperState(
      Shaper(rate: .gigabits(10), burst: ByteCount(1000)), ticksPerSecond: 1_000_000_000_000, slackTicks: 5_000_000)
    // 100 frames at line rate, ten times the minimum: owed again a frame's time after the last.
    for index in 0..<100 {
      minimum.chargeMinimum(bytes: 1000, ready: .zero, at: Tick(UInt64(index) * 80_000))
    }
    #expect(minimum.eligible == Tick(99 * 80_000 + 800_000))
    // It waits for 50 us: no more than the slack of 5 us is made up for, six frames of 800 ns.
    let late: UInt64 = 50_000_000
    var frames = 0
    while minimum.eligible <= Tick(late) {
      minimum.chargeMinimum(bytes: 1000, ready: .zero, at: Tick(late))
      frames += 1
    }
    // Slack and burst are 5.8 us: seven frames in full and one that begins.
    #expect(frames == 8)
    // It was idle for 50 us: nothing is made up for, and the burst is there.
    let idle: UInt64 = 200_000_000
    frames = 0
    while minimum.eligible <= Tick(idle) {
      minimum.chargeMinimum(bytes: 1000, ready: Tick(idle), at: Tick(idle))
      frames += 1
    }
    #expect(frames == 2)
  }
}
