import CShims

/// Where packets come from: three pools of mbufs, for small, ordinary and jumbo frames.
///
/// Three sizes keep the resident memory of millions of 64-byte frames small. A pool that is empty is helped by the
/// next larger one; when all are empty, ``allocate(capacity:)`` says so and the packet is a counted drop.
///
/// A driver outside the packet path may let pools grow (``allocateGrowing(capacity:)``): memory is touched only once it
/// is needed.
public struct PacketMemory: ~Copyable {
  private let pools: InlineArray<4, UnsafeMutableRawPointer>
  /// What the small, ordinary and jumbo pool have grown by.
  private let extensions: UnsafeMutablePointer<PoolExtensions>
  // What the two above point to, which goes with the last who knows it. The packet path does not look at it.
  private let owner: PoolOwner

  /// Bytes of headroom that every mbuf keeps in front of a frame, for tags and tunnel headers.
  static let headroom = 128
  /// Largest number of bytes of a frame that each pool's packets can hold.
  public static let capacities = (256, 2048, 9600)
  /// Pause frames that may be on their way at a time: two for each of 512 ports.
  public static let pauseCount = 1024
  /// Number of packets that a switch of ordinary size needs.
  public static let usualCounts = (65_536, 32_768, 4096)
  /// What packets may take in all, for pools that grow: 1 GiB.
  public static let usualBudget = ByteCount(1 << 30)
  private let budgetBytes: Int

  /// Starts the packet environment of this process if need be, and creates the pools.
  ///
  /// - Parameters:
  ///   - counts: packets in the small, ordinary and jumbo pool.
  ///   - limits: how many packets each pool may grow to; nil: none grows.
  ///   - budget: bytes that all packets may take in the end. The first environment of a process has room for it.
  ///   - forSlices: packets are given back by other threads than those that took them. Those given back last are taken
  ///     first, so that the packets in use stay few, and in caches; in the order of a ring each would be the coldest of all.
  public init(
    counts: (Int, Int, Int) = usualCounts, limits: (Int, Int, Int)? = nil, budget: ByteCount = usualBudget,
    forSlices: Bool = false
  ) throws(PacketMemoryError) {
    let beyond = max(budget, PacketMemory.usualBudget).bytes - PacketMemory.usualBudget.bytes
    do {
      try Environment.start(.init(memory: ByteCount(Environment.usualMemory.bytes + min(beyond, 1 << 40))))
    } catch {
      throw PacketMemoryError(message: error.message)
    }
    let rooms = [
      PacketMemory.capacities.0, PacketMemory.capacities.1, PacketMemory.capacities.2, PacketMemory.capacities.0,
    ]
    var created: [UnsafeMutableRawPointer] = []
    for (room, count) in zip(rooms, [counts.0, counts.1, counts.2, PacketMemory.pauseCount]) {
      guard let pool = PacketMemory.makePool(count, room, forSlices: forSlices) else {
        created.forEach { pst_pool_free($0) }
        throw PacketMemoryError(message: "no memory for \(count) packets of \(room) bytes; ask for fewer")
      }
      created.append(pool)
    }
    pools = [created[0], created[1], created[2], created[3]]
    let limits = limits ?? counts
    let all = [(counts.0, limits.0), (counts.1, limits.1), (counts.2, limits.2)]
    owner = PoolOwner(pools: created, all.map { PoolExtensions(count: $0.0, limit: $0.1) })
    extensions = owner.extensions.base
    budgetBytes = Int(clamping: budget.bytes)
  }

  private init(sharing other: borrowing PacketMemory) {
    pools = other.pools
    extensions = other.extensions
    owner = other.owner
    budgetBytes = other.budgetBytes
  }

