/// What one core can do, from forwarding alone to everything on and busy, without devices: input in memory, output
/// discarded.
struct CapacitySuite: Suite {
  let name = "capacity"
  let summary = "packets a second of one core in memory, by level of features and size of frames"

  func measure(_ run: BenchmarkRun) throws {
    let workloads: [Workload]
    if let capture = run.options.capture {
      workloads = [try Workload.capture(capture)]
    } else {
      workloads = WorkloadPlan.usual.map { $0.make() }
    }
    for workload in workloads { try measure(workload, run) }
  }

  private func measure(_ workload: Workload, _ run: BenchmarkRun) throws {
    let subjects =
      [MemorySubject.source(workload, in: run)]
      + FeatureLevel.allCases.map { MemorySubject.make($0.title, BenchmarkSwitch(level: $0), workload, in: run) }
    for measured in try run.interleave("\(name), \(workload.name)", subjects) {
      var row = BenchmarkRow(
        suite: name, subject: measured.name, workload: workload.name, frameBytes: workload.frames.meanFrameBytes,
        flows: workload.flows)
      row.take(measured)
      run.add(row)
    }
  }
}
