import Dataplane

/// A port that is paused for ever holds its own groups and nothing else.
enum DeadlockCases {
  private static let source = "conservation of cells"

  /// All cases of a configuration.
  static func all(_ user: SwitchConfiguration) -> [ConformanceCase] {
    let ports = PortRank.all(user).first?.ports.count ?? 0
    return [
      ConformanceCase(.deadlock, "a port paused for ever, and released") { experiment in
        let bench = try Bench.lossless(user, senders: max(1, min(4, ports - 1))).withLastingPauses()
        return try hold(experiment, bench)
      }
    ]
  }

  private static func hold(_ experiment: Experiment, _ bench: Bench) throws -> [Check] {
    let length = bench.largestFrame
    let start = 1_000_000
    let starts = bench.ingress.map { _ in start }
    let (_, trace) = try Filling.untilDrops(bench, length: length, starts: starts, fixed: starts.map { _ in nil })
    let count = (trace.stories.map(\.xoff).max() ?? 0) + 100
    let late = WireTheory.framesAfterXOFF(length: length, on: bench.port, response: 0)
    let full = WireTheory.arrival(count + late, length: length, start: start, port: bench.port) + 1_000_000
    let speeds = [bench.ingress[0], bench.egress].map { bench.configuration.ports[$0.index].speed }
    let slowest = speeds.min() ?? bench.speed
    let passing = 50
    let end = full + WireTheory.picoseconds(bytes: 5 * passing * WireTheory.slot(length), at: slowest) + 50_000_000
    var laboratory = try experiment.laboratory(
      bench.configuration, packets: bench.ingress.count * (count + late) + 4096)
    laboratory.hold(bench.egress, bench.holding, from: .zero, until: Tick(UInt64(end)))
    for port in bench.ingress {
      laboratory.add(bench.flow(port, length: length, count: UInt64(count), start: start, obeys: true))
    }
    // Beside it, another class goes the same way.
    let lossy = bench.configuration.pause.mode == .link ? nil : try? bench.lossy().trafficClass
    if let lossy {
      var flow = bench.flow(bench.ingress[0], length: length, count: UInt64(passing), start: full)
      flow.trafficClass = lossy
      flow.rate = BitRate(bitsPerSecond: slowest.bitsPerSecond / 4)
      laboratory.add(flow)
    }
    laboratory.run(until: Tick(UInt64(end - 1)))
    let theory = BufferTheory(bench.configuration)
    let cell = UInt64(theory.cell)
    let waiting = bench.ingress.indices.reduce(0) {
      $0 + Int(laboratory.records[$1].arrived - laboratory.records[$1].departed - laboratory.records[$1].dropped)
    }
    var checks = [
      Check(
        "groups that hold cells", formula: "those that send to the paused port", source: source, unit: "groups",
        expected: Double(bench.ingress.count), measured: Double(Self.holding(bench, laboratory).groups)),
      Check(
        "cells held", formula: "frames that wait x cells, without those of port reserves", source: source,
        unit: "cells", expected: Double(waiting * theory.cells(length) - bench.ingress.count * theory.portReserve),
        measured: Double(Self.holding(bench, laboratory).bytes / cell)),
      Check(
        "groups that ask for a pause", formula: "all of those", source: source, unit: "groups",
        expected: Double(bench.ingress.count), measured: Double(Self.holding(bench, laboratory).paused)),
    ]
    if lossy != nil {
      let other = laboratory.records[bench.ingress.count]
      checks.append(
        Check(
          "frames of another class that are held", formula: "0", source: source, unit: "frames", expected: 0,
          measured: Double(other.arrived - other.departed - other.dropped)))
      checks.append(
        Check(
          "frames of another class that came", formula: "all", source: source, unit: "frames",
          expected: Double(passing), measured: Double(other.arrived)))
    }
    laboratory.run()
    let rest = Self.holding(bench, laboratory)
    let pools = laboratory.device.bufferStatistics
    let used = pools.shared.usedBytes + pools.lossy.usedBytes + pools.headroom.usedBytes + pools.egress.usedBytes
    checks += [
      Check(
        "cells held after the release", formula: "0", source: source, unit: "cells", expected: 0,
        measured: Double((rest.bytes + used) / cell)),
      Check(
        "frames delivered", formula: "N n", source: source, unit: "frames",
        expected: Double(bench.ingress.count * count),
        measured: bench.ingress.indices.reduce(0) { $0 + Double(laboratory.records[$1].departed) }),
      Check(
        "packets out of memory", formula: "0", source: source, unit: "packets", expected: 0,
        measured: laboratory.isEmpty ? 0 : 1),
    ]
    return checks
  }

  private static func holding(
    _ bench: Bench, _ laboratory: borrowing Laboratory
  ) -> (groups: Int, bytes: UInt64, paused: Int) {
    var sum = (groups: 0, bytes: UInt64(0), paused: 0)
    for port in bench.configuration.ports.indices {
      for group in 0..<8 {
        let use = laboratory.device.use(of: PriorityGroup(group), on: PortID(port))
        let bytes = use.reservedBytes + use.sharedBytes + use.headroomBytes
        if bytes > 0 { sum.groups += 1 }
        if use.isXOFF { sum.paused += 1 }
        sum.bytes += bytes
      }
    }
    return sum
  }
}
