/// The header in front of all reports of one datagram (P4.org Telemetry Report Format 2.0 section 3.2).
@frozen
public struct TelemetryReportGroup {
  /// Octets of the header.
  @inlinable public static var length: Int { 8 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 8 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if it is cut off or its version is not 2.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, base.load(as: UInt8.self) >> 4 == 2 else { return nil }
    self.base = base
  }

  /// Part of the node that made the report, 0 to 63.
  @inlinable public var hardwareID: UInt8 {
    UInt8(truncatingIfNeeded: base.loadBigEndian(UInt16.self, at: 0) >> 6 & 63)
  }

  /// Number of the datagram, 22 bits, counted for each node, part and receiver.
  @inlinable public var sequenceNumber: UInt32 { base.loadBigEndian(UInt32.self, at: 0) & 0x003F_FFFF }

  /// The node that made the report.
  @inlinable public var nodeID: UInt32 { base.loadBigEndian(UInt32.self, at: 4) }
}

/// One report behind the group header (section 3.3).
@frozen
public struct TelemetryReport {
  /// Fewest octets that can hold a report's own header.
  @inlinable public static var minimumLength: Int { 4 }

  /// The first octet of the report.
  public let base: UnsafeMutableRawPointer
  /// Octets of the report with its first word; all are available.
  public let length: Int

  /// Views a report; nil if it is cut off, or is about INT and shorter than its metadata.
  ///
  /// A length of 255 words means "to the end of the datagram" (section 3.3).
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    let words = Int(base.load(fromByteOffset: 1, as: UInt8.self))
    let length = words == 255 ? available : 4 &+ words &* 4
    guard length <= available else { return nil }
    let metadata = 12 &+ Int(base.load(fromByteOffset: 2, as: UInt8.self)) &* 4
    guard base.load(as: UInt8.self) >> 4 != 1 || metadata <= length else { return nil }
    self.base = base
    self.length = length
    isINT = base.load(as: UInt8.self) >> 4 == 1
  }

  /// True if the report holds INT metadata: without it the accessors of metadata are zero. As read when the view was
  /// made.
  public let isINT: Bool

  /// Kind of report: 0 packet contents only, 1 INT, 2 IOAM.
  @inlinable public var kind: UInt8 { base.load(as: UInt8.self) >> 4 }

  /// What the inner contents begin with: 0 none, 1 objects, 2 domain extension, 3 Ethernet, 4 IPv4, 5 IPv6.
  @inlinable public var contents: UInt8 { base.load(as: UInt8.self) & 0x0F }

  /// Octets of metadata.
  @inlinable public var metadataLength: Int { Int(base.load(fromByteOffset: 2, as: UInt8.self)) &* 4 }

  /// D: the packet was dropped.
  @inlinable public var isDropped: Bool { base.load(fromByteOffset: 3, as: UInt8.self) & 0x80 != 0 }

  /// Q: the packet met a congested queue.
  @inlinable public var isQueueCongested: Bool { base.load(fromByteOffset: 3, as: UInt8.self) & 0x40 != 0 }

  /// F: the packet belongs to a tracked flow.
  @inlinable public var isTrackedFlow: Bool { base.load(fromByteOffset: 3, as: UInt8.self) & 0x20 != 0 }

  /// I: made by a node on the way and not by the sink.
  @inlinable public var isIntermediate: Bool { base.load(fromByteOffset: 3, as: UInt8.self) & 0x10 != 0 }

  /// Which metadata follows; the last bit stands for queue and drop reason here (section 3.3.1).
  @inlinable public var metadataBits: INTInstructions {
    INTInstructions(rawValue: isINT ? base.loadBigEndian(UInt16.self, at: 4) : 0)
  }

  /// Domain of domain-specific metadata.
  @inlinable public var domainID: UInt16 { isINT ? base.loadBigEndian(UInt16.self, at: 6) : 0 }

  /// A word of the metadata; nil if the report does not reach that far.
  @inlinable
  public func metadataWord(_ index: Int) -> UInt32? {
    guard isINT, index >= 0, index < metadataLength / 4, 16 &+ index &* 4 <= length else { return nil }
    return base.loadBigEndian(UInt32.self, at: 12 &+ index &* 4)
  }
}
