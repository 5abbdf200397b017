import Glibc

/// Flat memory with one owner: a fixed number of elements that never move.
///
/// The packet path reads and writes through ``base``; nothing there is counted or checked. `count` is for those who
/// build the table.
package struct FlatTable<Element: ~Copyable>: ~Copyable {
  /// The first element; valid as long as the table lives.
  package let base: UnsafeMutablePointer<Element>
  package let count: Int

  /// A table whose elements are made one by one, in order. If one throws, those before it are given back.
  package init<Failure>(
    count: Int, _ element: (Int) throws(Failure) -> Element
  ) throws(Failure) {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
    var made = 0
    do {
      while made < count {
        (memory + made).initialize(to: try element(made))
        made += 1
      }
    } catch {
      memory.deinitialize(count: made)
      memory.deallocate()
      throw error
    }
    base = memory
    self.count = count
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }
}

extension FlatTable {
  package init(repeating element: Element, count: Int) {
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: element, count: count)
    self.count = count
  }

  package init(_ elements: [Element]) {
    self.init(count: elements.count) { elements[$0] }
  }

  /// Zeroed memory that takes no physical pages until it is touched.
  package init(zeroed count: Int) where Element: FixedWidthInteger {
    let memory = calloc(max(1, count), MemoryLayout<Element>.stride)
    base = memory?.bindMemory(to: Element.self, capacity: max(1, count)) ?? .allocate(capacity: max(1, count))
    self.count = count
  }
}
