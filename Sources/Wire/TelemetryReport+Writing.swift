extension TelemetryReportGroup {
  /// Writes a header: version 2, and what the node says of itself. There is room for ``length`` octets.
  ///
  /// - Parameters:
  ///   - hardwareID: part of the node, 0 to 63.
  ///   - sequenceNumber: of the datagram; its low 22 bits count.
  @inlinable
  public static func write(
    to base: UnsafeMutableRawPointer, hardwareID: UInt8, sequenceNumber: UInt32, nodeID: UInt32
  ) {
    base.storeBigEndian(2 << 28 | UInt32(hardwareID & 63) << 22 | sequenceNumber & 0x003F_FFFF, at: 0)
    base.storeBigEndian(nodeID, at: 4)
  }
}

extension TelemetryReport {
  /// Kinds of reports (section 3.3).
  public enum Kind {
    /// Contents of a packet alone.
    @inlinable public static var contents: UInt8 { 0 }
    /// INT metadata of one node, and contents.
    @inlinable public static var int: UInt8 { 1 }
    /// IOAM data; the body is the sender's own.
    @inlinable public static var ioam: UInt8 { 2 }
  }

  /// What the contents of a report begin with (section 3.3).
  public enum Contents {
    /// There are none.
    @inlinable public static var none: UInt8 { 0 }
    /// A frame from its Ethernet header on.
    @inlinable public static var ethernet: UInt8 { 3 }
    /// A packet from its IPv4 header on.
    @inlinable public static var ipv4: UInt8 { 4 }
    /// A packet from its IPv6 header on.
    @inlinable public static var ipv6: UInt8 { 5 }
  }

  /// Why a report was made: the bits D, Q, F and I.
  @frozen
  public struct Flags: OptionSet, Sendable {
    /// The bits as they lie in the fourth octet.
    public let rawValue: UInt8
    /// A set from its bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The packet was dropped.
    @inlinable public static var dropped: Flags { Flags(rawValue: 0x80) }
    /// The packet met a congested queue.
    @inlinable public static var congested: Flags { Flags(rawValue: 0x40) }
    /// The packet belongs to a tracked flow.
    @inlinable public static var tracked: Flags { Flags(rawValue: 0x20) }
    /// Made by a node on the way and not by the sink.
    @inlinable public static var intermediate: Flags { Flags(rawValue: 0x10) }
  }

  /// Octets of the headers of an INT report, in front of its metadata.
  @inlinable public static var intHeaderLength: Int { 12 }

  /// Writes the first word of a report.
  ///
  /// - Parameters:
  ///   - length: octets of the whole report, a multiple of 4. From 1024 on the report runs to the end of the datagram.
  ///   - metadataLength: octets of metadata, a multiple of 4 up to 1020.
  @inlinable
  public static func write(
    to base: UnsafeMutableRawPointer, kind: UInt8, contents: UInt8, length: Int, metadataLength: Int, flags: Flags
  ) {
    base.storeBytes(of: kind << 4 | contents & 15, as: UInt8.self)
    base.storeBytes(of: UInt8(clamping: (length &- 4) / 4), toByteOffset: 1, as: UInt8.self)
    base.storeBytes(of: UInt8(clamping: metadataLength / 4), toByteOffset: 2, as: UInt8.self)
    base.storeBytes(of: flags.rawValue, toByteOffset: 3, as: UInt8.self)
  }

  /// Writes the two words behind the first one of an INT report.
  ///
  /// - Parameters:
  ///   - metadata: which metadata follows; of its bits the first is reserved, and the last means queue and drop reason.
  ///   - domainMetadata: which metadata of the domain follows that.
  @inlinable
  public static func writeINT(
    to base: UnsafeMutableRawPointer, metadata: INTInstructions, domainID: UInt16, domainMetadata: UInt16,
    domainStatus: UInt16
  ) {
    base.storeBigEndian(metadata.rawValue & 0x7FFF, at: 4)
    base.storeBigEndian(domainID, at: 6)
    base.storeBigEndian(domainMetadata, at: 8)
    base.storeBigEndian(domainStatus, at: 10)
  }

  /// Which metadata of the domain is there; its meaning is the domain's.
  @inlinable public var domainMetadataBits: UInt16 { isINT ? base.loadBigEndian(UInt16.self, at: 8) : 0 }

  /// What the domain says about its metadata.
  @inlinable public var domainStatus: UInt16 { isINT ? base.loadBigEndian(UInt16.self, at: 10) : 0 }

  /// One piece of the metadata, in 32 or 64 bits; nil if it is not there.
  ///
  /// - Parameter metadata: exactly one of the bits; ``INTInstructions/checksumComplement`` is the word of queue and drop
  ///   reason here.
  @inlinable
  public func value(of metadata: INTInstructions) -> UInt64? {
    let bits = metadataBits
    guard bits.contains(metadata), !metadata.isEmpty else { return nil }
    let bit = metadata.rawValue
    // Every bit above the asked one comes before it. Metadata of the domain comes behind the last.
    let words = INTInstructions(rawValue: bits.rawValue & 0x7FFF & ~(bit | (bit &- 1))).words
    guard metadata.isDouble else { return metadataWord(words).map { UInt64($0) } }
    guard let high = metadataWord(words), let low = metadataWord(words &+ 1) else { return nil }
    return UInt64(high) << 32 | UInt64(low)
  }

  /// The queue that a dropped packet was for; nil if the report does not say.
  @inlinable public var droppedQueue: UInt8? {
    value(of: .checksumComplement).map { UInt8(truncatingIfNeeded: $0 >> 24) }
  }

  /// Why a packet was dropped, in the sender's numbers; nil if the report does not say.
  @inlinable public var dropReason: UInt8? {
    value(of: .checksumComplement).map { UInt8(truncatingIfNeeded: $0 >> 16) }
  }

  /// Octets from the start of the report to the packet's contents; those of a report that is not about INT follow its
  /// first word.
  @inlinable public var contentsOffset: Int { isINT ? TelemetryReport.intHeaderLength &+ metadataLength : 4 }

  /// Octets of the packet's contents; the last three at most may be padding.
  @inlinable public var contentsLength: Int { contents == Contents.none ? 0 : length &- contentsOffset }
}
