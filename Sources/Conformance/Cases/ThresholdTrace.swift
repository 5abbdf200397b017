import Dataplane

/// What happens to the groups of several ports when nothing leaves, or everything leaves at last: from the theory, or
/// from the switch.
struct ThresholdTrace: Equatable {
  /// One group's story, in frames that had arrived, counted from 1; 0: it did not happen.
  struct Story: Equatable {
    /// The frame that made it ask for a pause.
    var xoff = 0
    /// What it had of the shared pool then, in cells.
    var sharedAtXOFF = 0
    /// The first frame that stood in headroom.
    var headroom = 0
    /// The first frame dropped.
    var drop = 0
    /// Frames that had left the queue, of all groups, when it asked to go on.
    var leftAtXON = 0
    /// What it had of the shared pool then, in cells.
    var sharedAtXON = 0
    /// Most that it ever had of the shared pool, in cells.
    var peak = 0
  }

  /// By ingress port.
  var stories: [Story]
}

/// Frames that fill the buffer: from each ingress port of a bench a number of them, back to back, nothing leaving.
struct Filling {
  var bench: Bench
  var length: Int
  /// When each port begins.
  var starts: [Int]
  /// Frames of each port.
  var counts: [Int]

  /// Frames that the laboratory offers at most.
  static let limit = 400_000

  /// What the theory says when each port sends until its group has dropped a frame; ports with a count of their own stop
  /// there. Frames of equal time are taken in the order of the ports.
  static func untilDrops(
    _ bench: Bench, length: Int, starts: [Int], fixed: [Int?]
  ) throws -> (filling: Filling, trace: ThresholdTrace) {
    var theory = BufferTheory(bench.configuration)
    var stories = bench.ingress.map { _ in ThresholdTrace.Story() }
    var sent = bench.ingress.map { _ in 0 }
    let ports = bench.ingress.map { bench.configuration.ports[$0.index] }
    var total = 0
    while true {
      var next: (tick: Int, port: Int)?
      for (index, port) in ports.enumerated() {
        if let count = fixed[index], sent[index] >= count { continue }
        if fixed[index] == nil, stories[index].drop > 0 { continue }
        let tick = WireTheory.arrival(sent[index] + 1, length: length, start: starts[index], port: port)
        if next == nil || tick < next!.tick { next = (tick, index) }
      }
      guard let (_, index) = next else { break }
      sent[index] += 1
      total += 1
      guard total <= limit else {
        throw NotApplicable(
          "it takes more than \(limit) frames of \(length) bytes to fill the buffer; make it smaller for this")
      }
      stories[index].note(sent[index], &theory, bench.account(bench.ingress[index]), length: length)
    }
    return (
      Filling(bench: bench, length: length, starts: starts, counts: sent), ThresholdTrace(stories: stories)
    )
  }

  /// The theory's story when all frames have come and then leave one after the other.
  func filledAndDrained() -> ThresholdTrace {
    var theory = BufferTheory(bench.configuration)
    var stories = bench.ingress.map { _ in ThresholdTrace.Story() }
    var sent = bench.ingress.map { _ in 0 }
    let ports = bench.ingress.map { bench.configuration.ports[$0.index] }
    while let index = (0..<ports.count).filter({ sent[$0] < counts[$0] }).min(by: {
      (WireTheory.arrival(sent[$0] + 1, length: length, start: starts[$0], port: ports[$0]), $0)
        < (WireTheory.arrival(sent[$1] + 1, length: length, start: starts[$1], port: ports[$1]), $1)
    }) {
      sent[index] += 1
      stories[index].note(sent[index], &theory, bench.account(bench.ingress[index]), length: length)
    }
    var left = 0
    var wasXOFF = bench.ingress.map { theory.groups[bench.account($0)].isXOFF }
    while let group = theory.leave() {
      left += 1
      guard let index = bench.ingress.firstIndex(where: { bench.account($0) == group }) else { continue }
      if wasXOFF[index], !theory.groups[group].isXOFF {
        stories[index].leftAtXON = left
        stories[index].sharedAtXON = theory.groups[group].shared
      }
      wasXOFF[index] = theory.groups[group].isXOFF
    }
    return ThresholdTrace(stories: stories)
  }

  /// Fills the switch: the egress port is paused, or its queue stands still. With `releases` it is let go in the end.
  func measure(_ experiment: Experiment, releases: Bool = false) throws -> ThresholdTrace {
    var laboratory = try experiment.laboratory(bench.configuration, packets: counts.reduce(0, +))
    laboratory.watchesHeadroom = true
    let end =
      zip(counts, starts).enumerated().map { index, entry in
        WireTheory.arrival(
          entry.0 + 1, length: length, start: entry.1, port: bench.configuration.ports[bench.ingress[index].index])
      }.max() ?? 0
    let isHeld = bench.configuration.ports[bench.egress.index].queues[bench.queue.index].isLossless
    if isHeld { laboratory.hold(bench.egress, bench.holding, from: .zero, until: Tick(UInt64(end + 1_000_000))) }
    for (index, port) in bench.ingress.enumerated() {
      laboratory.add(bench.flow(port, length: length, count: UInt64(counts[index]), start: starts[index]))
    }
    laboratory.run(until: releases ? Tick(.max - 1) : Tick(UInt64(end + 500_000)))
    return ThresholdTrace(
      stories: bench.ingress.indices.map { Filling.story(of: $0, bench, laboratory) })
  }

  private static func story(of index: Int, _ bench: Bench, _ laboratory: borrowing Laboratory) -> ThresholdTrace.Story {
    let port = bench.ingress[index]
    let cell = Int(bench.configuration.buffer.cell.bytes)
    var story = ThresholdTrace.Story()
    let record = laboratory.records[index]
    story.headroom = Int(record.firstInHeadroom)
    story.drop = Int(record.firstDropped)
    let use = laboratory.device.use(of: bench.group, on: port)
    story.peak = Int(use.peakSharedBytes) / cell
    for seen in laboratory.observed where seen.event.port == port && seen.event.group == bench.group {
      switch seen.event.kind {
      case .threshold, .headroom:
        guard story.xoff == 0 else { continue }
        story.xoff = Int(seen.arrived)
        story.sharedAtXOFF = Int(seen.event.sharedBytes) / cell
      case .drained:
        // Noted while the frame was leaving.
        story.leftAtXON = Int(seen.departed)
        story.sharedAtXON = Int(seen.event.sharedBytes) / cell
      default: continue
      }
    }
    return story
  }
}

extension ThresholdTrace.Story {
  /// Lets the theory take a frame, and writes down what that changed.
  mutating func note(_ frame: Int, _ theory: inout BufferTheory, _ account: Int, length: Int) {
    let wasXOFF = theory.groups[account].isXOFF
    let result = theory.arrive(account, length: length)
    let group = theory.groups[account]
    if result.isXOFF, !wasXOFF, xoff == 0 {
      xoff = frame
      sharedAtXOFF = group.shared
    }
    if group.headroomUsed > 0, headroom == 0 { headroom = frame }
    if result.outcome == .dropped, drop == 0 { drop = frame }
    peak = max(peak, group.shared)
  }
}
