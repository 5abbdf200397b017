/// How a configuration divides the buffer: reserves, headroom and shared pools, in cells.
///
/// What ``BufferModel/asic`` works with, and what `penstock check` prints. The simulator's model has no pools; its
/// numbers are in ``HPCCLayout``.
public struct BufferLayout: Equatable, Sendable {
  /// What one priority group of one port may have.
  public struct Group: Equatable, Sendable {
    /// Defended by XOFF, with headroom.
    public var isLossless: Bool
    /// Cells set aside.
    public var reserveCells: UInt64
    /// Limit of shared use.
    public var threshold: BufferThreshold
    /// Cells of headroom: its own, or the most it can have of the shared headroom pool.
    public var headroomCells: UInt64
    /// XON is due at or below this many shared cells.
    public var xonCells: UInt64
    /// XON is due this many cells below the limit.
    public var xonOffsetCells: UInt64
    /// Index into ``BufferLayout/poolCells``.
    public var pool: Int
  }

  /// Bytes of a cell.
  public var cell: UInt64
  /// All cells.
  public var totalCells: UInt64
  /// By port, then group.
  public var groups: [[Group]] = []
  /// Cells set aside for each port.
  public var portReserveCells: UInt64
  /// Cells of the headroom pool that groups share; 0: each group has its own.
  public var sharedHeadroomCells: UInt64
  /// Cells of the shared pools: one, or that of lossless groups and that of lossy ones.
  public var poolCells: [UInt64] = []
  /// Cells of the egress pool of lossy queues.
  public var egressPoolCells: UInt64
  /// Cells set aside for each lossy queue at egress.
  public var egressReserveCells: UInt64
  /// By how many cells reserves, headroom and pools exceed the buffer; 0 if they fit.
  public var excessCells: UInt64 = 0
  /// Cells of all reserves.
  public private(set) var reservedCells: UInt64 = 0
  /// Cells of all headroom.
  public private(set) var headroomCells: UInt64 = 0

  /// Divides the buffer. Groups that the switch itself sends from follow those of the last port, without headroom.
  ///
  /// A slice has its share of the cells and of every pool. Its reserves and headroom are those of a whole switch: all that
  /// a neighbour still sends after XOFF can be for ports of one slice.
  public init(_ configuration: SwitchConfiguration, _ slice: Slice = .whole) {
    let buffer = configuration.buffer
    let cell = max(1, buffer.cell.bytes)
    func up(_ bytes: ByteCount) -> UInt64 { (bytes.bytes + cell - 1) / cell }
    self.cell = cell
    totalCells = slice.share(of: buffer.size.bytes / cell)
    portReserveCells = up(buffer.portReserve)
    sharedHeadroomCells = slice.share(of: buffer.sharedHeadroom.map(up) ?? 0)
    egressReserveCells = up(buffer.egress.reserve)
    let isSplit = buffer.pools != nil
    for port in configuration.ports {
      if port.isVacant {
        groups.append(BufferLayout.unreserved(threshold: buffer.lossy.threshold, pool: isSplit ? 1 : 0))
        continue
      }
      let lossless = configuration.losslessGroups(of: port)
      let headroom = up(buffer.headroom ?? Headroom.bytes(for: port, buffer))
      groups.append(
        (0..<8).map { number in
          let isLossless = lossless & 1 << UInt8(number) != 0
          let profile = isLossless ? buffer.lossless : buffer.lossy
          return Group(
            isLossless: isLossless, reserveCells: up(profile.reserve), threshold: profile.threshold,
            headroomCells: isLossless ? headroom : 0, xonCells: profile.xon.bytes / cell,
            xonOffsetCells: up(profile.xonOffset), pool: isSplit && !isLossless ? 1 : 0)
        })
    }
    let used = configuration.qos.usedGroups
    for (port, groups) in zip(configuration.ports, groups) where !port.isVacant {
      reservedCells += portReserveCells
      for (number, group) in groups.enumerated() {
        if used & 1 << UInt8(number) != 0 { reservedCells += group.reserveCells }
        if sharedHeadroomCells == 0 { headroomCells += group.headroomCells }
      }
    }
    headroomCells += sharedHeadroomCells
    let aside = reservedCells + headroomCells
    if let pools = buffer.pools {
      poolCells = [slice.share(of: pools.lossless.bytes / cell), slice.share(of: pools.lossy.bytes / cell)]
      let sum = aside + poolCells[0] + poolCells[1]
      excessCells = sum > totalCells ? sum - totalCells : 0
    } else {
      poolCells = [totalCells > aside ? totalCells - aside : 0]
      excessCells = aside > totalCells ? aside - totalCells : 0
    }
    egressPoolCells = buffer.egress.size.map { slice.share(of: $0.bytes / cell) } ?? poolCells[poolCells.count - 1]
    // The switch's own packets: lossy accounts of a port that has no wire, and no reserve.
    groups.append(BufferLayout.unreserved(threshold: buffer.lossy.threshold, pool: isSplit ? 1 : 0))
  }

