import Dataplane

/// Several senders, each at line rate, to one receiver at the same rate.
enum IncastCases {
  private static let fabric = "conservation of frames; IEEE 802.3 clause 4.4.2"
  private static let pauseSource = "IEEE 802.1Q clause 36; SAI_BUFFER_PROFILE_ATTR_XON_OFFSET_TH"
  private static let start = 1_000_000

  /// All cases of a configuration.
  static func all(_ user: SwitchConfiguration) -> [ConformanceCase] {
    var cases: [ConformanceCase] = []
    for rank in PortRank.all(user).prefix(4) {
      let counts = [2, 8, 32].filter { $0 < rank.ports.count }
      cases += (counts.isEmpty ? [2] : counts).map { senders(user, rank, $0) }
      cases += (counts.isEmpty ? [2] : counts).map { cycle(user, rank, $0) }
      cases.append(parkingLot(user, rank))
    }
    return cases
  }

  /// How much to send so that there are several pause cycles.
  private struct Amount {
    var length: Int
    /// Frames of each sender.
    var count: Int
    /// Shared use of a group at XOFF, and at XON, in cells.
    var xoff: Double
    var xon: Double
    var cells: Int
    var reserve: Int
    /// Whether limits share out evenly: alpha is at most 1, and at the fixed point several frames of each group are
    /// free. Beyond that one frame of a group moves the limit of the others by more than a frame, or the end of the pool
    /// decides and not limits: who comes first in turn gains some percent.
    var isLimited: Bool

    init(_ bench: Bench) throws {
      let theory = BufferTheory(bench.configuration)
      let senders = Double(bench.ingress.count)
      let profile = bench.configuration.buffer.lossless
      let size = Double(theory.poolSize[0])
      let cell = Double(theory.cell)
      let offset = (Double(profile.xonOffset.bytes) / cell).rounded(.up)
      let free: Double
      switch profile.threshold {
      case .dynamic(let exponent):
        let alpha = exponent >= 0 ? Double(1 << exponent) : 1 / Double(1 << -exponent)
        xoff = size * alpha / (1 + senders * alpha)
        free = size / (1 + senders * alpha)
        xon = max((size * alpha - offset) / (1 + senders * alpha), Double(profile.xon.bytes) / cell)
      case .fixed(let limit):
        let cells = limit.bytes == 0 ? size : min(size, Double(limit.bytes) / cell)
        xoff = min(cells, size / senders)
        free = size - senders * cells
        xon = max(xoff - offset, Double(profile.xon.bytes) / cell)
      }
      xon = max(0, min(xon, xoff))
      reserve = theory.groups[bench.account(bench.ingress[0])].reserve + theory.portReserve
      length = bench.usualFrame
      cells = theory.cells(length)
      let frames = { (cells: Int, xoff: Double) in Int(xoff) / cells * bench.ingress.count }
      if frames(cells, xoff) > 80_000 {
        length = bench.largestFrame
        cells = theory.cells(length)
      }
      var isGentle = true
      if case .dynamic(let exponent) = profile.threshold { isGentle = exponent <= 0 }
      isLimited = isGentle && free >= 4 * senders * Double(cells)
      guard frames(cells, xoff) < Filling.limit / 2 else {
        throw NotApplicable(
          "it takes more than \(Filling.limit / 2) frames to fill the buffer; make it smaller for this")
      }
      let late = WireTheory.framesAfterXOFF(length: length, on: bench.port, response: 0)
      let cycle = Double(late) + 2 * ((xoff - xon) / Double(cells) + 2) + 2 * Double(late)
      let filling = (xoff + Double(reserve)) / Double(cells) * senders / (senders - 1)
      count = max(Int(filling + min(6 * cycle, 20_000)) + 32, 40_000 / bench.ingress.count)
    }
  }

