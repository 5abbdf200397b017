import Testing
import Wire

@Suite("Addresses and byte order")
struct AddressTests {
  @Test func bigEndian() {
    let bytes = withGuarded(octets("a5 00 00 00 00 00 00 00")) { base, _ in
      base.storeBigEndian(UInt16(0x1234), at: 1)
      base.storeBigEndian(UInt32(0x89AB_CDEF), at: 3)
      #expect(base.loadBigEndian(UInt16.self, at: 1) == 0x1234)
      #expect(UnsafeRawPointer(base).loadBigEndian(UInt32.self, at: 3) == 0x89AB_CDEF)
      #expect(base.loadBigEndian(UInt64.self, at: 0) == 0xA512_3489_ABCD_EF00)
    }
    #expect(bytes == octets("a5 1234 89abcdef 00"))
    #expect(BigEndian(UInt16(1)).value == 1)
  }

  @Test func macAddresses() {
    #expect(MACAddress("02:00:00:Ab:cD:0e")?.bits == 0x0200_00AB_CD0E)
    #expect(MACAddress("02-00-00-00-00-01")?.description == "02:00:00:00:00:01")
    for text in ["", "02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1", "02:00:00:00:00:0g", "02:00:00:00:00:+1"]
    {
      #expect(MACAddress(text) == nil, "\(text)")
    }
    #expect(MACAddress(bits: .max) == .broadcast && MACAddress.broadcast.isGroup)
    #expect(MACAddress(bits: 0x0100_5E00_0001).isGroup && !MACAddress(bits: 0x0200_0000_0001).isGroup)
    for last: UInt64 in 0...255 {
      #expect(MACAddress(bits: 0x0180_C200_0000 | last).isReservedBridgeGroup == (last < 16))
    }
  }

  @Test func ipv4Addresses() {
    #expect(IPv4Address("10.0.0.255")?.bits == 0x0A00_00FF)
    #expect(IPv4Address(bits: 0xC0A8_0001).description == "192.168.0.1")
    for text in ["", "10.0.0", "10.0.0.256", "10.0.0.1 ", "10.0.0.1\0x", "::1", "0x0a.0.0.1"] {
      #expect(IPv4Address(text) == nil, "\(text)")
    }
    #expect(IPv4Address(bits: 0xEFFF_FFFF).isMulticast && !IPv4Address(bits: 0xF000_0000).isMulticast)
  }

  @Test func ipv6Addresses() {
    #expect(IPv6Address("2001:db8::1") == IPv6Address(high: 0x2001_0DB8_0000_0000, low: 1))
    #expect(IPv6Address(high: 0x2001_0DB8_0000_0000, low: 0x0001_0000_0000_0001).description == "2001:db8::1:0:0:1")
    #expect(IPv6Address(high: 0, low: 0).description == "::")
    for text in ["", "1", "::1::", "fe80::1%eth0", "::1\0", "10.0.0.1"] { #expect(IPv6Address(text) == nil, "\(text)") }
    #expect(IPv6Address("ff02::1")?.isMulticast == true && IPv6Address("fe80::1")?.isMulticast == false)
    #expect(IPv6Address("febf::1")?.isLinkLocal == true && IPv6Address("fec0::1")?.isLinkLocal == false)
  }

  @Test func prefixes() throws {
    for text in ["10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/+8", "::/129", "/8", "a/b/c"] {
      #expect(IPPrefix(text) == nil, "\(text)")
    }
    #expect(IPPrefix("10.1.2.3/8")?.description == "10.1.2.3/8")
    #expect(IPPrefix("10.1.2.3/8")?.network.description == "10.0.0.0/8")
    #expect(IPPrefix("2001:db8:1:2:3::/65")?.network.description == "2001:db8:1:2::/65")
    // For every length, an address differs from its prefix exactly when one of the leading bits does.
    for (text, width) in [("170.170.170.170", 32), ("aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa", 128)] {
      let address = try #require(IPAddress(text))
      for length in 0...width {
        let prefix = try #require(IPPrefix(address: address, length: length))
        for bit in 0..<width {
          #expect(prefix.contains(flip(bit, of: address)) == (bit >= length), "\(prefix) bit \(bit)")
        }
      }
    }
    #expect(IPPrefix("0.0.0.0/0")?.contains(try #require(IPAddress("::1"))) == false)
  }

  /// Bit 0 is the most significant.
  private func flip(_ bit: Int, of address: IPAddress) -> IPAddress {
    switch address {
    case .v4(let address): .v4(IPv4Address(bits: address.bits ^ 1 << UInt32(31 - bit)))
    case .v6(let address):
      bit < 64
        ? .v6(IPv6Address(high: address.high ^ 1 << UInt64(63 - bit), low: address.low))
        : .v6(IPv6Address(high: address.high, low: address.low ^ 1 << UInt64(127 - bit)))
    }
  }
}
