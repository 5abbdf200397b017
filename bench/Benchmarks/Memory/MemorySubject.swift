import Dataplane

/// Turns of the switch in memory: on a core of its own, as many packets as the run asks for.
enum MemorySubject {
  /// Holds a switch from one turn to the next.
  private final class Keeper {
    var bench: MemoryBench?
  }

  /// The turns of one switch with one workload.
  ///
  /// - Parameter isKept: the switch stays from turn to turn, because making it takes long. Otherwise its memory is taken
  ///   anew, because where it lies matters.
  static func make(
    _ name: String, _ device: BenchmarkSwitch, _ workload: Workload, in run: BenchmarkRun, isKept: Bool = false
  ) -> Subject {
    let configuration = device.configuration(routes: workload.routes, frame: workload.frames.largest)
    let core = run.core
    let bursts = bursts(of: workload, in: run)
    let isBusy = device.level == .busy
    let frames = isBusy || device.classes != nil ? workload.frames.inAllClasses() : workload.frames
    let keeper = Keeper()
    return Subject(name: name) { _ in
      var bench = try keeper.bench.take() ?? MemoryBench(configuration, frames)
      let warmUp = max(200, workload.frames.count / 32)
      bench.run(bursts: warmUp, isBusy: isBusy)
      let (sent, received, dropped) = (bench.sent, bench.received, bench.dropped)
      let (pauses, marked) = (bench.pauseFrames, bench.marked)
      let timing = core.time { bench.run(bursts: bursts, isBusy: isBusy) }
      // Queues hold back what a pause did; what went through is what left. Drops took time, too.
      let packets = isBusy ? bench.sent - sent : bench.received - received
      var figures: [Figure] = []
      if bench.dropped > dropped { figures.append(Figure("dropped", Double(bench.dropped - dropped), unit: "packets")) }
      if isBusy {
        figures.append(Figure("pause frames", Double(bench.pauseFrames - pauses), unit: "frames"))
        figures.append(Figure("marked", Double(bench.marked - marked), unit: "packets"))
      }
      if isKept { keeper.bench = consume bench }
      return try sample(packets, workload, timing, figures)
    }
  }

  /// The turns of one switch, interrupted some thousand times a second to see where it is.
  ///
  /// - Parameter addresses: is given those at which each turn was interrupted.
  static func sampled(
    _ name: String, _ device: BenchmarkSwitch, _ workload: Workload, in run: BenchmarkRun,
    addresses: @escaping ([UInt]) throws -> Void
  ) -> Subject {
    let configuration = device.configuration(routes: workload.routes, frame: workload.frames.largest)
    let core = run.core
    let isBusy = device.level == .busy
    let frames = isBusy ? workload.frames.inAllClasses() : workload.frames
    let seconds = run.options.isQuick ? 1.0 : 3.0
    return Subject(name: name) { _ in
      var bench = try MemoryBench(configuration, frames)
      bench.run(bursts: max(200, workload.frames.count / 32), isBusy: isBusy)
      var timing = MeasuringCore.Timing(nanoseconds: 0, cycles: 0, away: 0)
      let before = isBusy ? bench.sent : bench.received
      let found = try StageSampler.sample(awayFrom: core.cpu, limit: 100_000) {
        timing = core.time {
          let clock = ContinuousClock()
          let end = clock.now + .seconds(seconds)
          while clock.now < end { bench.run(bursts: 1000, isBusy: isBusy) }
        }
      }
      let packets = (isBusy ? bench.sent : bench.received) - before
      try addresses(found)
      return try sample(packets, workload, timing, [])
    }
  }

  /// The turns of what surrounds the switch alone: packets are taken, filled and given back.
  static func source(_ workload: Workload, in run: BenchmarkRun) -> Subject {
    let configuration = BenchmarkSwitch().configuration(routes: [], frame: workload.frames.largest)
    let core = run.core
    let bursts = bursts(of: workload, in: run)
    return Subject(name: "source and sink alone") { _ in
      var bench = try MemoryBench(configuration, workload.frames)
      bench.runSource(bursts: max(200, workload.frames.count / 32))
      let sent = bench.sent
      let timing = core.time { bench.runSource(bursts: bursts) }
      return try sample(bench.sent - sent, workload, timing, [])
    }
  }

  /// Bursts of one turn: fewer of large frames, which take longer.
  private static func bursts(of workload: Workload, in run: BenchmarkRun) -> Int {
    let packets = Double(run.options.packets) * 128 / max(128, workload.frames.meanFrameBytes)
    return max(500, Int(packets) / 32, workload.frames.count / 32)
  }

  private static func sample(
    _ packets: UInt64, _ workload: Workload, _ timing: MeasuringCore.Timing, _ figures: [Figure]
  ) throws(BenchmarkError) -> Sample {
    // What is stuck would look fast.
    guard packets > 0 else { throw BenchmarkError("\(workload.name): no packet went through the switch") }
    return Sample(
      packets: packets, bytes: UInt64(Double(packets) * workload.frames.meanFrameBytes),
      nanoseconds: timing.nanoseconds, cycles: timing.cycles, away: timing.away, figures: figures)
  }
}
