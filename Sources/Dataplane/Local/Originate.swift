import CShims
import Wire

extension Switch {
  /// An Ethernet frame of zeros that the switch is about to fill, or nil if memory is used up.
  func newFrame(length: Int, at now: Tick) -> Packet? {
    guard let packet = memory.allocate(capacity: length) else { return nil }
    packet.fillWithZeros(count: max(length, EthernetOverhead.minimumFrame))
    packet.arrived(
      number: .max, wireLength: max(length, EthernetOverhead.minimumFrame), start: now, end: now, latencyFrom: now)
    return packet
  }

  /// Sends an IP packet that the switch has built behind an empty Ethernet header. It is routed like any other, but
  /// keeps its TTL. A link-local destination is a neighbour on `interface`.
  mutating func originate(_ packet: Packet, interface: Int, at now: Tick) {
    counters.originatedPackets &+= 1
    if Parser.parse(packet) != nil { packet.flags = .unparsed }
    packet.flags.insert(.originated)
    packet.state.pointee.ingress_port = PortID.none.rawValue
    classifier.assign(dscp: packet.state.pointee.dscp, to: packet)
    tables.groups.hashFlow(of: packet)
    let destination = destinationAddress(of: packet)
    switch destination {
    case .v4(let address): route(packet, target: tables.routes.lookup(address), at: now)
    case .v6(let address):
      if address.isLinkLocal {
        let neighbor = tables.neighbors.findOrAdd(interface: interface, address: destination, at: now)
        guard neighbor >= 0 else { return drop(packet, .unresolvedNeighbor, at: now) }
        return forward(packet, to: neighbor, at: now)
      }
      let header = packet.bytes + Int(packet.state.pointee.network_offset)
      route(packet, target: tables.routes.lookup(ipv6Destination: header + 24), at: now)
    }
  }

  /// Sends a complete frame, its addresses included, out of an interface. It is network control: class of DSCP 48.
  mutating func sendFrame(_ packet: Packet, interface: Int, at now: Tick) {
    counters.originatedPackets &+= 1
    if Parser.parse(packet) != nil { packet.flags = .unparsed }
    packet.state.pointee.ingress_port = PortID.none.rawValue
    classifier.assign(dscp: Switch.networkControlDSCP, to: packet)
    let entry = tables.interfaces.interfaces.base[interface]
    if entry.port != .none { return enqueue(packet, on: entry.port, at: now) }
    bridge(packet, vlan: entry.vlan, destination: MACAddress(at: packet.bytes), at: now)
  }

  /// DSCP of what the switch itself has to say: CS6, internetwork control (RFC 4594 section 3.1).
  static var networkControlDSCP: UInt8 { 48 }

  /// The routed interface that a packet came in on, or nil if there is none.
  func ingressInterface(of packet: Packet) -> Int? {
    let port = packet.ingressPort
    guard port != .none else { return nil }
    if egress.ports.base[port.index].isRouted { return port.index }
    let interface = tables.interfaces.byVLAN.base[Int(packet.state.pointee.vlan)]
    return interface == InterfaceTable.noInterface ? nil : Int(interface)
  }

  /// True if an address is one of the switch's own.
  ///
  /// Changes nothing, but is `mutating`: a borrowing call copies the whole struct (Swift 6.3.1).
  mutating func isOwn(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let address): return tables.routes.lookup(address).kind == .local
    case .v6(let address): return tables.routes.lookup(address).kind == .local
    }
  }

  /// True if a MAC address can be that of a neighbour with an IP address on an interface: the address lies in a subnet
  /// of the interface or is link-local, and neither is the switch's own.
  func isNeighbor(_ address: IPAddress, _ mac: MACAddress, on interface: Int) -> Bool {
    if mac.isGroup || mac == self.mac { return false }
    let target: RouteTarget
    switch address {
    case .v4(let address): target = tables.routes.lookup(address)
    case .v6(let address):
      if address.isLinkLocal { return !tables.interfaces.owns(address, on: interface) }
      target = tables.routes.lookup(address)
    }
    return target.kind == .connected && target.index == interface
  }
}

extension Packet {
  fileprivate func fillWithZeros(count: Int) {
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    state.pointee.data_len = UInt16(truncatingIfNeeded: count)
    state.pointee.pkt_len = UInt32(truncatingIfNeeded: count)
  }
}
