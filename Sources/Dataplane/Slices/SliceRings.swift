import CShims

/// Packets on their way from one slice to another one, in order: one producer, one consumer, no lock. A trivial value that
/// names the memory; whoever created it frees it.
@frozen
public struct PacketRing {
  private let ring: UnsafeMutableRawPointer

  /// Creates a ring; nil without memory.
  ///
  /// - Parameter capacity: packets that it holds and one more, a power of two.
  public static func create(capacity: Int) -> PacketRing? {
    pst_ring_create_unnamed(UInt32(capacity)).map { PacketRing(ring: $0) }
  }

  /// Frees it, and the packets in it.
  public func free() { pst_ring_free(ring) }

  /// Packets in it.
  @inline(__always)
  public var count: Int { Int(pst_ring_count(ring)) }

  /// Puts the packets of a burst in, and returns how many it took: less than all if it is full. The burst stays as it is.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public func put(_ burst: borrowing PacketBurst) -> Int {
    burst.withStates(from: 0) { states, count in
      Int(pst_ring_put(ring, states, UInt32(truncatingIfNeeded: count)))
    }
  }

  /// Adds packets to a burst, as far as places are free, and returns how many.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public func take(into burst: inout PacketBurst) -> Int {
    burst.fillSome { states, free in Int(pst_ring_take(ring, states, UInt32(truncatingIfNeeded: free))) }
  }
}

/// Messages from one slice to another one, as a ``PacketRing``.
@frozen
public struct MessageRing {
  private let ring: UnsafeMutableRawPointer

  /// Creates a ring; nil without memory.
  ///
  /// - Parameter capacity: messages that it holds and one more, a power of two.
  public static func create(capacity: Int) -> MessageRing? {
    pst_message_ring_create(UInt32(capacity), UInt32(MemoryLayout<SliceMessage>.stride)).map { MessageRing(ring: $0) }
  }

  /// Frees it.
  public func free() { pst_message_ring_free(ring) }

  /// Whether a message fits. For whoever puts them in, what is true stays true.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public func hasRoom() -> Bool { pst_message_ring_free_count(ring) != 0 }

  /// Puts a message in; false: it is full.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public func put(_ message: inout SliceMessage) -> Bool {
    pst_message_ring_put(ring, &message, UInt32(MemoryLayout<SliceMessage>.stride)) != 0
  }

  /// Takes the oldest message out; false: there is none.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public func take(_ message: inout SliceMessage) -> Bool {
    pst_message_ring_take(ring, &message, UInt32(MemoryLayout<SliceMessage>.stride)) != 0
  }
}
