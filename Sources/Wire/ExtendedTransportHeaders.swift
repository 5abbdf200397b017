// Views of the extended transport headers (IBTA volume 1 sections 9.3.2 to 9.3.7). Each initialiser returns nil if the
// header is cut off; where it lies is said by RoCEExtendedHeaders.offset(of:).

/// DETH: source of a datagram.
@frozen
public struct DatagramETH {
  /// Fewest octets that can hold the header, and its length.
  @inlinable public static var minimumLength: Int { 8 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than eight octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// Q_Key: authorises the sender.
  @inlinable public var queueKey: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: 0) }
    nonmutating set { base.storeBigEndian(newValue, at: 0) }
  }

  /// The sender's queue pair, 24 bits; a setter keeps the low 24 and clears the reserved octet.
  @inlinable public var sourceQP: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: 4) & 0x00FF_FFFF }
    nonmutating set { base.storeBigEndian(newValue & 0x00FF_FFFF, at: 4) }
  }
}

/// RETH: memory of an RDMA operation.
@frozen
public struct RDMAETH {
  /// Fewest octets that can hold the header, and its length.
  @inlinable public static var minimumLength: Int { 16 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than sixteen octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// Where the operation begins in the responder's memory.
  @inlinable public var virtualAddress: UInt64 {
    get { base.loadBigEndian(UInt64.self, at: 0) }
    nonmutating set { base.storeBigEndian(newValue, at: 0) }
  }

  /// R_Key: authorises the access.
  @inlinable public var remoteKey: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: 8) }
    nonmutating set { base.storeBigEndian(newValue, at: 8) }
  }

  /// Octets of the whole operation, over all its packets.
  @inlinable public var length: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: 12) }
    nonmutating set { base.storeBigEndian(newValue, at: 12) }
  }
}

/// AETH: what a responder answers.
@frozen
public struct AcknowledgeETH {
  /// Fewest octets that can hold the header, and its length.
  @inlinable public static var minimumLength: Int { 4 }

  /// The syndrome octet, taken apart (IBTA volume 1 table 45).
  @frozen
  public enum Syndrome: Equatable, Sendable {
    /// Accepted; credits as coded, 0 to 30, or 31 for "no limit".
    case acknowledged(credits: UInt8)
    /// Receiver not ready; code of the time to wait, 0 to 31.
    case receiverNotReady(timer: UInt8)
    /// Refused; a value of ``NegativeCode``, 0 to 31.
    case refused(code: UInt8)
    /// Not defined; the octet as it lies.
    case reserved(UInt8)
  }

  /// Reasons of a negative acknowledge (IBTA volume 1 table 47).
  public enum NegativeCode {
    /// A packet is missing.
    @inlinable public static var sequenceError: UInt8 { 0 }
    /// The request makes no sense.
    @inlinable public static var invalidRequest: UInt8 { 1 }
    /// The key or the range is refused.
    @inlinable public static var remoteAccess: UInt8 { 2 }
    /// The responder failed.
    @inlinable public static var remoteOperation: UInt8 { 3 }
    /// Reliable datagram request to a wrong context.
    @inlinable public static var invalidReliableDatagram: UInt8 { 4 }
  }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than four octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// The syndrome octet as it lies.
  @inlinable public var syndromeOctet: UInt8 {
    get { base.load(as: UInt8.self) }
    nonmutating set { base.storeBytes(of: newValue, as: UInt8.self) }
  }

  /// What the responder says.
  @inlinable public var syndrome: Syndrome {
    let octet = syndromeOctet
    switch octet >> 5 {
    case 0: return .acknowledged(credits: octet & 0x1F)
    case 1: return .receiverNotReady(timer: octet & 0x1F)
    case 3: return .refused(code: octet & 0x1F)
    default: return .reserved(octet)
    }
  }

  /// MSN: messages the responder has completed, 24 bits; a setter keeps the low 24.
  @inlinable public var messageSequenceNumber: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: 0) & 0x00FF_FFFF }
    nonmutating set {
      base.storeBigEndian(UInt32(syndromeOctet) << 24 | newValue & 0x00FF_FFFF, at: 0)
    }
  }
}

/// AtomicETH: operands of compare-and-swap and fetch-and-add.
@frozen
public struct AtomicETH {
  /// Fewest octets that can hold the header, and its length.
  @inlinable public static var minimumLength: Int { 28 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than twenty-eight octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// The word in the responder's memory.
  @inlinable public var virtualAddress: UInt64 {
    get { base.loadBigEndian(UInt64.self, at: 0) }
    nonmutating set { base.storeBigEndian(newValue, at: 0) }
  }

  /// R_Key: authorises the access.
  @inlinable public var remoteKey: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: 8) }
    nonmutating set { base.storeBigEndian(newValue, at: 8) }
  }

  /// What to swap in or to add.
  @inlinable public var swapOrAdd: UInt64 {
    get { base.loadBigEndian(UInt64.self, at: 12) }
    nonmutating set { base.storeBigEndian(newValue, at: 12) }
  }

  /// What to compare with; without meaning for fetch-and-add.
  @inlinable public var compare: UInt64 {
    get { base.loadBigEndian(UInt64.self, at: 20) }
    nonmutating set { base.storeBigEndian(newValue, at: 20) }
  }
}

/// AtomicAckETH: the word as it was before an atomic operation.
@frozen
public struct AtomicAcknowledgeETH {
  /// Fewest octets that can hold the header, and its length.
  @inlinable public static var minimumLength: Int { 8 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than eight octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// The word before the operation.
  @inlinable public var original: UInt64 {
    get { base.loadBigEndian(UInt64.self, at: 0) }
    nonmutating set { base.storeBigEndian(newValue, at: 0) }
  }
}

/// ImmDt: immediate data, handed to the receiver's completion.
@frozen
public struct ImmediateData {
  /// Fewest octets that can hold the header, and its length.
  @inlinable public static var minimumLength: Int { 4 }

  /// The first octet of the header.
  public let base: UnsafeMutableRawPointer

  /// Views a header; nil if fewer than four octets are available.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength else { return nil }
    self.base = base
  }

  /// The data as a number.
  @inlinable public var value: UInt32 {
    get { base.loadBigEndian(UInt32.self, at: 0) }
    nonmutating set { base.storeBigEndian(newValue, at: 0) }
  }
}
