import Glibc

/// Memory whose last usable octet is followed by a page that cannot be touched: one octet read or written too far ends
/// the test run at once, with or without a sanitizer.
final class GuardedBuffer {
  private let region: UnsafeMutableRawPointer
  private let usable: Int
  private let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  init(capacity: Int) {
    usable = (capacity + page) / page * page
    region = mmap(nil, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(region != MAP_FAILED && mprotect(region + usable, page, PROT_NONE) == 0)
  }

  deinit { munmap(region, usable + page) }

  /// Puts bytes so that they end where the untouchable page begins.
  func place(_ bytes: some Collection<UInt8>) -> UnsafeMutableRawPointer {
    precondition(bytes.count <= usable)
    let start = region + (usable - bytes.count)
    UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyBytes(from: bytes)
    return start
  }
}

/// Runs a closure on a copy of bytes that ends where the untouchable page begins, and returns the copy afterwards.
@discardableResult
func withGuarded(_ bytes: [UInt8], _ body: (UnsafeMutableRawPointer, Int) throws -> Void) rethrows -> [UInt8] {
  let buffer = GuardedBuffer(capacity: bytes.count)
  let start = buffer.place(bytes)
  try body(start, bytes.count)
  return Array(UnsafeRawBufferPointer(start: start, count: bytes.count))
}
