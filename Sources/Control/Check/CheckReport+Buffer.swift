import Dataplane

extension CheckReport {
  /// The shared buffer, with what follows from its settings.
  public struct Buffer: Codable, Equatable, Sendable {
    /// `asic` or `hpcc`.
    public var model: String
    /// Size and unit of allocation.
    public var sizeBytes: UInt64, cellBytes: UInt64
    /// Headroom of a lossless priority group; computed if absent.
    public var headroomBytes: UInt64?
    /// Limits of priority groups as fractions of the free buffer, `1/8`, or as sizes.
    public var alphaLossless: String, alphaLossy: String
    /// All cells, and those that are set aside.
    public var cells: UInt64, reservedCells: UInt64, headroomCells: UInt64
    /// Cells of the headroom pool that groups share; absent if each has its own.
    public var sharedHeadroomCells: UInt64?
    /// What is shared.
    public var pools: [Pool]
    /// Limits of each kind of account.
    public var limits: [Limit]
    /// Headroom by port, for those with lossless priority groups.
    public var headroom: [Headroom]
    /// What happens to packets that are not admitted, if they are not dropped.
    public var trim: Trim?
    /// Numbers of the model `hpcc`.
    public var simulator: Simulator?
    /// Into how many slices the buffer is divided, one for each worker; absent: it is one. Then cells, pools and limits are
    /// those of the first slice.
    public var slices: Int?
  }

  /// A pool of cells.
  public struct Pool: Codable, Equatable, Sendable {
    /// `shared`, or `lossless` and `lossy`; and `egress`.
    public var name: String
    /// Its size.
    public var cells: UInt64, bytes: UInt64
  }

  /// What accounts of one kind may have.
  public struct Limit: Codable, Equatable, Sendable {
    /// `lossless groups`, `lossy groups` or `lossy queues`.
    public var accounts: String
    /// How many there are.
    public var count: Int
    /// `1/8 of free`, `100kB` or `none`.
    public var limit: String
    /// Set aside for each.
    public var reserveBytes: UInt64
    /// What one can have while no other has anything, and each while all have as much as they may.
    public var aloneBytes: UInt64, togetherBytes: UInt64
    /// At which shared use XON is due in either case; lossless groups only.
    public var xonAloneBytes: UInt64?, xonTogetherBytes: UInt64?
  }

  /// Headroom of the lossless priority groups of a port.
  public struct Headroom: Codable, Equatable, Sendable {
    /// The port and its lossless priority groups.
    public var port: String, priorityGroups: [Int]
    /// What each group has, in whole cells.
    public var bytes: UInt64
    /// What the formula gives, and what it is made of.
    public var formulaBytes: UInt64
    /// Largest lossless packet and largest packet.
    public var losslessMtuBytes: UInt64, mtuBytes: UInt64
    /// What passes on the cable, in gearbox, MAC and PHY, and until the neighbour stops.
    public var cableBytes: UInt64, delayBytes: UInt64, responseBytes: UInt64
    /// Bytes of cells for each byte that arrives.
    public var occupancy: Double
    /// Less loses packets for certain.
    public var leastBytes: UInt64
    /// As much suffices whatever comes.
    public var worstBytes: UInt64
  }

  /// Trimming.
  public struct Trim: Codable, Equatable, Sendable {
    /// What is kept of a frame, and where it goes.
    public var sizeBytes: Int, dscp: UInt8, queue: Int
    /// Lossy queues whose packets are trimmed.
    public var queues: [Int]
  }

  /// The buffer of the HPCC simulator.
  public struct Simulator: Codable, Equatable, Sendable {
    /// Buffer without headroom and reserves.
    public var sharedBytes: UInt64
    /// Of each priority group, and how far below the limit XON is due.
    public var reserveBytes: UInt64, resumeOffsetBytes: UInt64
    /// Rate at which the shift holds that is configured.
    public var nicRateBps: UInt64
    /// By port.
    public var ports: [SimulatorPort]
  }

  /// A port of the HPCC simulator.
  public struct SimulatorPort: Codable, Equatable, Sendable {
    /// Its name.
    public var port: String
    /// Headroom of each of its groups, and below and from what it loses packets or not.
    public var headroomBytes: UInt64, leastBytes: UInt64, worstBytes: UInt64
    /// The limit is the free buffer divided by 2 to this power.
    public var shift: UInt64
    /// What a group can have of the shared buffer alone, and while all lossless groups of such ports have as much.
    public var aloneBytes: UInt64, togetherBytes: UInt64
  }
}

extension CheckReport.Buffer {
  init(_ configuration: SwitchConfiguration) {
    let buffer = configuration.buffer
    let layout = BufferLayout(configuration, Slice(0, of: configuration))
    let groups = LosslessGroups(configuration)
    let isASIC = buffer.model == .asic
    self.init(
      model: buffer.model.rawValue, sizeBytes: buffer.size.bytes, cellBytes: buffer.cell.bytes,
      headroomBytes: buffer.headroom?.bytes, alphaLossless: Self.text(buffer.lossless.threshold),
      alphaLossy: Self.text(buffer.lossy.threshold), cells: layout.totalCells, reservedCells: layout.reservedCells,
      headroomCells: layout.headroomCells,
      sharedHeadroomCells: layout.sharedHeadroomCells > 0 ? layout.sharedHeadroomCells : nil,
      pools: isASIC ? Self.pools(layout) : [], limits: isASIC ? Self.limits(configuration, layout, groups) : [],
      headroom: isASIC ? Self.headroom(configuration, layout, groups) : [],
      trim: buffer.trim.map { trim in
        let lossy = (0..<8).filter { queue in !configuration.ports.contains { $0.queues[queue].isLossless } }
        return CheckReport.Trim(
          sizeBytes: trim.size, dscp: trim.dscp, queue: trim.queue.index,
          queues: lossy.filter { trim.queues & 1 << UInt8($0) != 0 })
      }, simulator: isASIC ? nil : CheckReport.Simulator(configuration, groups),
      slices: configuration.sliceCount > 1 ? configuration.sliceCount : nil)
  }

