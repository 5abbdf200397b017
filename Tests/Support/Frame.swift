import Glibc

/// Builds Ethernet frames byte by byte on plain arrays, checksums included, without any code of the switch.
///
///     var frame = Frame(from: "10.0.1.2", to: "10.9.0.1")
///     frame.dscp = 26
///     let bytes = frame.roce(queuePair: 7, size: 1062)
///
/// The fields are the headers around the payload; a method chooses the transport and returns the whole frame without
/// check sequence. `size` fills the innermost payload up with zeros until the frame has that many bytes.
public struct Frame: Sendable {
  /// An 802.1Q tag.
  public struct Tag: Sendable {
    /// Tag protocol identifier: 0x8100, or 0x88A8 for a service tag.
    public var protocolIdentifier: UInt16 = 0x8100
    /// Priority code point.
    public var priority: UInt8
    /// VLAN identifier.
    public var vlan: UInt16

    /// A C-tag unless told otherwise.
    public init(vlan: UInt16, priority: UInt8 = 0, protocolIdentifier: UInt16 = 0x8100) {
      self.vlan = vlan
      self.priority = priority
      self.protocolIdentifier = protocolIdentifier
    }
  }

  /// The MAC address that test configurations give the switch.
  public static let switchMAC: UInt64 = 0x0200_0000_0001

  /// Destination MAC address in the low 48 bits.
  public var destinationMAC: UInt64
  /// Source MAC address in the low 48 bits.
  public var sourceMAC: UInt64
  /// Tags, outermost first.
  public var tags: [Tag] = []
  /// IP source: four or sixteen octets.
  public var source: [UInt8]
  /// IP destination: as many octets.
  public var destination: [UInt8]
  /// Differentiated services code point.
  public var dscp: UInt8 = 0
  /// Explicit congestion notification.
  public var ecn: UInt8 = 0
  /// TTL or hop limit.
  public var ttl: UInt8 = 64
  /// IPv4 identification; also that of the IPv6 fragment header.
  public var identification: UInt16 = 0
  /// Offset of a fragment in units of eight octets; nil if the packet is no fragment. The transport header is left
  /// out of later fragments.
  public var fragmentOffset: UInt16?
  /// Whether more fragments follow.
  public var moreFragments = false
  /// IPv4's "don't fragment".
  public var dontFragment = false
  /// IPv6 flow label.
  public var flowLabel: UInt32 = 0
  /// IPv4 options, a multiple of four octets up to 40.
  public var options: [UInt8] = []

  /// A frame for an IP packet between addresses given as octets.
  public init(
    source: [UInt8], destination: [UInt8], sourceMAC: UInt64 = 0x0200_0000_0A01,
    destinationMAC: UInt64 = Frame.switchMAC
  ) {
    self.source = source
    self.destination = destination
    self.sourceMAC = sourceMAC
    self.destinationMAC = destinationMAC
  }

  /// A frame for an IP packet between addresses given as text, both of one version.
  public init(
    from source: String, to destination: String, sourceMAC: UInt64 = 0x0200_0000_0A01,
    destinationMAC: UInt64 = Frame.switchMAC
  ) {
    self.init(
      source: Frame.octets(source), destination: Frame.octets(destination), sourceMAC: sourceMAC,
      destinationMAC: destinationMAC)
  }

  /// Whether the addresses are IPv4's.
  public var isIPv4: Bool { source.count == 4 }

  /// The Ethernet header with its tags, and a payload.
  public func ethernet(_ etherType: UInt16, _ payload: [UInt8], size: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(size, 22 + payload.count))
    bytes += Frame.octets(destinationMAC, count: 6)
    bytes += Frame.octets(sourceMAC, count: 6)
    for tag in tags {
      bytes += Frame.octets(UInt64(tag.protocolIdentifier), count: 2)
      bytes += Frame.octets(UInt64(tag.priority) << 13 | UInt64(tag.vlan), count: 2)
    }
    bytes += Frame.octets(UInt64(etherType), count: 2)
    bytes += payload
    return Frame.padded(bytes, to: size)
  }

  /// A frame with zeros behind it, as Ethernet pads short ones.
  public static func padded(_ frame: [UInt8], to size: Int) -> [UInt8] {
    size > frame.count ? frame + [UInt8](repeating: 0, count: size - frame.count) : frame
  }

  /// The low octets of a number, most significant first.
  public static func octets(_ value: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
  }

  /// The octets of an IPv4 or IPv6 address in its usual text; empty if it is neither.
  public static func octets(_ address: String) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET6, address, &octets) == 1 { return octets }
    return inet_pton(AF_INET, address, &octets) == 1 ? Array(octets[..<4]) : []
  }

  /// The octets of 10.x.y.z from the number of the host x.y.z: quicker than text for many flows.
  public static func host(_ number: UInt32) -> [UInt8] { [10] + octets(UInt64(number), count: 3) }

  /// The Internet checksum (RFC 1071) of some octets: summed in 16-bit words, carries folded at the end.
  public static func checksum(_ octets: [UInt8]) -> UInt16 {
    var sum: UInt64 = 0
    var index = 0
    while index + 1 < octets.count {
      sum += UInt64(octets[index]) * 256 + UInt64(octets[index + 1])
      index += 2
    }
    if index < octets.count { sum += UInt64(octets[index]) * 256 }
    while sum > 0xFFFF { sum = sum % 0x10000 + sum / 0x10000 }
    return ~UInt16(sum)
  }
}
