import Glibc
import TestSupport

@testable import Collector

/// Options that make every run the same.
func testOptions(_ change: (inout CollectorOptions) -> Void = { _ in }) -> CollectorOptions {
  var options = CollectorOptions()
  options.limits = CollectorLimits(memory: CollectorLimits.leastMemory)
  options.seed = 7
  change(&options)
  return options
}

/// Memory whose last octet is followed by a page that cannot be touched.
final class GuardedBytes {
  private let region: UnsafeMutableRawPointer
  private let usable: Int
  private let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  init(capacity: Int) {
    usable = (capacity + page) / page * page
    region = mmap(nil, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(region != MAP_FAILED && mprotect(region + usable, page, PROT_NONE) == 0)
  }

  deinit { munmap(region, usable + page) }

  func place(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let start = region + (usable - bytes.count)
    UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyBytes(from: bytes)
    return UnsafeRawBufferPointer(start: start, count: bytes.count)
  }
}

extension Collector {
  mutating func take(_ datagram: [UInt8], at arrival: UInt64 = 1000) {
    datagram.withUnsafeBytes { take(datagram: $0, arrival: arrival) }
  }

  mutating func take(frame: [UInt8], at arrival: UInt64 = 1000) {
    frame.withUnsafeBytes { take(frame: $0, arrival: arrival) }
  }
}
