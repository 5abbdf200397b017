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

  /// How long its queue was paused while it waited, in ticks; known once it has left.
  @inlinable
  public var pausedTicks: UInt64 { state.pointee.paused }

  /// True for a PFC or PAUSE frame that the switch made: it went ahead of all queues and is counted as no data.
  @inlinable
  public var isPauseFrame: Bool { flags.contains(.pause) }

  /// What the parser and forwarding found.
  @usableFromInline
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

  // Sets are spelled as bits and not as array literals, which the packet path may not build.

  /// Nothing.
  @inlinable public static var none: PacketFlags { PacketFlags(rawValue: 0) }
  /// Carries either IP version.
  @inlinable public static var ip: PacketFlags { PacketFlags(rawValue: ipv4.rawValue | ipv6.rawValue) }
  /// Leaves with the switch's MAC address.
  @inlinable public static var forwardedAtLayer3: PacketFlags {
    PacketFlags(rawValue: routed.rawValue | originated.rawValue)
  }
  /// Read as a plain frame, and routed. A mirrored copy is not: it leaves as it came.
  @inlinable public static var plainRouted: PacketFlags { PacketFlags(rawValue: plain.rawValue | routed.rawValue) }
  /// A RoCEv2 transport header was read, and so were the ports.
  @inlinable public static var roceWithPorts: PacketFlags { PacketFlags(rawValue: roce.rawValue | ports.rawValue) }
  /// Carries IPv4.
  @inlinable public static var ipv4: PacketFlags { PacketFlags(rawValue: 1) }
  /// Carries IPv6.
  @inlinable public static var ipv6: PacketFlags { PacketFlags(rawValue: 2) }
  /// Its outermost tag is a C-tag (0x8100).
  @inlinable public static var tagged: PacketFlags { PacketFlags(rawValue: 4) }
  /// Part of a fragmented IP packet.
  @inlinable public static var fragment: PacketFlags { PacketFlags(rawValue: 8) }
  /// Ports were read.
  @inlinable public static var ports: PacketFlags { PacketFlags(rawValue: 16) }
  /// A RoCEv2 transport header was read.
  @inlinable public static var roce: PacketFlags { PacketFlags(rawValue: 32) }
  /// Leaves with new MAC addresses and a lower TTL.
  @inlinable public static var routed: PacketFlags { PacketFlags(rawValue: 64) }
  /// Leaves with the switch's MAC address, but its TTL as it is.
  @inlinable public static var originated: PacketFlags { PacketFlags(rawValue: 128) }
  /// Leaves as it came in, tags included.
  @inlinable public static var mirrored: PacketFlags { PacketFlags(rawValue: 256) }
  /// The network header is malformed; see the drop reason beside it.
  @inlinable public static var malformed: PacketFlags { PacketFlags(rawValue: 512) }
  /// Its IPv6 extension headers hold a routing header.
  @inlinable public static var routingHeader: PacketFlags { PacketFlags(rawValue: 1024) }
  /// Too short to be parsed.
  @inlinable public static var unparsed: PacketFlags { PacketFlags(rawValue: 2048) }
  /// Untagged IPv4 without options and fragments, with ports, for this switch to route; header and TTL are in order.
  @inlinable public static var plain: PacketFlags { PacketFlags(rawValue: 4096) }
  /// It is charged to the egress pool.
  @inlinable public static var inEgressPool: PacketFlags { PacketFlags(rawValue: 8192) }
  /// A pause frame that the switch made.
  @inlinable public static var pause: PacketFlags { PacketFlags(rawValue: 16384) }
  /// Cut because its queue did not take it, and sent on in another.
  @inlinable public static var trimmed: PacketFlags { PacketFlags(rawValue: 32768) }
  /// What keeps a packet from being trimmed.
  @inlinable public static var neverTrimmed: PacketFlags {
    PacketFlags(
      rawValue: fragment.rawValue | originated.rawValue | mirrored.rawValue | malformed.rawValue
        | routingHeader.rawValue | trimmed.rawValue)
  }
}
