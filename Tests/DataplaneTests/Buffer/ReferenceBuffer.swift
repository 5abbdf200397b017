@testable import Dataplane

/// The shared buffer as its description has it, and not as the switch computes it, with two priority groups, each of which
/// has a queue of its own: nothing is kept but the packets, how many of each group's cells stand in headroom, and who is
/// asked to stop. All sums are made anew from the packets.
struct ReferenceBuffer {
  /// A limit: 2^n of what is free, or cells; nil: none.
  enum Threshold: Hashable {
    case alpha(Int)
    case cells(Int?)

    /// Whether `used` cells are within the limit while `free` are free. No rounding: used <= free x 2^n.
    func admits(_ used: Int, free: Int) -> Bool {
      switch self {
      case .alpha(let n): n >= 0 ? used <= free << n : used << -n <= free
      case .cells(let most): most.map { used <= $0 } ?? true
      }
    }
  }

  struct Group {
    var port: Int
    var pool = 0
    var isLossless: Bool
    var reserve = 0
    var headroom = 0
    var threshold: Threshold
    var xon = 0
    var xonOffset = 0
    /// Of its queue, which is lossless if the group is.
    var queueReserve = 0
    var queueThreshold = Threshold.alpha(0)
  }

  /// Cells of a packet, by what they are charged to: reserves of group and port, or the rest; and at egress the reserve of
  /// its queue.
  struct Packet: Hashable {
    var group: Int
    var cells: Int
    var ofGroup = 0
    var ofPort = 0
    var rest = 0
    var ofQueue = 0
  }

  /// Sums over all packets, by group; of ports by port.
  struct Sums {
    var reserve: InlineArray<2, Int> = [0, 0]
    var rest: InlineArray<2, Int> = [0, 0]
    var port: InlineArray<2, Int> = [0, 0]
    var queue: InlineArray<2, Int> = [0, 0]
    var egress: InlineArray<2, Int> = [0, 0]
  }

  enum Decision: Equatable {
    case admitted(Packet)
    case headroomFull
    case ingressFull
    case egressFull
  }

  var groups: [Group]
  var portReserve = 0
  var pools: [Int]
  /// Cells of the headroom pool; nil: each group has its own.
  var sharedHeadroom: Int?
  var egressPool: Int
  var packets: [Packet] = []
  /// By group: cells in headroom.
  var headroomUsed = [0, 0]
  var xoff = [false, false]

  init(groups: [Group], pools: [Int], egressPool: Int) {
    self.groups = groups
    self.pools = pools
    self.egressPool = egressPool
  }

  var sums: Sums {
    var sums = Sums()
    for packet in packets {
      sums.reserve[packet.group] += packet.ofGroup
      sums.rest[packet.group] += packet.rest
      sums.port[groups[packet.group].port] += packet.ofPort
      if groups[packet.group].isLossless { continue }
      sums.queue[packet.group] += packet.ofQueue
      sums.egress[packet.group] += packet.cells - packet.ofQueue
    }
    return sums
  }

  func sharedUsed(_ group: Int, _ sums: Sums) -> Int { sums.rest[group] - headroomUsed[group] }

  func poolUsed(_ pool: Int, _ sums: Sums) -> Int {
    (0..<2).reduce(0) { groups[$1].pool == pool ? $0 + sharedUsed($1, sums) : $0 }
  }

  private func freeOfPool(_ group: Int, _ sums: Sums) -> Int {
    pools[groups[group].pool] - poolUsed(groups[group].pool, sums)
  }

  /// A packet comes.
  mutating func arrive(group index: Int, cells: Int) -> Decision {
    let sums = self.sums
    var packet = Packet(group: index, cells: cells)
    let group = groups[index]
    // Reserves are given cell by cell, the group's first.
    packet.rest = cells
    while packet.rest > 0, sums.reserve[index] + packet.ofGroup < group.reserve {
      packet.ofGroup += 1
      packet.rest -= 1
    }
    while packet.rest > 0, sums.port[group.port] + packet.ofPort < portReserve {
      packet.ofPort += 1
      packet.rest -= 1
    }
    // The rest comes from one place.
    let free = freeOfPool(index, sums)
    let rest = packet.rest
    let isWithin = rest <= free && group.threshold.admits(sharedUsed(index, sums) + rest, free: free)
    let isShared = rest == 0 || headroomUsed[index] == 0 && isWithin
    var isAdmittedAtIngress = isShared
    if !isShared, group.isLossless, headroomUsed[index] + rest <= group.headroom {
      isAdmittedAtIngress = sharedHeadroom.map { headroomUsed[0] + headroomUsed[1] + rest <= $0 } ?? true
    }
    var isAdmittedAtEgress = true
    if !group.isLossless {
      packet.ofQueue = min(cells, group.queueReserve - sums.queue[index])
      let beyond = cells - packet.ofQueue
      let free = egressPool - sums.egress[0] - sums.egress[1]
      isAdmittedAtEgress =
        beyond == 0 || beyond <= free && group.queueThreshold.admits(sums.egress[index] + beyond, free: free)
    }
    if isAdmittedAtIngress, isAdmittedAtEgress {
      packets.append(packet)
      if !isShared { headroomUsed[index] += rest }
      return .admitted(packet)
    }
    if isAdmittedAtIngress { return .egressFull }
    return group.isLossless ? .headroomFull : .ingressFull
  }

  /// A packet leaves. What it had beyond reserves goes back to headroom, as long as its group has any.
  mutating func leave(at index: Int) -> Packet {
    let leaving = packets.remove(at: index)
    headroomUsed[leaving.group] = max(0, headroomUsed[leaving.group] - leaving.rest)
    return leaving
  }

  /// What a group tells its neighbour, having been looked at.
  mutating func look(at index: Int) -> PauseChange {
    let group = groups[index]
    let sums = self.sums
    let free = freeOfPool(index, sums)
    let shared = sharedUsed(index, sums)
    if !xoff[index] {
      xoff[index] = headroomUsed[index] > 0 || !group.threshold.admits(shared, free: free)
      return xoff[index] ? .xoff : .none
    }
    let isBelow = shared == 0 || shared <= group.xon || group.threshold.admits(shared + group.xonOffset, free: free)
    if headroomUsed[index] > 0 || !isBelow { return .none }
    xoff[index] = false
    return .xon
  }
}
