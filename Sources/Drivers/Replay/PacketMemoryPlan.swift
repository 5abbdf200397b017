import Dataplane

/// How many packets a replay may need at a time, so that the buffer overflows before packet memory does.
///
/// Pools start small and grow when needed, up to as many packets as the buffer can hold of each size, or as the budget
/// has room for.
public struct PacketMemoryPlan: Equatable, Sendable {
  /// Packets of the small, ordinary and jumbo pool that the buffer can hold, if it holds nothing else.
  public private(set) var limits: [Int]
  /// Bytes that all of them take.
  public private(set) var neededBytes: UInt64
  /// Bytes that packets may take.
  public let budget: ByteCount

  /// Packets to begin with.
  static let firstCounts = [16_384, 8192, 1024]
  /// Packets outside the buffer: on their way in, made by the switch, or waiting for nothing.
  private static let slack = 1024
  private static let largestLimit = 1 << 26

  /// The plan for a switch.
  public init(_ configuration: SwitchConfiguration, budget: ByteCount = PacketMemory.usualBudget) {
    let buffer = configuration.buffer
    let cell = buffer.model == .hpcc ? 1 : max(1, buffer.cell.bytes)
    // The smallest frame that each pool is first asked for.
    let smallest = [14, PacketMemory.capacities.0 + 1, PacketMemory.capacities.1 + 1]
    let sizes = [PacketMemory.packetBytes.0, PacketMemory.packetBytes.1, PacketMemory.packetBytes.2]
    limits = zip(smallest, PacketMemoryPlan.firstCounts).map { length, first in
      let occupied = (UInt64(length) + cell - 1) / cell * cell
      let count = Int(clamping: buffer.size.bytes / occupied) + PacketMemoryPlan.slack
      return max(first, min(count, PacketMemoryPlan.largestLimit))
    }
    neededBytes = zip(limits, sizes).reduce(0) { $0 + UInt64($1.0) * UInt64($1.1) }
    self.budget = budget
  }

  /// What the reader must know if the budget does not suffice; nil if it does.
  public var notice: String? {
    guard neededBytes > budget.bytes else { return nil }
    let needed = (neededBytes + (1 << 20) - 1) >> 20
    return
      "Packet memory of \(budget.bytes >> 20) MiB may be used up before the buffer is: packets are then dropped as "
      + "packet-memory. --packet-memory \(needed)MiB is enough whatever the packets are."
  }

  /// Creates the pools.
  public func memory() throws(PacketMemoryError) -> PacketMemory {
    let first = PacketMemoryPlan.firstCounts
    return try PacketMemory(
      counts: (first[0], first[1], first[2]), limits: (limits[0], limits[1], limits[2]), budget: budget)
  }
}
