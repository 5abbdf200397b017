import Dataplane

/// The shared buffer as its rules are written down, packet by packet: what a case's expectation is computed from.
///
/// It shares no code with the switch. It knows one FIFO queue, charges by priority group, whole cells, and these rules
/// (SAI saibuffer.h; Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998):
///
/// - a packet takes the group's reserve, then the port's, and the rest as a whole from the shared pool;
/// - it may if the group has nothing in headroom, its shared use stays within alpha times what is free, and that suffices;
/// - a lossless group otherwise takes the rest from headroom, or drops;
/// - XOFF when shared use is above the limit or headroom is in use, XON when headroom is empty and shared use is at most
///   max(xon, limit - offset);
/// - what leaves frees headroom first.
struct BufferTheory {
  /// A priority group of a port.
  struct Group {
    var isLossless: Bool
    var reserve: Int
    var headroom: Int
    var profile: PriorityGroupProfile
    var pool: Int
    var port: Int
    var reserveUsed = 0
    var shared = 0
    var headroomUsed = 0
    var isXOFF = false
  }

  /// Cells of a packet in the queue, by account.
  private struct Charge {
    var group: Int
    var reserve: Int
    var port: Int
    var rest: Int
    var egress: Int
    var egressReserve: Int
  }

  /// What happened to a packet.
  enum Outcome { case shared, headroom, dropped }

  let cell: Int
  /// Sizes and use of the shared pool or pools.
  let poolSize: [Int]
  private(set) var poolUsed: [Int]
  let portReserve: Int
  private var portUsed: [Int]
  private(set) var sharedHeadroom: Int
  private var sharedHeadroomUsed = 0
  /// At port x 8 + number.
  private(set) var groups: [Group]
  private let egressPool: Int
  private let egressReserve: Int
  private let egressThreshold: BufferThreshold
  private var egressPoolUsed = 0
  private var egressQueueUsed = 0
  private var egressReserveUsed = 0
  private var queue: [Charge] = []
  private var head = 0

  /// An empty buffer.
  init(_ configuration: SwitchConfiguration) {
    let buffer = configuration.buffer
    let cell = Int(buffer.cell.bytes)
    func up(_ size: ByteCount) -> Int { (Int(size.bytes) + cell - 1) / cell }
    self.cell = cell
    portReserve = up(buffer.portReserve)
    sharedHeadroom = buffer.sharedHeadroom.map(up) ?? 0
    egressReserve = up(buffer.egress.reserve)
    egressThreshold = buffer.egress.threshold
    var groups: [Group] = []
    var aside = configuration.ports.count * portReserve + sharedHeadroom
    for (index, port) in configuration.ports.enumerated() {
      let headroom = up(buffer.headroom ?? ByteCount(UInt64(HeadroomTheory.bytes(for: port, buffer))))
      for number in 0..<8 {
        let isLossless = Lossless.groups(of: port, configuration.qos).contains(number)
        let profile = isLossless ? buffer.lossless : buffer.lossy
        let isUsed = configuration.qos.trafficClassToPriorityGroup.contains { $0.index == number }
        let reserve = up(profile.reserve)
        groups.append(
          Group(
            isLossless: isLossless, reserve: reserve, headroom: isLossless ? headroom : 0, profile: profile,
            pool: buffer.pools != nil && !isLossless ? 1 : 0, port: index))
        if isUsed { aside += reserve }
        if isLossless, sharedHeadroom == 0 { aside += headroom }
      }
    }
    self.groups = groups
    if let pools = buffer.pools {
      poolSize = [Int(pools.lossless.bytes) / cell, Int(pools.lossy.bytes) / cell]
    } else {
      poolSize = [Int(buffer.size.bytes) / cell - aside]
    }
    poolUsed = poolSize.map { _ in 0 }
    portUsed = configuration.ports.map { _ in 0 }
    egressPool = buffer.egress.size.map { Int($0.bytes) / cell } ?? poolSize[poolSize.count - 1]
  }

  /// Takes the limits of headroom away, to see how much would be used.
  mutating func removeHeadroomLimits() {
    sharedHeadroom = 0
    for index in groups.indices where groups[index].isLossless { groups[index].headroom = 1 << 40 }
  }

  /// Cells of a frame without check sequence.
  func cells(_ length: Int) -> Int { (length + cell - 1) / cell }

  /// What a group may have of its pool now.
  func limit(_ group: Int) -> Int {
    limit(groups[group].profile.threshold, free: poolSize[groups[group].pool] - poolUsed[groups[group].pool])
  }

