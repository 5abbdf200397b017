import CShims

/// Chooses which queue of a port sends next: queues below their minimum rate, then strict ones, then deficit weighted
/// round robin in bytes (Shreedhar and Varghese, 1996).
///
/// Cost: 8 ns with one queue backlogged, 12 ns with eight.
enum Scheduler {
  /// The queue that sends its first packet at `now`, or nil. A turn is charged for that packet: the caller takes it.
  ///
  /// - Parameter allowed: queues that no pause holds back, a bit each. A paused queue is passed over and earns nothing.
  @inline(__always)
  static func next(
    _ port: UnsafeMutablePointer<Port>, _ queues: UnsafeMutablePointer<EgressQueue>,
    _ shapers: UnsafeMutablePointer<QueueShapers>, allowed: UInt8, overhead: Int, at now: Tick
  ) -> Int? {
    var eligible = port.pointee.backlogged & allowed
    if port.pointee.isTimed { eligible = ready(eligible, port, queues, shapers, at: now) }
    if eligible == 0 { return nil }
    if eligible & port.pointee.guaranteed != 0 {
      let owed = self.owed(eligible & port.pointee.guaranteed, shapers, at: now)
      if owed != 0 { return highest(owed) }
    }
    let strict = eligible & port.pointee.strict
    if strict != 0 { return highest(strict) }
    return deficitRoundRobin(eligible, port, queues, overhead: overhead)
  }

  /// The same on a quiet port, whose queues have no rates of their own and are not paused.
  @inline(always)
  static func nextOfQuiet(
    _ port: UnsafeMutablePointer<Port>, _ queues: UnsafeMutablePointer<EgressQueue>, overhead: Int
  ) -> Int? {
    let eligible = port.pointee.backlogged
    if eligible == 0 { return nil }
    let strict = eligible & port.pointee.strict
    if strict != 0 { return highest(strict) }
    return deficitRoundRobin(eligible, port, queues, overhead: overhead)
  }

  @inline(__always)
  static func highest(_ mask: UInt8) -> Int { 7 &- mask.leadingZeroBitCount }

  /// A turn ends when the deficit does not cover the next packet; each new turn adds the quantum. As a quantum covers
  /// the longest frame, a queue that gets its turn can always send.
  @inline(__always)
  private static func deficitRoundRobin(
    _ eligible: UInt8, _ port: UnsafeMutablePointer<Port>, _ queues: UnsafeMutablePointer<EgressQueue>, overhead: Int
  ) -> Int? {
    var turn = Int(port.pointee.turn)
    if eligible & 1 << UInt8(truncatingIfNeeded: turn) != 0, spend(queues + turn, overhead) { return turn }
    var tries = 0
    while tries < 16 {
      let later = eligible & (0xFE &<< UInt8(truncatingIfNeeded: turn))
      turn = (later != 0 ? later : eligible).trailingZeroBitCount
      let queue = queues + turn
      // A queue that could not finish its last turn (paused, shaped) starts the next with at most two quanta.
      queue.pointee.deficit = min(queue.pointee.deficit &+ queue.pointee.quantum, 2 &* queue.pointee.quantum)
      if spend(queue, overhead) { break }
      tries &+= 1
    }
    port.pointee.turn = UInt8(truncatingIfNeeded: turn)
    return turn
  }

  /// Takes the first packet's cost from the deficit, if it covers it.
  @inline(__always)
  private static func spend(_ queue: UnsafeMutablePointer<EgressQueue>, _ overhead: Int) -> Bool {
    guard let first = queue.pointee.first else { return false }
    let cost = Int64(max(first.wireLength, EthernetOverhead.minimumFrame) &+ overhead)
    if queue.pointee.deficit < cost { return false }
    queue.pointee.deficit &-= cost
    return true
  }
}
