import Dataplane

extension CheckReport {
  /// How the buffer is divided.
  var bufferLines: [String] {
    func size(_ cells: UInt64) -> String { "\(cells * buffer.cellBytes)B" + " in \(cells) cells" }
    if let simulator = buffer.simulator {
      return Self.pairs([
        ("model", buffer.model), ("size", Quantity.size.text(buffer.sizeBytes)),
        ("reserve", "\(simulator.reserveBytes)B of each group, counted once for a port"),
        ("shared", "\(simulator.sharedBytes)B: size without reserves and headroom"),
        ("XON", "\(simulator.resumeOffsetBytes)B below the limit"),
        ("NIC rate", Quantity.rate.text(simulator.nicRateBps)),
      ])
    }
    let size0 = Quantity.size.text(buffer.sizeBytes)
    let cells = "\(buffer.cells) cells of \(Quantity.size.text(buffer.cellBytes))"
    var lines = [
      ("model", buffer.model),
      (
        "size",
        buffer.slices.map { "\(size0) in \($0) slices, one for each worker; in each, and so in the limits: \(cells)" }
          ?? "\(size0): \(cells)"
      ),
      ("reserves", size(buffer.reservedCells)),
      (
        "headroom",
        size(buffer.headroomCells)
          + (buffer.headroomCells == 0
            ? "" : buffer.sharedHeadroomCells == nil ? ", each group its own" : ", shared by all groups")
      ),
    ]
    lines += buffer.pools.map { pool in
      ("\(pool.name) pool", size(pool.cells) + (pool.name == "egress" ? ": an account of what lossy queues have" : ""))
    }
    if let trim = buffer.trim {
      let queues = trim.queues.map(String.init).joined(separator: ", ")
      lines.append(
        ("trimming", "to \(trim.sizeBytes)B with DSCP \(trim.dscp) in queue \(trim.queue), from queues \(queues)"))
    }
    return Self.pairs(lines)
  }

  /// What accounts may have.
  func limitTable(_ style: Style) -> [String] {
    var table = TextTable([
      ("accounts", .left), ("number", .right), ("reserve", .right), ("limit", .left), ("one alone", .right),
      ("its XON", .right), ("each of all", .right), ("its XON", .right),
    ])
    for limit in buffer.limits {
      table.add([
        limit.accounts, "\(limit.count)", "\(limit.reserveBytes)B", limit.limit, "\(limit.aloneBytes)B",
        limit.xonAloneBytes.map { "\($0)B" } ?? "-", "\(limit.togetherBytes)B",
        limit.xonTogetherBytes.map { "\($0)B" } ?? "-",
      ])
    }
    return table.lines(style: style)
  }

  /// Headroom, and what it was computed from. Ports with equal numbers are in one row.
  func headroomTable(_ style: Style) -> [String] {
    if let simulator = buffer.simulator { return simulatorTable(simulator, style) }
    var table = TextTable([
      ("ports", .left), ("groups", .left), ("headroom", .right), ("formula", .right), ("lossless MTU", .right),
      ("MTU", .right), ("cable", .right), ("delays", .right), ("response", .right), ("times", .right),
      ("least", .right), ("worst case", .right),
    ])
    for (names, row) in together(buffer.headroom, by: \.port) {
      table.add([
        names, row.priorityGroups.map(String.init).joined(separator: ","), "\(row.bytes)B", "\(row.formulaBytes)B",
        "\(row.losslessMtuBytes)", "\(row.mtuBytes)", "\(row.cableBytes)", "\(row.delayBytes)", "\(row.responseBytes)",
        Self.decimals(row.occupancy), "\(row.leastBytes)B", "\(row.worstBytes)B",
      ])
    }
    return table.lines(style: style)
  }

  private func simulatorTable(_ simulator: Simulator, _ style: Style) -> [String] {
    var table = TextTable([
      ("ports", .left), ("headroom", .right), ("least", .right), ("worst case", .right), ("limit", .left),
      ("one alone", .right), ("each of all", .right),
    ])
    for (names, row) in together(simulator.ports, by: \.port) {
      table.add([
        names, "\(row.headroomBytes)B", "\(row.leastBytes)B", "\(row.worstBytes)B",
        "1/\(UInt64(1) << row.shift) of free", "\(row.aloneBytes)B", "\(row.togetherBytes)B",
      ])
    }
    return table.lines(style: style)
  }

  /// Pause frames.
  var pauseLines: [String] {
    Self.pairs([
      ("mode", pause.mode), ("quanta", "\(pause.quanta) in an XOFF"),
      ("watchdog", watchdog == nil ? "none" : "see below"),
    ])
  }

  /// Their times.
  func pauseTable(_ style: Style) -> [String] {
    guard pause.mode != PauseMode.off.rawValue else { return [] }
    let what = pause.mode == PauseMode.link.rawValue ? "groups" : "priorities"
    var table = TextTable([
      ("ports", .left), ("\(what) stopped", .left), ("obeyed", .left), ("quantum", .right), ("XOFF lasts", .right),
      ("renewed after", .right), ("stops after", .right),
    ])
    func list(_ numbers: [Int]) -> String { numbers.isEmpty ? "-" : numbers.map(String.init).joined(separator: ",") }
    for (names, row) in together(pause.ports.filter { !$0.sends.isEmpty || !$0.obeys.isEmpty }, by: \.port) {
      table.add([
        names, list(row.sends), list(row.obeys), Quantity.time.text(row.quantumPs), Quantity.time.text(row.pausePs),
        Quantity.time.text(row.refreshPs), row.responsePs == 0 ? "at once" : Quantity.time.text(row.responsePs),
      ])
    }
    return table.lines(style: style)
  }

  /// The watchdog, if there is one.
  var watchdogLines: [String] {
    guard let watchdog else { return [] }
    return Self.pairs([
      ("detection", "\(Quantity.time.text(watchdog.detectionPs)) paused, with packets, and nothing sent"),
      ("restoration", watchdog.restorationPs.map { "\(Quantity.time.text($0)) without an XOFF" } ?? "never"),
      ("action", watchdog.action),
    ])
  }

  /// Neighbouring rows that differ in the port only, as one, with the names of all.
  private func together<Row: Equatable>(
    _ rows: [Row], by name: WritableKeyPath<Row, String>
  ) -> [(names: String, row: Row)] {
    var groups: [(names: [String], row: Row)] = []
    for row in rows {
      var nameless = row
      nameless[keyPath: name] = ""
      if let last = groups.last, last.row == nameless {
        groups[groups.count - 1].names.append(row[keyPath: name])
      } else {
        groups.append(([row[keyPath: name]], nameless))
      }
    }
    return groups.map { names, row in
      (
        names.count > 8 ? "\(names[0]) to \(names[names.count - 1]) (\(names.count))" : names.joined(separator: " "),
        row
      )
    }
  }
}
