import CShims

/// Packets that one slice receives and another one sends. The receiving slice parses, forwards and rewrites; the owner of
/// the egress port admits, queues, schedules, marks and sends.
extension Switch {
  /// Puts a packet in front of the slice that a port belongs to.
  ///
  /// Its neighbour is a place in the tables of this slice, so its MAC addresses and TTL are written here.
  @inline(never)
  mutating func handOver(_ packet: Packet, to portID: PortID, at now: Tick) {
    let flags = packet.flags
    if !flags.isDisjoint(with: .forwardedAtLayer3), !flags.contains(.mirrored) {
      Rewrite.route(packet, mac: mac, neighbors: tables.neighbors.entries.base)
      packet.flags = PacketFlags(rawValue: flags.rawValue & ~PacketFlags.forwardedAtLayer3.rawValue)
    }
    packet.state.pointee.egress_port = portID.rawValue
    packet.state.pointee.ready = (now + pipelineTicks).rawValue
    counters.handedOver &+= 1
    slices.push(packet, to: Int(egress.ports.base[portID.index].owner))
  }

  /// A slice that packets wait for, or nil.
  ///
  /// Changes nothing, but is `mutating`: a borrowing call from another module copies the whole struct (Swift 6.3.1).
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  @inline(__always)
  public mutating func nextHandOver() -> Int? {
    let lanes = slices.lanesWithPackets
    return lanes == 0 ? nil : lanes.trailingZeroBitCount
  }

  /// Adds packets for a slice to a burst, in their order, until it is full or there are no more.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public mutating func takeHandOver(to slice: Int, into burst: inout PacketBurst) {
    while !burst.isFull, let packet = slices.pop(to: slice) { burst.append(packet) }
  }

  /// Drops the packets of a burst from a position on: the ring to their slice is full. The burst is empty then.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public mutating func dropHandOver(_ burst: inout PacketBurst, from first: Int, at now: Tick) {
    var index = first
    while index < burst.count {
      counters.handedOver &-= 1
      drop(burst[index], .handOverFull, at: now, on: burst[index].egressPort)
      index &+= 1
    }
    burst.removeAll()
  }

  /// Queues packets that another slice has received for ports of this one. What they have waited on their way counts for
  /// the pipeline's latency.
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public mutating func takeOver(_ burst: inout PacketBurst, at now: Tick) {
    let count = burst.count
    counters.takenOver &+= UInt64(truncatingIfNeeded: count)
    var index = 0
    while index < count {
      pst_packet_prefetch(burst[index].state)
      index &+= 1
    }
    index = 0
    while index < count {
      let packet = burst[index]
      let ready = Tick(packet.state.pointee.ready)
      enqueue(packet, on: packet.egressPort, at: now, pipelineTicks: ready > now ? ready - now : 0)
      index &+= 1
    }
    burst.removeAll()
  }
}
