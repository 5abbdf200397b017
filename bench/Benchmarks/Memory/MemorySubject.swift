import Dataplane

/// Turns of the switch in memory: on a core of its own, as many packets as the run asks for.
enum MemorySubject {
  /// The turns of one switch with one workload. Memory is taken anew for each turn, because where it lies matters.
  static func make(
    _ name: String, _ device: BenchmarkSwitch, _ workload: Workload, in run: BenchmarkRun
  ) -> Subject {
    let configuration = device.configuration(routes: workload.routes, frame: workload.frames.largest)
    let core = run.core
    let bursts = bursts(of: workload, in: run)
    let isBusy = device.level == .busy
    let frames = isBusy ? workload.frames.inAllClasses() : workload.frames
    return Subject(name: name) { _ in
      var bench = try MemoryBench(configuration, frames)
      let warmUp = max(200, workload.frames.count / 32)
      if isBusy { bench.runCongested(bursts: warmUp) } else { bench.run(bursts: warmUp) }
      let (sent, received, dropped) = (bench.sent, bench.received, bench.dropped)
      let (pauses, marked) = (bench.pauseFrames, bench.marked)
      let timing = core.time {
        if isBusy { bench.runCongested(bursts: bursts) } else { bench.run(bursts: bursts) }
      }
      // Queues hold back what a pause did; what went through is what left. Drops took time, too.
      let packets = isBusy ? bench.sent - sent : bench.received - received
      var figures: [Figure] = []
      if bench.dropped > dropped { figures.append(Figure("dropped", Double(bench.dropped - dropped), unit: "packets")) }
      if isBusy {
        figures.append(Figure("pause frames", Double(bench.pauseFrames - pauses), unit: "frames"))
        figures.append(Figure("marked", Double(bench.marked - marked), unit: "packets"))
      }
      return sample(packets, workload, timing, figures)
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
      return sample(bench.sent - sent, workload, timing, [])
    }
  }

  /// Bursts of one turn: fewer of large frames, which take longer.
  private static func bursts(of workload: Workload, in run: BenchmarkRun) -> Int {
    let packets = Double(run.options.packets) * 128 / max(128, workload.frames.meanFrameBytes)
    return max(500, Int(packets) / 32, workload.frames.count / 32)
  }

  private static func sample(
    _ packets: UInt64, _ workload: Workload, _ timing: MeasuringCore.Timing, _ figures: [Figure]
  ) -> Sample {
    Sample(
      packets: packets, bytes: UInt64(Double(packets) * workload.frames.meanFrameBytes),
      nanoseconds: timing.nanoseconds, cycles: timing.cycles, away: timing.away, figures: figures)
  }
}
