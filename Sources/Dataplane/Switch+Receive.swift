import CShims
import Wire

extension Switch {
  /// Takes in packets that have arrived on a port.
  ///
  /// The driver has set wire length and arrival times (``Packet/arrived(number:wireLength:start:end:latencyFrom:)``).
  /// From here on the packets are the switch's: each is queued, dropped or consumed, and counted as such.
  ///
  /// Cost: 380 instructions a plain packet that is routed over a next-hop group, the buffer included (see bench/).
  #if CHECKED_PACKET_PATH
    @_noLocks
  #endif
  public mutating func receive(_ burst: inout PacketBurst, on port: PortID, at now: Tick) {
    let count = burst.count
    let ingress = egress.ports.base + port.index
    let keys = scratch.lookupKeys.base
    let received = measured.ports.base + port.index
    if mode == .direct, ingress.pointee.isRouted, ingress.pointee.isUp, tables.accessList.isEmpty,
      tables.groups.choosesByFlow, let key = tables.groups.plainKey
    {
      received.pointee.rxPackets &+= UInt64(count)
      var octets: UInt64 = 0
      for index in 0..<count { octets &+= UInt64(burst.packet(known: index).state.pointee.wire_length) }
      received.pointee.rxBytes &+= octets
      receiveDirect(burst, on: port, ingress, key: key, at: now)
      return burst.removeAll()
    }
    var lookups = 0
    if ingress.pointee.isRouted {
      lookups = parseRouted(burst, on: port, ingress, keys: keys)
    } else {
      for index in 0..<count { parse(burst.packet(known: index), on: port) }
    }
    if ingress.pointee.hasTelemetry { readTelemetry(burst) }
    if lookups > 0 {
      tables.routes.lookup(keys, into: scratch.lookupResults.base, count: count)
      if tables.groups.choosesByFlow { resolvePlain(burst, at: now) }
    }
    var index = 0
    var octets: UInt64 = 0
    while index < count {
      let packet = burst.packet(known: index)
      octets &+= UInt64(packet.state.pointee.wire_length)
      let target = RouteTarget(found: lookups > 0 ? scratch.lookupResults.base[index] : 0)
      if packet.flags.contains(.plainRouted) {
        enqueue(packet, on: packet.egressPort, at: now)
      } else if packet.flags.contains(.plain) {
        routePlain(packet, target: target, at: now)
      } else {
        receive(packet, on: port, target: target, at: now)
      }
      index &+= 1
    }
    received.pointee.rxPackets &+= UInt64(count)
    received.pointee.rxBytes &+= octets
    burst.removeAll()
  }

  /// Parses what came in on a routed port, and notes what is to be looked up. Returns for how many.
  @inline(always)
  private mutating func parseRouted(
    _ burst: borrowing PacketBurst, on port: PortID, _ ingress: UnsafeMutablePointer<Port>,
    keys: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var lookups = 0
    if ingress.pointee.isUp, tables.accessList.isEmpty, let key = tables.groups.plainKey {
      let frames = PlainFrames(
        on: ingress, port, mac: mac, acceptsForeignMAC: routesForeignMAC, key: key,
        assignments: classifier.assignments.base)
      for index in 0..<burst.count {
        let packet = burst.packet(known: index)
        if let destination = frames.read(packet) {
          keys[index] = destination
          lookups &+= 1
        } else {
          lookups &+= parse(packet, on: port, key: keys + index)
        }
      }
    } else {
      for index in 0..<burst.count { lookups &+= parse(burst.packet(known: index), on: port, key: keys + index) }
    }
    return lookups
  }

  /// Parses any frame.
  @inline(never)
  private mutating func parse(_ packet: Packet, on port: PortID) {
    packet.state.pointee.ingress_port = port.rawValue
    guard let reason = Parser.parse(packet) else { return }
    packet.state.pointee.drop_reason = reason.rawValue
    packet.flags = .unparsed
  }

  /// Parses any frame on a routed port, and notes the address to look up. Returns 1 if there is one.
  @inline(never)
  @discardableResult
  mutating func parse(_ packet: Packet, on port: PortID, key: UnsafeMutablePointer<UInt32>) -> Int {
    parse(packet, on: port)
    key.pointee = 0
    guard packet.flags.contains(.ipv4) else { return 0 }
    let header = packet.bytes + Int(packet.state.pointee.network_offset)
    tables.groups.hashFlow(of: packet)
    key.pointee = header.loadBigEndian(UInt32.self, at: 16)
    return 1
  }

