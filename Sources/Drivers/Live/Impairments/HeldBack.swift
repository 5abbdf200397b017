import Dataplane

/// Packets that wait until others have overtaken them: a few slots of one impairment.
struct HeldBack {
  private struct Slot {
    var packet: Packet
    var remaining: Int
    var deadline: UInt64
  }

  /// Packets that can wait at a time.
  static let capacity = 32

  private var slots = InlineArray<32, Slot?>(repeating: nil)
  private(set) var count = 0

  /// When the first of them has waited long enough; ``Tick/never`` if there is none.
  private(set) var deadline = Tick.never

  /// Takes a packet in until `distance` others have passed, or until a tick. False: all slots are in use.
  mutating func insert(_ packet: Packet, distance: Int, until tick: Tick) -> Bool {
    if count == HeldBack.capacity { return false }
    slots[count] = Slot(packet: packet, remaining: distance, deadline: tick.rawValue)
    count &+= 1
    deadline = min(deadline, tick)
    return true
  }

  /// Counts a packet that passes, in all slots.
  mutating func notePassing() {
    for index in 0..<count { slots[index]?.remaining &-= 1 }
  }

  /// Takes out the oldest packet that enough others have passed; nil if there is none.
  mutating func takeOvertaken() -> Packet? {
    for index in 0..<count where (slots[index]?.remaining ?? 1) <= 0 { return remove(index)?.packet }
    return nil
  }

  /// Takes out the packet that has waited longest beyond its time, with the tick at which it should have gone.
  mutating func takeExpired(at now: Tick) -> (packet: Packet, tick: Tick)? {
    guard deadline <= now else { return nil }
    for index in 0..<count where slots[index]?.deadline == deadline.rawValue {
      return remove(index).map { ($0.packet, Tick($0.deadline)) }
    }
    return nil
  }

  private mutating func remove(_ index: Int) -> Slot? {
    let slot = slots[index]
    count &-= 1
    var earliest = Tick.never
    for position in 0..<count {
      // Closing the gap keeps the order in which they came.
      if position >= index { slots[position] = slots[position &+ 1] }
      if let slot = slots[position] { earliest = min(earliest, Tick(slot.deadline)) }
    }
    slots[count] = nil
    deadline = earliest
    return slot
  }
}
