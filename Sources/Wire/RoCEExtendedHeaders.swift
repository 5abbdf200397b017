/// The headers that may lie between the base transport header and the payload, in the order in which they lie there
/// (IBTA volume 1 section 9.3).
@frozen
public struct RoCEExtendedHeaders: OptionSet, Sendable {
  /// One bit a header; a header with a lower bit lies before one with a higher bit.
  public let rawValue: UInt16

  /// Takes the bits.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// RDETH, reliable datagram, 4 octets.
  @inlinable public static var reliableDatagram: Self { Self(rawValue: 1 << 0) }
  /// DETH, datagram: ``DatagramETH``, 8 octets.
  @inlinable public static var datagram: Self { Self(rawValue: 1 << 1) }
  /// XRCETH, extended reliable connection, 4 octets.
  @inlinable public static var extendedConnection: Self { Self(rawValue: 1 << 2) }
  /// FETH, flush, 4 octets.
  @inlinable public static var flush: Self { Self(rawValue: 1 << 3) }
  /// RETH, RDMA: ``RDMAETH``, 16 octets.
  @inlinable public static var rdma: Self { Self(rawValue: 1 << 4) }
  /// AtomicETH: ``AtomicETH``, 28 octets.
  @inlinable public static var atomic: Self { Self(rawValue: 1 << 5) }
  /// AETH, acknowledge: ``AcknowledgeETH``, 4 octets.
  @inlinable public static var acknowledge: Self { Self(rawValue: 1 << 6) }
  /// AtomicAckETH, the original value, 8 octets.
  @inlinable public static var atomicAcknowledge: Self { Self(rawValue: 1 << 7) }
  /// ImmDt, immediate data: ``ImmediateData``, 4 octets.
  @inlinable public static var immediate: Self { Self(rawValue: 1 << 8) }
  /// IETH, the key to invalidate, 4 octets.
  @inlinable public static var invalidate: Self { Self(rawValue: 1 << 9) }

  /// Octets of all headers in the set, 0 to 64.
  @inlinable public var length: Int {
    var length = 0
    var rest = rawValue & 0x3FF
    while rest != 0 {
      switch rest & (0 &- rest) {
      case Self.rdma.rawValue: length &+= 16
      case Self.atomic.rawValue: length &+= 28
      case Self.datagram.rawValue, Self.atomicAcknowledge.rawValue: length &+= 8
      default: length &+= 4
      }
      rest &= rest &- 1
    }
    return length
  }

  /// Octets from the end of the base transport header to one header; -1 if the set does not have it.
  ///
  /// - Parameter header: exactly one header.
  @inlinable
  public func offset(of header: Self) -> Int {
    contains(header) ? Self(rawValue: rawValue & (header.rawValue &- 1)).length : -1
  }
}
