/// Transport service and operation of a RoCE packet: the first octet of the base transport header
/// (IBTA volume 1 table 38).
@frozen
public struct RoCEOpcode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The octet: transport service in the high three bits, operation in the low five.
  public let rawValue: UInt8

  /// Takes the octet as it lies.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Pairs a service with an operation.
  @inlinable
  public init(_ service: Service, _ operation: Operation) { rawValue = service.rawValue << 5 | operation.rawValue }

  /// The congestion notification packet (IBTA annex A17.9.3).
  @inlinable public static var congestionNotification: RoCEOpcode { RoCEOpcode(rawValue: 0x81) }

  /// Transport services.
  @frozen
  public enum Service: UInt8, Sendable, CaseIterable {
    /// RC.
    case reliableConnection = 0
    /// UC.
    case unreliableConnection = 1
    /// RD.
    case reliableDatagram = 2
    /// UD.
    case unreliableDatagram = 3
    /// Congestion notification.
    case congestionNotification = 4
    /// XRC.
    case extendedReliableConnection = 5
  }

  /// Operations; each service has its own subset.
  @frozen
  public enum Operation: UInt8, Sendable, CaseIterable {
    /// First packet of a SEND.
    case sendFirst = 0x00
    /// Middle packet of a SEND.
    case sendMiddle = 0x01
    /// Last packet of a SEND.
    case sendLast = 0x02
    /// Last packet of a SEND with immediate data.
    case sendLastImmediate = 0x03
    /// Only packet of a SEND.
    case sendOnly = 0x04
    /// Only packet of a SEND with immediate data.
    case sendOnlyImmediate = 0x05
    /// First packet of an RDMA WRITE.
    case writeFirst = 0x06
    /// Middle packet of an RDMA WRITE.
    case writeMiddle = 0x07
    /// Last packet of an RDMA WRITE.
    case writeLast = 0x08
    /// Last packet of an RDMA WRITE with immediate data.
    case writeLastImmediate = 0x09
    /// Only packet of an RDMA WRITE.
    case writeOnly = 0x0A
    /// Only packet of an RDMA WRITE with immediate data.
    case writeOnlyImmediate = 0x0B
    /// RDMA READ request.
    case readRequest = 0x0C
    /// First packet of an RDMA READ response.
    case readResponseFirst = 0x0D
    /// Middle packet of an RDMA READ response.
    case readResponseMiddle = 0x0E
    /// Last packet of an RDMA READ response.
    case readResponseLast = 0x0F
    /// Only packet of an RDMA READ response.
    case readResponseOnly = 0x10
    /// Acknowledge, positive or negative.
    case acknowledge = 0x11
    /// Answer to an atomic operation.
    case atomicAcknowledge = 0x12
    /// Compare and swap.
    case compareSwap = 0x13
    /// Fetch and add.
    case fetchAdd = 0x14
    /// RESYNC, of the reliable datagram service.
    case resync = 0x15
    /// Last packet of a SEND that invalidates a key.
    case sendLastInvalidate = 0x16
    /// Only packet of a SEND that invalidates a key.
    case sendOnlyInvalidate = 0x17
    /// FLUSH (IBTA volume 1 release 1.5, annex A19).
    case flush = 0x1C
    /// ATOMIC WRITE (IBTA volume 1 release 1.5, annex A19).
    case atomicWrite = 0x1D
  }

  /// The service; nil for the two reserved ones of the manufacturers.
  @inlinable public var service: Service? { Service(rawValue: rawValue >> 5) }

  /// The operation if the service has it; nil for reserved opcodes and for congestion notification.
  @inlinable public var operation: Operation? {
    guard let service, let operation = Operation(rawValue: rawValue & 0x1F) else { return nil }
    let defined: Bool
    switch service {
    case .reliableConnection: defined = operation != .resync
    case .unreliableConnection: defined = operation.rawValue <= Operation.writeOnlyImmediate.rawValue
    case .reliableDatagram: defined = operation.rawValue <= Operation.resync.rawValue
    case .unreliableDatagram: defined = operation == .sendOnly || operation == .sendOnlyImmediate
    case .congestionNotification: defined = false
    case .extendedReliableConnection:
      defined = operation.rawValue <= Operation.sendOnlyInvalidate.rawValue && operation != .resync
    }
    return defined ? operation : nil
  }

  /// True for the congestion notification packet.
  @inlinable public var isCongestionNotification: Bool { rawValue == 0x81 }

  /// True if the value is defined.
  @inlinable public var isDefined: Bool { isCongestionNotification || operation != nil }

  /// True for what a responder sends back: READ responses and acknowledges.
  @inlinable public var isResponse: Bool {
    guard let operation else { return false }
    return operation.rawValue >= Operation.readResponseFirst.rawValue
      && operation.rawValue <= Operation.atomicAcknowledge.rawValue
  }

  /// Which headers lie between the base transport header and the payload; empty for undefined opcodes.
  @inlinable public var extendedHeaders: RoCEExtendedHeaders {
    // Bits and not set literals: a literal is an array first, which the packet path must not see.
    guard let service, let operation else { return RoCEExtendedHeaders(rawValue: 0) }
    var bits: UInt16
    switch operation {
    case .sendLastImmediate, .sendOnlyImmediate, .writeLastImmediate: bits = RoCEExtendedHeaders.immediate.rawValue
    case .writeFirst, .writeOnly, .readRequest, .atomicWrite: bits = RoCEExtendedHeaders.rdma.rawValue
    case .writeOnlyImmediate: bits = RoCEExtendedHeaders.rdma.rawValue | RoCEExtendedHeaders.immediate.rawValue
    case .readResponseFirst, .readResponseLast, .readResponseOnly, .acknowledge:
      bits = RoCEExtendedHeaders.acknowledge.rawValue
    case .atomicAcknowledge:
      bits = RoCEExtendedHeaders.acknowledge.rawValue | RoCEExtendedHeaders.atomicAcknowledge.rawValue
    case .compareSwap, .fetchAdd: bits = RoCEExtendedHeaders.atomic.rawValue
    case .sendLastInvalidate, .sendOnlyInvalidate: bits = RoCEExtendedHeaders.invalidate.rawValue
    case .flush: bits = RoCEExtendedHeaders.flush.rawValue | RoCEExtendedHeaders.rdma.rawValue
    case .sendFirst, .sendMiddle, .sendLast, .sendOnly, .writeMiddle, .writeLast, .readResponseMiddle, .resync:
      bits = 0
    }
    switch service {
    case .reliableDatagram:
      bits |= RoCEExtendedHeaders.reliableDatagram.rawValue
      if !isResponse { bits |= RoCEExtendedHeaders.datagram.rawValue }
    case .unreliableDatagram: bits |= RoCEExtendedHeaders.datagram.rawValue
    case .extendedReliableConnection:
      if !isResponse { bits |= RoCEExtendedHeaders.extendedConnection.rawValue }
    case .reliableConnection, .unreliableConnection, .congestionNotification: break
    }
    return RoCEExtendedHeaders(rawValue: bits)
  }

  /// Octets of the extended headers.
  @inlinable public var extendedHeaderLength: Int { extendedHeaders.length }

  /// The name of InfiniBand's own table, such as "RC RDMA WRITE First"; a number for undefined values.
  public var description: String {
    if isCongestionNotification { return "CNP" }
    guard let service, let operation else { return "opcode 0x" + String(rawValue, radix: 16) }
    return service.name + " " + operation.name
  }
}

