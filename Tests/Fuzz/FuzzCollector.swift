// A libFuzzer target: a collector that takes arbitrary datagrams and frames, one after the other. The first octet of each
// says what it is and how long after the one before it comes. See FuzzWire.swift for how to build and run it.

import Collector
import Glibc

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  var options = CollectorOptions()
  options.limits = CollectorLimits(memory: CollectorLimits.leastMemory)
  options.seed = 1
  var collector = Collector(options)
  var offset = 0
  var now: UInt64 = 1_000_000
  while offset + 2 < size {
    let control = data[offset]
    let length = min(Int(data[offset + 1]) * 2, size - offset - 2)
    // A copy of its own, so that the address sanitizer sees where it ends.
    let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, length), alignment: 1)
    copy.copyMemory(from: data + offset + 2, byteCount: length)
    now &+= control & 0x40 == 0 ? UInt64(control & 0x3F) * 1000 : UInt64(control & 0x3F) << 55
    let bytes = UnsafeRawBufferPointer(start: copy, count: length)
    if control & 0x80 == 0 {
      collector.take(datagram: bytes, arrival: now)
    } else {
      collector.take(frame: bytes, arrival: now)
    }
    copy.deallocate()
    offset += 2 + length
  }
  collector.conclude()
  let snapshot = collector.snapshot(limit: 8)
  precondition(snapshot.window.allSatisfy { $0.kept <= $0.capacity })
  return 0
}
