import Dataplane

extension LosslessCheck {
  /// Buffer of a switch ASIC; of several slices that which has least.
  mutating func checkBuffer(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    let layouts = configuration.slices.map { BufferLayout(configuration, $0) }
    let layout =
      layouts.max { ($0.excessCells, $1.poolCells[0]) < ($1.excessCells, $0.poolCells[0]) }
      ?? BufferLayout(configuration)
    checkRoom(configuration, layout)
    guard !groups.isEmpty else { return }
    checkHeadroom(configuration, groups, layout)
    checkXON(configuration.buffer, layout)
  }

  private mutating func checkRoom(_ configuration: SwitchConfiguration, _ layout: BufferLayout) {
    func size(_ cells: UInt64) -> String { "\(cells * layout.cell)B" }
    let pools = configuration.buffer.pools == nil ? 0 : layout.poolCells.reduce(0, +)
    let parts = [
      ("reserves", layout.reservedCells), ("headroom", layout.headroomCells), ("pools", pools),
    ].filter { $0.1 > 0 }.map { "\($0.0) of \(size($0.1))" }
    let list =
      parts.count > 1 ? parts.dropLast().joined(separator: ", ") + " and \(parts[parts.count - 1])" : parts.first
    // A cell more for each pool: the first slices have what cannot be divided.
    let slices = UInt64(configuration.sliceCount)
    let rest = slices > 1 && pools > 0 ? UInt64(layout.poolCells.count) : 0
    let aside = (layout.reservedCells + layout.headroomCells + pools + rest) * slices
    let whose = slices > 1 ? "each of \(slices) workers' \(size(layout.totalCells)) of the buffer" : ""
    if layout.excessCells > 0 {
      var way = configuration.buffer.sharedHeadroom == nil ? ", or share headroom with `shared-headroom`" : ""
      if slices > 1 { way += ", or use fewer workers: each sets reserves and headroom aside for all ports" }
      refuse(
        .bufferTooSmall, "buffer.size",
        "\(list ?? "") are \(size(layout.excessCells)) more than "
          + (slices > 1 ? whose : "the buffer of \(size(layout.totalCells))"),
        "write \(pools > 0 ? "at least" : "more than") `\(size(aside))`\(way)")
    } else if configuration.buffer.pools != nil, layout.poolCells.contains(0) {
      refuse(
        .nothingToShare, "buffer.pools", "a pool is smaller than a cell of \(layout.cell)B",
        "write at least `\(layout.cell)B` for each")
    } else if layout.poolCells[0] == 0 {
      refuse(
        .nothingToShare, "buffer.size",
        "\(list ?? "") leave nothing of \(slices > 1 ? whose : "the buffer of \(size(layout.totalCells))") to share",
        "write more than `\(size(aside))`")
    }
  }

  private mutating func checkHeadroom(
    _ configuration: SwitchConfiguration, _ groups: LosslessGroups, _ layout: BufferLayout
  ) {
    let buffer = configuration.buffer
    let key = "buffer.headroom"
    let needs = groups.ports.map { HeadroomNeed($0, configuration, layout) }
    let explicit = buffer.headroom != nil
    if let worst = needs.max(by: { $0.missing($0.least) < $1.missing($1.least) }), worst.has < worst.least {
      refuse(
        .headroomTooSmall, key,
        "`\(worst.has)B` of headroom lose packets of `\(worst.port.name)`: the cable and back, the pause frame and one "
          + "lossless frame of \(worst.frame) B are \(worst.least) B",
        "write `auto` (`\(worst.formula)B` for \(worst.port.summary)), or name the largest lossless packet in "
          + "`headroom-parameters`")
    } else if let worst = needs.max(by: { $0.missing($0.formula) < $1.missing($1.formula) }), explicit,
      worst.has < worst.formula
    {
      warn(
        .headroomBelowFormula, key,
        "headroom of \(worst.has) B is below the \(worst.formula) B that \(worst.port.summary) needs if its neighbour takes as "
          + "long to stop as it may: lossless packets may be lost", "write `headroom: auto`")
    } else if let worst = needs.max(by: { $0.missing($0.worst) < $1.missing($1.worst) }), worst.has < worst.worst {
      warn(
        .headroomBelowWorstCase, key,
        "headroom of \(worst.has) B is below the \(worst.worst) B that \(worst.port.summary) may need when all lossless packets "
          + "have the size that fills cells worst, and the neighbour takes as long to stop as it may: packets may be lost",
        "write `headroom: \(((needs.map(\.worst).max() ?? worst.worst) + 1023) / 1024)KiB`")
    }
    checkSharedHeadroom(needs, groups, layout, slices: UInt64(configuration.sliceCount))
  }