  /// N senders with as many frames each.
  static func senders(_ user: SwitchConfiguration, _ rank: PortRank, _ senders: Int) -> ConformanceCase {
    ConformanceCase(.incast, "\(senders) to 1, \(rank.name)") { experiment in
      let bench = try Bench.lossless(user, rank: rank, senders: senders, isEqual: true).withLastingPauses()
      let amount = try Amount(bench)
      let theory = IncastTheory(bench, length: amount.length, count: amount.count, start: start)
      var laboratory = try experiment.laboratory(
        bench.configuration, packets: Int(theory.peakBytes) / amount.length + 4096)
      laboratory.recordsDepartures = true
      for port in bench.ingress {
        laboratory.add(bench.flow(port, length: amount.length, count: UInt64(amount.count), start: start, obeys: true))
      }
      laboratory.run()
      let measured = IncastMeasurement(bench, laboratory)
      return rates(bench, amount, theory, measured) + pauses(bench, amount, theory, measured)
        + fairness(amount, theory, measured)
    }
  }

  private static func rates(
    _ bench: Bench, _ amount: Amount, _ theory: IncastTheory, _ measured: IncastMeasurement
  ) -> [Check] {
    let total = amount.count * bench.ingress.count
    let slot = WireTheory.slot(amount.length)
    let busy = WireTheory.picoseconds(bytes: (total - 1) * slot, at: bench.speed)
    let frame = WireTheory.picoseconds(bytes: slot - 12, at: bench.speed)
    let delay = WireTheory.delay(bench.port.cable)
    let isBusy = theory.lastDeparture - theory.firstDeparture == busy
    return [
      Check(
        "frames lost", formula: "0", source: pauseSource, unit: "frames", expected: 0,
        measured: Double(measured.dropped)),
      Check(
        "frames delivered", formula: "N n", source: fabric, unit: "frames", expected: Double(total),
        measured: Double(measured.departed)),
      Check(
        "from first to last frame out",
        formula: isBusy ? "(N n - 1) L / C: line rate" : "event by event; XON comes too late for line rate here",
        source: fabric, unit: "ps", expected: Double(isBusy ? busy : theory.lastDeparture - theory.firstDeparture),
        measured: Double(measured.lastDeparture - measured.firstDeparture)),
      Check(
        "all received after", formula: "(N n + 1) L / C + 2 d - 24 B / C, from the first start", source: fabric,
        unit: "ps",
        expected: Double(theory.lastDeparture - theory.firstDeparture + 2 * frame + 2 * delay),
        measured: Double(measured.lastDeparture + frame + delay - start)),
    ]
  }

  private static func pauses(
    _ bench: Bench, _ amount: Amount, _ theory: IncastTheory, _ measured: IncastMeasurement
  ) -> [Check] {
    let senders = Double(bench.ingress.count)
    let cells = Double(amount.cells)
    let slot = Double(WireTheory.slot(amount.length)) * 8e12 / Double(bench.speed.bitsPerSecond)
    let delay = Double(WireTheory.delay(bench.port.cable))
    let pauseFrame = Double(WireTheory.picoseconds(bytes: 84, at: bench.speed))
    let held = (amount.xoff + Double(amount.reserve)) / cells
    let first = senders * held / (senders - 1) * slot + slot + 2 * delay + pauseFrame
    let pairs = zip(theory.changes, measured.changes).filter { $0 != $1 }.count
    let different = pairs + abs(theory.changes.count - measured.changes.count)
    // Each group's use is known but for a frame, and so is its limit.
    let grain = senders / (senders - 1) + 1
    return [
      Check(
        "first XOFF at its sender", formula: "N (u + r) / ((N - 1) C) + L / C + 2 d + 84 B / C",
        source: "Choudhury and Hahne 1998", unit: "ps", expected: first.rounded(),
        measured: Double(measured.firstPauseFrame - start) + pauseFrame + delay,
        tolerance: max(first * 0.005, grain * slot).rounded()),
      Check(
        "XOFFs and XONs that differ from the theory, of \(theory.changes.count)",
        formula: "0, to the picosecond, event by event", source: pauseSource, unit: "events", expected: 0,
        measured: Double(different)),
      Check(
        "most in the queue", formula: "event by event", source: pauseSource, unit: "B",
        expected: Double(theory.peakBytes), measured: Double(measured.peakBytes)),
    ]
  }

