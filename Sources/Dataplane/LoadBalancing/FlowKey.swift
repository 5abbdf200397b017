import CShims
import Wire

/// Which bits of an untagged IPv4 packet without fragments are hashed; gives what ``FlowKey`` gives for the same fields.
struct PlainFlowKey {
  /// Of both addresses as they lie in the header.
  let addressMask: UInt64
  /// Of IP protocol, ports and queue pair, in this order from the low end.
  let keyMask: UInt64
  /// A word of flow label and VLAN follows, which is zero.
  let hasMore: Bool
  let hasher: FlowHasher

  /// Nil if the inner packet of a tunnel is to be hashed.
  init?(fields: ECMPFields, hasher: FlowHasher) {
    if fields.contains(.inner) { return nil }
    func mask(_ field: ECMPFields, _ bits: UInt64) -> UInt64 { fields.contains(field) ? bits : 0 }
    addressMask = mask(.sourceAddress, 0xFFFF_FFFF) | mask(.destinationAddress, 0xFFFF_FFFF << 32)
    keyMask =
      mask(.ipProtocol, 0xFF) | mask(.sourcePort, 0xFFFF << 8) | mask(.destinationPort, 0xFFFF << 24)
      | mask(.roceQP, 0xFF_FFFF << 40)
    hasMore = fields.contains(.flowLabel) || fields.contains(.vlan)
    self.hasher = hasher
  }

  /// The hash of a packet's flow. Cost: 30 instructions.
  @inline(always)
  func hash(addresses: UInt64, key: UInt64) -> UInt32 {
    var state = hasher.mix(hasher.mix(hasher.initialState, addresses & addressMask), key & keyMask)
    if hasMore { state = hasher.mix(state, 0) }
    return hasher.finish(state)
  }
}

/// Hashes the header fields that tell flows apart.
enum FlowKey {
  /// The hash of the selected fields of a parsed IP packet.
  @inline(__always)
  static func hash(_ packet: Packet, fields: ECMPFields, hasher: FlowHasher) -> UInt32 {
    if fields.contains(.inner), let inner = innerHash(packet, fields: fields, hasher: hasher) { return inner }
    let state = packet.state
    let flags = packet.flags
    var hash = hasher.initialState
    let header = UnsafeRawPointer(packet.bytes + Int(state.pointee.network_offset))
    hash = mixAddresses(hash, header, isIPv4: flags.contains(.ipv4), fields: fields, hasher: hasher)
    var word: UInt64 = 0
    if fields.contains(.ipProtocol) { word = UInt64(state.pointee.ip_protocol) }
    // Ports are zero unless they were read; fragments have none, so that all parts of a packet take one path.
    if fields.contains(.sourcePort) { word |= UInt64(state.pointee.source_port) << 8 }
    if fields.contains(.destinationPort) { word |= UInt64(state.pointee.destination_port) << 24 }
    if fields.contains(.roceQP) { word |= UInt64(state.pointee.roce_qp) << 40 }
    hash = hasher.mix(hash, word)
    if fields.contains(.flowLabel) || fields.contains(.vlan) {
      var extra: UInt64 = 0
      if fields.contains(.flowLabel) { extra = UInt64(state.pointee.flow_label) }
      if fields.contains(.vlan) { extra |= UInt64(state.pointee.vlan) << 32 }
      hash = hasher.mix(hash, extra)
    }
    return hasher.finish(hash)
  }

  @inline(__always)
  private static func mixAddresses(
    _ hash: UInt64, _ header: UnsafeRawPointer, isIPv4: Bool, fields: ECMPFields, hasher: FlowHasher
  ) -> UInt64 {
    var hash = hash
    if isIPv4 {
      var word: UInt64 = 0
      if fields.contains(.sourceAddress) { word = UInt64(header.loadUnaligned(fromByteOffset: 12, as: UInt32.self)) }
      if fields.contains(.destinationAddress) {
        word |= UInt64(header.loadUnaligned(fromByteOffset: 16, as: UInt32.self)) << 32
      }
      return hasher.mix(hash, word)
    }
    if fields.contains(.sourceAddress) {
      hash = hasher.mix(hash, header.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      hash = hasher.mix(hash, header.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }
    if fields.contains(.destinationAddress) {
      hash = hasher.mix(hash, header.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
      hash = hasher.mix(hash, header.loadUnaligned(fromByteOffset: 32, as: UInt64.self))
    }
    return hash
  }

  /// The hash of the packet inside VXLAN, or nil if there is none to be seen.
  private static func innerHash(_ packet: Packet, fields: ECMPFields, hasher: FlowHasher) -> UInt32? {
    let state = packet.state
    guard packet.flags.contains(.ports), state.pointee.ip_protocol == IPProtocol.udp,
      state.pointee.destination_port == UDPPort.vxlan
    else { return nil }
    let captured = packet.capturedLength
    var offset = Int(state.pointee.transport_offset) &+ UDPHeader.length
    guard let vxlan = VXLANHeader(at: packet.bytes + offset, available: captured &- offset), vxlan.isValid else {
      return nil
    }
    offset &+= VXLANHeader.length
    guard let ethernet = EthernetHeader(at: packet.bytes + offset, available: captured &- offset) else { return nil }
    offset &+= EthernetHeader.length
    let base = packet.bytes + offset
    var hash = hasher.initialState
    var transport = 0
    var ipProtocol: UInt8 = 0
    var isFragment = false
    if ethernet.etherType == EtherType.ipv4, let header = IPv4Header(at: base, available: captured &- offset) {
      hash = mixAddresses(hash, UnsafeRawPointer(base), isIPv4: true, fields: fields, hasher: hasher)
      ipProtocol = header.ipProtocol
      transport = offset &+ header.headerLength
      isFragment = header.isFragment
    } else if ethernet.etherType == EtherType.ipv6, let header = IPv6Header(at: base, available: captured &- offset) {
      hash = mixAddresses(hash, UnsafeRawPointer(base), isIPv4: false, fields: fields, hasher: hasher)
      ipProtocol = header.nextHeader
      transport = offset &+ IPv6Header.length
      if fields.contains(.flowLabel) { hash = hasher.mix(hash, UInt64(header.flowLabel)) }
    } else {
      return nil
    }
    var word: UInt64 = fields.contains(.ipProtocol) ? UInt64(ipProtocol) : 0
    if !isFragment, ipProtocol == IPProtocol.udp || ipProtocol == IPProtocol.tcp,
      let ports = UDPHeader(at: packet.bytes + transport, available: captured &- transport)
    {
      if fields.contains(.sourcePort) { word |= UInt64(ports.sourcePort) << 8 }
      if fields.contains(.destinationPort) { word |= UInt64(ports.destinationPort) << 24 }
      let roce = transport &+ UDPHeader.length
      if fields.contains(.roceQP), ipProtocol == IPProtocol.udp, ports.destinationPort == UDPPort.roceV2,
        let header = BaseTransportHeader(at: packet.bytes + roce, available: captured &- roce)
      {
        word |= UInt64(header.destinationQP) << 40
      }
    }
    return hasher.finish(hasher.mix(hash, word))
  }
}
