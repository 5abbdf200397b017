import Dataplane

/// Forwarders that take turns with the same packets on the same core. All run from the start; all but one are stopped.
struct Contest {
  /// The suite that rows belong to.
  let suite: String
  /// What is measured, for those who wait.
  let title: String
  /// This program's, a row for each.
  let own: [any Forwarder]
  /// The others, which every row is compared with.
  let rivals: [any Forwarder]

  /// Measures, and adds a row for each of ``own``.
  func run(_ workload: Workload, in run: BenchmarkRun) throws {
    let site = try PeerSite()
    defer { site.close() }
    let capture = "\(site.directory)/workload.pcap"
    try workload.write(to: capture)
    let job = Contest.job(workload, capture, on: run.core)
    var running: [RunningForwarder] = []
    defer { running.forEach { $0.pause() } }
    for (index, forwarder) in (own + rivals).enumerated() {
      try run.say("\(title): starting \(forwarder.name)")
      do {
        let started = try forwarder.start(job, on: site)
        started.pause()
        running.append(started)
      } catch let error as BenchmarkError where index >= own.count {
        // The others can be measured all the same.
        run.note(absent: AbsentPeer(name: "\(forwarder.name), \(title)", reason: error.firstLine))
      }
    }
    let frame = workload.frames.meanFrameBytes
    let turn = Contest.turn(run.options)
    let measured = try run.interleave(title, running.map { $0.subject(turn, frame: frame) })
    for index in own.indices {
      var row = BenchmarkRow(
        suite: suite, subject: own[index].name, workload: workload.name, frameBytes: frame, flows: workload.flows)
      row.take(measured[index], peers: Array(measured[own.count...]))
      row.note = Contest.note(running)
      run.add(row)
    }
  }

  static func job(_ workload: Workload, _ capture: String, on core: MeasuringCore) -> ForwardingJob {
    let allowed = Environment.allowedCPUs
    return ForwardingJob(
      workload: workload, capture: capture, cpus: [core.cpu ?? allowed[0]], control: allowed[0])
  }

  static func turn(_ options: BenchmarkOptions) -> RunningForwarder.Turn {
    .init(warmUp: 0.15, seconds: options.isQuick ? 0.35 : 1)
  }

  /// What readers have to know when not all had the same kind of memory.
  static func note(_ running: [RunningForwarder]) -> String? {
    let without = running.filter { $0.hasHugepages == false }.map(\.name)
    let with = running.filter { $0.hasHugepages == true }.map(\.name)
    guard !without.isEmpty, !with.isEmpty else { return nil }
    return "not in hugepages, as others were: \(without.joined(separator: ", ")); sysctl vm.nr_hugepages=4096"
  }
}

extension BenchmarkError {
  /// What went wrong, without what a program said.
  var firstLine: String { description.split(separator: "\n").first.map(String.init) ?? description }
}

extension Workload {
  /// The same frames to the MAC address of the switch under test: a capture of another network's is addressed to another.
  func readdressed() -> Workload {
    var frames = FrameList()
    let own: [UInt8] = [2, 0, 0, 0, 0, 1]
    for index in 0..<self.frames.count {
      let frame = self.frames[index]
      // Group addresses mean the same everywhere.
      let isGroup = (frame.first ?? 1) & 1 == 1
      frames.append(isGroup ? Array(frame) : own + frame.dropFirst(6))
    }
    return Workload(name: name, frames: frames, flows: flows, routes: routes)
  }
}
