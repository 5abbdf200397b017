/// How many entries of a hash table each member of a next-hop group gets, so that hashing splits flows by weight.
///
/// The table has 2^k entries, so that a hash picks one with a mask. It is grown from the smallest table that has an
/// entry for every live member until no share is wrong by more than ``tolerance``, or the limit is reached.
/// Entries are given by the largest remainder method: each member's quota is `weight * entries / sum of weights`;
/// all get the whole part, and what is left goes to the largest fractions, on a tie to the lower index. A member
/// with a weight gets at least one entry, for which those with more give up the entries they are least entitled to.
/// A member of weight 0 is drained and gets none.
///
/// Every decision is made in integers, so the same weights give the same table on every machine.
public struct WeightedBuckets: Equatable, Sendable {
  /// Entries of each member, in the order of the weights.
  public let counts: [Int]
  /// Entries in all: a power of two, or 0 if no member is live or there are more live members than entries.
  public let bucketCount: Int
  /// The largest relative error of a live member's share, `|achieved - wanted| / wanted`.
  ///
  /// 0 if no member is live, 1 if a group was refused for having too many. For reports; nothing is decided on it.
  public let worstError: Double

  /// The relative error of a share that is good enough, as one part in so many: 0.1 %.
  public static let tolerance = 1000
  /// The largest table.
  public static let largestTable = 4096

  /// Divides a table.
  ///
  /// A group with more live members than the largest table has entries cannot give each of them one; it is refused
  /// as a whole: all counts are 0, ``bucketCount`` is 0 and ``worstError`` is 1.
  /// - Parameters:
  ///   - weights: One weight a member; only their ratios matter, and 0 drains.
  ///   - minimumBuckets: The smallest table wanted, rounded down to a power of two; see ``leastTable(for:)``.
  ///   - maximumBuckets: The largest table allowed, 1 to 4096; rounded down to a power of two.
  /// - Complexity: O(*n* log *n*) for *n* members, for each table size tried.
  public init(weights: [UInt32], minimumBuckets: Int = 1, maximumBuckets: Int = Self.largestTable) {
    let limit = Self.powerOfTwo(atMost: min(max(maximumBuckets, 1), Self.largestTable))
    let live = weights.count(where: { $0 > 0 })
    guard live > 0, live <= limit else {
      self.init(counts: weights.map { _ in 0 }, bucketCount: 0, worstError: live == 0 ? 0 : 1)
      return
    }
    let sum = weights.reduce(0) { $0 + Int($1) }
    var size = Self.powerOfTwo(atMost: live)
    if size < live { size *= 2 }
    size = max(size, min(limit, Self.powerOfTwo(atMost: max(minimumBuckets, 1))))
    var counts = Self.apportion(size, by: weights)
    while size < limit, !Self.isAccurate(counts, of: size, weights: weights, sum: sum) {
      size *= 2
      counts = Self.apportion(size, by: weights)
    }
    self.init(
      counts: counts, bucketCount: size, worstError: Self.worstError(counts, of: size, weights: weights, sum: sum))
  }

  private init(counts: [Int], bucketCount: Int, worstError: Double) {
    self.counts = counts
    self.bucketCount = bucketCount
    self.worstError = worstError
  }

  /// The smallest table that a switch gives a group with these weights.
  ///
  /// Four equal members divide flows exactly with four entries, but when one is lost its only entry makes another
  /// member's load twice that of the rest. With 1024 entries those of a lost member can be dealt out so that each
  /// other member is within an entry of its share, 0.1 % of the flows. Of two members the other one takes it all.
  public static func leastTable(for weights: [UInt32]) -> Int {
    weights.count(where: { $0 > 0 }) > 2 ? 1024 : 1
  }

  /// The share of the flows that a member receives, 0 to 1.
  public func achievedShare(of member: Int) -> Double {
    bucketCount == 0 ? 0 : Double(counts[member]) / Double(bucketCount)
  }
}

extension WeightedBuckets {
  /// Divides entries by weight, giving each member of non-zero weight at least a floor.
  ///
  /// Of all divisions that respect the floors it is the one with the least sum of squared deviations from the
  /// quotas; where no floor binds that is the largest remainder method.
  /// - Parameters:
  ///   - total: The entries to divide; at least the sum of the floors, at most 2^16.
  ///   - weights: One weight a member, fewer than 2^16 members; members of weight 0 get nothing.
  ///   - floors: What each member gets at least; by default one entry.
  /// - Returns: The entries of each member; their sum is `total` unless all weights are 0.
  static func apportion(_ total: Int, by weights: [UInt32], floors: [Int]? = nil) -> [Int] {
    let sum = weights.reduce(0) { $0 + Int($1) }
    guard sum > 0 else { return weights.map { _ in 0 } }
    // 2^16 entries times a weight below 2^32 stay far inside 64 bits, so quotas are exact as quotient and remainder.
    let remainders = weights.map { Int($0) * total % sum }
    var counts = weights.map { Int($0) * total / sum }
    for member in counts.indices where weights[member] > 0 {
      counts[member] = max(counts[member], floors?[member] ?? 1)
    }
    let live = weights.indices.filter { weights[$0] > 0 }
    var excess = counts.reduce(0, +) - total
    if excess < 0 {
      grant(-excess, to: &counts, live: live, weights: weights, total: total, remainders: remainders)
      return counts
    }
    // A round takes one entry from each member above its floor, the least entitled first. Before a round all of them
    // hold the same number less than their quota's whole part, so the fractions alone decide.
    let order = live.sorted { (remainders[$0], $1) < (remainders[$1], $0) }
    while excess > 0 {
      for member in order where excess > 0 && counts[member] > (floors?[member] ?? 1) {
        counts[member] -= 1
        excess -= 1
      }
    }
    return counts
  }

  /// Gives the entries left after the whole parts to the largest fractions, one each.
  private static func grant(
    _ entries: Int, to counts: inout [Int], live: [Int], weights: [UInt32], total: Int, remainders: [Int]
  ) {
    let sum = weights.reduce(0) { $0 + Int($1) }
    // A member that its floor raised above its quota has no claim.
    let claimants = live.filter { counts[$0] == Int(weights[$0]) * total / sum && remainders[$0] > 0 }
    let order = claimants.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
    for member in order.prefix(entries) { counts[member] += 1 }
  }

  /// Whether no live member's share is wrong by more than the tolerance.
  private static func isAccurate(_ counts: [Int], of size: Int, weights: [UInt32], sum: Int) -> Bool {
    counts.indices.allSatisfy { member in
      let wanted = Int(weights[member]) * size
      return abs(counts[member] * sum - wanted) <= wanted / tolerance
    }
  }

  private static func worstError(_ counts: [Int], of size: Int, weights: [UInt32], sum: Int) -> Double {
    counts.indices.reduce(0) { worst, member in
      let wanted = Int(weights[member]) * size
      return wanted == 0 ? worst : max(worst, Double(abs(counts[member] * sum - wanted)) / Double(wanted))
    }
  }

  private static func powerOfTwo(atMost limit: Int) -> Int {
    1 << (Int.bitWidth - 1 - limit.leadingZeroBitCount)
  }
}
