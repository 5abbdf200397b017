import Glibc

/// An IPv4 address.
@frozen
public struct IPv4Address: Equatable, Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The address as a number of the host: 10.0.0.1 is 0x0A000001.
  public let bits: UInt32

  /// Creates an address from a number of the host.
  @inlinable
  public init(bits: UInt32) { self.bits = bits }

  /// Parses dotted decimal with four parts; nil if it is anything else.
  public init?(_ text: some StringProtocol) {
    var address = in_addr()
    // C would not see what follows a zero.
    guard !text.utf8.contains(0), inet_pton(AF_INET, String(text), &address) == 1 else { return nil }
    bits = UInt32(bigEndian: address.s_addr)
  }

  /// Orders addresses as numbers.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }

  /// True for 224.0.0.0/4.
  @inlinable
  public var isMulticast: Bool { bits >> 28 == 0xE }

  /// Dotted decimal.
  public var description: String { "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)" }
}

/// An IPv6 address.
@frozen
public struct IPv6Address: Equatable, Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The first eight octets as a number of the host.
  public let high: UInt64
  /// The last eight octets as a number of the host.
  public let low: UInt64

  /// Creates an address from two numbers of the host.
  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads sixteen octets; the caller has checked that they exist.
  @inlinable
  public init(at pointer: UnsafeRawPointer) {
    high = pointer.loadBigEndian(UInt64.self, at: 0)
    low = pointer.loadBigEndian(UInt64.self, at: 8)
  }

  /// Parses the text forms of RFC 4291; nil if it is anything else.
  public init?(_ text: some StringProtocol) {
    var address = in6_addr()
    guard !text.utf8.contains(0), inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
    self = withUnsafeBytes(of: &address) { IPv6Address(at: $0.baseAddress!) }
  }

  /// Writes sixteen octets; the caller has checked that they exist.
  @inlinable
  public func store(to pointer: UnsafeMutableRawPointer) {
    pointer.storeBigEndian(high, at: 0)
    pointer.storeBigEndian(low, at: 8)
  }

  /// Orders addresses as numbers.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }

  /// True for ff00::/8.
  @inlinable
  public var isMulticast: Bool { high >> 56 == 0xFF }

  /// True for fe80::/10.
  @inlinable
  public var isLinkLocal: Bool { high >> 54 == 0x3FA }

  /// The canonical text of RFC 5952.
  public var description: String {
    var octets = [UInt8](repeating: 0, count: 16)
    octets.withUnsafeMutableBytes { store(to: $0.baseAddress!) }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(AF_INET6, octets, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// An address of either IP version.
@frozen
public enum IPAddress: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// An IPv4 address.
  case v4(IPv4Address)
  /// An IPv6 address.
  case v6(IPv6Address)

  /// Parses either version; nil if it is neither.
  public init?(_ text: some StringProtocol) {
    if let address = IPv4Address(text) {
      self = .v4(address)
    } else if let address = IPv6Address(text) {
      self = .v6(address)
    } else {
      return nil
    }
  }

  /// Number of bits in an address of this version: 32 or 128.
  public var bitWidth: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// The usual text.
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }
}

/// An address with a prefix length: a subnet, a route, or an interface address with its mask.
@frozen
public struct IPPrefix: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// The address as written; host bits may be set (an interface address keeps them).
  public let address: IPAddress
  /// Number of leading bits that count, 0 to 32 or 0 to 128.
  public let length: Int

  /// Creates a prefix; nil if the length does not fit the address's version.
  public init?(address: IPAddress, length: Int) {
    guard length >= 0, length <= address.bitWidth else { return nil }
    self.address = address
    self.length = length
  }

  /// Parses `ADDRESS/LENGTH`; nil if it is anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].allSatisfy(\.isNumber), let address = IPAddress(parts[0]),
      let length = Int(parts[1])
    else { return nil }
    self.init(address: address, length: length)
  }

  /// The same prefix with every host bit cleared.
  public var network: IPPrefix {
    switch address {
    case .v4(let address):
      let mask: UInt32 = length == 0 ? 0 : ~0 << UInt32(32 - length)
      return IPPrefix(address: .v4(IPv4Address(bits: address.bits & mask)), length: length) ?? self
    case .v6(let address):
      let high: UInt64 = length == 0 ? 0 : ~0 << UInt64(max(0, 64 - length))
      let low: UInt64 = length <= 64 ? 0 : ~0 << UInt64(128 - length)
      let network = IPv6Address(high: address.high & high, low: address.low & low)
      return IPPrefix(address: .v6(network), length: length) ?? self
    }
  }

  /// True if the address lies within this prefix.
  public func contains(_ other: IPAddress) -> Bool {
    IPPrefix(address: other, length: min(length, other.bitWidth))?.network.address == network.address
      && other.bitWidth == address.bitWidth
  }

  /// `ADDRESS/LENGTH`.
  public var description: String { "\(address)/\(length)" }
}