  private static func text(_ threshold: BufferThreshold) -> String {
    switch threshold {
    case .dynamic(let exponent): Quantities.powerText(exponent)
    case .fixed(let bytes): bytes.bytes == 0 ? "none" : Quantity.size.text(bytes.bytes)
    }
  }

  private static func pools(_ layout: BufferLayout) -> [CheckReport.Pool] {
    let names = layout.poolCells.count == 1 ? ["shared"] : ["lossless", "lossy"]
    return (zip(names, layout.poolCells) + [("egress", layout.egressPoolCells)]).map { name, cells in
      CheckReport.Pool(name: name, cells: cells, bytes: cells * layout.cell)
    }
  }

  private static func limits(
    _ configuration: SwitchConfiguration, _ layout: BufferLayout, _ groups: LosslessGroups
  ) -> [CheckReport.Limit] {
    let buffer = configuration.buffer
    let cell = layout.cell
    func limit(
      _ accounts: String, _ count: Int, _ threshold: BufferThreshold, _ reserve: UInt64, ofPool pool: UInt64
    ) -> CheckReport.Limit {
      let fraction = if case .dynamic = threshold { " of free" } else { "" }
      return CheckReport.Limit(
        accounts: accounts, count: count, limit: text(threshold) + fraction, reserveBytes: reserve * cell,
        aloneBytes: threshold.cells(ofPool: pool, cell: cell) * cell,
        togetherBytes: threshold.cells(ofPool: pool, sharedBy: UInt64(max(1, count)), cell: cell) * cell)
    }
    func reserve(_ profile: PriorityGroupProfile) -> UInt64 { (profile.reserve.bytes + cell - 1) / cell }
    let used = configuration.qos.usedGroups
    let lossy = groups.groups.reduce(0) { $0 + (used & ~$1).nonzeroBitCount }
    let queues = configuration.ports.reduce(0) { $0 + $1.queues.count { !$0.isLossless } }
    var lossless = limit(
      "lossless groups", groups.count, buffer.lossless.threshold, reserve(buffer.lossless), ofPool: layout.poolCells[0])
    let xon = buffer.lossless.xon.bytes / cell * cell
    let offset = (buffer.lossless.xonOffset.bytes + cell - 1) / cell * cell
    func due(_ limit: UInt64) -> UInt64 { max(xon, limit > offset ? limit - offset : 0) }
    lossless.xonAloneBytes = due(lossless.aloneBytes)
    lossless.xonTogetherBytes = due(lossless.togetherBytes)
    return [
      lossless,
      limit(
        "lossy groups", lossy, buffer.lossy.threshold, reserve(buffer.lossy),
        ofPool: layout.poolCells[layout.poolCells.count - 1]),
      limit(
        "lossy queues", queues, buffer.egress.threshold, layout.egressReserveCells, ofPool: layout.egressPoolCells),
    ].filter { $0.count > 0 }
  }

  private static func headroom(
    _ configuration: SwitchConfiguration, _ layout: BufferLayout, _ groups: LosslessGroups
  ) -> [CheckReport.Headroom] {
    groups.ports.map { index in
      let port = configuration.ports[index]
      let parts = HeadroomParts(for: port, configuration.buffer)
      let need = HeadroomNeed(index, configuration, layout)
      return CheckReport.Headroom(
        port: port.name, priorityGroups: groups.groups[index].bits, bytes: need.has, formulaBytes: need.formula,
        losslessMtuBytes: parts.losslessMTU, mtuBytes: parts.portMTU, cableBytes: parts.cable, delayBytes: parts.delays,
        responseBytes: parts.response,
        occupancy: Double(parts.occupancy.numerator) / Double(parts.occupancy.denominator), leastBytes: need.least,
        worstBytes: need.worst)
    }
  }
}

extension CheckReport.Simulator {
  init(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    let layout = HPCCLayout(configuration)
    let parameters = configuration.buffer.hpcc
    let slowest = configuration.ports.map(\.speed).min()
    self.init(
      sharedBytes: layout.shared, reserveBytes: parameters.reserve.bytes,
      resumeOffsetBytes: parameters.resumeOffset.bytes,
      nicRateBps: (parameters.nicRate ?? slowest)?.bitsPerSecond ?? 0,
      ports: configuration.ports.indices.map { index in
        let need = HeadroomNeed(index, configuration, layout)
        let divisor: UInt64 = 1 << layout.shift[index]
        return CheckReport.SimulatorPort(
          port: need.port.name, headroomBytes: need.has, leastBytes: need.least, worstBytes: need.worst,
          shift: layout.shift[index], aloneBytes: layout.shared / (divisor + 1),
          togetherBytes: layout.shared / (divisor + UInt64(max(1, groups.count))))
      })
  }
}
