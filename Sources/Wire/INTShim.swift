/// The shim in front of in-band telemetry over TCP or UDP (P4.org INT Dataplane Specification 2.1 section 5.7.2).
@frozen
public struct INTShim {
  /// Octets of the shim.
  @inlinable public static var length: Int { 4 }
  /// Fewest octets that can hold the shim.
  @inlinable public static var minimumLength: Int { 4 }

  /// What lies behind the shim (section 5.1).
  @frozen
  public enum Kind: UInt8, Sendable {
    /// INT-MD: instructions and the metadata of every hop.
    case metadata = 1
    /// A header for the sink alone.
    case destination = 2
    /// INT-MX: instructions only.
    case instructions = 3
  }

  /// How the packet announces telemetry (section 5.7.2).
  @frozen
  public enum NextProtocol: UInt8, Sendable {
    /// By its DSCP or a marker: the packet's own ports are in place.
    case unchanged = 0
    /// By a UDP destination port; the original one is in the shim.
    case originalPort = 1
    /// By a UDP header that was put in; the original protocol is in the shim.
    case originalProtocol = 2
  }

  /// The first octet of the shim.
  public let base: UnsafeMutableRawPointer
  /// What lies behind the shim.
  public let kind: Kind
  /// How the packet announces telemetry.
  public let nextProtocol: NextProtocol
  /// Octets of headers and stack behind the shim, 0 to 1020, all available.
  public let contentLength: Int

  /// Views a shim; nil if it is cut off, if its type or next protocol is reserved, or if it claims more than the
  /// available octets.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    let first = base.load(as: UInt8.self)
    let content = Int(base.load(fromByteOffset: 1, as: UInt8.self)) &* 4
    guard let kind = Kind(rawValue: first >> 4), let next = NextProtocol(rawValue: first >> 2 & 3),
      Self.length &+ content <= available
    else { return nil }
    self.base = base
    self.kind = kind
    nextProtocol = next
    contentLength = content
  }

  /// The first octet behind the shim.
  @inlinable public var content: UnsafeMutableRawPointer { base + Self.length }

  /// The packet's own UDP destination port; counts with ``NextProtocol/originalPort``.
  @inlinable public var originalPort: UInt16 { base.loadBigEndian(UInt16.self, at: 2) }

  /// The packet's own IP protocol; counts with ``NextProtocol/originalProtocol``.
  @inlinable public var originalProtocol: UInt8 { base.load(fromByteOffset: 3, as: UInt8.self) }

  /// The packet's own DSCP, 0 to 63; may count with ``NextProtocol/unchanged``.
  @inlinable public var originalDSCP: UInt8 { base.load(fromByteOffset: 3, as: UInt8.self) >> 2 }
}
