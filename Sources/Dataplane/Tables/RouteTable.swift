import CShims
import Wire

/// What a route leads to, in the 31 bits that a wide FIB can hold, or the 15 of a narrow one.
@frozen
public struct RouteTarget: Equatable, Sendable {
  let rawValue: UInt32

  enum Kind: UInt32 {
    /// No route.
    case none
    /// An address of the switch.
    case local
    /// The subnet of an interface: the destination is a neighbour.
    case connected
    /// A next-hop group.
    case group
    /// A route that drops.
    case discard
    /// The broadcast address of a connected subnet.
    case broadcast
  }

  init(_ kind: Kind, index: Int = 0) { rawValue = UInt32(index) << 3 | kind.rawValue }

  @inline(__always)
  init(found: UInt64) { rawValue = UInt32(truncatingIfNeeded: found) }

  @inline(__always)
  var kind: Kind { Kind(rawValue: rawValue & 7) ?? .none }

  @inline(__always)
  var index: Int { Int(rawValue >> 3) }

  static var none: RouteTarget { RouteTarget(.none) }
}

/// Longest prefix match for both IP versions, on DPDK's FIB (DIR-24-8 and trie).
///
/// A lookup is one or two memory accesses for IPv4 and up to 14 for IPv6.
struct RouteTable: ~Copyable {
  private let ipv4: UnsafeMutableRawPointer
  private let ipv6: UnsafeMutableRawPointer

  /// Tables with room for so many prefixes.
  ///
  /// - Parameter targets: indices of targets are below this number; with more than 4096 the tables are twice as large.
  init(ipv4Routes: Int, ipv6Routes: Int, targets: Int) throws(SwitchError) {
    let isWide: Int32 = targets > 4096 ? 1 : 0
    guard let ipv4 = pst_fib4_create(UInt32(ipv4Routes), RouteTarget.none.rawValue, isWide) else {
      throw SwitchError.outOfMemory("\(ipv4Routes) IPv4 routes")
    }
    guard let ipv6 = pst_fib6_create(UInt32(ipv6Routes), RouteTarget.none.rawValue, isWide) else {
      pst_fib4_free(ipv4)
      throw SwitchError.outOfMemory("\(ipv6Routes) IPv6 routes")
    }
    self.ipv4 = ipv4
    self.ipv6 = ipv6
  }

  deinit {
    pst_fib4_free(ipv4)
    pst_fib6_free(ipv6)
  }

  /// Adds a prefix, or replaces where it leads.
  func add(_ prefix: IPPrefix, _ target: RouteTarget) throws(SwitchError) {
    let result: Int32
    switch prefix.address {
    case .v4(let address):
      result = pst_fib4_add(ipv4, address.bits, UInt8(prefix.length), target.rawValue)
    case .v6(let address):
      var octets: InlineArray<16, UInt8> = InlineArray(repeating: 0)
      withUnsafeMutableBytes(of: &octets) { address.store(to: $0.baseAddress!) }
      result = withUnsafeBytes(of: &octets) {
        pst_fib6_add(ipv6, $0.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt8(prefix.length), target.rawValue)
      }
    }
    guard result == 0 else { throw SwitchError.routeRefused(prefix) }
  }

  /// Where a destination address leads.
  @inline(__always)
  func lookup(_ destination: IPv4Address) -> RouteTarget {
    var key = destination.bits
    var found: UInt64 = 0
    pst_fib4_lookup(ipv4, &key, &found, 1)
    return RouteTarget(found: found)
  }

  /// Where `count` destination addresses lead.
  @inline(__always)
  func lookup(
    _ destinations: UnsafeMutablePointer<UInt32>, into found: UnsafeMutablePointer<UInt64>, count: Int
  ) {
    pst_fib4_lookup(ipv4, destinations, found, UInt32(truncatingIfNeeded: count))
  }

  /// Where the 16-byte destination address at a pointer leads.
  @inline(__always)
  func lookup(ipv6Destination: UnsafeRawPointer) -> RouteTarget {
    var found: UInt64 = 0
    pst_fib6_lookup(ipv6, ipv6Destination, &found, 1)
    return RouteTarget(found: found)
  }

  /// Where a destination address leads.
  @inline(__always)
  func lookup(_ destination: IPv6Address) -> RouteTarget {
    var key = (destination.high.bigEndian, destination.low.bigEndian)
    var found: UInt64 = 0
    pst_fib6_lookup(ipv6, &key, &found, 1)
    return RouteTarget(found: found)
  }
}
