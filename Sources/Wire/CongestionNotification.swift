/// A congestion notification packet from the base transport header to the invariant CRC (IBTA annex A17.9.3).
@frozen
public struct CongestionNotification {
  /// Octets of base transport header and the sixteen reserved ones behind it, without the CRC.
  @inlinable public static var length: Int { 28 }
  /// Fewest octets that can hold the packet.
  @inlinable public static var minimumLength: Int { 28 }

  /// The base transport header.
  public let header: BaseTransportHeader

  /// Views a packet; nil if it is cut off or has another opcode. The reserved octets are not looked at.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, let header = BaseTransportHeader(at: base, available: available),
      header.opcode.isCongestionNotification
    else { return nil }
    self.header = header
  }

  /// Lays a packet with BECN set and sequence number zero; nil if twenty-eight octets do not fit.
  ///
  /// - Parameter destinationQP: the queue pair that should slow down, 24 bits.
  @inlinable
  public init?(
    creatingAt base: UnsafeMutableRawPointer, available: Int, destinationQP: UInt32, partitionKey: UInt16 = 0xFFFF
  ) {
    guard available >= Self.minimumLength, let header = BaseTransportHeader(at: base, available: available) else {
      return nil
    }
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.length)
    header.opcode = .congestionNotification
    header.partitionKey = partitionKey
    header.becn = true
    header.destinationQP = destinationQP
    self.header = header
  }

  /// The queue pair that should slow down.
  @inlinable public var destinationQP: UInt32 { header.destinationQP }
}
