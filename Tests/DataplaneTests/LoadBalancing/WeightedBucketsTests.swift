import Testing

@testable import Dataplane

@Suite struct WeightedBucketsTests {
  @Test func everySmallVectorIsDividedAsOneByOne() {
    for weights in smallWeightVectors {
      let buckets = WeightedBuckets(weights: weights)
      let floors = weights.map { $0 > 0 ? 1 : 0 }
      #expect(buckets.counts == divideOneByOne(buckets.bucketCount, by: weights, floors: floors), "\(weights)")
    }
  }

  @Test func everySmallVectorMeetsItsContract() {
    for weights in smallWeightVectors {
      let buckets = WeightedBuckets(weights: weights)
      let sum = weights.reduce(0, +)
      guard sum > 0 else {
        #expect(buckets.bucketCount == 0 && buckets.counts.allSatisfy { $0 == 0 } && buckets.worstError == 0)
        continue
      }
      let size = buckets.bucketCount
      #expect(size.nonzeroBitCount == 1 && size <= 4096, "\(weights)")
      #expect(buckets.counts.reduce(0, +) == size, "\(weights)")
      for (count, weight) in zip(buckets.counts, weights) {
        #expect((count > 0) == (weight > 0), "\(weights)")
        #expect(abs(count * Int(sum) - Int(weight) * size) < Int(sum), "\(weights): a whole entry off")
      }
      #expect(buckets.worstError <= 0.001 || size == 4096, "\(weights)")
      #expect(size == smallestAccurateTable(for: weights), "\(weights)")
    }
  }

  /// The first size, upwards, at which one-by-one division is within a thousandth.
  private func smallestAccurateTable(for weights: [UInt32]) -> Int {
    let sum = weights.reduce(0) { $0 + Int($1) }
    let floors = weights.map { $0 > 0 ? 1 : 0 }
    var size = 1
    while size < floors.reduce(0, +) { size *= 2 }
    while size < 4096 {
      let counts = divideOneByOne(size, by: weights, floors: floors)
      if weights.indices.allSatisfy({
        1000 * abs(counts[$0] * sum - Int(weights[$0]) * size) <= Int(weights[$0]) * size
      }) {
        break
      }
      size *= 2
    }
    return size
  }

  @Test func knownTables() {
    #expect(WeightedBuckets(weights: [3, 1]).counts == [3, 1])
    #expect(WeightedBuckets(weights: [3, 1]).worstError == 0)
    #expect(WeightedBuckets(weights: [7]).counts == [1])
    #expect(WeightedBuckets(weights: [1, 1, 1, 1]).counts == [1, 1, 1, 1])
    #expect(WeightedBuckets(weights: [0, 2, 0, 2]).counts == [0, 1, 0, 1])
    // 682 2/3 each: the two entries left over go to the lower indices.
    #expect(WeightedBuckets(weights: [1, 1, 1]).counts == [683, 683, 682])
    // 819.2, 614.4, 409.6, 204.8 of 2048.
    #expect(WeightedBuckets(weights: [40, 30, 20, 10]).counts == [819, 614, 410, 205])
    #expect(WeightedBuckets(weights: []).bucketCount == 0)
  }

  @Test func lightMembersKeepOneEntry() {
    let buckets = WeightedBuckets(weights: [1_000_000, 1, 0, 1])
    #expect(buckets.counts == [4094, 1, 0, 1])
    #expect(buckets.bucketCount == 4096)
    #expect(buckets.worstError > 200)
  }

  @Test func theLimitIsObeyed() {
    #expect(WeightedBuckets(weights: [1, 1, 1], maximumBuckets: 100).counts == [22, 21, 21])
    #expect(WeightedBuckets(weights: [1, 1, 1], maximumBuckets: 4).counts == [2, 1, 1])
    #expect(WeightedBuckets(weights: [5, 1], maximumBuckets: 0).bucketCount == 0)
    #expect(WeightedBuckets(weights: [1, 2], maximumBuckets: 1 << 20).bucketCount <= 4096)
  }

  @Test func asManyMembersAsEntriesGetOneEach() {
    let full = WeightedBuckets(weights: (1...4096).map { UInt32($0) })
    #expect(full.bucketCount == 4096 && full.counts.allSatisfy { $0 == 1 })
  }

  @Test func tooManyMembersAreRefused() {
    let refused = WeightedBuckets(weights: Array(repeating: 1, count: 4097))
    #expect(refused.bucketCount == 0 && refused.worstError == 1 && refused.counts.allSatisfy { $0 == 0 })
    let drained = WeightedBuckets(weights: Array(repeating: 1, count: 4096) + [0])
    #expect(drained.bucketCount == 4096 && drained.counts[4096] == 0)
  }

  @Test func extremeWeightsDoNotOverflow() {
    let heavy = WeightedBuckets(weights: Array(repeating: .max, count: 4096))
    #expect(heavy.counts.allSatisfy { $0 == 1 })
    let mixed = WeightedBuckets(weights: [.max, .max - 1, 1])
    #expect(mixed.counts == [2048, 2047, 1])
  }

  @Test func thousandsOfMixedMembersAreDividedAsOneByOne() {
    var state: UInt32 = 1
    let weights: [UInt32] = (0..<300).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return (state >> 16) % 5 == 0 ? 0 : (state >> 8) % 1000
    }
    for size in [512, 1024, 4096] {
      let floors = weights.map { $0 > 0 ? 1 : 0 }
      #expect(WeightedBuckets.apportion(size, by: weights) == divideOneByOne(size, by: weights, floors: floors))
    }
  }
}
