/// What an IPv6 packet carries behind its extension headers.
@frozen
public struct IPv6UpperLayer: Equatable, Sendable {
  /// Protocol at `offset`: a transport, or the extension header at which the walk had to stop.
  public var ipProtocol: UInt8
  /// Octets from the end of the fixed header to that protocol; never more than were available.
  public var offset: Int
  /// True if the packet is a fragment, the first included; an atomic fragment (RFC 6946) is none.
  public var isFragment: Bool
  /// True if it is a fragment that does not begin with the upper layer: there are no ports at `offset`.
  public var isLaterFragment: Bool
  /// True if the chain ran past the available octets or past eight headers: the upper layer is unknown.
  public var isTruncated: Bool
  /// Octets from the end of the fixed header to the first routing header; -1 if there is none.
  public var routingHeaderOffset: Int

  /// A packet without extension headers.
  @inlinable
  public init(ipProtocol: UInt8) {
    self.ipProtocol = ipProtocol
    offset = 0
    isFragment = false
    isLaterFragment = false
    isTruncated = false
    routingHeaderOffset = -1
  }
}

/// Walks the chain of IPv6 extension headers (RFC 8200 section 4).
public enum IPv6Extensions {
  /// Headers that the walk passes at most; a chain that goes on counts as truncated.
  @inlinable public static var maximumHeaders: Int { 8 }

  /// Finds the upper layer.
  ///
  /// A header that does not lie wholly within the available octets ends the walk with `isTruncated`. So does a
  /// hop-by-hop header that is not first (RFC 8200 section 4.3), but without `isTruncated`: the answer then names it.
  /// Encrypted payload and "no next header" are answers, not headers to pass.
  ///
  /// - Parameters:
  ///   - nextHeader: the fixed header's next header field.
  ///   - base: the first octet behind the fixed header.
  ///   - available: octets that may be read from there.
  @inlinable
  public static func walk(nextHeader: UInt8, at base: UnsafeMutableRawPointer, available: Int) -> IPv6UpperLayer {
    var layer = IPv6UpperLayer(ipProtocol: nextHeader)
    var passed = 0
    while isPassable(layer.ipProtocol, isFirst: passed == 0) {
      // Every extension header is at least eight octets, and its length and successor lie in the first two.
      guard passed < maximumHeaders, available &- layer.offset >= 8 else {
        layer.isTruncated = true
        return layer
      }
      let header = base + layer.offset
      let extent = Int(header.load(fromByteOffset: 1, as: UInt8.self))
      let length: Int
      switch layer.ipProtocol {
      case IPProtocol.ipv6Fragment: length = 8
      case IPProtocol.authentication: length = (extent &+ 2) &* 4
      default: length = (extent &+ 1) &* 8
      }
      guard length <= available &- layer.offset else {
        layer.isTruncated = true
        return layer
      }
      if layer.ipProtocol == IPProtocol.ipv6Routing, layer.routingHeaderOffset < 0 {
        layer.routingHeaderOffset = layer.offset
      }
      let isFragment = layer.ipProtocol == IPProtocol.ipv6Fragment
      layer.ipProtocol = header.load(as: UInt8.self)
      layer.offset &+= length
      passed &+= 1
      if isFragment {
        let word = header.loadBigEndian(UInt16.self, at: 2)
        layer.isFragment = layer.isFragment || word & 0xFFF9 != 0
        if word & 0xFFF8 != 0 {
          layer.isLaterFragment = true
          return layer
        }
      }
    }
    return layer
  }

  @inlinable
  static func isPassable(_ ipProtocol: UInt8, isFirst: Bool) -> Bool {
    switch ipProtocol {
    case IPProtocol.ipv6HopByHop: isFirst
    case IPProtocol.ipv6Routing, IPProtocol.ipv6Fragment, IPProtocol.ipv6Destination, IPProtocol.authentication: true
    default: false
    }
  }
}
