/// An ARP packet that asks for or tells the Ethernet address of an IPv4 address (RFC 826).
@frozen
public struct ARPPacket {
  /// Octets of the packet.
  @inlinable public static var length: Int { 28 }
  /// Fewest octets that can hold the packet.
  @inlinable public static var minimumLength: Int { 28 }

  /// Operations (RFC 826, section "Packet format").
  public enum Operation {
    /// Who has the target address?
    @inlinable public static var request: UInt16 { 1 }
    /// The sender has its address.
    @inlinable public static var reply: UInt16 { 2 }
  }

  @usableFromInline
  enum Field {
    @inlinable static var hardwareType: Int { 0 }
    @inlinable static var protocolType: Int { 2 }
    @inlinable static var addressLengths: Int { 4 }
    @inlinable static var operation: Int { 6 }
    @inlinable static var senderHardware: Int { 8 }
    @inlinable static var senderProtocol: Int { 14 }
    @inlinable static var targetHardware: Int { 18 }
    @inlinable static var targetProtocol: Int { 24 }
  }

  /// The first octet of the packet.
  public let base: UnsafeMutableRawPointer

  /// Views a packet; nil if it is cut off or is not about Ethernet and IPv4 with addresses of six and four octets.
  @inlinable
  public init?(at base: UnsafeMutableRawPointer, available: Int) {
    guard available >= Self.minimumLength, base.loadBigEndian(UInt16.self, at: Field.hardwareType) == 1,
      base.loadBigEndian(UInt16.self, at: Field.protocolType) == EtherType.ipv4,
      base.loadBigEndian(UInt16.self, at: Field.addressLengths) == 0x0604
    else { return nil }
    self.base = base
  }

  /// Lays a new packet with all addresses zero; nil if twenty-eight octets do not fit.
  @inlinable
  public init?(creatingAt base: UnsafeMutableRawPointer, available: Int, operation: UInt16) {
    guard available >= Self.minimumLength else { return nil }
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Self.length)
    base.storeBigEndian(UInt16(1), at: Field.hardwareType)
    base.storeBigEndian(EtherType.ipv4, at: Field.protocolType)
    base.storeBigEndian(UInt16(0x0604), at: Field.addressLengths)
    base.storeBigEndian(operation, at: Field.operation)
    self.base = base
  }

  /// What the packet is for: a value of ``Operation``.
  @inlinable public var operation: UInt16 {
    get { base.loadBigEndian(UInt16.self, at: Field.operation) }
    nonmutating set { base.storeBigEndian(newValue, at: Field.operation) }
  }

  /// The sender's Ethernet address.
  @inlinable public var senderHardwareAddress: MACAddress {
    get { MACAddress(at: base + Field.senderHardware) }
    nonmutating set { newValue.store(to: base + Field.senderHardware) }
  }

  /// The sender's IPv4 address; 0.0.0.0 in a probe (RFC 5227).
  @inlinable public var senderProtocolAddress: IPv4Address {
    get { IPv4Address(bits: base.loadBigEndian(UInt32.self, at: Field.senderProtocol)) }
    nonmutating set { base.storeBigEndian(newValue.bits, at: Field.senderProtocol) }
  }

  /// The target's Ethernet address; without meaning in a request.
  @inlinable public var targetHardwareAddress: MACAddress {
    get { MACAddress(at: base + Field.targetHardware) }
    nonmutating set { newValue.store(to: base + Field.targetHardware) }
  }

  /// The target's IPv4 address.
  @inlinable public var targetProtocolAddress: IPv4Address {
    get { IPv4Address(bits: base.loadBigEndian(UInt32.self, at: Field.targetProtocol)) }
    nonmutating set { base.storeBigEndian(newValue.bits, at: Field.targetProtocol) }
  }
}
