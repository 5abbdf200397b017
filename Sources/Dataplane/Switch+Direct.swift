import CShims
import Wire

/// Ports without queues (``ForwardingMode/direct``): what is forwarded is rewritten at once, and waits in one line for the
/// driver to come by.
extension Switch {
  /// How many packets may wait for a driver that does not take them: more than a device takes at a time.
  @inline(always) private static var longestLine: UInt64 { 1024 }

  /// Takes in what arrived on a routed port, if nothing but the route decides where a packet goes.
  ///
  /// Of a plain frame nothing is noted: it is read, looked up, rewritten and put into a line. All others, and those that
  /// turn out to need more than that, go the long way.
  ///
  /// Cost: 210 instructions a plain frame.
  @inline(never)
  mutating func receiveDirect(
    _ burst: borrowing PacketBurst, on port: PortID, _ ingress: UnsafeMutablePointer<Port>, key: PlainFlowKey,
    at now: Tick
  ) {
    let frames = PlainFrames(
      on: ingress, port, mac: mac, acceptsForeignMAC: routesForeignMAC, key: key,
      assignments: classifier.assignments.base)
    let keys = scratch.lookupKeys.base
    var plain: UInt32 = 0
    for index in 0..<burst.count {
      let packet = burst.packet(known: index)
      if let found = frames.find(in: packet) {
        keys[index] = found.destination
        packet.state.pointee.flow_hash = frames.hash(of: found)
        plain |= 1 &<< UInt32(truncatingIfNeeded: index)
      } else {
        parse(packet, on: port, key: keys + index)
      }
    }
    tables.routes.lookup(keys, into: scratch.lookupResults.base, count: burst.count)
    for index in 0..<burst.count {
      let packet = burst.packet(known: index)
      let target = RouteTarget(found: scratch.lookupResults.base[index])
      if plain & (1 &<< UInt32(truncatingIfNeeded: index)) == 0 {
        receive(packet, on: port, target: target, at: now)
      } else if !routeDirect(packet, frames, target: target, at: now) {
        _ = frames.read(packet)
        routePlain(packet, target: target, at: now)
      }
    }
  }

  /// Sends a plain frame of which nothing is noted but the hash of its flow. False: that would not do, and nothing was
  /// done.
  @inline(always)
  private mutating func routeDirect(_ packet: Packet, _ frames: PlainFrames, target: RouteTarget, at now: Tick) -> Bool
  {
    guard target.kind == .group,
      let member = tables.groups.select(target.index, for: packet, at: now)
    else { return false }
    let counted = tables.groups.members.base + member
    let neighbor = tables.neighbors.entries.base + Int(counted.pointee.neighbor)
    let length = packet.state.pointee.wire_length
    guard length <= neighbor.pointee.longestFrame else { return false }
    let portID = neighbor.pointee.port
    let line = egress.queues.base + portID.index &* QueueID.count
    guard egress.ports.base[portID.index].isDirect, line.pointee.packets < Switch.longestLine else { return false }
    counted.pointee.packets &+= 1
    counted.pointee.bytes &+= UInt64(length)
    Rewrite.applyPlain(packet, mac, neighbor.pointee.mac)
    frames.noteDirect(in: packet, egress: portID)
    line.pointee.pushUncounted(packet)
    egress.ports.base[portID.index].backlogged = 1
    touch(portID)
    return true
  }

  /// Puts a packet into the line of a port.
  @inline(never)
  mutating func enqueueDirect(_ packet: Packet, on portID: PortID, at now: Tick) {
    let index = portID.index &* QueueID.count
    let state = packet.state
    state.pointee.egress_port = portID.rawValue
    state.pointee.queue = 0
    guard egress.queues.base[index].packets < Switch.longestLine else {
      measured.queues.base[index].droppedPackets &+= 1
      return drop(packet, .egressBuffer, at: now, on: portID)
    }
    Rewrite.apply(packet, mac: mac, neighbors: tables.neighbors.entries.base)
    egress.queues.base[index].pushUncounted(packet)
    egress.ports.base[portID.index].backlogged = 1
    touch(portID)
  }

  /// Hands out what waits.
  ///
  /// Cost: 20 instructions a packet.
  @inline(always)
  mutating func transmitDirect(_ portID: PortID, into burst: inout PacketBurst, at now: Tick) {
    let queue = portID.index &* QueueID.count
    let line = egress.queues.base + queue
    let before = burst.count
    line.pointee.popUncounted(into: &burst)
    var octets: UInt64 = 0
    // Packets of one burst arrived at one tick, and are recorded together.
    var (arrival, arrived) = (Tick.never, UInt64(0))
    for index in before..<burst.count {
      let packet = burst.packet(known: index)
      packet.state.pointee.departure = now.rawValue
      packet.state.pointee.paused = 0
      octets &+= UInt64(packet.state.pointee.wire_length)
      if packet.arrival != arrival {
        if arrived != 0 { measured.latencies.base[queue].record(now - arrival, count: arrived) }
        (arrival, arrived) = (packet.arrival, 0)
      }
      arrived &+= 1
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
