/// The table that a flow's hash indexes to find its next hop, changed as little as possible when next hops come and go.
///
/// Its size is that of ``WeightedBuckets`` for the whole group and never changes, so a flow keeps its entry. When a
/// member is lost, only the entries it held are rewritten; when it comes back, only as many as bring every member
/// back to its target are.
///
/// Entries of one member are spread over the table as evenly as its share allows, so walking through the table is
/// also a smooth weighted round robin.
public struct ResilientBuckets: Equatable, Sendable {
  /// The member of each entry, or ``unassigned`` in all of them while no member is live.
  public private(set) var assignment: [UInt16]
  /// How the table was divided with every member live.
  public let target: WeightedBuckets
  /// Entries that each member holds now.
  public private(set) var counts: [Int]

  private let weights: [UInt32]
  private let home: [UInt16]
  private var isLive: [Bool]

  /// The content of an entry while no member is live.
  public static let unassigned: UInt16 = 0xFFFF

  /// Builds the table of a group with every member live.
  ///
  /// It has no entries if ``WeightedBuckets`` has none, or if there are more than 65535 members.
  /// - Parameters:
  ///   - weights: One weight a member; 0 drains.
  ///   - minimumBuckets: The smallest table wanted, rounded down to a power of two.
  ///   - maximumBuckets: The largest table allowed, 1 to 4096; rounded down to a power of two.
  /// - Complexity: O(*n* + *m* log *n*) for *n* members and *m* entries, and that of ``WeightedBuckets``.
  public init(
    weights: [UInt32], minimumBuckets: Int = 1, maximumBuckets: Int = WeightedBuckets.largestTable
  ) {
    let isNameable = weights.count <= Int(Self.unassigned)
    self.weights = weights
    target = WeightedBuckets(
      weights: isNameable ? weights : [], minimumBuckets: minimumBuckets, maximumBuckets: maximumBuckets)
    counts = isNameable ? target.counts : weights.map { _ in 0 }
    isLive = weights.map { _ in true }
    home = Self.interleave(target.counts)
    assignment = home
  }

  /// Entries in the table: a power of two, or 0.
  public var bucketCount: Int { assignment.count }

  /// Whether a member takes part; also true of a drained one that was not removed.
  public func contains(_ member: Int) -> Bool { isLive[member] }

  /// The share of the flows that a member receives now, 0 to 1.
  public func achievedShare(of member: Int) -> Double {
    assignment.isEmpty ? 0 : Double(counts[member]) / Double(assignment.count)
  }
}

extension ResilientBuckets {
  /// Takes a member out, for example because its port went down.
  ///
  /// Its entries, and no others, go to the remaining members, so that their shares come as close to their weights
  /// as they can.
  /// - Returns: How many entries were rewritten: all that the member held; 0 if it was out already.
  /// - Complexity: O(*n* log *n* + *m* log *n*) for *n* members and *m* entries.
  @discardableResult
  public mutating func remove(_ member: Int) -> Int {
    guard isLive[member] else { return 0 }
    isLive[member] = false
    let lost = counts[member]
    counts[member] = 0
    guard lost > 0 else { return 0 }
    let goal = WeightedBuckets.apportion(bucketCount, by: liveWeights, floors: counts)
    let entries = assignment.indices.filter { assignment[$0] == UInt16(member) }
    handOut(entries, reaching: goal)
    return lost
  }

  /// Puts a member back.
  ///
  /// Members that hold more than their target with the members now live give up the surplus, those entries first
  /// that were the gaining member's to begin with. After every member is back the shares are exactly ``target``.
  /// - Returns: How many entries were rewritten, which is the least that reaches the target; 0 if it was in already.
  /// - Complexity: O(*n* log *n* + *m* log *n*) for *n* members and *m* entries.
  @discardableResult
  public mutating func restore(_ member: Int) -> Int {
    guard !isLive[member] else { return 0 }
    isLive[member] = true
    guard bucketCount > 0, weights[member] > 0 else { return 0 }
    let goal = WeightedBuckets.apportion(bucketCount, by: liveWeights)
    guard assignment[0] != Self.unassigned else {
      handOut(Array(assignment.indices), reaching: goal)
      return bucketCount
    }
    var moved = returnHome(reaching: goal)
    let surplus = takeSurplus(over: goal)
    moved += surplus.count
    handOut(surplus, reaching: goal)
    return moved
  }

  private var liveWeights: [UInt32] { weights.indices.map { isLive[$0] ? weights[$0] : 0 } }

  /// Gives members below their goal the entries of members above theirs that were theirs to begin with.
  private mutating func returnHome(reaching goal: [Int]) -> Int {
    var moved = 0
    for entry in assignment.indices {
      let holder = Int(assignment[entry])
      let owner = Int(home[entry])
      guard counts[holder] > goal[holder], counts[owner] < goal[owner] else { continue }
      assignment[entry] = home[entry]
      counts[holder] -= 1
      counts[owner] += 1
      moved += 1
    }
    return moved
  }

  /// Takes from each member above its goal what it has too much, spread over its entries; returns the entries.
  private mutating func takeSurplus(over goal: [Int]) -> [Int] {
    let held = counts
    var seen = counts.map { _ in 0 }
    var taken: [Int] = []
    for entry in assignment.indices {
      let holder = Int(assignment[entry])
      let surplus = held[holder] - goal[holder]
      guard surplus > 0 else { continue }
      // One in every `held / surplus` of the holder's entries; the last one completes the number.
      seen[holder] += 1
      guard seen[holder] * surplus / held[holder] > (seen[holder] - 1) * surplus / held[holder] else { continue }
      counts[holder] -= 1
      taken.append(entry)
    }
    return taken
  }

  /// Writes the members that are short of their goal into entries that belong to nobody, in turn.
  private mutating func handOut(_ entries: [Int], reaching goal: [Int]) {
    let missing = counts.indices.map { max(0, goal[$0] - counts[$0]) }
    let sequence = Self.interleave(missing)
    for (position, entry) in entries.enumerated() {
      guard position < sequence.count else {
        assignment[entry] = Self.unassigned
        continue
      }
      assignment[entry] = sequence[position]
      counts[Int(sequence[position])] += 1
    }
  }
}
