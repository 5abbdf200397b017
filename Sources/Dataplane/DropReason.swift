/// Why a packet was dropped. Counted per port: the ingress port, or the egress port where the reason lies there.
public enum DropReason: UInt8, CaseIterable, Sendable {
  /// Fewer than 14 bytes captured.
  case truncatedEthernet
  /// Longer than the ingress port's MTU allows.
  case oversize
  /// The source address is a group address (IEEE 802.3 clause 3.2.3 reserves these).
  case groupSource
  /// To 01-80-C2-00-00-0x, which no bridge forwards, and not MAC control.
  case reservedGroup
  /// Received on a port that is down.
  case ingressDown
  /// Tagged for a VLAN that the port is not in, or untagged on a trunk without native VLAN.
  case vlanNotAllowed
  /// Unicast on a routed port to a MAC address that is not the switch's.
  case foreignMAC
  /// Known to be on the port it came in on.
  case samePort
  /// To be flooded, but no other port of the VLAN is up.
  case nowhereToFlood
  /// Neither IPv4 nor IPv6, on a routed port.
  case notRoutable
  /// IP multicast, limited broadcast or link-local, which is not routed.
  case multicastNotRouted
  /// The frame ends before its IP header does.
  case truncatedNetworkHeader
  /// The IP header contradicts itself: its version is not that of the EtherType, or its length is less than a header's.
  case malformedNetworkHeader
  /// The IPv4 header checksum is wrong.
  case networkChecksum
  /// The IP header claims more bytes than the frame has.
  case networkLength
  /// A source or destination address that must not be on a wire (RFC 1812 section 5.3.7, RFC 4291 section 2.5).
  case martianAddress
  /// TTL or hop limit used up.
  case timeToLive
  /// No route.
  case noRoute
  /// A route says so.
  case discardRoute
  /// Every member of the next-hop group is drained or down.
  case noNextHop
  /// The next hop's MAC address is not known (yet).
  case unresolvedNeighbor
  /// Larger than the egress interface's MTU.
  case mtuExceeded
  /// An access rule says so.
  case accessDenied
  /// The egress port is down.
  case egressDown
  /// No memory for the packet or its copy.
  case packetMemory
  /// The headroom of a lossless priority group is used up. A lossless network never counts this.
  case headroomFull
  /// A lossy priority group is at its limit of the shared buffer, or its pool is full.
  case ingressBuffer
  /// A lossy queue is at its limit of the egress pool, or that is full.
  case egressBuffer
  /// WRED, for a packet that cannot be marked.
  case wred
  /// The watchdog found the packet's queue in a pause storm.
  case pauseStorm
  /// The worker of the egress port has not kept up: the ring to it is full.
  case handOverFull

  /// The reason that the parser noted with a malformed packet. Not `init(rawValue:)`, which looks up types.
  @inline(__always)
  init(notedByParser code: UInt8) {
    switch code {
    case DropReason.truncatedNetworkHeader.rawValue: self = .truncatedNetworkHeader
    case DropReason.networkLength.rawValue: self = .networkLength
    default: self = .malformedNetworkHeader
    }
  }

  /// The name in reports: the case in kebab case.
  public var name: String {
    switch self {
    case .groupSource: return "group-source"
    case .foreignMAC: return "foreign-mac"
    default:
      return String(describing: self).reduce(into: "") { text, character in
        if character.isUppercase { text.append("-") }
        text.append(contentsOf: character.lowercased())
      }
    }
  }
}
