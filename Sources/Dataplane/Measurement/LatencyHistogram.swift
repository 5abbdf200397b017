/// A histogram of ticks: exact below 128, then 64 steps per power of two, so that any value is known to 1.6 %.
///
/// Recording is an index computation and an increment: about 3 ns.
package struct LatencyHistogram {
  /// log2 of the number of steps per power of two.
  private static let stepBits = 6
  /// Values from 2^48 ticks (281 s of picoseconds) on share one more bucket, the last.
  private static let largestExponent = 47
  /// Number of buckets.
  package static let bucketCount = ((largestExponent - stepBits + 2) << stepBits) + 1

  private let buckets: UnsafeMutablePointer<UInt64>
  private(set) var minimum = UInt64.max
  private(set) var maximum: UInt64 = 0
  private var sumLow: UInt64 = 0
  private var sumHigh: UInt64 = 0

  /// A view of zeroed memory of ``bucketCount`` counters, owned by the caller.
  package init(buckets: UnsafeMutablePointer<UInt64>) { self.buckets = buckets }

  /// Forgets everything.
  mutating func reset() {
    // Pages that were never written to stay so.
    for index in 0..<LatencyHistogram.bucketCount where buckets[index] != 0 { buckets[index] = 0 }
    self = LatencyHistogram(buckets: buckets)
  }

  @inline(always)
  package mutating func record(_ ticks: UInt64) { record(ticks, count: 1) }

  /// Records a value that `count` packets have; below 2^16 of them.
  @inline(always)
  mutating func record(_ ticks: UInt64, count: UInt64) {
    buckets[LatencyHistogram.index(of: ticks)] &+= count
    if ticks < minimum { minimum = ticks }
    if ticks > maximum { maximum = ticks }
    let total = ticks.multipliedFullWidth(by: count)
    let (sum, carry) = sumLow.addingReportingOverflow(total.low)
    sumLow = sum
    sumHigh &+= total.high &+ (carry ? 1 : 0)
  }

  @inline(__always)
  private static func index(of ticks: UInt64) -> Int {
    // Below 2^7 nothing is shifted out, and the index is the value.
    let shift = 63 &- stepBits &- (ticks | 1 << UInt64(stepBits)).leadingZeroBitCount
    if shift > largestExponent &- stepBits { return bucketCount &- 1 }
    return (shift &<< stepBits) &+ Int(truncatingIfNeeded: ticks &>> UInt64(truncatingIfNeeded: shift))
  }

  /// The largest value that falls into a bucket.
  private static func upperBound(of index: Int) -> UInt64 {
    if index < 1 << (stepBits + 1) { return UInt64(index) }
    let exponent = UInt64(index >> stepBits) + UInt64(stepBits) - 1
    let step = UInt64(index & ((1 << stepBits) - 1))
    let width = 1 << (exponent - UInt64(stepBits)) as UInt64
    return (1 << exponent) + (step + 1) * width - 1
  }

  /// What was recorded, as a value that can be kept.
  package var snapshot: LatencySnapshot {
    var steps: [LatencySnapshot.Step] = []
    var count: UInt64 = 0
    for index in 0..<LatencyHistogram.bucketCount where buckets[index] != 0 {
      let isLast = index == LatencyHistogram.bucketCount - 1
      let upper = isLast ? maximum : min(LatencyHistogram.upperBound(of: index), maximum)
      steps.append(LatencySnapshot.Step(upperTicks: upper, count: buckets[index]))
      count += buckets[index]
    }
    let mean =
      count == 0 ? 0 : (Double(sumHigh) * 0x1p64 + Double(sumLow)) / Double(count)
    return LatencySnapshot(
      count: count, minimumTicks: count == 0 ? 0 : minimum, maximumTicks: maximum, meanTicks: mean, steps: steps)
  }
}

/// A histogram with memory of its own, for drivers.
package struct TickHistogram: ~Copyable {
  private let buckets: FlatTable<UInt64>
  private var histogram: LatencyHistogram

  /// An empty one: 22 kB, of which pages that are not written to take no memory.
  package init() {
    buckets = FlatTable(zeroed: LatencyHistogram.bucketCount)
    histogram = LatencyHistogram(buckets: buckets.base)
  }

  @inline(__always)
  package mutating func record(_ ticks: UInt64, count: UInt64 = 1) { histogram.record(ticks, count: count) }

  /// What was recorded, as a value that can be kept.
  package var snapshot: LatencySnapshot { histogram.snapshot }
}

/// What a latency histogram held at some moment.
public struct LatencySnapshot: Equatable, Sendable {
  /// Some packets with almost the same latency.
  public struct Step: Equatable, Sendable {
    /// The largest latency among them, to 1.6 %.
    public let upperTicks: UInt64
    /// How many they are.
    public let count: UInt64
  }

  /// Packets recorded.
  public let count: UInt64
  /// The smallest latency, exactly; 0 without packets.
  public let minimumTicks: UInt64
  /// The largest latency, exactly.
  public let maximumTicks: UInt64
  /// The mean latency, from the exact sum.
  public let meanTicks: Double
  /// The distribution, in rising order.
  public let steps: [Step]

  /// The smallest latency that at least `fraction` of the packets do not exceed, to 1.6 %.
  public func percentile(_ fraction: Double) -> UInt64 {
    let rank = max(1, UInt64((fraction * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for step in steps {
      seen += step.count
      if seen >= rank { return step.upperTicks }
    }
    return maximumTicks
  }
}
