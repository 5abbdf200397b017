/// The last records of a kind, each with a number that counts all there were: who reads along knows what was missed.
struct RecordRing<Record: BitwiseCopyable>: ~Copyable {
  let capacity: Int
  private let records: UnsafeMutablePointer<Record>
  /// How many records there ever were.
  private(set) var total: UInt64 = 0

  static func bytes(capacity: Int) -> Int { capacity * MemoryLayout<Record>.stride }

  init(capacity: Int) {
    self.capacity = max(1, capacity)
    records = .allocate(capacity: self.capacity)
  }

  deinit { records.deallocate() }

  /// How many are kept.
  var count: Int { Int(min(total, UInt64(capacity))) }

  /// How many went out to make room.
  var forgotten: UInt64 { total - UInt64(count) }

  mutating func append(_ record: Record) {
    (records + Int(total % UInt64(capacity))).initialize(to: record)
    total += 1
  }

  /// Those from a number on that are still there, oldest first, up to a count.
  func records(from number: UInt64, limit: Int = .max) -> [Record] {
    let first = max(number, forgotten)
    guard first < total else { return [] }
    let last = min(total, first.addingSaturating(UInt64(limit)))
    return (first..<last).map { records[Int($0 % UInt64(capacity))] }
  }

  /// All that are kept, oldest first.
  var all: [Record] { records(from: 0) }
}
