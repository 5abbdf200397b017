/// The global route header in front of RoCEv1's base transport header (IBTA volume 1 section 8.3, annex A16).
///
/// It has the layout of the IPv6 header, but its addresses are InfiniBand's and no router looks at it.
@frozen
public struct GlobalRouteHeader {
  /// Octets of the header.
  @inlinable public static var length: Int { 40 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 40 }

  /// The same octets as an IPv6 header.
  public let fields: IPv6Header

  /// Views a header; nil if fewer than forty octets are available or its version is not 6.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard let fields = IPv6Header(at: base, available: available) else { return nil }
    self.fields = fields
  }

  /// TClass: DSCP and ECN as one octet.
  @inlinable public var trafficClass: UInt8 { fields.trafficClass }

  /// FlowLabel, twenty bits.
  @inlinable public var flowLabel: UInt32 { fields.flowLabel }

  /// PayLen: octets behind this header, the invariant CRC included.
  @inlinable public var payloadLength: Int { fields.payloadLength }

  /// True if a base transport header follows.
  @inlinable public var isFollowedByTransport: Bool { fields.nextHeader == IPProtocol.infiniBand }

  /// HopLmt.
  @inlinable public var hopLimit: UInt8 { fields.hopLimit }

  /// SGID: the sender.
  @inlinable public var source: IPv6Address { fields.source }

  /// DGID: the receiver.
  @inlinable public var destination: IPv6Address { fields.destination }
}
