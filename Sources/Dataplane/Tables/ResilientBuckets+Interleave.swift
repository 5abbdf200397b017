extension ResilientBuckets {
  /// Lists each member as often as its count says, spreading each one evenly.
  ///
  /// The *j*-th of *c* appearances of a member is due in slot *j* of *c* equal parts of the list. Slots are filled
  /// in order, each by that member whose part has begun and ends first, on a tie by the lower index. No member is
  /// ever late, because the parts that must end by a slot never outnumber the slots before it; so in every stretch
  /// of the list a member appears within two of its fair number.
  static func interleave(_ counts: [Int]) -> [UInt16] {
    let total = counts.reduce(0, +)
    var sequence: [UInt16] = []
    sequence.reserveCapacity(total)
    var waiting = Heap()
    for (member, count) in counts.enumerated() where count > 0 {
      waiting.insert(Part(key: 0, member: member, index: 0))
    }
    var begun = Heap()
    for slot in 0..<total {
      while let next = waiting.first, next.key <= slot {
        waiting.removeFirst()
        let end = ((next.index + 1) * total + counts[next.member] - 1) / counts[next.member]
        begun.insert(Part(key: end, member: next.member, index: next.index))
      }
      guard let chosen = begun.first else { continue }
      begun.removeFirst()
      sequence.append(UInt16(chosen.member))
      let following = chosen.index + 1
      if following < counts[chosen.member] {
        waiting.insert(
          Part(key: following * total / counts[chosen.member], member: chosen.member, index: following))
      }
    }
    return sequence
  }
}

/// One appearance of a member: where it may begin, or by where it must have come.
private struct Part {
  let key: Int
  let member: Int
  let index: Int

  static func < (left: Self, right: Self) -> Bool { (left.key, left.member) < (right.key, right.member) }
}

/// A binary heap of parts, smallest key first and lower member first among equals.
private struct Heap {
  private var parts: [Part] = []

  var first: Part? { parts.first }

  mutating func insert(_ part: Part) {
    parts.append(part)
    var child = parts.count - 1
    while child > 0, parts[child] < parts[(child - 1) / 2] {
      parts.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() {
    parts.swapAt(0, parts.count - 1)
    parts.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < parts.count && parts[child] < parts[least] {
        least = child
      }
      guard least != parent else { return }
      parts.swapAt(parent, least)
      parent = least
    }
  }
}