  private mutating func checkSharedHeadroom(
    _ needs: [HeadroomNeed], _ groups: LosslessGroups, _ layout: BufferLayout, slices: UInt64
  ) {
    guard layout.sharedHeadroomCells > 0 else { return }
    let pool = layout.sharedHeadroomCells * layout.cell
    let total = zip(groups.ports, needs).reduce(0) { $0 + $1.1.has * UInt64(groups.groups[$1.0].nonzeroBitCount) }
    if let largest = needs.max(by: { $0.has < $1.has }), largest.has > pool {
      refuse(
        .sharedHeadroomTooSmall, "buffer.shared-headroom",
        "the pool of \(pool) B is less than the headroom of one priority group of \(largest.port.summary), \(largest.has) B",
        "write at least `\(largest.has * slices)B`")
    } else if total > pool {
      warn(
        .oversubscribedHeadroom, "buffer.shared-headroom",
        "the headroom pool of \(pool) B is less than the \(total) B that \(groups.count) lossless priority groups could need at "
          + "once: lossless packets may be lost", "write `shared-headroom: \(total * slices)B` to be sure")
    }
  }

  private mutating func checkXON(_ buffer: BufferConfiguration, _ layout: BufferLayout) {
    let profile = buffer.lossless
    let xon = profile.xon.bytes / layout.cell
    let most = profile.threshold.cells(ofPool: layout.poolCells[0], cell: layout.cell)
    guard xon > 0, xon >= most, most > 0 else { return }
    refuse(
      .xonAboveLimit, "buffer.lossless.xon",
      "XON at \(profile.xon.bytes) B would be due together with XOFF: a priority group never has more than "
        + "\(most * layout.cell) B of the pool", "write less than `\(most * layout.cell)B`")
  }

  /// The simulator's buffer, in bytes.
  mutating func checkSimulator(_ configuration: SwitchConfiguration, _ groups: LosslessGroups) {
    let layout = HPCCLayout(configuration)
    let size = configuration.buffer.size.bytes
    let aside = size - layout.shared + layout.excess
    if layout.excess > 0 {
      refuse(
        .bufferTooSmall, "buffer.size",
        "reserves and headroom of \(aside)B are \(layout.excess)B more than the buffer of \(size)B",
        "write more than `\(aside)B`")
    } else if layout.shared == 0 {
      refuse(
        .nothingToShare, "buffer.size", "reserves and headroom of \(aside)B leave nothing of the buffer to share",
        "write more than `\(aside)B`")
    }
    guard !groups.isEmpty else { return }
    let key = "buffer.hpcc.headroom-factor"
    let factor = configuration.buffer.hpcc.headroomFactor
    let needs = groups.ports.map { HeadroomNeed($0, configuration, layout) }
    func remedy(_ bytes: (HeadroomNeed) -> UInt64) -> String {
      let factors = needs.map { need in
        let unit = HPCCLayout.bandwidthDelay(of: need.port)
        return unit == 0 ? UInt64.max : (bytes(need) + unit - 1) / unit
      }
      guard let factor = factors.max(), factor <= 10_000 else { return "give the port a longer cable" }
      return "write `headroom-factor: \(factor)`, or give the ports longer cables"
    }
    if let worst = needs.max(by: { $0.missing($0.least) < $1.missing($1.least) }), worst.has < worst.least {
      refuse(
        .headroomTooSmall, key,
        "\(factor) times bandwidth and delay are \(worst.has) B of headroom for \(worst.port.summary), and lose packets: "
          + "the cable and back, the pause frame and one lossless frame of \(worst.frame) B are \(worst.least) B",
        remedy(\.least))
    } else if let worst = needs.max(by: { $0.missing($0.worst) < $1.missing($1.worst) }), worst.has < worst.worst {
      warn(
        .headroomBelowWorstCase, key,
        "headroom of \(worst.has) B is below the \(worst.worst) B that \(worst.port.summary) may need if its neighbour "
          + "takes as long to stop as it may: lossless packets may be lost", remedy(\.worst))
    }
    if configuration.ports.contains(where: { $0.queues[0].isLossless }) {
      warn(
        .uncountedQueue, "qos.queues.0.lossless",
        "the simulator does not account for queue 0: it is never paused for", "make another queue lossless")
    }
  }
}

/// What one lossless priority group of a port has and needs, in bytes.
struct HeadroomNeed {
  let port: PortConfiguration
  let has: UInt64
  let least: UInt64
  let formula: UInt64
  let worst: UInt64
  /// The largest lossless frame.
  let frame: UInt64

  init(_ index: Int, _ configuration: SwitchConfiguration, has: UInt64) {
    port = configuration.ports[index]
    self.has = has
    let bounds = HeadroomBounds(for: port, configuration)
    (least, worst) = (bounds.least, bounds.worst)
    let parts = HeadroomParts(for: port, configuration.buffer)
    formula = parts.total.bytes
    frame = parts.losslessMTU + 14
  }

  init(_ index: Int, _ configuration: SwitchConfiguration, _ layout: BufferLayout) {
    let cells = layout.groups[index].map(\.headroomCells).max() ?? 0
    self.init(index, configuration, has: cells * layout.cell)
  }

  init(_ index: Int, _ configuration: SwitchConfiguration, _ layout: HPCCLayout) {
    self.init(index, configuration, has: layout.headroom[index])
  }

  func missing(_ need: UInt64) -> Int64 { Int64(clamping: need) - Int64(clamping: has) }
}
