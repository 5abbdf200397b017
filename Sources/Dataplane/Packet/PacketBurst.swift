import CShims

/// Up to 32 packets that move through the switch together. A fixed array: adding to a full one is a trap.
@frozen
public struct PacketBurst: ~Copyable {
  /// How many packets fit.
  public static let capacity = 32

  @usableFromInline var packets: UnsafeMutablePointer<Packet>
  /// How many packets there are.
  public private(set) var count = 0

  /// An empty burst.
  public init() {
    packets = .allocate(capacity: PacketBurst.capacity)
  }

  deinit { packets.deallocate() }

  /// True if no packet fits any more.
  public var isFull: Bool { count == PacketBurst.capacity }

  /// The packet at a position below ``count``.
  public subscript(index: Int) -> Packet {
    precondition(index >= 0 && index < count, "no such packet")
    return packets[index]
  }

  /// The packet at a position that the caller knows to be below ``count``.
  @inline(always)
  func packet(known index: Int) -> Packet { packets[index] }

  /// Adds a packet.
  public mutating func append(_ packet: Packet) {
    precondition(count < PacketBurst.capacity, "the burst is full")
    packets[count] = packet
    count &+= 1
  }

  /// Adds a packet that the caller knows to fit.
  @inline(always)
  mutating func appendKnownToFit(_ packet: Packet) {
    packets[count] = packet
    count &+= 1
  }

  /// Lends out the packets as C sees them.
  @inline(__always)
  func withStates(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<pst_packet>?>, Int) -> Void) {
    packets.withMemoryRebound(to: UnsafeMutablePointer<pst_packet>?.self, capacity: PacketBurst.capacity) {
      body($0, count)
    }
  }

  /// Lets a function write packets into all free places; true says that it has.
  @inline(__always)
  mutating func fill(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<pst_packet>?>, Int) -> Bool) {
    let free = PacketBurst.capacity &- count
    let isFilled = (packets + count).withMemoryRebound(to: UnsafeMutablePointer<pst_packet>?.self, capacity: free) {
      body($0, free)
    }
    if isFilled { count &+= free }
  }

  /// Lets a device write packets into all free places, and returns how many it wrote.
  @inline(__always)
  mutating func fillSome(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<pst_packet>?>, Int) -> Int) -> Int {
    let free = PacketBurst.capacity &- count
    let added = (packets + count).withMemoryRebound(to: UnsafeMutablePointer<pst_packet>?.self, capacity: free) {
      body($0, free)
    }
    count &+= added
    return added
  }

  /// Lends out the packets from a position on as C sees them.
  @inline(__always)
  func withStates(
    from first: Int, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<pst_packet>?>, Int) -> Int
  ) -> Int {
    precondition(first >= 0 && first <= count, "no such packet")
    let rest = count &- first
    return (packets + first).withMemoryRebound(to: UnsafeMutablePointer<pst_packet>?.self, capacity: rest) {
      body($0, rest)
    }
  }

  /// Forgets one packet; those behind it move up.
  mutating func remove(at index: Int) {
    precondition(index >= 0 && index < count, "no such packet")
    count &-= 1
    var place = index
    while place < count {
      packets[place] = packets[place &+ 1]
      place &+= 1
    }
  }

  /// Forgets all packets; whoever took them frees them.
  public mutating func removeAll() { count = 0 }
}