  private func limit(_ threshold: BufferThreshold, free: Int) -> Int {
    switch threshold {
    case .dynamic(let exponent): exponent >= 0 ? free << exponent : free >> -exponent
    case .fixed(let size): size.bytes == 0 ? .max : Int(size.bytes) / cell
    }
  }

  /// A packet comes. Says where it went, and whether its group now asks for a pause.
  mutating func arrive(_ group: Int, length: Int) -> (outcome: Outcome, isXOFF: Bool) {
    let cells = cells(length)
    var charge = Charge(group: group, reserve: 0, port: 0, rest: cells, egress: 0, egressReserve: 0)
    let port = groups[group].port
    charge.reserve = min(charge.rest, groups[group].reserve - groups[group].reserveUsed)
    charge.rest -= charge.reserve
    charge.port = min(charge.rest, portReserve - portUsed[port])
    charge.rest -= charge.port
    var outcome = Outcome.shared
    if charge.rest > 0 {
      let pool = groups[group].pool
      let fits =
        groups[group].headroomUsed == 0 && groups[group].shared + charge.rest <= limit(group)
        && poolUsed[pool] + charge.rest <= poolSize[pool]
      if !fits { outcome = takesHeadroom(group, charge.rest) ? .headroom : .dropped }
    }
    if !groups[group].isLossless, outcome == .shared {
      charge.egressReserve = min(cells, egressReserve - egressReserveUsed)
      charge.egress = cells - charge.egressReserve
      let free = egressPool - egressPoolUsed
      if charge.egress > 0,
        egressQueueUsed + charge.egress > limit(egressThreshold, free: free) || charge.egress > free
      {
        outcome = .dropped
      }
    }
    guard outcome != .dropped else { return (.dropped, updateXOFF(group)) }
    groups[group].reserveUsed += charge.reserve
    portUsed[port] += charge.port
    if outcome == .headroom {
      groups[group].headroomUsed += charge.rest
      sharedHeadroomUsed += sharedHeadroom > 0 ? charge.rest : 0
    } else {
      groups[group].shared += charge.rest
      poolUsed[groups[group].pool] += charge.rest
    }
    egressReserveUsed += charge.egressReserve
    egressQueueUsed += charge.egress
    egressPoolUsed += charge.egress
    queue.append(charge)
    return (outcome, updateXOFF(group))
  }

  private func takesHeadroom(_ group: Int, _ cells: Int) -> Bool {
    let account = groups[group]
    guard account.isLossless, account.headroomUsed + cells <= account.headroom else { return false }
    return sharedHeadroom == 0 || sharedHeadroomUsed + cells <= sharedHeadroom
  }

  /// The packet that came first leaves. Says of which group it was; nil if there is none.
  mutating func leave() -> Int? {
    guard head < queue.count else { return nil }
    let charge = queue[head]
    head += 1
    let group = charge.group
    groups[group].reserveUsed -= charge.reserve
    portUsed[groups[group].port] -= charge.port
    let fromHeadroom = min(charge.rest, groups[group].headroomUsed)
    groups[group].headroomUsed -= fromHeadroom
    sharedHeadroomUsed -= sharedHeadroom > 0 ? fromHeadroom : 0
    groups[group].shared -= charge.rest - fromHeadroom
    poolUsed[groups[group].pool] -= charge.rest - fromHeadroom
    egressReserveUsed -= charge.egressReserve
    egressQueueUsed -= charge.egress
    egressPoolUsed -= charge.egress
    _ = updateXOFF(group)
    return group
  }

  private mutating func updateXOFF(_ group: Int) -> Bool {
    guard groups[group].isLossless else { return false }
    let limit = limit(group)
    if groups[group].isXOFF {
      let offset = (Int(groups[group].profile.xonOffset.bytes) + cell - 1) / cell
      let floor = Int(groups[group].profile.xon.bytes) / cell
      let goal = max(floor, limit == .max ? .max : max(0, limit - offset))
      if groups[group].headroomUsed == 0, groups[group].shared <= goal { groups[group].isXOFF = false }
    } else if groups[group].headroomUsed > 0 || groups[group].shared > limit {
      groups[group].isXOFF = true
    }
    return groups[group].isXOFF
  }
}

/// Which groups are lossless, by the definition: those of the traffic classes whose queue on the port is lossless.
enum Lossless {
  static func groups(of port: PortConfiguration, _ qos: QoSConfiguration) -> Set<Int> {
    Set(
      (0..<8).filter { port.queues[qos.trafficClassToQueue[$0].index].isLossless }
        .map { qos.trafficClassToPriorityGroup[$0].index })
  }
}
