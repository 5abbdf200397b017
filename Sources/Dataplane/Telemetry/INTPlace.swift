import CShims
import Wire

/// Where INT lies in a packet, found in its bytes as they are.
struct INTPlace {
  /// From the first byte of the frame to the shim.
  let shim: Int
  /// Octets that the sink takes out.
  let removable: Int
  let kind: INTShim.Kind
  let nextProtocol: INTShim.NextProtocol
  /// Octets behind the shim.
  let contentLength: Int

  /// What was found.
  enum Finding {
    case none
    /// The packet says that it has INT, but it has not, or not all of it.
    case malformed
    case found(INTPlace)
  }

  /// Looks for INT in a parsed packet. Nothing beyond what was captured of the IP packet is read.
  @inline(always)
  static func find(in packet: Packet, _ settings: UnsafeMutablePointer<TelemetrySettings>) -> Finding {
    let state = packet.state
    guard packet.flags.contains(.ports) else { return .none }
    let transport = Int(state.pointee.transport_offset)
    let base = packet.bytes
    let isUDP = isOverUDP(packet, transport: transport)
    // The parser has read the ports of both protocols.
    if isUDP, base.loadBigEndian(UInt16.self, at: transport &+ 2) == settings.pointee.udpPort {
      return look(packet, transport: transport, shim: transport &+ UDPHeader.length, isUDP: true, byPort: true)
    }
    guard settings.pointee.announcement == .dscp, state.pointee.dscp == settings.pointee.dscp else { return .none }
    if isUDP {
      return look(packet, transport: transport, shim: transport &+ UDPHeader.length, isUDP: true, byPort: false)
    }
    let end = Self.end(of: packet)
    guard let header = TCPHeader(at: base + transport, available: end &- transport) else { return .malformed }
    return look(
      packet, transport: transport, shim: transport &+ header.headerLength, isUDP: false, byPort: false)
  }

  /// The end of what was captured of the IP packet.
  @inline(always)
  static func end(of packet: Packet) -> Int {
    let state = packet.state
    return min(packet.capturedLength, Int(state.pointee.network_offset) &+ Int(state.pointee.network_length))
  }

  /// Whether UDP follows the network header. What the parser noted may be the protocol of the packet without INT.
  @inline(always)
  static func isOverUDP(_ packet: Packet, transport: Int) -> Bool {
    let network = Int(packet.state.pointee.network_offset)
    if packet.flags.contains(.ipv4) {
      return packet.bytes.load(fromByteOffset: network &+ 9, as: UInt8.self) == IPProtocol.udp
    }
    if transport == network &+ IPv6Header.length {
      return packet.bytes.load(fromByteOffset: network &+ 6, as: UInt8.self) == IPProtocol.udp
    }
    return packet.state.pointee.ip_protocol == IPProtocol.udp
  }

  @inline(always)
  private static func look(
    _ packet: Packet, transport: Int, shim offset: Int, isUDP: Bool, byPort: Bool
  ) -> Finding {
    let base = packet.bytes
    guard let shim = INTShim(at: base + offset, available: end(of: packet) &- offset),
      byPort == (shim.nextProtocol != .unchanged)
    else { return .malformed }
    let octets = INTShim.length &+ shim.contentLength
    if isUDP {
      // A datagram that ends within its telemetry, or claims more than the packet has, cannot be mended.
      let length = Int(base.loadBigEndian(UInt16.self, at: transport &+ 4))
      let state = packet.state
      let claimed = Int(state.pointee.network_offset) &+ Int(state.pointee.network_length) &- transport
      guard length >= UDPHeader.length &+ octets, length <= claimed else { return .malformed }
    }
    if shim.nextProtocol == .originalProtocol {
      guard canRestoreProtocol(packet, transport: transport, shim.originalProtocol) else { return .malformed }
    }
    return .found(
      INTPlace(
        shim: offset,
        removable: octets &+ (shim.nextProtocol == .originalProtocol ? UDPHeader.length : 0), kind: shim.kind,
        nextProtocol: shim.nextProtocol, contentLength: shim.contentLength))
  }

  /// Only what a source puts a header in front of is given its protocol back: UDP and TCP right behind the IP header.
  @inline(always)
  static func canRestoreProtocol(_ packet: Packet, transport: Int, _ ipProtocol: UInt8) -> Bool {
    guard ipProtocol == IPProtocol.udp || ipProtocol == IPProtocol.tcp else { return false }
    return packet.flags.contains(.ipv4)
      || transport == Int(packet.state.pointee.network_offset) &+ IPv6Header.length
  }
}
