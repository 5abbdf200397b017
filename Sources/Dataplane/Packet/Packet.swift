import CShims
import Wire

/// A packet: one pointer to an mbuf and the state that Penstock keeps behind it.
///
/// A trivial value. Whoever holds the last one gives it back with ``PacketMemory/free(_:)``; nothing counts.
@frozen
public struct Packet: Equatable {
  /// The mbuf.
  public let state: UnsafeMutablePointer<pst_packet>

  /// Names a packet by its mbuf.
  @inlinable
  public init(_ state: UnsafeMutablePointer<pst_packet>) { self.state = state }

  /// First captured byte: the destination MAC address.
  @inlinable
  public var bytes: UnsafeMutableRawPointer { state.pointee.buf_addr + Int(state.pointee.data_off) }

  /// Bytes that are there; fewer than ``wireLength`` if the capture was cut at a snap length.
  @inlinable
  public var capturedLength: Int { Int(state.pointee.data_len) }

  /// Bytes of the frame without its check sequence. Everything physical counts these.
  @inlinable
  public var wireLength: Int { Int(state.pointee.wire_length) }

  /// Bytes that the frame takes on a wire: padding, preamble, check sequence and gap included.
  @inlinable
  public var wireSlot: Int { max(wireLength, EthernetOverhead.minimumFrame) + EthernetOverhead.total }

  /// The port it came in on; ``PortID/none`` for a packet that the switch made itself.
  @inlinable
  public var ingressPort: PortID { PortID(Int(state.pointee.ingress_port)) }

  /// The port it goes out of, once that is known.
  @inlinable
  public var egressPort: PortID { PortID(Int(state.pointee.egress_port)) }

  /// The queue it waits in, once that is known.
  @inlinable
  public var queue: QueueID { QueueID(Int(state.pointee.queue)) }

  /// Tick from which its latency counts: last bit in for store-and-forward, first bit in for cut-through (RFC 1242).
  @inlinable
  public var arrival: Tick { Tick(state.pointee.arrival) }

  /// Tick at which its first bit left.
  @inlinable
  public var departure: Tick { Tick(state.pointee.departure) }

  /// What the parser and forwarding found.
  @inlinable
  var flags: PacketFlags {
    get { PacketFlags(rawValue: state.pointee.flags) }
    nonmutating set { state.pointee.flags = newValue.rawValue }
  }

  /// Sets the length to `length`, all of it present.
  func setLength(_ length: Int) {
    state.pointee.data_len = UInt16(truncatingIfNeeded: length)
    state.pointee.pkt_len = UInt32(truncatingIfNeeded: length)
    state.pointee.wire_length = UInt32(truncatingIfNeeded: length)
  }

  /// Moves the first byte: negative makes room in front, positive cuts off.
  func moveStart(by offset: Int) {
    state.pointee.data_off = UInt16(truncatingIfNeeded: Int(state.pointee.data_off) &+ offset)
    let length = Int(state.pointee.data_len) &- offset
    state.pointee.data_len = UInt16(truncatingIfNeeded: length)
    state.pointee.pkt_len = UInt32(truncatingIfNeeded: length)
  }
}

/// What is known about a packet, one bit each.
@frozen
public struct PacketFlags: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt16
  /// A set from its bits.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Carries IPv4.
  public static let ipv4 = PacketFlags(rawValue: 1)
  /// Carries IPv6.
  public static let ipv6 = PacketFlags(rawValue: 2)
  /// Its outermost tag is a C-tag (0x8100).
  public static let tagged = PacketFlags(rawValue: 4)
  /// Part of a fragmented IP packet.
  public static let fragment = PacketFlags(rawValue: 8)
  /// Ports were read.
  public static let ports = PacketFlags(rawValue: 16)
  /// A RoCEv2 transport header was read.
  public static let roce = PacketFlags(rawValue: 32)
  /// Leaves with new MAC addresses and a lower TTL.
  public static let routed = PacketFlags(rawValue: 64)
  /// Leaves with the switch's MAC address, but its TTL as it is.
  public static let originated = PacketFlags(rawValue: 128)
  /// Leaves as it came in, tags included.
  public static let mirrored = PacketFlags(rawValue: 256)
  /// The network header is malformed; see the drop reason beside it.
  public static let malformed = PacketFlags(rawValue: 512)
  /// Its IPv6 extension headers hold a routing header.
  public static let routingHeader = PacketFlags(rawValue: 1024)
  /// Too short to be parsed.
  public static let unparsed = PacketFlags(rawValue: 2048)
}
