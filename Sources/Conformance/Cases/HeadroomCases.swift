import Dataplane

/// What arrives after XOFF: exactly as much as the cable, the pause frame and the sender's response let through.
enum HeadroomCases {
  private static let source = "IEEE 802.1Q annex O; IEEE 802.3 clause 31B.3.7"
  private static let start = 1_000_000

  /// All cases of a configuration.
  ///
  /// - Parameter cables: lengths to be tried beside the configured ones.
  static func all(_ user: SwitchConfiguration, cables: [CableLength]) -> [ConformanceCase] {
    var cases: [ConformanceCase] = []
    for rank in PortRank.all(user).prefix(4) {
      cases += [formula(user, rank), worst(user, rank)]
      cases += [minimum(user, rank, responds: false), minimum(user, rank, responds: true)]
      for cable in cables {
        var changed = user
        for index in changed.ports.indices { changed.ports[index].cable = cable }
        changed.buffer.size = sizeKeepingPool(of: user, in: changed)
        var longer = rank
        longer.cable = cable
        cases += [minimum(changed, longer, responds: false), minimum(changed, longer, responds: true)]
      }
    }
    return cases
  }

  /// The size of the buffer with which another configuration has the shared pool of a first one.
  static func sizeKeepingPool(of first: SwitchConfiguration, in other: SwitchConfiguration) -> ByteCount {
    // Pools of their own stay as they are; only what is set aside must fit beside them.
    guard other.buffer.pools == nil else { return ByteCount(1 << 36) }
    let missing = BufferTheory(first).poolSize[0] - BufferTheory(other).poolSize[0]
    return ByteCount(UInt64(max(0, Int(other.buffer.size.bytes) + missing * Int(other.buffer.cell.bytes))))
  }

  /// What the switch computes, against the formula in floating point.
  static func formula(_ user: SwitchConfiguration, _ rank: PortRank) -> ConformanceCase {
    ConformanceCase(.headroom, "computed size, \(rank.name)") { experiment in
      guard user.buffer.headroom == nil else { throw NotApplicable("headroom is configured, not computed") }
      let bench = try Bench.lossless(user, rank: rank, senders: 1)
      var built = bench.configuration
      experiment.alter(&built)
      let layout = BufferLayout(built)
      let cell = Int(user.buffer.cell.bytes)
      let bytes = HeadroomTheory.bytes(for: bench.port, user.buffer)
      return [
        Check(
          "headroom of a group, MTU \(bench.port.mtu)", formula: "mtu + occupancy (mtu + cable + response), to 1 KiB",
          source: "SONiC buffer_headroom_mellanox.lua", unit: "B", expected: Double((bytes + cell - 1) / cell * cell),
          measured: Double(layout.groups[bench.ingress[0].index][bench.group.index].headroomCells) * Double(cell))
      ]
    }
  }

  /// Cells of headroom that so many frames use. The frame that brings XOFF may stand there itself, and a group that has
  /// hardly a limit may have reserve left for a part of it.
  private static func needed(_ bench: Bench, length: Int, frames: Int) -> Int {
    var theory = BufferTheory(bench.configuration)
    theory.removeHeadroomLimits()
    let account = bench.account(bench.ingress[0])
    for _ in 0..<frames { _ = theory.arrive(account, length: length) }
    return theory.groups[account].headroomUsed
  }

  /// No frame is lost with the least headroom that suffices; one is with a frame less.
  static func minimum(_ user: SwitchConfiguration, _ rank: PortRank, responds: Bool) -> ConformanceCase {
    let name = responds ? "least headroom, sender as late as allowed, \(rank.name)" : "least headroom, \(rank.name)"
    return ConformanceCase(.headroom, name) { experiment in
      let bench = try Bench.lossless(user, rank: rank, senders: 1).withLastingPauses()
      let length = bench.largestFrame
      let response =
        responds ? WireTheory.quanta(WireTheory.responseQuanta(at: bench.speed), at: bench.speed) : 0
      let late = WireTheory.framesAfterXOFF(length: length, on: bench.port, response: response)
      let story = try Filling.untilDrops(bench, length: length, starts: [start], fixed: [nil]).trace.stories[0]
      let needed = needed(bench, length: length, frames: story.xoff + late)
      let cells = BufferTheory(bench.configuration).cells(length)
      var checks: [Check] = []
      for (missing, expected) in [(0, 0), (1, 1)] where needed >= missing * cells {
        let run = try Run(
          experiment, bench, headroomCells: needed - missing * cells, length: length, count: story.xoff + late + 8,
          response: response)
        checks.append(
          Check(
            missing == 0 ? "frames lost with \(run.headroomBytes) B" : "frames lost with one frame less",
            formula: missing == 0 ? "0" : "1", source: source, unit: "frames", expected: Double(expected),
            measured: Double(run.dropped)))
        if missing == 0 {
          checks.append(
            Check(
              "headroom used, MTU \(bench.port.mtu)",
              formula: "ceil((2 d + \(responds ? "response + " : "")60 B / C) / (L / C)) frames, and that of XOFF",
              source: source, unit: "B", expected: Double(needed) * Double(user.buffer.cell.bytes),
              measured: Double(run.peakHeadroom)))
        }
      }
      return checks
    }
  }

