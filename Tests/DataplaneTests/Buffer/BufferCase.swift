import TestSupport
import Testing

@testable import Dataplane

/// A small buffer twice: as the switch has it, and as ``ReferenceBuffer``; numbers are cells of 64 bytes.
struct BufferCase: CustomStringConvertible {
  /// Which priority groups there are: port, number, whether lossless.
  enum Layout: String, CaseIterable {
    case twoPorts, onePort, mixed, lossy

    var groups: [(port: Int, number: Int, isLossless: Bool)] {
      switch self {
      case .twoPorts: [(0, 3, true), (1, 3, true)]
      case .onePort: [(0, 3, true), (0, 4, true)]
      case .mixed: [(0, 3, true), (1, 0, false)]
      case .lossy: [(0, 0, false), (0, 1, false)]
      }
    }
  }

  static let cell = 64

  var layout: Layout
  var threshold: ReferenceBuffer.Threshold
  var pool = 6
  /// Sizes of two pools instead.
  var split: (lossless: Int, lossy: Int)?
  var reserve = 0
  var portReserve = 0
  var headroom = 2
  var sharedHeadroom: Int?
  var xon = 0
  var xonOffset = 1
  var egressReserve = 0
  var egressThreshold = ReferenceBuffer.Threshold.alpha(0)
  var egressPool: Int?

  var description: String {
    "\(layout.rawValue), \(threshold), pool \(split.map { "\($0.lossless) + \($0.lossy)" } ?? "\(pool)"), reserve "
      + "\(reserve) + \(portReserve), headroom \(headroom) of \(sharedHeadroom.map(String.init) ?? "its own"), xon \(xon), "
      + "offset \(xonOffset), egress \(egressReserve) + \(egressThreshold)"
  }

  /// Bytes of some cells.
  static func bytes(_ cells: Int) -> ByteCount { ByteCount(UInt64(cells * cell)) }

  private static func threshold(_ threshold: ReferenceBuffer.Threshold) -> BufferThreshold {
    switch threshold {
    case .alpha(let n): .dynamic(log2Alpha: n)
    case .cells(let cells): .fixed(bytes(cells ?? 0))
    }
  }

  /// The configuration whose shared pool is as large as wanted.
  var configuration: SwitchConfiguration {
    var configuration = SwitchConfiguration()
    configuration.qos.trafficClassToPriorityGroup = (0..<8).map { PriorityGroup([0, 1, 0, 3, 4][$0 < 5 ? $0 : 0]) }
    for number in 0..<2 {
      var port = PortConfiguration(name: "p\(number)", speed: .gigabits(100))
      if layout != .lossy { for queue in 3...4 { port.queues[queue].isLossless = true } }
      configuration.ports.append(port)
    }
    var buffer = BufferConfiguration()
    buffer.cell = ByteCount(UInt64(Self.cell))
    buffer.lossless = PriorityGroupProfile(
      reserve: Self.bytes(reserve), threshold: Self.threshold(threshold), xon: Self.bytes(xon),
      xonOffset: Self.bytes(xonOffset))
    buffer.lossy = PriorityGroupProfile(reserve: Self.bytes(reserve), threshold: Self.threshold(threshold))
    buffer.portReserve = Self.bytes(portReserve)
    buffer.headroom = Self.bytes(headroom)
    buffer.sharedHeadroom = sharedHeadroom.map(Self.bytes)
    buffer.egress.reserve = Self.bytes(egressReserve)
    buffer.egress.threshold = Self.threshold(egressThreshold)
    buffer.egress.size = egressPool.map(Self.bytes)
    buffer.pools = split.map { SharedPools(lossless: Self.bytes($0.lossless), lossy: Self.bytes($0.lossy)) }
    // On each of two ports four groups are in use: 0, 1, 3 and 4; the last two are lossless but for one layout.
    let lossless = layout == .lossy ? 0 : 4
    let aside = 8 * reserve + 2 * portReserve + (sharedHeadroom ?? lossless * headroom)
    buffer.size = Self.bytes(aside + (split.map { $0.lossless + $0.lossy } ?? pool))
    configuration.buffer = buffer
    return configuration
  }

  var reference: ReferenceBuffer {
    let groups = layout.groups.map { group in
      ReferenceBuffer.Group(
        port: group.port, pool: split != nil && !group.isLossless ? 1 : 0, isLossless: group.isLossless,
        reserve: reserve, headroom: group.isLossless ? headroom : 0, threshold: threshold,
        xon: group.isLossless ? xon : 0, xonOffset: group.isLossless ? xonOffset : 0, queueReserve: egressReserve,
        queueThreshold: egressThreshold)
    }
    let pools = split.map { [$0.lossless, $0.lossy] } ?? [pool]
    var reference = ReferenceBuffer(groups: groups, pools: pools, egressPool: egressPool ?? pools[pools.count - 1])
    reference.portReserve = portReserve
    reference.sharedHeadroom = sharedHeadroom
    return reference
  }
}

/// The buffer under test, set to any state of the reference and compared with any.
struct BufferUnderTest: ~Copyable {
  let buffer: Buffer
  /// Where the reference's groups and queues are.
  let places: [Int]
  let egressPlaces: [Int]
  private let packet: Packet

