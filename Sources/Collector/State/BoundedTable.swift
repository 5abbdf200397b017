/// A key of a ``BoundedTable``.
protocol TableKey: BitwiseCopyable, Equatable {
  /// A hash that those who choose keys cannot foresee.
  func hash(seed: UInt64) -> UInt64
}

/// A hash table of fixed capacity whose entries are in the order in which they were last used.
///
/// Memory is taken once and committed by the system when it is first written. Finding costs one hash and, with a half
/// empty index, less than two looks on average. Linear probing, deletion by shifting back.
struct BoundedTable<Key: TableKey, Value: BitwiseCopyable>: ~Copyable {
  private struct Entry {
    var key: Key
    var value: Value
    /// The low half of the hash, for moving without hashing again.
    var hash: UInt32
    /// Neighbours in the order of use; `newer` links free entries too.
    var newer: Int32
    var older: Int32
  }

  let capacity: Int
  private(set) var count = 0
  private let seed: UInt64
  private let entries: UnsafeMutablePointer<Entry>
  /// Index of an entry and 1; 0: empty.
  private let slots: UnsafeMutablePointer<UInt32>
  private let mask: Int
  private var newest: Int32 = -1
  private var oldest: Int32 = -1
  private var free: Int32 = -1
  private var untouched = 0

  /// Octets of a table.
  static func bytes(capacity: Int) -> Int {
    capacity * MemoryLayout<Entry>.stride + slotCount(capacity) * MemoryLayout<UInt32>.stride
  }

  private static func slotCount(_ capacity: Int) -> Int {
    var count = 4
    while count < 2 * capacity { count *= 2 }
    return count
  }

  init(capacity: Int, seed: UInt64) {
    self.capacity = max(1, capacity)
    self.seed = seed
    let slotCount = Self.slotCount(self.capacity)
    entries = .allocate(capacity: self.capacity)
    slots = .allocate(capacity: slotCount)
    slots.initialize(repeating: 0, count: slotCount)
    mask = slotCount - 1
  }

  deinit {
    entries.deallocate()
    slots.deallocate()
  }

  var isFull: Bool { count == capacity }

  /// The entry of a key; nil if there is none.
  func find(_ key: Key) -> Int? {
    let hash = UInt32(truncatingIfNeeded: key.hash(seed: seed))
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let index = Int(slots[slot]) &- 1
      if entries[index].hash == hash, entries[index].key == key { return index }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  /// The value of an entry, to be changed in place. Valid until the entry is removed.
  subscript(index: Int) -> UnsafeMutablePointer<Value> {
    let raw = UnsafeMutableRawPointer(entries + index) + MemoryLayout<Entry>.offset(of: \.value).unsafelyUnwrapped
    return raw.assumingMemoryBound(to: Value.self)
  }

  /// The key of an entry.
  func key(_ index: Int) -> Key { entries[index].key }

  /// The entry that was used longest ago; nil if there is none.
  var oldestIndex: Int? { oldest < 0 ? nil : Int(oldest) }

  /// Calls `body` with every entry, those last used first, until it returns false.
  func forEachNewest(_ body: (Int) -> Bool) {
    var index = newest
    while index >= 0 {
      guard body(Int(index)) else { return }
      index = entries[Int(index)].older
    }
  }

  /// Adds a key that is not there, as the one used last; the table is not full.
  mutating func insert(_ key: Key, _ value: Value) -> Int {
    let index: Int
    if free >= 0 {
      index = Int(free)
      free = entries[index].newer
    } else {
      index = untouched
      untouched += 1
    }
    let hash = UInt32(truncatingIfNeeded: key.hash(seed: seed))
    (entries + index).initialize(to: Entry(key: key, value: value, hash: hash, newer: -1, older: -1))
    var slot = Int(hash) & mask
    while slots[slot] != 0 { slot = (slot &+ 1) & mask }
    slots[slot] = UInt32(index + 1)
    count += 1
    link(index)
    return index
  }

  /// Makes an entry the one used last.
  mutating func touch(_ index: Int) {
    guard newest != index else { return }
    unlink(index)
    link(index)
  }

  /// Removes an entry.
  mutating func remove(_ index: Int) {
    var hole = Int(entries[index].hash) & mask
    while slots[hole] != UInt32(index + 1) { hole = (hole &+ 1) & mask }
    var slot = (hole &+ 1) & mask
    while slots[slot] != 0 {
      let home = Int(entries[Int(slots[slot]) &- 1].hash) & mask
      // An entry whose home is beyond the hole stays: from its home it would not be found before the hole.
      if (slot &- home) & mask >= (slot &- hole) & mask {
        slots[hole] = slots[slot]
        hole = slot
      }
      slot = (slot &+ 1) & mask
    }
    slots[hole] = 0
    unlink(index)
    entries[index].newer = free
    free = Int32(index)
    count -= 1
  }

  private mutating func link(_ index: Int) {
    entries[index].newer = -1
    entries[index].older = newest
    if newest >= 0 { entries[Int(newest)].newer = Int32(index) } else { oldest = Int32(index) }
    newest = Int32(index)
  }

  private mutating func unlink(_ index: Int) {
    let (newer, older) = (entries[index].newer, entries[index].older)
    if newer >= 0 { entries[Int(newer)].older = older } else { newest = older }
    if older >= 0 { entries[Int(older)].newer = newer } else { oldest = newer }
  }
}
