import CShims
import Wire

/// Ports without queues (``ForwardingMode/direct``): what is forwarded waits in one line for the driver to come by.
extension Switch {
  /// How many packets may wait for a driver that does not take them: more than a device takes at a time.
  @inline(always) private static var longestLine: UInt64 { 1024 }

  /// Puts a packet into the line of a port.
  ///
  /// Cost: 25 instructions.
  @inline(always)
  mutating func enqueueDirect(_ packet: Packet, on portID: PortID, at now: Tick) {
    let index = portID.index &* QueueID.count
    let state = packet.state
    state.pointee.egress_port = portID.rawValue
    state.pointee.queue = 0
    state.pointee.charged = 0
    guard egress.queues.base[index].packets < Switch.longestLine else {
      return refuseDirect(packet, index, portID, at: now)
    }
    egress.queues.base[index].push(packet)
    egress.ports.base[portID.index].backlogged = 1
    touch(portID)
  }

  @inline(never)
  private mutating func refuseDirect(_ packet: Packet, _ queue: Int, _ portID: PortID, at now: Tick) {
    measured.queues.base[queue].droppedPackets &+= 1
    drop(packet, .egressBuffer, at: now, on: portID)
  }

  /// Hands out what waits.
  ///
  /// Cost: 70 instructions a packet, most of them the rewrite's.
  @inline(always)
  mutating func transmitDirect(_ portID: PortID, into burst: inout PacketBurst, at now: Tick) {
    let queue = portID.index &* QueueID.count
    let line = egress.queues.base + queue
    let before = burst.count
    var octets: UInt64 = 0
    // Packets of one burst arrived at one tick, and are recorded together.
    var (arrival, arrived) = (Tick.never, UInt64(0))
    while !burst.isFull, let packet = line.pointee.pop() {
      packet.state.pointee.departure = now.rawValue
      Rewrite.apply(packet, mac: mac, neighbors: tables.neighbors.entries.base)
      octets &+= UInt64(packet.state.pointee.wire_length)
      if packet.arrival != arrival {
        if arrived != 0 { measured.latencies.base[queue].record(now - arrival, count: arrived) }
        (arrival, arrived) = (packet.arrival, 0)
      }
      arrived &+= 1
      burst.appendKnownToFit(packet)
    }
    if arrived != 0 { measured.latencies.base[queue].record(now - arrival, count: arrived) }
    if line.pointee.first == nil { egress.ports.base[portID.index].backlogged = 0 }
    let sent = UInt64(burst.count &- before)
    measured.ports.base[portID.index].txPackets &+= sent
    measured.ports.base[portID.index].txBytes &+= octets
    measured.queues.base[queue].txPackets &+= sent
    measured.queues.base[queue].txBytes &+= octets
  }
}
