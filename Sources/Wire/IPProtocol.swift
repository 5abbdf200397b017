/// Values of IPv4's protocol field and IPv6's next header field (IANA "Protocol Numbers").
public enum IPProtocol {
  /// IPv6 hop-by-hop options (RFC 8200 section 4.3).
  @inlinable public static var ipv6HopByHop: UInt8 { 0 }
  /// ICMP for IPv4 (RFC 792).
  @inlinable public static var icmp: UInt8 { 1 }
  /// IPv4 within IP (RFC 2003).
  @inlinable public static var ipv4: UInt8 { 4 }
  /// TCP (RFC 9293).
  @inlinable public static var tcp: UInt8 { 6 }
  /// UDP (RFC 768).
  @inlinable public static var udp: UInt8 { 17 }
  /// InfiniBand's transport, as the next header of a global route header (IBTA volume 1 section 8.3).
  @inlinable public static var infiniBand: UInt8 { 27 }
  /// IPv6 within IP (RFC 2473).
  @inlinable public static var ipv6: UInt8 { 41 }
  /// IPv6 routing header (RFC 8200 section 4.4), of which the segment routing header is type 4.
  @inlinable public static var ipv6Routing: UInt8 { 43 }
  /// IPv6 fragment header (RFC 8200 section 4.5).
  @inlinable public static var ipv6Fragment: UInt8 { 44 }
  /// Encapsulating security payload (RFC 4303): nothing behind it can be read.
  @inlinable public static var esp: UInt8 { 50 }
  /// Authentication header (RFC 4302).
  @inlinable public static var authentication: UInt8 { 51 }
  /// ICMP for IPv6 (RFC 4443).
  @inlinable public static var icmpV6: UInt8 { 58 }
  /// Nothing follows (RFC 8200 section 4.7).
  @inlinable public static var noNextHeader: UInt8 { 59 }
  /// IPv6 destination options (RFC 8200 section 4.6).
  @inlinable public static var ipv6Destination: UInt8 { 60 }
  /// Ethernet within IP, as used behind segment routing (RFC 8986 section 4.9).
  @inlinable public static var ethernet: UInt8 { 143 }
}

/// UDP destination ports that announce a protocol.
public enum UDPPort {
  /// VXLAN (RFC 7348).
  @inlinable public static var vxlan: UInt16 { 4789 }
  /// RoCEv2 (IBTA annex A17).
  @inlinable public static var roceV2: UInt16 { 4791 }
}
