import Dataplane
import Testing

@testable import Drivers

@Suite("The tournament of events against the plain minimum")
struct EventTreeTests {
  /// The earliest slot, the lowest at equal ticks; slot 0 when nothing is due.
  private static func expected(_ ticks: [UInt64]) -> (slot: Int, tick: UInt64) {
    var best = 0
    for slot in ticks.indices where ticks[slot] < ticks[best] { best = slot }
    return (best, ticks[best])
  }

  @Test("every assignment of four ticks to up to five slots, and every change of one slot", arguments: 1...5)
  func smallCases(slots: Int) {
    let values: [UInt64] = [0, 1, 7, .max]
    for code in 0..<(1 << (2 * slots)) {
      let tree = EventTree(slots: slots)
      var ticks = Array(repeating: UInt64.max, count: slots)
      for slot in 0..<slots {
        ticks[slot] = values[code >> (2 * slot) & 3]
        tree.set(slot, to: Tick(ticks[slot]))
        let wanted = Self.expected(ticks)
        #expect(tree.first == wanted.slot && tree.firstTick.rawValue == wanted.tick, "\(ticks)")
      }
      for slot in 0..<slots {
        for value in values {
          let before = ticks[slot]
          ticks[slot] = value
          tree.set(slot, to: Tick(value))
          let wanted = Self.expected(ticks)
          #expect(tree.first == wanted.slot && tree.firstTick.rawValue == wanted.tick, "\(ticks)")
          ticks[slot] = before
          tree.set(slot, to: Tick(before))
        }
      }
    }
  }

  @Test("drained, a tree gives its events sorted by tick, then slot", arguments: [1, 2, 3, 64, 65, 1024])
  func drained(slots: Int) {
    var state = UInt64(slots)
    let tree = EventTree(slots: slots)
    var events: [(UInt64, Int)] = []
    for slot in 0..<slots {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let tick = state >> 60
      events.append((tick, slot))
      tree.set(slot, to: Tick(tick))
    }
    for (tick, slot) in events.sorted(by: <) {
      #expect(tree.first == slot && tree.firstTick == Tick(tick))
      tree.set(tree.first, to: .never)
    }
    #expect(tree.firstTick == .never)
  }
}
