import CShims

/// A device as the packet path sees it: one receive queue and one transmit queue of a DPDK port.
///
/// A trivial value that a worker keeps. Only one thread at a time may receive with it, and only one may transmit.
@frozen
public struct DevicePort: Equatable, Sendable {
  /// Number of the port within DPDK.
  public let number: UInt16
  /// Number of the receive queue and of the transmit queue.
  public let queue: UInt16

  /// Names the queues.
  public init(number: UInt16, queue: UInt16 = 0) {
    self.number = number
    self.queue = queue
  }

  /// Adds what has arrived to a burst, as far as places are free, and returns how many packets it added.
  ///
  /// Every packet has its wire length set to the bytes that are there, all of them in one segment; the caller notes its
  /// time of arrival. A frame that the device delivers in pieces is joined, or dropped and counted if no packet holds it.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(never)
  public func receive(into burst: inout PacketBurst, _ faults: inout DeviceFaults) -> Int {
    let first = burst.count
    _ = burst.fillSome { states, free in
      Int(pst_device_receive(number, queue, states, UInt32(truncatingIfNeeded: free)))
    }
    var index = first
    while index < burst.count {
      let packet = burst[index]
      if packet.state.pointee.nb_segs != 1, !faults.join(packet) {
        burst.remove(at: index)
        continue
      }
      packet.state.pointee.wire_length = packet.state.pointee.pkt_len
      index &+= 1
    }
    return burst.count &- first
  }

  /// Hands packets of a burst to the device, from a position on, and returns how many it took. The rest stays the
  /// caller's, and so does the burst.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(never)
  public func transmit(_ burst: borrowing PacketBurst, from first: Int = 0) -> Int {
    burst.withStates(from: first) { states, count in
      Int(pst_device_transmit(number, queue, states, UInt32(truncatingIfNeeded: count)))
    }
  }
}

/// What a device delivered that is not one frame in one piece. Written by the worker that receives.
@frozen
public struct DeviceFaults: Equatable, Sendable {
  /// Frames that came in several pieces and were joined.
  public var joined: UInt64 = 0
  /// Frames that came in several pieces, were too long for a packet, and were dropped. Hosts that send them have
  /// segmentation offload on.
  public var oversize: UInt64 = 0

  /// None yet.
  public init() {}

  /// Joins the pieces of a frame; false if they do not fit: then it is freed.
  @inline(never)
  mutating func join(_ packet: Packet) -> Bool {
    if pst_packet_linearize(packet.state) == 0 {
      joined &+= 1
      return true
    }
    oversize &+= 1
    PacketMemory.free(packet)
    return false
  }
}
