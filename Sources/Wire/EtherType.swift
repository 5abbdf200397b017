/// EtherType values that the switch knows (IEEE 802 registry, host order).
public enum EtherType {
  /// IPv4 (RFC 894).
  @inlinable public static var ipv4: UInt16 { 0x0800 }
  /// ARP (RFC 826).
  @inlinable public static var arp: UInt16 { 0x0806 }
  /// Customer VLAN tag, C-TAG (IEEE 802.1Q table 9-1).
  @inlinable public static var vlan: UInt16 { 0x8100 }
  /// IPv6 (RFC 2464).
  @inlinable public static var ipv6: UInt16 { 0x86DD }
  /// MAC control: PAUSE and PFC (IEEE 802.3 clause 31).
  @inlinable public static var macControl: UInt16 { 0x8808 }
  /// Service VLAN tag, S-TAG (IEEE 802.1Q table 9-1).
  @inlinable public static var serviceVLAN: UInt16 { 0x88A8 }
  /// Link layer discovery (IEEE 802.1AB).
  @inlinable public static var lldp: UInt16 { 0x88CC }
  /// RDMA over Converged Ethernet version 1: a global route header follows (IBTA annex A16).
  @inlinable public static var roceV1: UInt16 { 0x8915 }

  /// True for the two tags that a VLAN-aware bridge looks behind.
  @inlinable
  public static func isVLAN(_ value: UInt16) -> Bool { value == vlan || value == serviceVLAN }
}
