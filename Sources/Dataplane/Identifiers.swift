/// A switch port: an index into the port table, 0 to 511.
@frozen
public struct PortID: Equatable, Hashable, Comparable, Sendable {
  /// The index.
  public let rawValue: UInt16
  /// Names a port by its index.
  @inlinable
  public init(_ rawValue: Int) { self.rawValue = UInt16(truncatingIfNeeded: rawValue) }
  /// The index as an offset.
  @inlinable
  public var index: Int { Int(rawValue) }
  /// No port.
  @inlinable public static var none: PortID { PortID(0xFFFF) }
  /// Orders ports by index.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// An egress queue of a port, 0 to 7.
@frozen
public struct QueueID: Equatable, Hashable, Comparable, Sendable {
  /// The number.
  public let rawValue: UInt8
  /// Names a queue; only the low three bits count.
  @inlinable
  public init(_ rawValue: Int) { self.rawValue = UInt8(truncatingIfNeeded: rawValue & 7) }
  /// The number as an offset.
  @inlinable
  public var index: Int { Int(rawValue) }
  /// How many queues a port has.
  public static let count = 8
  /// Orders queues by number.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The switch's internal class of a packet, 0 to 7, which selects queue and priority group.
@frozen
public struct TrafficClass: Equatable, Hashable, Sendable {
  /// The number.
  public let rawValue: UInt8
  /// Names a class; only the low three bits count.
  @inlinable
  public init(_ rawValue: Int) { self.rawValue = UInt8(truncatingIfNeeded: rawValue & 7) }
  /// The number as an offset.
  @inlinable
  public var index: Int { Int(rawValue) }
}

/// An ingress accounting group of a port, 0 to 7, on which XOFF is decided.
@frozen
public struct PriorityGroup: Equatable, Hashable, Sendable {
  /// The number.
  public let rawValue: UInt8
  /// Names a group; only the low three bits count.
  @inlinable
  public init(_ rawValue: Int) { self.rawValue = UInt8(truncatingIfNeeded: rawValue & 7) }
  /// The number as an offset.
  @inlinable
  public var index: Int { Int(rawValue) }
}

/// A priority as PFC frames name it, 0 to 7 (IEEE 802.1Q clause 36).
@frozen
public struct PFCPriority: Equatable, Hashable, Sendable {
  /// The number.
  public let rawValue: UInt8
  /// Names a priority; only the low three bits count.
  @inlinable
  public init(_ rawValue: Int) { self.rawValue = UInt8(truncatingIfNeeded: rawValue & 7) }
  /// The number as an offset.
  @inlinable
  public var index: Int { Int(rawValue) }
}

/// A VLAN identifier, 1 to 4094 (IEEE 802.1Q clause 9.6).
@frozen
public struct VLANID: Equatable, Hashable, Comparable, Sendable {
  /// The number.
  public let rawValue: UInt16
  /// Names a VLAN; only the low twelve bits count.
  @inlinable
  public init(_ rawValue: Int) { self.rawValue = UInt16(truncatingIfNeeded: rawValue & 0xFFF) }
  /// Orders VLANs by number.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
