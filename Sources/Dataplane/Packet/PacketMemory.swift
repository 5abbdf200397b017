import CShims

/// Where packets come from: three pools of mbufs, for small, ordinary and jumbo frames.
///
/// Three sizes keep the resident memory of millions of 64-byte frames small. A pool that is empty is helped by the
/// next larger one; when all are empty, ``allocate(capacity:)`` says so and the packet is a counted drop.
public struct PacketMemory: ~Copyable {
  private let pools: InlineArray<4, UnsafeMutableRawPointer>

  /// Bytes of headroom that every mbuf keeps in front of a frame, for tags and tunnel headers.
  static let headroom = 128
  /// Address space of the environment: packet memory, route tables and hash tables of all switches of the process. What
  /// is not used takes no memory, but for 12 bytes a kilobyte of bookkeeping.
  static let environmentMegabytes: UInt32 = 2048
  /// Largest number of bytes of a frame that each pool's packets can hold.
  public static let capacities = (256, 2048, 9600)
  /// Pause frames that may be on their way at a time: two for each of 512 ports.
  static let pauseCount = 1024
  /// Number of packets that a switch of ordinary size needs.
  public static let usualCounts = (65_536, 32_768, 4096)

  /// Starts the packet environment of this process if need be, and creates the pools.
  ///
  /// - Parameter counts: packets in the small, ordinary and jumbo pool.
  public init(counts: (Int, Int, Int) = usualCounts) throws(PacketMemoryError) {
    var message = [CChar](repeating: 0, count: 256)
    guard pst_environment_start(PacketMemory.environmentMegabytes, &message, message.count) == 0 else {
      throw PacketMemoryError(
        message: String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    let rooms = [
      PacketMemory.capacities.0, PacketMemory.capacities.1, PacketMemory.capacities.2, PacketMemory.capacities.0,
    ]
    var created: [UnsafeMutableRawPointer] = []
    for (room, count) in zip(rooms, [counts.0, counts.1, counts.2, PacketMemory.pauseCount]) {
      guard let pool = pst_pool_create(UInt32(count), UInt32(room + PacketMemory.headroom)) else {
        created.forEach { pst_pool_free($0) }
        throw PacketMemoryError(message: "no memory for \(count) packets of \(room) bytes; ask for fewer")
      }
      created.append(pool)
    }
    pools = [created[0], created[1], created[2], created[3]]
  }

  deinit {
    for index in 0..<4 { pst_pool_free(pools[index]) }
  }

  /// A packet with room for `capacity` bytes, its private state undefined; nil if memory is used up, or if no packet is
  /// that large.
  ///
  /// Cost: 8 ns on a thread that DPDK knows, 30 ns on any other.
  @inline(__always)
  public func allocate(capacity: Int) -> Packet? {
    let first = capacity <= PacketMemory.capacities.0 ? 0 : capacity <= PacketMemory.capacities.1 ? 1 : 2
    if first == 2, capacity > PacketMemory.capacities.2 { return nil }
    if let state = pst_packet_alloc(pools[first]) { return Packet(state) }
    return allocateElsewhere(after: first)
  }

  /// A packet for a pause frame, from a pool of their own: the switch must be able to stop its neighbours above all when
  /// memory is used up.
  @inline(__always)
  func allocatePause() -> Packet? { pst_packet_alloc(pools[3]).map { Packet($0) } }

  @inline(never)
  private func allocateElsewhere(after first: Int) -> Packet? {
    var index = first &+ 1
    while index < 3 {
      if let state = pst_packet_alloc(pools[index]) { return Packet(state) }
      index &+= 1
    }
    return nil
  }

  /// Gives a packet back.
  @inline(__always)
  public static func free(_ packet: Packet) { pst_packet_free(packet.state) }

  /// Gives all packets of a burst back, and empties it. Cost: 4 ns a packet.
  @inline(__always)
  public static func free(_ burst: inout PacketBurst) {
    burst.withStates { states, count in pst_packet_free_bulk(states, UInt32(truncatingIfNeeded: count)) }
    burst.removeAll()
  }

  /// Adds packets with room for `capacity` bytes each to a burst: as many as fit into it, or none if memory is used up.
  @inline(__always)
  public func allocate(_ burst: inout PacketBurst, capacity: Int) {
    let pool = capacity <= PacketMemory.capacities.0 ? 0 : capacity <= PacketMemory.capacities.1 ? 1 : 2
    burst.fill { states, count in
      pst_packet_alloc_bulk(pools[pool], states, UInt32(truncatingIfNeeded: count)) == 0
    }
  }

  /// Packets that are not in use, over all pools, that for pause frames included. Linear in the number of threads; for tests and reports.
  public var available: Int {
    var sum = 0
    for index in 0..<4 { sum += Int(pst_pool_available(pools[index])) }
    return sum
  }
}

/// Packet memory could not be had.
public struct PacketMemoryError: Error, CustomStringConvertible {
  /// What went wrong and what to do.
  public let message: String
  /// What went wrong and what to do.
  public var description: String { "packet memory: \(message)" }
}
