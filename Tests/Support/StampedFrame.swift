/// A frame and when it was captured, for captures that tests make and read.
public struct StampedFrame: Equatable, Sendable {
  /// Nanoseconds since 1970.
  public var stamp: UInt64
  /// The bytes that were kept.
  public var bytes: [UInt8]
  /// Bytes of the frame on the wire; more than ``bytes`` holds if it was cut.
  public var wireLength: Int

  /// A frame; whole unless `wireLength` says otherwise.
  public init(at stamp: UInt64, _ bytes: [UInt8], wireLength: Int? = nil) {
    self.stamp = stamp
    self.bytes = bytes
    self.wireLength = wireLength ?? bytes.count
  }
}

/// A UDP datagram over IPv4 and Ethernet, spelled out here so that tests do not rest on the code under test.
public struct TestDatagram: Sendable {
  /// Destination MAC address.
  public var destinationMAC: [UInt8] = TestAddress.switchMAC
  /// Source MAC address.
  public var sourceMAC: [UInt8] = TestAddress.hostMAC(1)
  /// VLAN tag: PCP, DEI and VLAN identifier; nil for none.
  public var tag: UInt16?
  /// Source address.
  public var source: [UInt8] = [10, 0, 1, 2]
  /// Destination address.
  public var destination: [UInt8] = [10, 0, 2, 2]
  /// Differentiated services code point.
  public var dscp: UInt8 = 0
  /// Identification, by which tests tell packets apart.
  public var identification: UInt16 = 0
  /// Time to live.
  public var timeToLive: UInt8 = 64
  /// Source port.
  public var sourcePort: UInt16 = 40_000
  /// Bytes of the whole frame without check sequence, at least 42, without the tag.
  public var length = 64

  /// A datagram from host 1 to host 2.
  public init() {}

  /// A datagram with a number and a length.
  public init(_ identification: Int, length: Int = 64) {
    self.identification = UInt16(truncatingIfNeeded: identification)
    self.length = length
  }

  /// The frame.
  public var frame: [UInt8] {
    var ip: [UInt8] = [0x45, dscp << 2] + bigEndian(UInt16(length - 14)) + bigEndian(identification)
    ip += [0, 0, timeToLive, 17, 0, 0] + source + destination
    let sum = stride(from: 0, to: 20, by: 2).reduce(UInt32(0)) { $0 + UInt32(ip[$1]) << 8 + UInt32(ip[$1 + 1]) }
    let folded = (sum & 0xFFFF) + sum >> 16
    ip.replaceSubrange(10..<12, with: bigEndian(~UInt16(truncatingIfNeeded: folded & 0xFFFF + folded >> 16)))
    // A checksum of zero says that there is none (RFC 768).
    let udp = bigEndian(sourcePort) + bigEndian(9 as UInt16) + bigEndian(UInt16(length - 34)) + [0, 0]
    let payload = (0..<(length - 42)).map { UInt8(truncatingIfNeeded: $0) }
    let tagged = tag.map { [0x81, 0x00] + bigEndian($0) } ?? []
    return destinationMAC + sourceMAC + tagged + [0x08, 0x00] + ip + udp + payload
  }
}

/// Addresses that all tests use.
public enum TestAddress {
  /// The switch's own.
  public static let switchMAC: [UInt8] = [2, 0, 0, 0, 0, 1]
  /// A host's.
  public static func hostMAC(_ number: UInt8) -> [UInt8] { [2, 0, 0, 0, number, 2] }
}

/// The bytes of an integer, most significant first.
public func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

/// The bytes of an integer, least significant first.
public func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
