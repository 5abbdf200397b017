import Wire

extension Field {
  /// The MAC address of one station.
  func stationMAC() -> MACAddress? {
    let example = "02:00:00:00:00:01"
    guard let text = text("a MAC address", example: example) else { return nil }
    guard let mac = MACAddress(text) else {
      report("`\(text)` is not a MAC address", "write six octets in hexadecimal: `\(example)`")
      return nil
    }
    guard !mac.isGroup else {
      report("`\(text)` is a group address", "write the address of one station, which has an even first octet")
      return nil
    }
    guard mac.bits != 0 else {
      report("`\(text)` is no station's address", "write the address of one station: `\(example)`")
      return nil
    }
    return mac
  }

  /// The IP address of one host.
  func hostAddress() -> IPAddress? {
    guard let text = text("an IP address", example: "10.0.1.2") else { return nil }
    guard let address = IPAddress(text) else {
      if let prefix = IPPrefix(text) {
        report("`\(text)` has a prefix length", "write `\(prefix.address)`")
      } else {
        report("`\(text)` is not an IP address", "write it as `10.0.1.2` or `fd00:1::2`")
      }
      return nil
    }
    return check(host: address, text) ? address : nil
  }

  /// An address of the switch's own with the length of its subnet.
  func interfaceAddress() -> IPPrefix? {
    guard let text = text("an address with its prefix length", example: "10.0.1.1/24") else { return nil }
    guard let prefix = parsePrefix(text, isInterface: true), check(host: prefix.address, text) else { return nil }
    let hostBits = prefix.address.bitWidth - prefix.length
    guard prefix.length > 0 else {
      report("`\(text)` would make every address a neighbour", "write the length of its subnet")
      return nil
    }
    // RFC 3021 and RFC 6164: both addresses of a subnet of two are hosts.
    guard hostBits > 1 else { return prefix }
    guard prefix.network.address != prefix.address else {
      let first = prefix.address.advanced(by: 1)
      let what = prefix.address.bitWidth == 32 ? "the subnet itself" : "the subnet's router anycast address"
      report("`\(text)` is \(what)", "write a host's address: `\(first)/\(prefix.length)`")
      return nil
    }
    if case .v4(let address) = prefix.address, ~address.bits << UInt32(prefix.length) == 0 {
      let before = IPv4Address(bits: address.bits - 1)
      report("`\(text)` is the subnet's broadcast address", "write a host's address: `\(before)/\(prefix.length)`")
      return nil
    }
    return prefix
  }

  /// A prefix without host bits.
  func networkPrefix() -> IPPrefix? {
    guard let text = text("a prefix", example: "10.9.0.0/16"), let prefix = parsePrefix(text) else { return nil }
    guard prefix.network == prefix else {
      report("`\(text)` has host bits set", "write `\(prefix.network)`")
      return nil
    }
    return prefix
  }

  private func parsePrefix(_ text: String, isInterface: Bool = false) -> IPPrefix? {
    if let prefix = IPPrefix(text) { return prefix }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if let address = IPAddress(text) {
      let example = isInterface ? address.bitWidth == 32 ? 24 : 64 : address.bitWidth
      let remedy = isInterface ? "add the length of its subnet: " : "write, for the address alone, "
      report("`\(text)` has no prefix length", "\(remedy)`\(text)/\(example)`")
    } else if parts.count == 2, let address = IPAddress(parts[0]), Quantities.integer(parts[1]) != nil {
      report("prefix length `\(parts[1])` is out of range", "write 0 to \(address.bitWidth)")
    } else {
      report("`\(text)` is not a prefix", "write an address and a length: `10.0.1.0/24` or `fd00:1::/64`")
    }
    return nil
  }

  private func check(host address: IPAddress, _ text: String) -> Bool {
    guard let problem = address.whyNoHost else { return true }
    report("`\(text)` is \(problem)", "write the address of one host")
    return false
  }
}

extension IPAddress {
  /// Why no interface can have this address; nil if one can.
  var whyNoHost: String? {
    switch self {
    case .v4(let address):
      if address.isMulticast { return "a multicast address" }
      if address.bits >> 24 == 0 { return "an address of \"this network\" (0.0.0.0/8)" }
      if address.bits >> 24 == 127 { return "a loopback address" }
      return address.bits >> 28 == 15 ? "a reserved address (240.0.0.0/4)" : nil
    case .v6(let address):
      if address.isMulticast { return "a multicast address" }
      guard address.high == 0, address.low <= 1 else { return nil }
      return address.low == 0 ? "the unspecified address" : "the loopback address"
    }
  }

  /// The address `count` further, within the last 32 or 64 bits.
  func advanced(by count: UInt32) -> IPAddress {
    switch self {
    case .v4(let address): .v4(IPv4Address(bits: address.bits &+ count))
    case .v6(let address): .v6(IPv6Address(high: address.high, low: address.low &+ UInt64(count)))
    }
  }

  /// Number of leading bits that two addresses of one version share; -1 for different versions.
  func commonBits(with other: IPAddress) -> Int {
    switch (self, other) {
    case (.v4(let left), .v4(let right)): return (left.bits ^ right.bits).leadingZeroBitCount
    case (.v6(let left), .v6(let right)):
      let high = (left.high ^ right.high).leadingZeroBitCount
      return high < 64 ? high : 64 + (left.low ^ right.low).leadingZeroBitCount
    default: return -1
    }
  }
}
