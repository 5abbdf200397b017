import CShims
import Dataplane

/// What a source does with pause frames. Each priority waits on its own, as in a NIC with a queue for each; within a
/// priority the order is kept, and among those that may send the frame goes first that was due first.
extension PortSource {
  /// Memory for frames that wait, over all sources of a replay and for each: 256 MiB, and 4 to 64 MiB.
  static let waitingBudget = 256 << 20
  static let waitingRange = (least: 4 << 20, most: 64 << 20)
  /// Frames that wait at a port at most.
  static let waitingFrameLimit = 65_536
  /// The line of MAC control, which no pause stops.
  private static let controlLine = 8

  /// What each of so many sources may keep waiting.
  static func waitingCapacity(sources: Int) -> Int {
    max(waitingRange.least, min(waitingRange.most, waitingBudget / max(1, sources)))
  }

  /// By line: the PFC priorities that stop it.
  static func priorities(_ configuration: SwitchConfiguration) -> InlineArray<9, UInt8> {
    var priorities = InlineArray<9, UInt8>(repeating: 0)
    for group in 0..<8 {
      if configuration.pause.mode == .link { priorities[group] = 0xFF }
      for priority in 0..<8 where Int(configuration.qos.pfcPriorityToPriorityGroup[priority].rawValue) == group {
        priorities[group] |= 1 << UInt8(priority)
      }
    }
    return priorities
  }

  /// Decides which frame is next while some are paused, or will be.
  @inline(never)
  mutating func planPaused(_ device: inout Switch) throws(ReplayError) {
    gate.settle(upTo: wireFree)
    // Nothing that was free to start before a pause frame left is asked again, so no start lies before it.
    let free = max(wireFree, gate.settledTick)
    var start = Tick.never
    plannedLine = nil
    var sequence = UInt64.max
    for index in 0..<lines.count {
      guard let first = lines.base[index].first else { continue }
      let tick = gate.start(of: priorities[index], notBefore: max(first.pointee.scheduled, free))
      if tick < start || tick == start && first.pointee.sequence < sequence {
        (start, plannedLine, sequence) = (tick, index, first.pointee.sequence)
      }
    }
    // What is read later is due later: it can only pass if it starts before what is planned.
    while streams.count > 0 {
      let index = earliestStream()
      let scheduled = streams.base[index].scheduled
      if scheduled >= start { break }
      let line = lineOfRecord(in: index, &device)
      if lines.base[line].first == nil {
        let earliest = max(scheduled, free)
        let tick = gate.start(of: priorities[line], notBefore: earliest)
        if tick == earliest || isFull {
          if tick < start { return planStream(index, start: tick) }
          break
        }
        if tick < start { (start, plannedLine) = (tick, line) }
      } else if isFull {
        break
      }
      try wait(in: line, index)
    }
    guard let plannedLine, let first = lines.base[plannedLine].first else { return }
    plan(
      WaitingLine.bytes(of: first), captured: first.pointee.captured, length: first.pointee.length, start: start)
  }

  /// Takes the frame read ahead from its line.
  mutating func takeWaiting(from line: Int) {
    guard let first = lines.base[line].first else { return }
    count(streams.base + first.pointee.stream, length: first.pointee.length)
    waitingFrames -= 1
    waitingBytes -= WaitingLine.footprint(captured: first.pointee.captured)
    lines.base[line].removeFirst()
  }

  /// True if no more frames can wait: then the source waits as a whole.
  private var isFull: Bool { waitingFrames >= PortSource.waitingFrameLimit || waitingBytes >= waitingCapacity }

  private func lineOfRecord(in stream: Int, _ device: inout Switch) -> Int {
    let record = streams.base[stream].reader.record
    let group = device.priorityGroup(
      ofFrame: record.bytes, captured: Int(record.captured), length: Int(record.length), on: port)
    return group.map { Int($0.rawValue) } ?? PortSource.controlLine
  }

  /// Moves a stream's packet to the end of a line.
  private mutating func wait(in line: Int, _ index: Int) throws(ReplayError) {
    let stream = streams.base + index
    let record = stream.pointee.reader.record
    let frame = WaitingLine.Frame(
      next: nil, sequence: nextSequence, scheduled: stream.pointee.scheduled, captured: Int(record.captured),
      length: Int(record.length), stream: index)
    nextSequence += 1
    waitingFrames += 1
    waitingBytes += WaitingLine.footprint(captured: frame.captured)
    lines.base[line].append(frame, bytes: record.bytes)
    try leaveStream(index)
  }
}