  /// Each of N ports has had C / N when the first is done.
  private static func fairness(_ amount: Amount, _ theory: IncastTheory, _ measured: IncastMeasurement) -> [Check] {
    let equal = Check(
      "what the slowest port has had, of C / N", formula: "1", source: "each of N backlogged ports gets C / N",
      unit: "of C / N", expected: 1, measured: measured.slowest, tolerance: 0.02)
    return (amount.isLimited ? [equal] : []) + [
      Check(
        "frames between the fastest and the slowest port", formula: "event by event", source: pauseSource,
        unit: "frames", expected: Double(theory.spread), measured: Double(measured.spread))
    ]
  }

  /// The pause cycle in closed form. Limits that move couple the groups, and soon they pause out of step; so here limits
  /// are static, and the hysteresis is of many frames.
  static func cycle(_ user: SwitchConfiguration, _ rank: PortRank, _ senders: Int) -> ConformanceCase {
    ConformanceCase(.incast, "pause cycle of \(senders) to 1 with static limits, \(rank.name)") { experiment in
      var changed = user
      let free = try Bench.lossless(user, rank: rank, senders: senders, isEqual: true).withLastingPauses()
      let pool = BufferTheory(free.configuration)
      // Half of the pool at most, in whole frames; XON half of that below.
      let frame = pool.cells(free.usualFrame) * pool.cell
      let frames = min(pool.poolSize[0] * pool.cell / 2 / senders, 1_000_000) / frame
      let late = WireTheory.framesAfterXOFF(length: free.usualFrame, on: free.port, response: 0)
      guard frames >= 32, frames / 2 > late else {
        throw NotApplicable("half of the pool is \(frames) frames of each group, and \(late) come in a round trip")
      }
      changed.buffer.lossless = PriorityGroupProfile(
        threshold: .fixed(ByteCount(UInt64(frames * frame))), xonOffset: ByteCount(UInt64(frames / 2 * frame)))
      changed.buffer.portReserve = ByteCount(0)
      let bench = try Bench.lossless(changed, rank: rank, senders: senders, isEqual: true).withLastingPauses()
      let length = bench.usualFrame
      let count = frames * 2 + 3 * (frames + 2 * late) + 64
      var laboratory = try experiment.laboratory(
        bench.configuration, packets: senders * (frames + late + 8) + 4096)
      laboratory.recordsDepartures = true
      for port in bench.ingress {
        laboratory.add(bench.flow(port, length: length, count: UInt64(count), start: start, obeys: true))
      }
      laboratory.run()
      return cycle(bench, length: length, frames: frames, late: late, IncastMeasurement(bench, laboratory))
    }
  }

  private static func cycle(
    _ bench: Bench, length: Int, frames: Int, late: Int, _ measured: IncastMeasurement
  ) -> [Check] {
    let senders = Double(bench.ingress.count)
    let slot = Double(WireTheory.slot(length)) * 8e12 / Double(bench.speed.bitsPerSecond)
    let delay = Double(WireTheory.delay(bench.port.cable))
    // From XOFF, at a frame more than the limit, F frames still come while all drain by 1/N a slot to XON; the first new
    // frame is there D + 1 slots later; from then on use grows by 1 - 1/N a slot up to XOFF.
    let idle = (2 * delay + Double(WireTheory.picoseconds(bytes: 60, at: bench.speed))) / slot
    let swing = Double(frames + 1 - (frames - frames / 2))
    let period =
      (senders * Double(late) + senders * senders / (senders - 1) * swing + senders / (senders - 1) * idle) * slot
    // Frames are whole, and a group's turn at the egress port comes once in N slots.
    let unsure = senders * senders / (senders - 1) * slot
    let depth = (senders * Double(frames + 1) + (senders - 1) * Double(late)) * Double(length)
    return [
      Check(
        "time from the first XOFF to the second", formula: "(N F + N^2/(N-1) (u - u_xon)/p + N/(N-1) D) L / C",
        source: pauseSource, unit: "ps", expected: period.rounded(), measured: (measured.cycle ?? 0).rounded(),
        tolerance: max(period * 0.005, unsure).rounded()),
      Check(
        "most in the queue", formula: "N (u + p) + (N - 1) F p", source: pauseSource, unit: "B", expected: depth,
        measured: Double(measured.peakBytes), tolerance: max(depth * 0.005, senders * Double(length)).rounded()),
      Check(
        "frames lost", formula: "0", source: pauseSource, unit: "frames", expected: 0,
        measured: Double(measured.dropped)),
    ]
  }

