import Dataplane
import TestSupport
import Testing

/// Every way in which up to four packets of two sizes can arrive for two or three queues, against a model of deficit
/// round robin that shares nothing with the scheduler.
@Suite struct RoundRobinModelTests {
  struct Arrival {
    var tick: UInt64
    var queue: Int
    /// Bytes on the wire, overhead included.
    var cost: Int
  }

  /// Shreedhar and Varghese's deficit round robin with queues in fixed order, on a wire of 800 ps per byte.
  ///
  /// The turn outlives idle periods, as the scheduler's does; deficits do not. Queues in `strict` come first, the
  /// highest number before the others.
  struct Model {
    var quanta: [Int]
    var strict: Set<Int> = []
    var turn = 0

    /// The arrivals in the order in which they leave, with their starts.
    mutating func run(_ arrivals: [Arrival]) -> [(index: Int, start: UInt64)] {
      var queues = quanta.map { _ in [Int]() }
      var deficits = quanta.map { _ in 0 }
      var (clock, next) = (0 as UInt64, 0)
      var result: [(index: Int, start: UInt64)] = []
      while result.count < arrivals.count {
        if queues.allSatisfy(\.isEmpty) { clock = max(clock, arrivals[next].tick) }
        while next < arrivals.count, arrivals[next].tick <= clock {
          queues[arrivals[next].queue].append(next)
          next += 1
        }
        var queue = strict.filter { !queues[$0].isEmpty }.max() ?? -1
        if queue < 0 {
          while queues[turn].isEmpty || deficits[turn] < arrivals[queues[turn][0]].cost {
            repeat { turn = (turn + 1) % quanta.count } while queues[turn].isEmpty || strict.contains(turn)
            deficits[turn] += quanta[turn]
          }
          queue = turn
          deficits[turn] -= arrivals[queues[turn][0]].cost
        }
        let index = queues[queue].removeFirst()
        if queues[queue].isEmpty { deficits[queue] = 0 }
        result.append((index, clock))
        clock += UInt64(arrivals[index].cost) * 800
      }
      return result
    }
  }

  /// Two of the first size nearly fill the smallest quantum of 1546 bytes; one of the second does.
  static let sizes = [700, 1514]

  @Test func twoQueuesTakeTurns() throws {
    try compare(weights: [1, 1], strict: [], longest: 4, gaps: [0, 1, 3])
    try compare(weights: [1, 2], strict: [], longest: 4, gaps: [0, 1])
  }

  @Test func threeQueuesTakeTurns() throws {
    try compare(weights: [2, 1, 1], strict: [], longest: 4, gaps: [0, 1])
    try compare(weights: [1, 1, 1], strict: [], longest: 4, gaps: [0])
  }

  @Test func aStrictQueueComesFirst() throws {
    try compare(weights: [1, 1, 1], strict: [1], longest: 4, gaps: [0, 1])
    try compare(weights: [1, 1, 1], strict: [0, 2], longest: 3, gaps: [0, 1, 3])
  }

  /// Runs all patterns one after the other through one switch, each in an idle period of its own.
  ///
  /// - Parameter gaps: between a packet and the one before it, in slots of the smaller size.
  private func compare(weights: [Int], strict: Set<Int>, longest: Int, gaps: [UInt64]) throws {
    var device = try FairShareTests.makeSwitch(
      weights.enumerated().map { queue, weight in
        QueueConfiguration(schedule: strict.contains(queue) ? .strict : .dwrr(weight: weight))
      })
    // Unused queues have the least weight, 1: the unit of the quanta is the longest frame.
    var model = Model(quanta: weights.map { $0 * FairShareTests.largest }, strict: strict)
    let choices = weights.indices.flatMap { queue in
      Self.sizes.flatMap { size in gaps.map { (queue: queue, size: size, gap: $0) } }
    }
    let headers = weights.indices.map { queue in
      var header = Frame(from: "10.0.99.2", to: "10.0.1.2")
      header.dscp = UInt8(queue)
      return header.udp(1, 2)
    }
    var patterns: [[Int]] = [[]]
    for _ in 1...longest {
      patterns = patterns.flatMap { pattern in choices.indices.map { pattern + [$0] } }
      for pattern in patterns {
        let base = device.now + 10_000_000
        var tick = base
        for choice in pattern {
          let (queue, size, gap) = choices[choice]
          tick += gap * UInt64(Self.sizes[0] + 24) * 800
          // Sent so that its last bit is in at `tick`: preamble and check sequence at 5 ps per byte.
          device.send(headers[queue], on: "p\(queue + 2)", at: tick - UInt64(size + 12) * 5, wireLength: size)
        }
        let departures = device.run()
        let arrivals = departures.map { Arrival(tick: $0.arrival, queue: $0.queue, cost: $0.wireSlot) }
        let order = arrivals.indices.sorted { departures[$0].number < departures[$1].number }
        let expected = model.run(order.map { arrivals[$0] })
        let isEqual =
          expected.count == departures.count
          && zip(expected, departures).allSatisfy {
            departures[order[$0.index]].number == $1.number && $0.start == $1.start
          }
        expect(isEqual, "\(pattern.map { choices[$0] }): left \(departures), not \(expected)")
        if !isEqual { return }
      }
    }
  }
}