  init(_ wanted: BufferCase) {
    // The buffer looks at the state of a packet alone, so it needs no memory for its bytes.
    packet = Packet(.allocate(capacity: 1))
    UnsafeMutableRawPointer(packet.state).initializeMemory(
      as: UInt8.self, repeating: 0, count: MemoryLayout.size(ofValue: packet.state.pointee))
    buffer = Buffer(wanted.configuration)
    places = wanted.layout.groups.map { $0.port * 8 + $0.number }
    // All leave from the second port, from the queue of the group's number.
    egressPlaces = wanted.layout.groups.map { 8 + $0.number }
  }

  deinit { packet.state.deallocate() }

  /// Sets all accounts to what the packets of a state have.
  func set(_ state: ReferenceBuffer) {
    let sums = state.sums
    for (index, place) in places.enumerated() {
      let account = buffer.groups.base + place
      account.pointee.reserveUsed = UInt32(sums.reserve[index])
      account.pointee.sharedUsed = UInt32(state.sharedUsed(index, sums))
      account.pointee.headroomUsed = UInt32(state.headroomUsed[index])
      account.pointee.isXOFF = state.xoff[index]
      buffer.portReserves.base[index].used = UInt32(sums.port[index])
      buffer.queues.base[egressPlaces[index]].reserveUsed = UInt32(sums.queue[index])
      buffer.queues.base[egressPlaces[index]].sharedUsed = UInt32(sums.egress[index])
    }
    for pool in state.pools.indices { buffer.pools.base[pool].used = UInt32(state.poolUsed(pool, sums)) }
    if state.sharedHeadroom != nil {
      buffer.pools.base[Buffer.headroomPool].used = UInt32(state.headroomUsed[0] + state.headroomUsed[1])
    }
    buffer.pools.base[Buffer.egressPool].used = UInt32(sums.egress[0] + sums.egress[1])
  }

  /// The accounts that differ from what the packets of a state have.
  func differences(from state: ReferenceBuffer) -> [String] {
    var differences: [String] = []
    func compare(_ name: @autoclosure () -> String, _ account: UInt32, _ sum: Int) {
      if Int(account) != sum { differences.append("\(name()) has \(account), not \(sum)") }
    }
    let sums = state.sums
    for (index, place) in places.enumerated() {
      let account = buffer.groups.base[place]
      compare("reserve of group \(index)", account.reserveUsed, sums.reserve[index])
      compare("shared use of group \(index)", account.sharedUsed, state.sharedUsed(index, sums))
      compare("headroom of group \(index)", account.headroomUsed, state.headroomUsed[index])
      if account.isXOFF != state.xoff[index] { differences.append("XOFF of group \(index) is \(account.isXOFF)") }
      compare("reserve of port \(index)", buffer.portReserves.base[index].used, sums.port[index])
      let queue = buffer.queues.base[egressPlaces[index]]
      compare("reserve of queue \(index)", queue.reserveUsed, sums.queue[index])
      compare("egress use of queue \(index)", queue.sharedUsed, sums.egress[index])
    }
    for pool in state.pools.indices {
      compare("pool \(pool)", buffer.pools.base[pool].used, state.poolUsed(pool, sums))
      if Int(buffer.pools.base[pool].used) > state.pools[pool] { differences.append("pool \(pool) is overcommitted") }
    }
    if state.sharedHeadroom != nil {
      let used = state.headroomUsed[0] + state.headroomUsed[1]
      compare("headroom pool", buffer.pools.base[Buffer.headroomPool].used, used)
    }
    compare("egress pool", buffer.pools.base[Buffer.egressPool].used, sums.egress[0] + sums.egress[1])
    return differences
  }

  /// A packet comes that fills its cells but for `slack` bytes.
  func arrive(group: Int, cells: Int, slack: Int) -> Admission {
    packet.state.pointee.wire_length = UInt32(cells * BufferCase.cell - slack)
    packet.flags = .none
    return buffer.accounts.admit(packet, group: places[group], queue: egressPlaces[group])
  }

  /// What the packet that came was charged with.
  func charges(group: Int, cells: Int) -> ReferenceBuffer.Packet {
    let state = packet.state.pointee
    return ReferenceBuffer.Packet(
      group: group, cells: cells, ofGroup: Int(state.charged_group), ofPort: Int(state.charged_port),
      rest: Int(state.charged_rest), ofQueue: Int(state.charged_queue))
  }

  /// A packet leaves.
  func depart(_ leaving: ReferenceBuffer.Packet, isLossless: Bool) {
    packet.state.pointee.charged_group = UInt16(leaving.ofGroup)
    packet.state.pointee.charged_port = UInt16(leaving.ofPort)
    packet.state.pointee.charged_rest = UInt16(leaving.rest)
    packet.state.pointee.charged_queue = UInt16(leaving.ofQueue)
    packet.flags = isLossless ? .none : .inEgressPool
    buffer.accounts.release(packet, group: places[leaving.group], queue: egressPlaces[leaving.group])
  }
}
