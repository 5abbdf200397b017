import Testing

@testable import Dataplane

@Suite struct ResilientBucketsTests {
  @Test func everySmallTableHoldsItsTargets() {
    for weights in smallWeightVectors {
      let table = ResilientBuckets(weights: weights)
      #expect(tally(table, members: weights.count) == WeightedBuckets(weights: weights).counts, "\(weights)")
      #expect(table.counts == table.target.counts)
    }
  }

  @Test func everyMemberIsSpreadEvenly() {
    for weights in smallWeightVectors {
      let table = ResilientBuckets(weights: weights, maximumBuckets: 128)
      let size = table.bucketCount
      var seen = weights.map { _ in 0 }
      for (entry, member) in table.assignment.enumerated() {
        seen[Int(member)] += 1
        for other in weights.indices {
          let error = seen[other] * size - table.counts[other] * (entry + 1)
          expect(abs(error) < size, "member \(other) is an entry ahead or behind at \(entry)", weights)
        }
      }
    }
  }

  @Test func equalMembersTakeTurns() {
    #expect(ResilientBuckets(weights: [1, 1, 1, 1]).assignment == [0, 1, 2, 3])
    let table = ResilientBuckets(weights: [1, 1, 1])
    #expect(zip(table.assignment, table.assignment.dropFirst()).allSatisfy { $0 != $1 })
  }

  /// Every order of losing members one after the other, each followed by every order of getting them back.
  ///
  /// In tables of 16 entries, where rounding and the one-entry floor matter most.
  @Test func everyLossAndReturn() {
    for weights in smallWeightVectors {
      explore(ResilientBuckets(weights: weights, maximumBuckets: 16), losing: weights.indices.map { $0 }, weights)
    }
  }

  /// Every single loss and return in tables of up to 1024 entries.
  @Test func everySingleLossAndReturn() {
    for weights in smallWeightVectors {
      let full = ResilientBuckets(weights: weights, maximumBuckets: 1024)
      for member in weights.indices {
        var table = full
        loseAndCheck(member, of: &table, weights: weights)
        restoreAndCheck(member, of: &table, weights: weights)
        expect(weights.count(where: { $0 > 0 }) < 2 || table == full, "leaves no trace", weights)
      }
    }
  }

  /// Loses each of the candidates in turn, gets all the lost ones back in every order, and goes on losing.
  private func explore(_ table: ResilientBuckets, losing candidates: [Int], _ weights: [UInt32]) {
    for member in candidates {
      var copy = table
      loseAndCheck(member, of: &copy, weights: weights)
      regain(copy, weights)
      explore(copy, losing: candidates.filter { $0 != member }, weights)
    }
  }

  private func regain(_ table: ResilientBuckets, _ weights: [UInt32]) {
    let lost = weights.indices.filter { !table.contains($0) }
    for member in lost {
      var copy = table
      restoreAndCheck(member, of: &copy, weights: weights)
      // Losses of three and four members are regained one at a time by the branches with fewer losses.
      if lost.count < 3 { regain(copy, weights) }
    }
    if lost.isEmpty { expect(table.counts == table.target.counts, "all are back", weights) }
  }

  private func loseAndCheck(_ member: Int, of table: inout ResilientBuckets, weights: [UInt32]) {
    let before = table
    let moved = table.remove(member)
    expect(moved == before.counts[member], "as many entries as it held", weights)
    expect(!table.contains(member) && table.counts[member] == 0, "it holds nothing", weights)
    expect(table.bucketCount == before.bucketCount, "same size", weights)
    for entry in table.assignment.indices where before.assignment[entry] != member {
      expect(table.assignment[entry] == before.assignment[entry], "other entries stay", weights)
    }
    let live = liveWeights(table, weights)
    guard live.contains(where: { $0 > 0 }) else {
      expect(table.assignment.allSatisfy { $0 == ResilientBuckets.unassigned }, "nobody is left", weights)
      return
    }
    var floors = before.counts
    floors[member] = 0
    expect(table.counts == divideOneByOne(table.bucketCount, by: live, floors: floors), "by weight", weights)
    expect(tally(table, members: weights.count) == table.counts, "counts are true", weights)
    expect(table.remove(member) == 0, "a second loss changes nothing", weights)
  }