  /// Two ports, one with several senders behind it: PFC is fair among ports, not among flows.
  static func parkingLot(_ user: SwitchConfiguration, _ rank: PortRank) -> ConformanceCase {
    ConformanceCase(.incast, "parking lot, \(rank.name)") { experiment in
      let bench = try Bench.lossless(user, rank: rank, senders: 2, isEqual: true).withLastingPauses()
      let amount = try Amount(bench)
      guard amount.isLimited else {
        throw NotApplicable("alpha is above 1, or limits leave so little free that the end of the pool decides")
      }
      let crowd = 7
      var laboratory = try experiment.laboratory(bench.configuration, packets: 4 * amount.count + 4096)
      laboratory.recordsDepartures = true
      for _ in 0..<crowd {
        laboratory.add(
          bench.flow(
            bench.ingress[0], length: amount.length, count: UInt64(amount.count / crowd + 1), start: start, obeys: true)
        )
      }
      laboratory.add(
        bench.flow(bench.ingress[1], length: amount.length, count: UInt64(amount.count), start: start, obeys: true))
      laboratory.run()
      // While both ports have something to send.
      var counts = [Int](repeating: 0, count: crowd + 1)
      for departure in laboratory.departures {
        counts[departure.flow] += 1
        if counts[departure.flow] >= Int(laboratory.flows[departure.flow].count) { break }
      }
      let total = counts.reduce(0, +)
      let lone = Double(counts[crowd]) / Double(total)
      return [
        Check(
          "share of the sender that is alone on its port, \(crowd) on the other",
          formula: "1/2", source: "each of N backlogged ports gets C / N", unit: "of the link", expected: 0.5,
          measured: lone, tolerance: 0.005),
        Check(
          "frames lost", formula: "0", source: pauseSource, unit: "frames", expected: 0,
          measured: Double(laboratory.records.reduce(0) { $0 + $1.dropped })),
      ]
    }
  }
}

/// What a laboratory saw of an incast.
private struct IncastMeasurement {
  var dropped = 0
  var departed = 0
  var firstDeparture = Int.max
  var lastDeparture = 0
  var firstPauseFrame = 0
  var peakBytes = 0
  var changes: [IncastTheory.Change] = []
  /// Time from the first XOFF of the first group to its second; nil if there is none.
  var cycle: Double?
  /// Frames between the fastest and the slowest port when the first was done.
  var spread = 0
  /// What the slowest port had had by then, of an equal share.
  var slowest = 0.0

  init(_ bench: Bench, _ laboratory: borrowing Laboratory) {
    for record in laboratory.records {
      dropped += Int(record.dropped)
      departed += Int(record.departed)
      firstDeparture = min(firstDeparture, Int(clamping: record.firstDeparture.rawValue))
      lastDeparture = max(lastDeparture, Int(record.lastDeparture.rawValue))
    }
    firstPauseFrame = Int(laboratory.pauseFrames.first?.tick.rawValue ?? 0)
    peakBytes = Int(laboratory.device.statistics(of: bench.queue, on: bench.egress).peakBytes)
    for seen in laboratory.observed where seen.event.group == bench.group {
      guard let port = bench.ingress.firstIndex(of: seen.event.port) else { continue }
      let tick = Int(seen.event.tick.rawValue)
      switch seen.event.kind {
      case .threshold, .headroom: changes.append(IncastTheory.Change(tick: tick, port: port, isXOFF: true))
      case .drained: changes.append(IncastTheory.Change(tick: tick, port: port, isXOFF: false))
      default: continue
      }
    }
    let stops = changes.filter { $0.port == 0 && $0.isXOFF }.map(\.tick)
    if stops.count >= 2 { cycle = Double(stops[1] - stops[0]) }
    var counts = [Int](repeating: 0, count: bench.ingress.count)
    for departure in laboratory.departures {
      counts[departure.flow] += 1
      if counts[departure.flow] == Int(laboratory.flows[departure.flow].count) { break }
    }
    spread = (counts.max() ?? 0) - (counts.min() ?? 0)
    slowest = Double((counts.min() ?? 0) * counts.count) / Double(max(1, counts.reduce(0, +)))
  }
}
