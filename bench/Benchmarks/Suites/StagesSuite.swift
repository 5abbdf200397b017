import Foundation

/// What each stage of the packet path costs, in time and in instructions, in the real pipeline.
struct StagesSuite: Suite {
  let name = "stages"
  let summary = "ns and instructions a packet of parse, classify, forward, admit, enqueue, schedule, mark, rewrite"

  private static let whole = "whole path"

  func measure(_ run: BenchmarkRun) throws {
    let workload = try run.options.capture.map { try Workload.capture($0) } ?? WorkloadPlan.small.make()
    for level in [FeatureLevel.lossless, .busy] { try measure(level, workload, run) }
  }

  private func measure(_ level: FeatureLevel, _ workload: Workload, _ run: BenchmarkRun) throws {
    let title = "\(name), \(workload.name), \(level.title)"
    var shares: [[Stage: Double]] = []
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let subject = MemorySubject.sampled(level.title, BenchmarkSwitch(level: level), workload, in: run) { addresses in
      shares.append(try Self.shares(of: addresses, in: program))
    }
    guard let whole = try run.interleave(title, [subject]).first else { return }
    var counts: StageCounts?
    if run.options.capture == nil {
      try run.say("\(title): counting instructions")
      do {
        counts = try StageCounter.count(program, ["bench", "--counted", level.rawValue])
      } catch let error as BenchmarkError {
        run.note(absent: AbsentPeer(name: "instruction counts", reason: error.description))
      }
    }
    for stage in Stage.allCases {
      var part = whole
      for (index, share) in shares.enumerated() where index < part.samples.count {
        part.samples[index].nanoseconds *= share[stage] ?? 0
        part.samples[index].cycles? *= share[stage] ?? 0
      }
      let instructions = counts?.perPacket[stage]
      guard part.samples.contains(where: { $0.nanoseconds > 0 }) || (instructions ?? 0) > 0.05 else { continue }
      run.add(row(stage.rawValue, level, workload, part, instructions))
    }
    run.add(row(StagesSuite.whole, level, workload, whole, counts.map { $0.total + ($0.perPacket[.source] ?? 0) }))
  }

  private func row(
    _ subject: String, _ level: FeatureLevel, _ workload: Workload, _ measured: Measurement, _ instructions: Double?
  ) -> BenchmarkRow {
    var row = BenchmarkRow(
      suite: name, subject: "\(level.title): \(subject)", workload: workload.name,
      frameBytes: workload.frames.meanFrameBytes, flows: workload.flows)
    row.take(measured)
    row.instructions = instructions
    row.isPart = subject != StagesSuite.whole
    return row
  }

  /// Which part of all addresses belongs to each stage.
  private static func shares(of addresses: [UInt], in program: String) throws -> [Stage: Double] {
    let files = LoadedFiles.now
    let places = addresses.compactMap { files.place(of: $0) }
    let own = Set(places.filter { $0.path == program }.map(\.address))
    let stages = try AddressStages(of: own, in: program)
    var counts: [Stage: Int] = [:]
    for place in places {
      let stage =
        place.path == program ? stages[place.address] ?? .other : LoadedFiles.stage(ofLibrary: place.path)
      counts[stage, default: 0] += 1
    }
    let all = Double(max(1, places.count))
    return counts.mapValues { Double($0) / all }
  }
}