extension RoCEOpcode.Service {
  /// The usual abbreviation.
  public var name: String {
    switch self {
    case .reliableConnection: "RC"
    case .unreliableConnection: "UC"
    case .reliableDatagram: "RD"
    case .unreliableDatagram: "UD"
    case .congestionNotification: "CNP"
    case .extendedReliableConnection: "XRC"
    }
  }
}

extension RoCEOpcode.Operation {
  /// The name of InfiniBand's own table.
  public var name: String {
    switch self {
    case .sendFirst: "SEND First"
    case .sendMiddle: "SEND Middle"
    case .sendLast: "SEND Last"
    case .sendLastImmediate: "SEND Last with Immediate"
    case .sendOnly: "SEND Only"
    case .sendOnlyImmediate: "SEND Only with Immediate"
    case .writeFirst: "RDMA WRITE First"
    case .writeMiddle: "RDMA WRITE Middle"
    case .writeLast: "RDMA WRITE Last"
    case .writeLastImmediate: "RDMA WRITE Last with Immediate"
    case .writeOnly: "RDMA WRITE Only"
    case .writeOnlyImmediate: "RDMA WRITE Only with Immediate"
    case .readRequest: "RDMA READ Request"
    case .readResponseFirst: "RDMA READ response First"
    case .readResponseMiddle: "RDMA READ response Middle"
    case .readResponseLast: "RDMA READ response Last"
    case .readResponseOnly: "RDMA READ response Only"
    case .acknowledge: "Acknowledge"
    case .atomicAcknowledge: "ATOMIC Acknowledge"
    case .compareSwap: "CmpSwap"
    case .fetchAdd: "FetchAdd"
    case .resync: "RESYNC"
    case .sendLastInvalidate: "SEND Last with Invalidate"
    case .sendOnlyInvalidate: "SEND Only with Invalidate"
    case .flush: "FLUSH"
    case .atomicWrite: "ATOMIC WRITE"
    }
  }
}
