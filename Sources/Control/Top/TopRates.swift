/// What happened between two snapshots of a switch, per second.
struct TopRates {
  /// A port's traffic.
  struct Port {
    var name: String
    var state: TextTable.Cell
    var speed: Double
    var rxBits: Double
    var txBits: Double
    var rxPackets: Double
    var txPackets: Double
    var drops: Double
    /// Priorities that the neighbour pauses, and that the neighbour is asked to pause.
    var paused: [Int]
    var asked: [Int]
    /// The part of the time that some priority was paused, 0 to 1.
    var pausedShare: Double
    /// From the device that packets came by to this one, since the start.
    var rxToTx: ErrorSummary?
  }

  /// A queue's depth and traffic.
  struct Queue {
    var port: String
    var number: Int
    var depthBytes: UInt64
    var peakBytes: UInt64
    var txBits: Double
    var marks: Double
    var drops: Double
    /// The part of the time that it was paused, 0 to 1.
    var pausedShare: Double
    var isInStorm: Bool
  }

  /// Seconds between the snapshots, by the switch's own clock.
  let seconds: Double
  let ports: [Port]
  /// Queues that hold something or did something, the deepest first.
  let queues: [Queue]

  /// What is needed of the snapshots.
  static let parts: [SwitchSnapshot.Part] = [.ports, .queues, .buffers, .pfc]

  /// Bytes of preamble, check sequence and gap with each frame.
  private static let overhead = 24.0

  init(from earlier: SwitchSnapshot, to later: SwitchSnapshot) {
    let ticks = later.ticks > earlier.ticks ? later.ticks - earlier.ticks : 0
    let seconds = Double(ticks) / Double(max(1, later.ticksPerSecond))
    self.seconds = seconds
    // After a reload a counter can be smaller than before.
    func rate(_ before: UInt64?, _ after: UInt64) -> Double {
      guard seconds > 0, let before, after >= before else { return 0 }
      return Double(after - before) / seconds
    }
    func share(_ before: Double?, _ after: Double) -> Double {
      guard seconds > 0, let before, after >= before else { return 0 }
      return min(1, (after - before) / seconds)
    }
    let portsBefore = Dictionary((earlier.ports ?? []).map { ($0.name, $0) }) { first, _ in first }
    let queuesBefore = Dictionary((earlier.queues ?? []).map { ("\($0.queue) \($0.port)", $0) }) { first, _ in first }
    let pfcBefore = Dictionary((earlier.pfc ?? []).map { ("\($0.priority) \($0.port)", $0) }) { first, _ in first }
    let pfc = Dictionary(grouping: later.pfc ?? []) { $0.port }
    ports = (later.ports ?? []).map { port in
      let before = portsBefore[port.name]
      let priorities = pfc[port.name] ?? []
      let rx = rate(before?.rx.packets, port.rx.packets)
      let tx = rate(before?.tx.packets, port.tx.packets)
      return Port(
        name: port.name, state: ShowText.state(port), speed: Double(port.speedBitsPerSecond),
        rxBits: 8 * (rate(before?.rx.bytes, port.rx.bytes) + rx * Self.overhead),
        txBits: 8 * (rate(before?.tx.bytes, port.tx.bytes) + tx * Self.overhead), rxPackets: rx, txPackets: tx,
        drops: rate(before?.droppedPackets, port.droppedPackets),
        paused: priorities.filter(\.isPaused).map(\.priority), asked: priorities.filter(\.asksForPause).map(\.priority),
        pausedShare: priorities.map { share(pfcBefore["\($0.priority) \($0.port)"]?.pausedSeconds, $0.pausedSeconds) }
          .max() ?? 0, rxToTx: port.driver.rxToTx)
    }
    let queues = (later.queues ?? []).map { queue in
      let before = queuesBefore["\(queue.queue) \(queue.port)"]
      let packets = rate(before?.tx.packets, queue.tx.packets)
      return Queue(
        port: queue.port, number: queue.queue, depthBytes: queue.depthBytes, peakBytes: queue.peakBytes,
        txBits: 8 * (rate(before?.tx.bytes, queue.tx.bytes) + packets * Self.overhead),
        marks: rate(before?.marked.packets, queue.marked.packets),
        drops: rate(before?.droppedPackets, queue.droppedPackets),
        pausedShare: share(before?.pausedSeconds, queue.pausedSeconds), isInStorm: queue.isInStorm)
    }
    self.queues =
      queues.filter { $0.depthBytes > 0 || $0.txBits > 0 || $0.drops > 0 || $0.peakBytes > 0 }
      .enumerated().sorted { ($1.element.depthBytes, $0.offset) < ($0.element.depthBytes, $1.offset) }.map(\.element)
  }
}