  /// The configured headroom against the worst that a neighbour may do: it is as late as allowed, and XOFF has to wait
  /// for a whole frame that has just begun.
  static func worst(_ user: SwitchConfiguration, _ rank: PortRank) -> ConformanceCase {
    ConformanceCase(.headroom, "configured size, worst case, \(rank.name)") { experiment in
      let bench = try Bench.lossless(user, rank: rank, senders: 1).withLastingPauses()
      let length = bench.largestFrame
      let quanta = user.buffer.headroomParameters.responseQuanta.map { Int($0) }
      let response = WireTheory.quanta(quanta ?? WireTheory.responseQuanta(at: bench.speed), at: bench.speed)
      let wait = WireTheory.picoseconds(bytes: WireTheory.slot(length), at: bench.speed) - 1
      let late = WireTheory.framesAfterXOFF(length: length, on: bench.port, response: response, wait: wait)
      let story = try Filling.untilDrops(bench, length: length, starts: [start], fixed: [nil]).trace.stories[0]
      let needed = needed(bench, length: length, frames: story.xoff + late)
      let theory = BufferTheory(bench.configuration)
      let account = theory.groups[bench.account(bench.ingress[0])]
      let run = try Run(
        experiment, bench, headroomCells: nil, length: length, count: story.xoff + late + 8, response: response,
        blocksXOFFOf: story.xoff)
      let cell = Double(theory.cell)
      return [
        Check(
          "frames lost", formula: "0", source: source, unit: "frames", expected: 0, measured: Double(run.dropped)),
        Check(
          "headroom used", formula: "ceil((wait + 2 d + response + 60 B / C) / (L / C)) frames, and that of XOFF",
          source: source, unit: "B", expected: Double(needed) * cell,
          measured: Double(run.peakHeadroom)),
        Check(
          "headroom that there is", formula: "at least what is used", source: source, unit: "B",
          expected: Double(run.peakHeadroom), measured: Double(account.headroom) * cell, comparison: .atLeast),
      ]
    }
  }
}

/// One sender fills its group while nothing leaves, and stops for XOFF.
private struct Run {
  var dropped: Int
  var peakHeadroom: Int
  var headroomBytes: Int

  /// - Parameters:
  ///   - headroomCells: of each group; nil: as configured. The shared pool stays as it is.
  ///   - blocksXOFFOf: the frame that brings XOFF; another frame begins on the wire of the pause frame just before.
  init(
    _ experiment: Experiment, _ bench: Bench, headroomCells: Int?, length: Int, count: Int, response: Int,
    blocksXOFFOf blocked: Int? = nil
  ) throws {
    var configuration = bench.configuration
    let cell = Int(configuration.buffer.cell.bytes)
    if let headroomCells {
      configuration.buffer.headroom = ByteCount(UInt64(headroomCells * cell))
      configuration.buffer.sharedHeadroom = nil
      configuration.buffer.size = HeadroomCases.sizeKeepingPool(of: bench.configuration, in: configuration)
      headroomBytes = headroomCells * cell
    } else {
      headroomBytes = 0
    }
    var laboratory = try experiment.laboratory(configuration, packets: count + 64)
    laboratory.setResponse(Picoseconds(UInt64(response)))
    let start = 1_000_000
    let end =
      WireTheory.arrival(count, length: length, start: start, port: bench.port) + response
      + 4 * WireTheory.delay(bench.port.cable) + 1_000_000
    laboratory.hold(bench.egress, bench.holding, from: .zero, until: Tick(UInt64(end + 1_000_000)))
    laboratory.add(bench.flow(bench.ingress[0], length: length, count: UInt64(count), start: start, obeys: true))
    if let blocked {
      // It is whole at the switch, and so on its way out, a picosecond before the frame that brings XOFF.
      let sender = configuration.ports[bench.egress.index]
      let tick = WireTheory.arrival(blocked, length: length, start: start, port: bench.port) - 1
      let begin = tick - (WireTheory.arrival(1, length: length, start: 0, port: sender))
      var blocker = Flow(
        from: bench.egress, to: bench.ingress[0], in: bench.trafficClass, length: length, count: 1)
      if begin < 0 {
        throw NotApplicable("XOFF comes before a frame from the other port can be there")
      }
      blocker.start = Tick(UInt64(begin))
      laboratory.add(blocker)
    }
    laboratory.run(until: Tick(UInt64(end)))
    dropped = Int(laboratory.records[0].dropped)
    peakHeadroom = Int(laboratory.device.use(of: bench.group, on: bench.ingress[0]).peakHeadroomBytes)
  }
}
