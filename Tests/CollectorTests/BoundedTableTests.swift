import TestSupport
import Testing

@testable import Collector

@Suite("Tables of fixed capacity")
struct BoundedTableTests {
  /// A key whose hash is chosen by the test: few values, so that many keys collide.
  private struct Key: TableKey {
    var number: UInt64
    func hash(seed: UInt64) -> UInt64 { number % 5 + seed }
  }

  @Test("agree with a dictionary and a list through thousands of random steps", arguments: 0..<50)
  func model(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let capacity = 1 + Int(random.next() % 12)
    var table = BoundedTable<Key, UInt64>(capacity: capacity, seed: random.next())
    var values: [UInt64: UInt64] = [:]
    // The one used last at the end.
    var order: [UInt64] = []
    for step in 0..<2000 {
      let number = random.next() % 20
      let found = table.find(Key(number: number))
      #expect((found != nil) == (values[number] != nil), "seed \(seed) step \(step)")
      switch random.next() % 4 {
      case 0 where found != nil:
        table.remove(found ?? 0)
        values[number] = nil
        order.removeAll { $0 == number }
      case 1 where found != nil:
        table.touch(found ?? 0)
        order.removeAll { $0 == number }
        order.append(number)
      default:
        guard found == nil else { break }
        if table.isFull, let oldest = table.oldestIndex {
          let key = table.key(oldest).number
          #expect(key == order.first, "seed \(seed) step \(step)")
          table.remove(oldest)
          values[order.removeFirst()] = nil
        }
        _ = table.insert(Key(number: number), UInt64(step))
        values[number] = UInt64(step)
        order.append(number)
      }
      let count = table.count
      #expect(count == values.count)
      let entries = table.latest { ($0.number, $1) }
      #expect(entries.map(\.0) == order.reversed(), "seed \(seed) step \(step)")
      #expect(entries.allSatisfy { values[$0.0] == $0.1 }, "seed \(seed) step \(step)")
    }
  }

  @Test("rings tell what they forgot")
  func ring() {
    var ring = RecordRing<Int>(capacity: 3)
    for number in 0..<5 { ring.append(number) }
    let (all, forgotten, total, count) = (ring.all, ring.forgotten, ring.total, ring.count)
    #expect(all == [2, 3, 4] && forgotten == 2 && total == 5 && count == 3)
    let later = [ring.records(from: 0), ring.records(from: 4), ring.records(from: 5)]
    #expect(later == [[2, 3, 4], [4], []])
    let latest = [ring.latest(2), ring.latest(0), ring.latest(9)]
    #expect(latest == [[3, 4], [], [2, 3, 4]])
  }

  @Test("limits keep to the memory they were made for", arguments: [4, 16, 128, 1024])
  func memory(mebibytes: Int) {
    let limits = CollectorLimits(memory: mebibytes << 20)
    // Indices are powers of two, so that a table may be up to a quarter larger than its entries.
    #expect(limits.bytes <= (mebibytes << 20) * 11 / 10 && limits.bytes > (mebibytes << 20) / 2, "\(limits)")
  }
}
