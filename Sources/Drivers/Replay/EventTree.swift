import Dataplane

/// The next of several things to happen: a tournament over a fixed number of slots, each with its next tick.
///
/// At equal ticks the lower slot goes first, so that the order of events does not depend on their history.
/// Reading the winner is one load; setting a slot is one comparison per level.
package struct EventTree: ~Copyable {
  private let ticks: FlatTable<UInt64>
  /// Winner of each match: slot numbers, root at 1.
  private let winners: FlatTable<UInt32>
  private let leaves: Int

  /// All slots at ``Tick/never``.
  package init(slots: Int) {
    var leaves = 2
    while leaves < slots { leaves *= 2 }
    self.leaves = leaves
    ticks = FlatTable(repeating: .max, count: leaves)
    winners = FlatTable(repeating: 0, count: leaves)
    for match in 1..<leaves {
      // The leftmost leaf below a match wins while all are at `never`.
      var node = match
      while node < leaves { node *= 2 }
      winners.base[match] = UInt32(node - leaves)
    }
  }

  /// The slot that is due first.
  @inline(__always)
  package var first: Int { Int(winners.base[1]) }

  /// When it is due; ``Tick/never`` if nothing is.
  @inline(__always)
  package var firstTick: Tick { Tick(ticks.base[Int(winners.base[1])]) }

  /// Sets when a slot is due.
  @inline(__always)
  package func set(_ slot: Int, to tick: Tick) {
    ticks.base[slot] = tick.rawValue
    var node = (slot &+ leaves) &>> 1
    var winner = contest(slot & ~1, slot | 1)
    winners.base[node] = winner
    while node > 1 {
      let parent = node &>> 1
      let other = Int(winners.base[node ^ 1])
      winner = node & 1 == 0 ? contest(Int(winner), other) : contest(other, Int(winner))
      node = parent
      winners.base[node] = winner
    }
  }

  /// The earlier of two slots; the left one if they are level.
  @inline(__always)
  private func contest(_ left: Int, _ right: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: ticks.base[right] < ticks.base[left] ? right : left)
  }
}