  @inline(never)
  mutating func receive(_ packet: Packet, on portID: PortID, target: RouteTarget, at now: Tick) {
    let port = egress.ports.base + portID.index
    let flags = packet.flags
    if flags.contains(.unparsed) { return drop(packet, .truncatedEthernet, at: now) }
    guard port.pointee.isUp else { return drop(packet, .ingressDown, at: now) }
    guard packet.state.pointee.wire_length <= port.pointee.largestFrame else { return drop(packet, .oversize, at: now) }
    let destination = MACAddress(at: packet.bytes)
    let source = MACAddress(at: packet.bytes + 6)
    if source.isGroup { return drop(packet, .groupSource, at: now) }
    if destination.isReservedBridgeGroup || packet.state.pointee.ether_type == EtherType.macControl {
      return receiveReserved(packet, at: now)
    }
    classifier.classify(packet, trust: port.pointee.trust, portClass: port.pointee.trafficClass)
    if port.pointee.isRouted {
      // A priority tag (VLAN 0) only carries PCP; any other tag belongs to a VLAN that a routed port is not in.
      if Int(packet.state.pointee.network_offset) != EthernetHeader.length,
        packet.state.pointee.vlan != 0 || !flags.contains(.tagged)
      {
        return drop(packet, .vlanNotAllowed, at: now)
      }
      if !tables.accessList.isEmpty, !permits(packet, at: now) { return }
      receiveRouted(packet, destination: destination, target: target, at: now)
    } else {
      guard let vlan = bridgedVLAN(of: packet, on: port, portID) else {
        return drop(packet, .vlanNotAllowed, at: now)
      }
      packet.state.pointee.vlan = vlan
      if !tables.accessList.isEmpty, !permits(packet, at: now) { return }
      receiveBridged(packet, vlan: vlan, source: source, destination: destination, at: now)
    }
  }

  /// MAC control ends here. Other frames to the reserved addresses are not bridged, and nobody here speaks LLDP or STP.
  @inline(never)
  private mutating func receiveReserved(_ packet: Packet, at now: Tick) {
    guard packet.state.pointee.ether_type == EtherType.macControl else {
      return drop(packet, .reservedGroup, at: now)
    }
    receiveMACControl(packet, at: now)
  }

  /// Applies the access rules. False: the packet was denied, and is gone.
  private mutating func permits(_ packet: Packet, at now: Tick) -> Bool {
    switch tables.accessList.action(for: packet) {
    case .permit: return true
    case .deny:
      drop(packet, .accessDenied, at: now)
      return false
    case .remark(let dscp):
      remark(packet, dscp: dscp)
      return true
    case .mirror(let port):
      mirror(packet, to: port, at: now)
      return true
    }
  }

  private func remark(_ packet: Packet, dscp: UInt8) {
    let state = packet.state
    let offset = Int(state.pointee.network_offset)
    let available = packet.capturedLength &- offset
    if packet.flags.contains(.ipv4) {
      IPv4Header(at: packet.bytes + offset, available: available)?.setDSCP(dscp)
    } else if packet.flags.contains(.ipv6) {
      IPv6Header(at: packet.bytes + offset, available: available)?.setDSCP(dscp)
    } else {
      return
    }
    state.pointee.dscp = dscp
    classifier.assign(dscp: dscp, to: packet)
  }
}

extension Packet {
  /// Notes how a packet arrived; the driver calls this before it hands the packet to the switch.
  ///
  /// - Parameters:
  ///   - number: its number in order of arrival, for those who follow it.
  ///   - wireLength: bytes of the frame without check sequence, at least those captured.
  ///   - start: tick of its first bit.
  ///   - end: tick of its last bit.
  ///   - latencyFrom: tick from which its latency counts.
  @inlinable
  public func arrived(number: UInt64, wireLength: Int, start: Tick, end: Tick, latencyFrom: Tick) {
    state.pointee.number = number
    state.pointee.wire_length = UInt32(truncatingIfNeeded: wireLength)
    state.pointee.wire_start = start.rawValue
    state.pointee.wire_end = end.rawValue
    state.pointee.arrival = latencyFrom.rawValue
    state.pointee.drop_reason = 0
  }

  /// Notes that the packet arrives at a later tick than was noted: something on the link held it up.
  @inlinable
  public func arrivedLate(at tick: Tick) {
    state.pointee.wire_start = tick.rawValue
    state.pointee.wire_end = tick.rawValue
    state.pointee.arrival = tick.rawValue
  }

  /// Fills the packet with the bytes of a frame; it has room for them.
  @inlinable
  public func fill(_ source: UnsafeRawPointer, count: Int) {
    bytes.copyMemory(from: source, byteCount: count)
    state.pointee.data_len = UInt16(truncatingIfNeeded: count)
    state.pointee.pkt_len = UInt32(truncatingIfNeeded: count)
  }
}