  private func restoreAndCheck(_ member: Int, of table: inout ResilientBuckets, weights: [UInt32]) {
    let before = table
    let moved = table.restore(member)
    expect(table.contains(member), "it is back", weights)
    let live = liveWeights(table, weights)
    let goal = divideOneByOne(table.bucketCount, by: live, floors: live.map { $0 > 0 ? 1 : 0 })
    guard live.contains(where: { $0 > 0 }) else { return }
    expect(tally(table, members: weights.count) == goal && table.counts == goal, "shares are as wanted", weights)
    let fewest =
      before.counts.reduce(0, +) == 0
      ? (weights[member] > 0 ? table.bucketCount : 0)
      : zip(before.counts, goal).reduce(0) { $0 + max(0, $1.0 - $1.1) }
    expect(moved == fewest, "moves the least", weights)
    let changed = zip(before.assignment, table.assignment).count(where: { $0 != $1 })
    expect(changed == moved, "says what it moved", weights)
    expect(table.restore(member) == 0, "a second return changes nothing", weights)
  }

  @Test func allLostAndRegainedInAnyOrderReachTheTarget() {
    let weights: [UInt32] = [40, 30, 0, 20, 10]
    for returns in orders(of: Array(weights.indices)) {
      var table = ResilientBuckets(weights: weights)
      for member in weights.indices { loseAndCheck(member, of: &table, weights: weights) }
      for member in returns { restoreAndCheck(member, of: &table, weights: weights) }
      #expect(table.counts == table.target.counts, "\(returns)")
    }
  }

  @Test func lostEntriesGoToAllOthersInTurn() {
    var table = ResilientBuckets(weights: [1, 1, 1, 1, 1, 1, 1, 1], maximumBuckets: 4096)
    #expect(table.bucketCount == 8)
    #expect(table.remove(2) == 1)
    #expect(table.assignment == [0, 1, 0, 3, 4, 5, 6, 7])
    var large = ResilientBuckets(weights: [40, 30, 20, 10])
    #expect(large.remove(0) == 819)
    // 2048 x 1/2, 1/3, 1/6
    #expect(large.counts == [0, 1024, 683, 341])
    #expect(large.restore(0) == 819)
    #expect(large.counts == [819, 614, 410, 205])
  }

  @Test func refusedAndDrainedGroupsHaveNoTable() {
    var refused = ResilientBuckets(weights: Array(repeating: 1, count: 5000))
    #expect(refused.assignment.isEmpty && refused.remove(7) == 0 && refused.restore(7) == 0)
    #expect(ResilientBuckets(weights: Array(repeating: 1, count: 70_000)).assignment.isEmpty)
    #expect(ResilientBuckets(weights: [0, 0]).assignment.isEmpty)
  }

  private func tally(_ table: ResilientBuckets, members: Int) -> [Int] {
    var counts = Array(repeating: 0, count: members)
    for member in table.assignment where member != ResilientBuckets.unassigned { counts[Int(member)] += 1 }
    return counts
  }

  private func liveWeights(_ table: ResilientBuckets, _ weights: [UInt32]) -> [UInt32] {
    weights.indices.map { table.contains($0) ? weights[$0] : 0 }
  }

  private func orders(of members: [Int]) -> [[Int]] {
    guard !members.isEmpty else { return [[]] }
    return members.flatMap { first in orders(of: members.filter { $0 != first }).map { [first] + $0 } }
  }

  /// `#expect` records every check; over millions of them only the failures are wanted.
  private func expect(_ holds: Bool, _ what: String, _ weights: [UInt32]) {
    if !holds { Issue.record("\(what): \(weights)") }
  }
}
