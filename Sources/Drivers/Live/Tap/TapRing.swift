import Glibc
import Synchronization

/// What is known about a copy of a packet, beside its bytes. A trivial value.
struct TapRecord {
  static let noQueue: UInt8 = 0xFF
  static let noReason: UInt8 = 0xFF

  var tick: UInt64 = 0
  var number: UInt64 = 0
  var wireLength: UInt32 = 0
  var captured: UInt32 = 0
  /// Packets before this one for which there was no room.
  var missed: UInt32 = 0
  var isOutbound = false
  var queue = TapRecord.noQueue
  /// Why it was dropped: a ``DropReason``.
  var reason = TapRecord.noReason
  /// The bytes were gone when the drop was known.
  var isWithoutBytes = false
  /// Not wanted after all.
  var isSkipped = false
}

/// Copies of packets on their way from one worker to one writer: slots of a fixed size in flat memory, one producer, one
/// consumer, no lock. A producer that finds no free slot goes on without.
///
/// A trivial value that names the memory; whoever created it frees it.
struct TapRing {
  private let base: UnsafeMutableRawPointer
  private let slotBytes: Int
  let slotCount: Int

  // On cache lines of their own, so that neither side's writes slow the other down.
  private static let headOffset = 0
  private static let tailOffset = 64
  private static let seenOffset = 128
  private static let missedOffset = 192
  private static let slotsOffset = 256
  private static let recordBytes = 64

  /// Creates a ring; nil without memory. What is not used is not touched.
  static func create(slots: Int, snapLength: Int) -> TapRing? {
    let slotBytes = (recordBytes + snapLength + 63) / 64 * 64
    let length = slotsOffset + slots * slotBytes
    guard let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { return nil }
    for offset in [headOffset, tailOffset, seenOffset, missedOffset] {
      (memory + offset).bindMemory(to: Atomic<UInt64>.self, capacity: 1).initialize(to: Atomic(0))
    }
    return TapRing(base: memory, slotBytes: slotBytes, slotCount: slots)
  }

  func free() { munmap(base, TapRing.slotsOffset + slotCount * slotBytes) }

  /// Slots that the producer has handed over, ever.
  @inline(__always)
  var head: UInt64 { cell(TapRing.headOffset).pointee.load(ordering: .acquiring) }
  /// Slots that the consumer has given back, ever.
  @inline(__always)
  var tail: UInt64 { cell(TapRing.tailOffset).pointee.load(ordering: .acquiring) }
  /// Packets that were to be copied.
  var seen: UInt64 { cell(TapRing.seenOffset).pointee.load(ordering: .relaxed) }
  /// Those of them for which there was no room.
  var missed: UInt64 { cell(TapRing.missedOffset).pointee.load(ordering: .relaxed) }

  @inline(__always)
  func publish(head: UInt64) { cell(TapRing.headOffset).pointee.store(head, ordering: .releasing) }
  @inline(__always)
  func giveBack(tail: UInt64) { cell(TapRing.tailOffset).pointee.store(tail, ordering: .releasing) }
  /// For the producer, which alone writes them.
  @inline(__always)
  func count(seen: UInt64, missed: UInt64) {
    cell(TapRing.seenOffset).pointee.store(seen, ordering: .relaxed)
    cell(TapRing.missedOffset).pointee.store(missed, ordering: .relaxed)
  }

  @inline(__always)
  func record(_ position: UInt64) -> UnsafeMutablePointer<TapRecord> {
    slot(position).assumingMemoryBound(to: TapRecord.self)
  }

  @inline(__always)
  func bytes(_ position: UInt64) -> UnsafeMutableRawPointer { slot(position) + TapRing.recordBytes }

  @inline(__always)
  private func slot(_ position: UInt64) -> UnsafeMutableRawPointer {
    base + TapRing.slotsOffset + Int(truncatingIfNeeded: position % UInt64(slotCount)) &* slotBytes
  }

  @inline(__always)
  private func cell(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
}
