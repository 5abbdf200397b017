/// The base transport header of InfiniBand and RoCE (IBTA volume 1 section 9.2).
///
/// A view: it owns nothing. Which extended headers follow is said by ``RoCEOpcode``.
@frozen
public struct BaseTransportHeader {
  /// Octets of the header.
  @inlinable public static var length: Int { 12 }
  /// Fewest octets that can hold the header.
  @inlinable public static var minimumLength: Int { 12 }

  @usableFromInline
  enum Field {
    @inlinable static var opcode: Int { 0 }
    @inlinable static var flags: Int { 1 }
    @inlinable static var partitionKey: Int { 2 }
    @inlinable static var congestion: Int { 4 }
    /// The queue pair is the low 24 bits of the word that begins with the congestion bits.
    @inlinable static var destinationWord: Int { 4 }
    @inlinable static var acknowledge: Int { 8 }
    /// The sequence number is the low 24 bits of the word that begins with the acknowledge bit.
    @inlinable static var sequenceWord: Int { 8 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than twelve octets are available. A version other than 0 is not refused.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  @inlinable
  func octet(_ offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }

  @inlinable
  func replace(_ mask: UInt8, at offset: Int, with bits: UInt8) {
    base.storeBytes(of: octet(offset) & ~mask | bits & mask, toByteOffset: offset, as: UInt8.self)
  }

  /// Transport service and operation.
  @inlinable public var opcode: RoCEOpcode {
    get { RoCEOpcode(rawValue: octet(Field.opcode)) }
    nonmutating set { base.storeBytes(of: newValue.rawValue, toByteOffset: Field.opcode, as: UInt8.self) }
  }

  /// SE: the responder should raise an event.
  @inlinable public var solicitedEvent: Bool {
    get { octet(Field.flags) & 0x80 != 0 }
    nonmutating set { replace(0x80, at: Field.flags, with: newValue ? 0x80 : 0) }
  }

  /// M: state of path migration.
  @inlinable public var migrationRequest: Bool {
    get { octet(Field.flags) & 0x40 != 0 }
    nonmutating set { replace(0x40, at: Field.flags, with: newValue ? 0x40 : 0) }
  }

  /// Octets of padding behind the payload, 0 to 3.
  @inlinable public var padCount: UInt8 {
    get { octet(Field.flags) >> 4 & 3 }
    nonmutating set { replace(0x30, at: Field.flags, with: newValue << 4) }
  }

  /// TVer: version of the transport header, 0.
  @inlinable public var version: UInt8 {
    get { octet(Field.flags) & 0x0F }
    nonmutating set { replace(0x0F, at: Field.flags, with: newValue) }
  }

  /// P_Key; RoCE uses 0xFFFF.
  @inlinable public var partitionKey: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.partitionKey) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.partitionKey) }
  }

  /// FECN: congestion on the way of this packet. RoCEv2 marks the IP header instead.
  @inlinable public var fecn: Bool {
    get { octet(Field.congestion) & 0x80 != 0 }
    nonmutating set { replace(0x80, at: Field.congestion, with: newValue ? 0x80 : 0) }
  }

  /// BECN: congestion on the way of packets to the sender of this one; set in a CNP.
  @inlinable public var becn: Bool {
    get { octet(Field.congestion) & 0x40 != 0 }
    nonmutating set { replace(0x40, at: Field.congestion, with: newValue ? 0x40 : 0) }
  }

  /// The receiver's queue pair, 24 bits; a setter keeps the low 24.
  @inlinable public var destinationQP: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: Field.destinationWord) & 0x00FF_FFFF }
    nonmutating set {
      let word = base.loadBigEndian(UInt32.self, at: Field.destinationWord)
      base.storeBigEndian(word & 0xFF00_0000 | newValue & 0x00FF_FFFF, at: Field.destinationWord)
    }
  }

  /// A: the responder must acknowledge.
  @inlinable public var ackRequest: Bool {
    get { octet(Field.acknowledge) & 0x80 != 0 }
    nonmutating set { replace(0x80, at: Field.acknowledge, with: newValue ? 0x80 : 0) }
  }

  /// PSN, 24 bits; a setter keeps the low 24.
  @inlinable public var packetSequenceNumber: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: Field.sequenceWord) & 0x00FF_FFFF }
    nonmutating set {
      let word = base.loadBigEndian(UInt32.self, at: Field.sequenceWord)
      base.storeBigEndian(word & 0xFF00_0000 | newValue & 0x00FF_FFFF, at: Field.sequenceWord)
    }
  }
}
