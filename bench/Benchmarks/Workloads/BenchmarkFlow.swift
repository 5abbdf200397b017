import Dataplane
import Wire

/// One flow: a queue pair that writes to another, through the switch under test.
///
/// Everything about it follows from its number and from the prefix that it goes to.
struct BenchmarkFlow {
  let number: Int
  let prefix: Int
  let prefixes: BenchmarkPrefixes

  /// The switch's MAC address.
  var destinationMAC: MACAddress { MACAddress(bits: 0x0200_0000_0001) }
  /// The sending host's.
  var sourceMAC: MACAddress { MACAddress(bits: 0x0200_0000_0102) }
  /// The receiver's queue pair.
  var queuePair: UInt32 { UInt32(truncatingIfNeeded: number + 17) & 0x00FF_FFFF }
  /// Entropy of the flow, as senders put it into the source port: 0xC000 to 0xFFFF.
  var sourcePort: UInt16 { 0xC000 | UInt16(truncatingIfNeeded: number) & 0x3FFF }
  /// A host for every 16384 flows, from .2 on.
  private var host: Int { 2 + (number >> 14) }

  /// DSCP 26, which is lossless, of 10 flows in 16; 48, which is strict, of 2; 0 of the others.
  var dscp: UInt8 {
    let kind = number % 16
    return kind < 10 ? 26 : kind < 14 ? 0 : 48
  }

  /// ECT(0) in the lossless class.
  var ecn: UInt8 { dscp == 26 ? ECN.capable0 : 0 }

  var sourceIPv4: IPv4Address { IPv4Address(bits: 0x0A00_0000 | UInt32(host)) }
  var sourceIPv6: IPv6Address { IPv6Address(high: 0xFD00_0000_0000_0000, low: UInt64(host)) }
  var destinationIPv4: IPv4Address {
    IPv4Address(bits: prefixes.ipv4(prefix) | 1 + UInt32(truncatingIfNeeded: number / 16) % 254)
  }
  var destinationIPv6: IPv6Address { IPv6Address(high: prefixes.ipv6(prefix), low: UInt64(number) + 1) }
}

/// The destinations of a workload: /24, or /64 of IPv6, one behind the other.
public struct BenchmarkPrefixes: Equatable, Sendable {
  /// How many there are, 1 to 2^20.
  public let count: Int
  /// IPv6 rather than IPv4.
  public let isIPv6: Bool

  /// Some prefixes.
  public init(count: Int, isIPv6: Bool = false) {
    self.count = min(max(1, count), 1 << 20)
    self.isIPv6 = isIPv6
  }

  /// The first address of a prefix: in 10.9/16 while there is room, else in 16/4.
  func ipv4(_ index: Int) -> UInt32 { (count <= 256 ? 0x0A09_0000 : 0x1000_0000) | UInt32(index) << 8 }

  /// The upper half of the addresses of a prefix, in 2001:db8::/32.
  func ipv6(_ index: Int) -> UInt64 { 0x2001_0DB8_0000_0000 | UInt64(index) }

  /// All prefixes.
  public var all: [IPPrefix] {
    (0..<count).compactMap { index in
      isIPv6
        ? IPPrefix(address: .v6(IPv6Address(high: ipv6(index), low: 0)), length: 64)
        : IPPrefix(address: .v4(IPv4Address(bits: ipv4(index))), length: 24)
    }
  }
}
