import Wire

/// A routed interface: a routed port, or a VLAN interface.
struct Interface {
  /// The routed port, or ``PortID/none`` for a VLAN interface.
  var port = PortID.none
  /// The VLAN, or 0 for a routed port.
  var vlan: UInt16 = 0
  /// Largest IP packet.
  var mtu: UInt32 = 0
  /// First IPv4 address: source of ICMP and ARP. 0 for none.
  var ipv4 = IPv4Address(bits: 0)
  /// First IPv6 address: source of ICMPv6 and ND. Zero for none.
  var ipv6 = IPv6Address(high: 0, low: 0)
  /// fe80::/64 with the EUI-64 of the switch's MAC address (RFC 4291 appendix A).
  var linkLocal = IPv6Address(high: 0, low: 0)
}

/// All routed interfaces: those of ports by port number, then those of VLANs.
struct InterfaceTable: ~Copyable {
  let interfaces: FlatTable<Interface>
  /// By VLAN: index of its interface, or `noInterface`.
  let byVLAN: FlatTable<UInt16>

  static let noInterface: UInt16 = 0xFFFF

  init(_ configuration: SwitchConfiguration) {
    let bits = configuration.mac.bits
    let linkLocal = IPv6Address(
      high: 0xFE80_0000_0000_0000,
      low: (bits >> 24 ^ 0x02_0000) << 40 | 0xFF_FE00_0000 | bits & 0xFF_FFFF)
    func interface(addresses: [IPPrefix], mtu: Int) -> Interface {
      var interface = Interface()
      interface.mtu = UInt32(mtu)
      interface.linkLocal = linkLocal
      for prefix in addresses.reversed() {
        switch prefix.address {
        case .v4(let address): interface.ipv4 = address
        case .v6(let address): interface.ipv6 = address
        }
      }
      return interface
    }
    var all: [Interface] = []
    for (index, port) in configuration.ports.enumerated() {
      var entry = Interface()
      if case .routed(let addresses) = port.role {
        entry = interface(addresses: addresses, mtu: port.mtu)
      }
      entry.port = PortID(index)
      all.append(entry)
    }
    byVLAN = FlatTable(repeating: InterfaceTable.noInterface, count: 4096)
    for vlan in configuration.vlans {
      byVLAN.base[Int(vlan.id.rawValue)] = UInt16(all.count)
      var entry = interface(addresses: vlan.addresses, mtu: vlan.mtu)
      entry.vlan = vlan.id.rawValue
      all.append(entry)
    }
    interfaces = FlatTable(all)
  }

  /// The index of the interface that a configuration refers to.
  func index(of reference: InterfaceReference) -> Int {
    switch reference {
    case .port(let port): port.index
    case .vlan(let vlan): Int(byVLAN.base[Int(vlan.rawValue)])
    }
  }
}
