import Dataplane

/// How long packets take, by priority, from an idle switch to one that has more to send than its port can.
///
/// The port where frames leave is the bottleneck, as in a switch of hardware: its rate is set to a part of what this
/// machine's core can move.
struct LatencySuite: Suite {
  let name = "latency"
  let summary = "time through the switch and to another process by priority, at 10 to 120 % of a port's rate"

  /// Percent of the port's rate.
  private static let loads = [10, 50, 70, 90, 120]
  /// The part of what the core can move that the port is given: the core must not be what limits in overload either.
  private static let share = 0.3

  func measure(_ run: BenchmarkRun) throws {
    try measureRecording(run)
    guard let cpu = run.core.cpu else {
      return run.note(
        absent: AbsentPeer(name: "latency by priority", reason: "sender and switch need a CPU each: two or more"))
    }
    let site = try PeerSite()
    defer { site.close() }
    let control = Environment.allowedCPUs[0]
    try run.say("\(name): what the core can move")
    let capacity = try LatencySuite.capacity(cpu: cpu, control: control)
    let slot = Double(ProbePlan.frameBytes + 20) * 8
    let megabits = max(10, Int(capacity * LatencySuite.share * slot / 1e6))
    let rate = Double(megabits) * 1e6 / slot
    let own = try LatencyRig(.penstock(speed: "\(megabits)M"), cpu: cpu, control: control, on: site)
    if let absence = Testpmd.absence { run.note(absent: absence) }
    let peer = Testpmd.absence == nil ? try LatencyRig(.testpmd, cpu: cpu, control: control, on: site) : nil
    let findings = LatencyFindings()
    var subjects: [Subject] = []
    for load in LatencySuite.loads {
      subjects.append(subject(own, .init(isOwn: true, load: load), rate, findings, run.options))
      // Without queues and line rate there is no overload either.
      guard let peer, load < 100 else { continue }
      subjects.append(subject(peer, .init(isOwn: false, load: load), rate, findings, run.options))
    }
    let measured = try run.interleave(name, subjects)
    for var row in findings.rows(LatencySuite.loads) {
      row.calibration = measured.flatMap(\.calibration)
      row.note = "port of \(megabits) Mb/s; the core moved \((capacity / 1e5).rounded() / 10) Mpps between two memifs"
      run.add(row)
    }
  }

  private func subject(
    _ rig: LatencyRig, _ key: LatencyFindings.Key, _ rate: Double, _ findings: LatencyFindings,
    _ options: BenchmarkOptions
  ) -> Subject {
    Subject(name: "\(key.isOwn ? "penstock" : "testpmd io") at \(key.load) %") { round in
      let seconds = options.isQuick ? 0.4 : 0.5
      let plan = ProbePlan(
        rate: rate * Double(key.load) / 100, warmUp: RealTime.longestTurn - seconds, seconds: seconds,
        seed: UInt64(round) + 1)
      let finding = try rig.measure(plan)
      findings.add(finding, to: key)
      return Sample(
        packets: finding.probe.returned, bytes: finding.probe.returned * UInt64(ProbePlan.frameBytes),
        nanoseconds: seconds * 1e9)
    }
  }

  /// Frames a second that go through with a port that is faster than the core.
  private static func capacity(cpu: Int, control: Int) throws -> Double {
    let site = try PeerSite()
    defer { site.close() }
    let rig = try LatencyRig(.penstock(speed: nil), cpu: cpu, control: control, on: site)
    let rates = try (0..<3).map { round in
      try rig.measure(ProbePlan(rate: nil, warmUp: 0.1, seconds: 0.3, seed: round)).probe.rate
    }
    guard let spread = Spread(rates), spread.median > 0 else {
      throw BenchmarkError("no frame came back through the measured switch")
    }
    return spread.median
  }

  /// What recording costs the switch, in this process.
  private func measureRecording(_ run: BenchmarkRun) throws {
    let core = run.core
    let rounds = run.options.isQuick ? 200 : 1000
    func subject(_ name: String, _ body: @escaping (inout RecordingCost) -> Void) -> Subject {
      Subject(name: name) { _ in
        var cost = RecordingCost()
        body(&cost)
        let timing = core.time { body(&cost) }
        return Sample(
          packets: UInt64(rounds * RecordingCost.times), bytes: cost.sum & 1, nanoseconds: timing.nanoseconds,
          cycles: timing.cycles, away: timing.away)
      }
    }
    let measured = try run.interleave(
      "\(name), recording",
      [
        subject("recorded") { $0.record(rounds) }, subject("read") { $0.skip(rounds) },
        subject("clock") { $0.readClock(rounds) },
      ])
    let costs = zip(measured[0].samples, measured[1].samples).map {
      $0.nanosecondsPerPacket - $1.nanosecondsPerPacket
    }
    var row = BenchmarkRow(
      suite: name, subject: "recording a latency", workload: "8 queues, 0 to 100 us", frameBytes: 0, flows: 8)
    if let cost = Spread(costs) { row.figures.append(Figure("recording", cost.median, unit: "ns a packet")) }
    if let clock = Spread(measured[2].samples.map(\.nanosecondsPerPacket)) {
      row.figures.append(Figure("reading the clock", clock.median, unit: "ns a burst"))
    }
    row.calibration = measured[0].calibration
    row.away = measured[0].samples.compactMap(\.away)
    run.add(row)
  }
}
