/// The options behind a neighbor discovery message (RFC 4861 section 4.6).
public enum NeighborOptions {
  /// Link-layer address of the sender, in solicitations.
  @inlinable public static var sourceLinkLayerAddress: UInt8 { 1 }
  /// Link-layer address of the target, in advertisements.
  @inlinable public static var targetLinkLayerAddress: UInt8 { 2 }
  /// Octets of a link-layer address option on Ethernet (RFC 2464 section 6).
  @inlinable public static var linkLayerAddressLength: Int { 8 }

  /// True if the options fill the octets exactly and none has length zero, without which the whole message is
  /// discarded (RFC 4861 section 7.1).
  @inlinable
  public static func areWellFormed(at base: UnsafeRawPointer, available: Int) -> Bool {
    var offset = 0
    while offset < available {
      guard available &- offset >= 2 else { return false }
      let length = Int(base.load(fromByteOffset: offset &+ 1, as: UInt8.self)) &* 8
      guard length > 0, length <= available &- offset else { return false }
      offset &+= length
    }
    return true
  }

  /// The Ethernet address in the first option of a type; nil if there is none before the end or a malformed option.
  @inlinable
  public static func linkLayerAddress(type: UInt8, at base: UnsafeRawPointer, available: Int) -> MACAddress? {
    var offset = 0
    while available &- offset >= linkLayerAddressLength {
      let length = Int(base.load(fromByteOffset: offset &+ 1, as: UInt8.self)) &* 8
      guard length > 0, length <= available &- offset else { return nil }
      if base.load(fromByteOffset: offset, as: UInt8.self) == type { return MACAddress(at: base + (offset &+ 2)) }
      offset &+= length
    }
    return nil
  }

  /// Writes a link-layer address option of eight octets; the caller has checked that they exist.
  @inlinable
  static func write(type: UInt8, address: MACAddress, to base: UnsafeMutableRawPointer) {
    base.storeBytes(of: type, as: UInt8.self)
    base.storeBytes(of: 1, toByteOffset: 1, as: UInt8.self)
    address.store(to: base + 2)
  }
}

/// A neighbor solicitation, from the ICMPv6 type on (RFC 4861 section 4.3).
///
/// The checks of section 7.1.1 that need the IPv6 header (hop limit 255, checksum) are the caller's.
@frozen
public struct NeighborSolicitation {
  /// Octets without options.
  @inlinable public static var minimumLength: Int { 24 }
  /// Octets that ``init(creatingAt:available:target:linkLayerAddress:)`` lays.
  @inlinable public static var createdLength: Int { 32 }

  /// The ICMPv6 header; its `available` bounds the options.
  public let icmp: ICMPv6Header

  /// Views a message; nil if it is cut off, has another type or a code, asks for a multicast address, or has options
  /// that are malformed.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, let icmp = ICMPv6Header(at: base, available: available),
      icmp.type == ICMPv6Header.MessageType.neighborSolicitation, icmp.code == 0,
      !IPv6Address(at: base + 8).isMulticast,
      NeighborOptions.areWellFormed(at: base + 24, available: available &- 24)
    else { return nil }
    self.icmp = icmp
  }

  /// Lays a message with the sender's link-layer address, checksum zero; nil if thirty-two octets do not fit.
  @inlinable
  public init?(
    creatingAt base: UnsafeMutableRawPointer, available: Int, target: IPv6Address, linkLayerAddress: MACAddress
  ) {
    guard available >= Self.createdLength,
      let icmp = ICMPv6Header(
        creatingAt: base, available: Self.createdLength, type: ICMPv6Header.MessageType.neighborSolicitation, code: 0)
    else { return nil }
    target.store(to: base + 8)
    NeighborOptions.write(type: NeighborOptions.sourceLinkLayerAddress, address: linkLayerAddress, to: base + 24)
    self.icmp = icmp
  }

  /// The address whose owner should answer.
  @inlinable public var target: IPv6Address { IPv6Address(at: icmp.base + 8) }

  /// The sender's address; nil in duplicate address detection.
  @inlinable public var sourceLinkLayerAddress: MACAddress? {
    NeighborOptions.linkLayerAddress(
      type: NeighborOptions.sourceLinkLayerAddress, at: icmp.base + 24, available: icmp.available &- 24)
  }
}

/// A neighbor advertisement, from the ICMPv6 type on (RFC 4861 section 4.4).
///
/// The checks of section 7.1.2 that need the IPv6 header (hop limit 255, checksum, no solicited answer to a multicast
/// address) are the caller's.
@frozen
public struct NeighborAdvertisement {
  /// Octets without options.
  @inlinable public static var minimumLength: Int { 24 }
  /// Octets that the creating initialiser lays.
  @inlinable public static var createdLength: Int { 32 }

  /// What the sender says about itself and its answer.
  @frozen
  public struct Flags: OptionSet, Sendable {
    /// The octet as it lies.
    public let rawValue: UInt8

    /// Takes the octet as it lies.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// R: the sender is a router.
    @inlinable public static var router: Flags { Flags(rawValue: 0x80) }
    /// S: the answer to a solicitation.
    @inlinable public static var solicited: Flags { Flags(rawValue: 0x40) }
    /// O: replaces what the receiver has cached.
    @inlinable public static var overrides: Flags { Flags(rawValue: 0x20) }
  }

  /// The ICMPv6 header; its `available` bounds the options.
  public let icmp: ICMPv6Header

  /// Views a message; nil if it is cut off, has another type or a code, tells a multicast address, or has options that
  /// are malformed.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, let icmp = ICMPv6Header(at: base, available: available),
      icmp.type == ICMPv6Header.MessageType.neighborAdvertisement, icmp.code == 0,
      !IPv6Address(at: base + 8).isMulticast,
      NeighborOptions.areWellFormed(at: base + 24, available: available &- 24)
    else { return nil }
    self.icmp = icmp
  }

  /// Lays a message with the target's link-layer address, checksum zero; nil if thirty-two octets do not fit.
  @inlinable
  public init?(
    creatingAt base: UnsafeMutableRawPointer, available: Int, flags: Flags, target: IPv6Address,
    linkLayerAddress: MACAddress
  ) {
    guard available >= Self.createdLength,
      let icmp = ICMPv6Header(
        creatingAt: base, available: Self.createdLength, type: ICMPv6Header.MessageType.neighborAdvertisement, code: 0)
    else { return nil }
    base.storeBytes(of: flags.rawValue, toByteOffset: 4, as: UInt8.self)
    target.store(to: base + 8)
    NeighborOptions.write(type: NeighborOptions.targetLinkLayerAddress, address: linkLayerAddress, to: base + 24)
    self.icmp = icmp
  }

  /// Router, solicited and override bits.
  @inlinable public var flags: Flags { Flags(rawValue: icmp.base.load(fromByteOffset: 4, as: UInt8.self)) }

  /// The address that is told.
  @inlinable public var target: IPv6Address { IPv6Address(at: icmp.base + 8) }

  /// The address of the target; nil if the message does not say.
  @inlinable public var targetLinkLayerAddress: MACAddress? {
    NeighborOptions.linkLayerAddress(
      type: NeighborOptions.targetLinkLayerAddress, at: icmp.base + 24, available: icmp.available &- 24)
  }
}