  /// Lossy groups for which nothing is set aside.
  private static func unreserved(threshold: BufferThreshold, pool: Int) -> [Group] {
    (0..<8).map { _ in
      Group(
        isLossless: false, reserveCells: 0, threshold: threshold, headroomCells: 0, xonCells: 0, xonOffsetCells: 0,
        pool: pool)
    }
  }
}

extension BufferLayout {
  /// Refuses a configuration whose buffer cannot hold what is set aside.
  static func check(_ configuration: SwitchConfiguration, _ slice: Slice = .whole) throws(SwitchError) {
    let size = configuration.buffer.size
    switch configuration.buffer.model {
    case .asic:
      let layout = BufferLayout(configuration, slice)
      guard layout.excessCells > 0 else { return }
      let needed = ByteCount((layout.totalCells + layout.excessCells) * layout.cell)
      if slice.count == 1 { throw .bufferTooSmall(needed: needed, size: size) }
      throw .sliceTooSmall(needed: needed, size: ByteCount(layout.totalCells * layout.cell), slices: slice.count)
    case .hpcc:
      if slice.count > 1 { throw .notSliced }
      let excess = HPCCLayout(configuration).excess
      if excess > 0 { throw .bufferTooSmall(needed: ByteCount(size.bytes + excess), size: size) }
    }
  }
}

extension BufferThreshold {
  /// The limit in cells of each of several accounts that have as much as they may, while nobody else has anything of the
  /// pool: 2^n S / (1 + N 2^n), or what is fixed.
  ///
  /// - Parameters:
  ///   - pool: Cells of the pool.
  ///   - accounts: How many there are, at least one.
  ///   - cell: Bytes of a cell.
  public func cells(ofPool pool: UInt64, sharedBy accounts: UInt64 = 1, cell: UInt64) -> UInt64 {
    let most = pool / max(1, accounts)
    switch self {
    case .dynamic(let exponent) where exponent >= 0:
      let alpha: UInt64 = 1 << UInt64(min(7, exponent))
      return pool * alpha / (1 + accounts * alpha)
    case .dynamic(let exponent):
      return pool / (1 << UInt64(min(8, -exponent)) + accounts)
    case .fixed(let bytes):
      return bytes.bytes == 0 ? most : min(most, bytes.bytes / max(1, cell))
    }
  }
}

extension QoSConfiguration {
  /// Priority groups that some traffic class leads to, a bit each.
  public var usedGroups: UInt8 {
    trafficClassToPriorityGroup.reduce(0) { $0 | 1 << $1.rawValue }
  }
}

extension SwitchConfiguration {
  /// Priority groups of a port that are lossless, a bit each: those of the traffic classes whose queue on that port is
  /// lossless.
  public func losslessGroups(of port: PortConfiguration) -> UInt8 {
    var groups: UInt8 = 0
    for trafficClass in 0..<8 where port.queues[qos.trafficClassToQueue[trafficClass].index].isLossless {
      groups |= 1 << qos.trafficClassToPriorityGroup[trafficClass].rawValue
    }
    return groups
  }

  /// Priorities whose PFC a port obeys, a bit each: those that lead to a lossless queue of it.
  public func obeyedPriorities(of port: PortConfiguration) -> UInt8 {
    var priorities: UInt8 = 0
    for priority in 0..<8 where port.queues[qos.pfcPriorityToQueue[priority].index].isLossless {
      priorities |= 1 << UInt8(priority)
    }
    return priorities
  }

  /// Priorities that a port sends XOFF for, a bit each, on behalf of one of its priority groups.
  public func announcedPriorities(of port: PortConfiguration, group: PriorityGroup) -> UInt8 {
    guard losslessGroups(of: port) & 1 << group.rawValue != 0 else { return 0 }
    var priorities: UInt8 = 0
    for priority in 0..<8 where qos.pfcPriorityToPriorityGroup[priority] == group { priorities |= 1 << UInt8(priority) }
    return priorities
  }
}