  /// The same pools for another slice: packets are given back to where they came from, whichever thread does it. The
  /// memory lasts as long as one of those who share it.
  public func shared() -> PacketMemory { PacketMemory(sharing: self) }

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
    if let packet = allocateExtension(of: first) { return packet }
    var index = first &+ 1
    while index < 3 {
      if let state = pst_packet_alloc(pools[index]) { return Packet(state) }
      if let packet = allocateExtension(of: index) { return packet }
      index &+= 1
    }
    return nil
  }

  private func allocateExtension(of index: Int) -> Packet? {
    let extensions = extensions + index
    var position = 0
    while position < extensions.pointee.used {
      if let state = pst_packet_alloc(extensions.pointee.pools[position]) { return Packet(state) }
      position &+= 1
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

  /// The pool whose packets hold a whole frame of `capacity` bytes, for a device to fill; nil if no packet is that large.
  public func devicePool(capacity: Int) -> DevicePool? {
    let sizes = [PacketMemory.capacities.0, PacketMemory.capacities.1, PacketMemory.capacities.2]
    // Never the small one: hosts send what they may, and not what a configuration says.
    guard let index = (1..<3).first(where: { capacity <= sizes[$0] }) else { return nil }
    return DevicePool(pool: pools[index], capacity: sizes[index])
  }

  private static func makePool(_ count: Int, _ room: Int, forSlices: Bool = false) -> UnsafeMutableRawPointer? {
    // Only hugepages have addresses that hardware can use.
    pst_pool_create(UInt32(count), UInt32(room + headroom), Environment.hasHugepages ? 1 : 0, forSlices ? 1 : 0)
  }

  /// Packets that are not in use, over all pools, that for pause frames included. Linear in the number of threads; for
  /// tests and reports.
  public var available: Int {
    var sum = 0
    for index in 0..<4 { sum += Int(pst_pool_available(pools[index])) }
    for index in 0..<3 {
      let extensions = extensions[index]
      for position in 0..<extensions.used { sum += Int(pst_pool_available(extensions.pools[position])) }
    }
    return sum
  }
}

extension PacketMemory {
  /// As ``allocate(capacity:)``, but enlarges the pool for packets of that size, if it may, before it turns to a larger
  /// one. Not for the packet path, and only while no other thread uses this memory.
  @inline(__always)
  public func allocateGrowing(capacity: Int) -> Packet? {
    let first = capacity <= PacketMemory.capacities.0 ? 0 : capacity <= PacketMemory.capacities.1 ? 1 : 2
    if first == 2, capacity > PacketMemory.capacities.2 { return nil }
    if let state = pst_packet_alloc(pools[first]) { return Packet(state) }
    return growAndAllocate(first)
  }

  /// Bytes that a packet of each pool takes, its state and the room in front of it included.
  public static let packetBytes = (
    MemoryLayout<pst_packet>.size + headroom + capacities.0, MemoryLayout<pst_packet>.size + headroom + capacities.1,
    MemoryLayout<pst_packet>.size + headroom + capacities.2
  )

  @inline(never)
  private func growAndAllocate(_ first: Int) -> Packet? {
    if let packet = allocateExtension(of: first) { return packet }
    if grow(first), let packet = allocateExtension(of: first) { return packet }
    return allocateElsewhere(after: first)
  }

  /// Doubles a pool, as far as limit and budget allow.
  private func grow(_ index: Int) -> Bool {
    let sizes = [PacketMemory.packetBytes.0, PacketMemory.packetBytes.1, PacketMemory.packetBytes.2]
    let rooms = [PacketMemory.capacities.0, PacketMemory.capacities.1, PacketMemory.capacities.2]
    var spent = 0
    for other in 0..<3 { spent += extensions[other].count * sizes[other] }
    let state = extensions[index]
    let affordable = max(0, budgetBytes - spent) / sizes[index]
    let count = min(
      state.count, state.limit - state.count, affordable, PoolExtensions.largestBytes / sizes[index])
    guard count > 0, state.used < PoolExtensions.capacity,
      let pool = PacketMemory.makePool(count, rooms[index])
    else { return false }
    extensions[index].pools[state.used] = pool
    extensions[index].used += 1
    extensions[index].count += count
    return true
  }
}

/// Frees the pools.
private final class PoolOwner {
  private let pools: [UnsafeMutableRawPointer]
  let extensions: FlatTable<PoolExtensions>

  init(pools: [UnsafeMutableRawPointer], _ extensions: [PoolExtensions]) {
    self.pools = pools
    self.extensions = FlatTable(extensions)
  }

  deinit {
    pools.forEach { pst_pool_free($0) }
    for index in 0..<extensions.count {
      for position in 0..<extensions.base[index].used { pst_pool_free(extensions.base[index].pools[position]) }
    }
  }
}

/// What one of the pools has grown by: further pools, in the order in which they were made.
private struct PoolExtensions {
  static let capacity = 32
  /// Largest pool that is made at a time: 256 MiB.
  static let largestBytes = 256 << 20

  /// Packets, those of the first pool included.
  var count: Int
  let limit: Int
  var pools = InlineArray<32, UnsafeMutableRawPointer?>(repeating: nil)
  var used = 0

  init(count: Int, limit: Int) {
    self.count = count
    self.limit = limit
  }
}

/// A pool from which a device takes packets for what arrives; valid as long as its ``PacketMemory`` lives.
@frozen
public struct DevicePool {
  /// The mempool.
  public let pool: UnsafeMutableRawPointer
  /// Bytes of a frame that each of its packets holds.
  public let capacity: Int
}

/// Packet memory could not be had.
public struct PacketMemoryError: Error, CustomStringConvertible {
  /// What went wrong and what to do.
  public let message: String
  /// What went wrong and what to do.
  public var description: String { "packet memory: \(message)" }
}
