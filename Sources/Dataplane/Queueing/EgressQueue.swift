import CShims

/// A first-in first-out queue of packets, linked through their private state: no capacity, no memory of its own.
struct EgressQueue {
  private var head: UnsafeMutablePointer<pst_packet>?
  private var tail: UnsafeMutablePointer<pst_packet>?
  /// Bytes waiting: frames without check sequence.
  private(set) var bytes: UInt64 = 0
  /// Packets waiting.
  private(set) var packets: UInt64 = 0
  /// Most bytes that ever waited.
  private(set) var peakBytes: UInt64 = 0
  /// Most bytes that waited since ``resetIntervalPeak()``.
  private(set) var intervalPeakBytes: UInt64 = 0
  /// Bytes that DWRR lets it send before the next queue's turn.
  var deficit: Int64 = 0
  /// What a turn adds to the deficit; 0 for a strict queue.
  var quantum: Int64 = 0

  /// The packet that leaves next.
  @inline(__always)
  var first: Packet? { head.map { Packet($0) } }

  @inline(__always)
  mutating func push(_ packet: Packet) {
    packet.state.pointee.next = nil
    if let last = tail { last.pointee.next = packet.state } else { head = packet.state }
    tail = packet.state
    packet.state.pointee.queued_bytes = packet.state.pointee.wire_length
    bytes &+= UInt64(packet.state.pointee.wire_length)
    packets &+= 1
    if bytes > intervalPeakBytes {
      intervalPeakBytes = bytes
      if bytes > peakBytes { peakBytes = bytes }
    }
  }

  /// Takes the first packet off; the queue is not empty.
  @inline(__always)
  mutating func pop() -> Packet? {
    guard let state = head else { return nil }
    head = state.pointee.next
    if head == nil { tail = nil }
    bytes &-= UInt64(state.pointee.queued_bytes)
    packets &-= 1
    return Packet(state)
  }

  /// Adds a packet without counting its bytes: to a line that is no queue.
  @inline(always)
  mutating func pushUncounted(_ packet: Packet) {
    packet.state.pointee.next = nil
    if let last = tail { last.pointee.next = packet.state } else { head = packet.state }
    tail = packet.state
    packets &+= 1
  }

  /// Moves as many packets as fit to a burst, from a line whose bytes were not counted.
  @inline(always)
  mutating func popUncounted(into burst: inout PacketBurst) {
    let before = burst.count
    var next = head
    while !burst.isFull, let state = next {
      next = state.pointee.next
      burst.appendKnownToFit(Packet(state))
    }
    head = next
    if next == nil { tail = nil }
    packets &-= UInt64(burst.count &- before)
  }

  /// Takes the first packet off a line whose bytes were not counted.
  mutating func popUncounted() -> Packet? {
    guard let state = head else { return nil }
    head = state.pointee.next
    if head == nil { tail = nil }
    packets &-= 1
    return Packet(state)
  }

  /// Starts a new interval for ``intervalPeakBytes``; what waits now counts.
  mutating func resetIntervalPeak() { intervalPeakBytes = bytes }

  /// Forgets ``peakBytes``; what waits now counts.
  mutating func resetPeak() { peakBytes = bytes }
}
