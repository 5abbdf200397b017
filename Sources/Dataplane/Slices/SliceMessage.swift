import Wire

/// What a slice tells another one: four words, for a ring of memory.
@frozen
public struct SliceMessage: BitwiseCopyable, Equatable, Sendable {
  private var head: UInt64
  private var mac: UInt64
  private var high: UInt64
  private var low: UInt64

  /// What the message is about.
  enum Kind: UInt8 {
    /// A priority group of a port of the receiver's wants its neighbour to stop, or does not any more.
    case group = 1
    /// Which queues of a port of the sender's are in a storm.
    case storms = 2
    /// A station was heard.
    case station = 3
    /// A neighbour was heard, by IPv4 or IPv6.
    case neighborIPv4 = 4
    case neighborIPv6 = 5
  }

  /// Nothing: a place for a message to come.
  public init() { self.init(0, 0) }

  private init(_ kind: UInt8, _ index: UInt32, flags: UInt8 = 0, mac: UInt64 = 0, high: UInt64 = 0, low: UInt64 = 0) {
    head = UInt64(kind) | UInt64(flags) << 8 | UInt64(index) << 32
    self.mac = mac
    self.high = high
    self.low = low
  }

  /// A group, at port x 8 + group.
  init(group index: Int, isXOFF: Bool) {
    self.init(Kind.group.rawValue, UInt32(truncatingIfNeeded: index), flags: isXOFF ? 1 : 0)
  }

  /// A port's storms, a bit for each queue.
  init(stormsOn port: Int, _ queues: UInt8) {
    self.init(Kind.storms.rawValue, UInt32(truncatingIfNeeded: port), flags: queues)
  }

  /// A station of a VLAN on a port, last heard of at a tick.
  init(vlan: UInt16, mac: MACAddress, port: PortID, heard: Tick) {
    self.init(
      Kind.station.rawValue, UInt32(port.rawValue), mac: UInt64(vlan) << 48 | mac.bits, high: heard.rawValue)
  }

  /// A neighbour on an interface.
  init(interface: Int, address: IPAddress, mac: MACAddress) {
    let index = UInt32(truncatingIfNeeded: interface)
    switch address {
    case .v4(let address):
      self.init(Kind.neighborIPv4.rawValue, index, mac: mac.bits, low: UInt64(address.bits))
    case .v6(let address):
      self.init(Kind.neighborIPv6.rawValue, index, mac: mac.bits, high: address.high, low: address.low)
    }
  }

  var kind: UInt8 { UInt8(truncatingIfNeeded: head) }
  /// Group, port or interface.
  var index: Int { Int(truncatingIfNeeded: head &>> 32) }
  var flags: UInt8 { UInt8(truncatingIfNeeded: head &>> 8) }
  var vlan: UInt16 { UInt16(truncatingIfNeeded: mac &>> 48) }
  var macAddress: MACAddress { MACAddress(bits: mac & 0xFFFF_FFFF_FFFF) }
  var heard: Tick { Tick(high) }

  var address: IPAddress {
    kind == Kind.neighborIPv4.rawValue
      ? .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: low))) : .v6(IPv6Address(high: high, low: low))
  }
}
