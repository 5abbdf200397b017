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

  /// How large the tables must be to hold some prefixes, in whatever order they are added.
  struct Size {
    /// Numbers of prefixes, and some more for what they share.
    private(set) var ipv4Routes = spare
    private(set) var ipv6Routes = spare
    private static let spare = 64
    // DIR-24-8 has a block of 256 entries for each /24 that holds a longer prefix.
    private var ipv4Blocks: Set<UInt32> = []
    /// The trie has a block for each octet of a prefix beyond the third; what prefixes share is not known before they
    /// are added, and memory that is not used costs nothing.
    private(set) var ipv6Groups = 64

    /// Whether there is no prefix of an IP version.
    var hasNoIPv4: Bool { ipv4Routes == Size.spare }
    var hasNoIPv6: Bool { ipv6Routes == Size.spare }

    /// Blocks of IPv4.
    var ipv4Groups: Int { 64 + ipv4Blocks.count }

    /// Makes room for a prefix.
    mutating func add(_ prefix: IPPrefix) {
      switch prefix.address {
      case .v4(let address):
        ipv4Routes += 1
        if prefix.length > 24 { ipv4Blocks.insert(address.bits >> 8) }
      case .v6:
        ipv6Routes += 1
        ipv6Groups += max(0, (prefix.length + 7) / 8 - 3)
      }
    }
  }

  /// Tables with room for some prefixes. A table takes 32 MiB or more, which DPDK writes twice; the one of an IP version
  /// without prefixes, which nothing may be added to, takes nothing.
  ///
  /// - Parameter targets: indices of targets are below this number. With more than 4096 of them, or more than 32 767
  ///   blocks, entries take four bytes and not two.
  init(_ size: Size, targets: Int) throws(SwitchError) {
    let isWide: Int32 = targets > 4096 || max(size.ipv4Groups, size.ipv6Groups) > 32_767 ? 1 : 0
    guard
      let ipv4 = pst_fib4_create(
        UInt32(size.ipv4Routes), UInt32(size.ipv4Groups), RouteTarget.none.rawValue, isWide, size.hasNoIPv4 ? 1 : 0)
    else { throw SwitchError.outOfMemory("\(size.ipv4Routes) IPv4 routes") }
    guard
      let ipv6 = pst_fib6_create(
        UInt32(size.ipv6Routes), UInt32(size.ipv6Groups), RouteTarget.none.rawValue, isWide, size.hasNoIPv6 ? 1 : 0)
    else {
      pst_fib4_free(ipv4)
      throw SwitchError.outOfMemory("\(size.ipv6Routes) IPv6 routes")
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
