import Glibc

/// Flat memory with one owner: a fixed number of elements that never move.
///
/// The packet path reads and writes through ``base``; nothing there is counted or checked. `count` is for those who
/// build the table.
struct FlatTable<Element>: ~Copyable {
  /// The first element; valid as long as the table lives.
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(repeating element: Element, count: Int) {
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: element, count: max(1, count))
    self.count = count
  }

  init(_ elements: [Element], placeholder: Element) {
    self.init(repeating: placeholder, count: elements.count)
    for (index, element) in elements.enumerated() { base[index] = element }
  }

  /// Zeroed memory that takes no physical pages until it is touched.
  init(zeroed count: Int) where Element: FixedWidthInteger {
    let memory = calloc(max(1, count), MemoryLayout<Element>.stride)
    base = memory?.bindMemory(to: Element.self, capacity: max(1, count)) ?? .allocate(capacity: max(1, count))
    self.count = count
  }

  deinit {
    base.deinitialize(count: max(1, count))
    base.deallocate()
  }
}
