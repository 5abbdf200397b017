@testable import Dataplane

/// The shared buffer as its description has it, and not as the switch computes it: nothing is kept but the packets, each
/// with the cells that it took from where, and who is asked to stop. All sums are made anew from them.
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
  }

  struct Queue {
    var isLossless: Bool
    var reserve = 0
    var threshold = Threshold.alpha(0)
  }

  struct Packet: Hashable {
    var group: Int
    var queue: Int
    var cells: Int
    var ofGroup = 0
    var ofPort = 0
    var ofShared = 0
    var ofHeadroom = 0
    var ofQueue = 0
    var ofEgress = 0
  }

  enum Decision: Equatable {
    case admitted(Packet)
    case headroomFull
    case ingressFull
    case egressFull
  }

  var groups: [Group]
  var queues: [Queue]
  var portReserve = 0
  var pools: [Int]
  /// Cells of the headroom pool; nil: each group has its own.
  var sharedHeadroom: Int?
  var egressPool: Int
  var packets: [Packet] = []
  var xoff: [Bool]

  init(groups: [Group], queues: [Queue], pools: [Int], egressPool: Int) {
    self.groups = groups
    self.queues = queues
    self.pools = pools
    self.egressPool = egressPool
    xoff = groups.map { _ in false }
  }

  /// A sum over some of the packets.
  func sum(_ value: (Packet) -> Int) -> Int {
    var sum = 0
    for packet in packets { sum += value(packet) }
    return sum
  }

  func sharedUsed(_ group: Int) -> Int { sum { $0.group == group ? $0.ofShared : 0 } }
  func headroomUsed(_ group: Int) -> Int { sum { $0.group == group ? $0.ofHeadroom : 0 } }
  func reserveUsed(_ group: Int) -> Int { sum { $0.group == group ? $0.ofGroup : 0 } }
  func portReserveUsed(_ port: Int) -> Int { sum { groups[$0.group].port == port ? $0.ofPort : 0 } }
  func poolUsed(_ pool: Int) -> Int { sum { groups[$0.group].pool == pool ? $0.ofShared : 0 } }

  /// A packet comes.
  mutating func arrive(group index: Int, queue: Int, cells: Int) -> Decision {
    var packet = Packet(group: index, queue: queue, cells: cells)
    let group = groups[index]
    // Reserves are given cell by cell, the group's first.
    var rest = cells
    while rest > 0, reserveUsed(index) + packet.ofGroup < group.reserve {
      packet.ofGroup += 1
      rest -= 1
    }
    while rest > 0, portReserveUsed(group.port) + packet.ofPort < portReserve {
      packet.ofPort += 1
      rest -= 1
    }
    // The rest comes from one place.
    let free = pools[group.pool] - poolUsed(group.pool)
    let isShared =
      rest == 0
      || headroomUsed(index) == 0 && rest <= free && group.threshold.admits(sharedUsed(index) + rest, free: free)
    var isAdmittedAtIngress = isShared
    if isShared {
      packet.ofShared = rest
    } else if group.isLossless, headroomUsed(index) + rest <= group.headroom {
      let all = sum { $0.ofHeadroom }
      isAdmittedAtIngress = sharedHeadroom.map { all + rest <= $0 } ?? true
      packet.ofHeadroom = rest
    }
    var isAdmittedAtEgress = true
    if !queues[queue].isLossless {
      let ofQueue = sum { $0.queue == queue ? $0.ofQueue : 0 }
      packet.ofQueue = min(cells, queues[queue].reserve - ofQueue)
      packet.ofEgress = cells - packet.ofQueue
      if packet.ofEgress > 0 {
        let used = sum { $0.queue == queue ? $0.ofEgress : 0 }
        let free = egressPool - sum { $0.ofEgress }
        isAdmittedAtEgress =
          packet.ofEgress <= free && queues[queue].threshold.admits(used + packet.ofEgress, free: free)
      }
    }
    if isAdmittedAtIngress, isAdmittedAtEgress {
      packets.append(packet)
      return .admitted(packet)
    }
    if !isAdmittedAtEgress, isAdmittedAtIngress || group.isLossless { return .egressFull }
    return group.isLossless ? .headroomFull : .ingressFull
  }

  /// A packet leaves. The shared cells that it had are taken over by packets of its group that stand in headroom.
  mutating func leave(at index: Int) -> Packet {
    let leaving = packets.remove(at: index)
    var moving = leaving.ofShared
    for other in packets.indices where packets[other].group == leaving.group {
      let moved = min(moving, packets[other].ofHeadroom)
      packets[other].ofHeadroom -= moved
      packets[other].ofShared += moved
      moving -= moved
    }
    return leaving
  }

  /// What a group tells its neighbour, having been looked at.
  mutating func look(at index: Int) -> PauseChange {
    let group = groups[index]
    let free = pools[group.pool] - poolUsed(group.pool)
    let (shared, headroom) = (sharedUsed(index), headroomUsed(index))
    if !xoff[index] {
      xoff[index] = headroom > 0 || !group.threshold.admits(shared, free: free)
      return xoff[index] ? .xoff : .none
    }
    let isBelow = shared == 0 || shared <= group.xon || group.threshold.admits(shared + group.xonOffset, free: free)
    if headroom > 0 || !isBelow { return .none }
    xoff[index] = false
    return .xon
  }
}
