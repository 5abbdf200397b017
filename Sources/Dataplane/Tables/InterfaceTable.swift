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
  /// Where its addresses are in ``InterfaceTable/addresses``, and how many.
  var firstAddress = 0
  var addressCount = 0
}

/// An address of an interface with its subnet; IPv4 is in the low 32 bits.
struct InterfaceAddress {
  var isIPv4 = false
  var high: UInt64 = 0
  var low: UInt64 = 0
  var maskHigh: UInt64 = 0
  var maskLow: UInt64 = 0

  init(_ prefix: IPPrefix) {
    switch prefix.address {
    case .v4(let address):
      isIPv4 = true
      low = UInt64(address.bits)
      maskHigh = ~0
      maskLow = ~0 << UInt64(32 - prefix.length)
    case .v6(let address):
      (high, low) = (address.high, address.low)
      maskHigh = ~0 << UInt64(max(0, 64 - prefix.length))
      maskLow = ~0 << UInt64(min(64, 128 - prefix.length))
    }
  }
}

/// All routed interfaces: those of ports by port number, then those of VLANs.
struct InterfaceTable: ~Copyable {
  let interfaces: FlatTable<Interface>
  /// All addresses, in the order of the interfaces and of the configuration.
  let addresses: FlatTable<InterfaceAddress>
  /// By VLAN: index of its interface, or `noInterface`.
  let byVLAN: FlatTable<UInt16>

  static let noInterface: UInt16 = 0xFFFF

  init(_ configuration: SwitchConfiguration) {
    let bits = configuration.mac.bits
    let linkLocal = IPv6Address(
      high: 0xFE80_0000_0000_0000,
      low: (bits >> 24 ^ 0x02_0000) << 40 | 0xFF_FE00_0000 | bits & 0xFF_FFFF)
    var addresses: [InterfaceAddress] = []
    func interface(addresses prefixes: [IPPrefix], mtu: Int) -> Interface {
      var interface = Interface()
      interface.firstAddress = addresses.count
      interface.addressCount = prefixes.count
      addresses += prefixes.map { InterfaceAddress($0) }
      interface.mtu = UInt32(mtu)
      interface.linkLocal = linkLocal
      for prefix in prefixes.reversed() {
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
    self.addresses = FlatTable(addresses)
  }

  /// The index of the interface that a configuration refers to.
  func index(of reference: InterfaceReference) -> Int {
    switch reference {
    case .port(let port): port.index
    case .vlan(let vlan): Int(byVLAN.base[Int(vlan.rawValue)])
    }
  }

  /// The address from which an interface speaks to an IPv4 neighbour or beyond: the one in the same subnet, or its
  /// first; 0 if it has none.
  func source(of interface: Int, towards target: IPv4Address) -> IPv4Address {
    let entry = interfaces.base[interface]
    var index = entry.firstAddress
    while index < entry.firstAddress &+ entry.addressCount {
      let own = addresses.base[index]
      if own.isIPv4, (own.low ^ UInt64(target.bits)) & own.maskLow == 0 {
        return IPv4Address(bits: UInt32(truncatingIfNeeded: own.low))
      }
      index &+= 1
    }
    return entry.ipv4
  }

  /// The address from which an interface speaks to an IPv6 neighbour or beyond: the one in the same subnet, or its
  /// first, or its link-local one.
  func source(of interface: Int, towards target: IPv6Address) -> IPv6Address {
    let entry = interfaces.base[interface]
    var index = entry.firstAddress
    while index < entry.firstAddress &+ entry.addressCount {
      let own = addresses.base[index]
      if !own.isIPv4, ((own.high ^ target.high) & own.maskHigh) | ((own.low ^ target.low) & own.maskLow) == 0 {
        return IPv6Address(high: own.high, low: own.low)
      }
      index &+= 1
    }
    return target.isLinkLocal || (entry.ipv6.high | entry.ipv6.low) == 0 ? entry.linkLocal : entry.ipv6
  }

  /// True if a link-local address is an interface's own: it means nothing on any other.
  func owns(_ linkLocal: IPv6Address, on interface: Int) -> Bool {
    let entry = interfaces.base[interface]
    if linkLocal == entry.linkLocal { return true }
    var index = entry.firstAddress
    while index < entry.firstAddress &+ entry.addressCount {
      let own = addresses.base[index]
      if !own.isIPv4, own.high == linkLocal.high, own.low == linkLocal.low { return true }
      index &+= 1
    }
    return false
  }
}
