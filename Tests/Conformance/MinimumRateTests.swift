import Dataplane
import TestSupport
import Testing

/// Minimum rates: a queue that has had less than its minimum is served before all others.
@Suite struct MinimumRateTests {
  private func guaranteed(_ gigabits: UInt64, _ schedule: QueueSchedule = .dwrr(weight: 1)) -> QueueConfiguration {
    QueueConfiguration(schedule: schedule, minimumRate: Shaper(rate: .gigabits(gigabits)))
  }

  private let strict = QueueConfiguration(schedule: .strict)
  private let share = QueueConfiguration(schedule: .dwrr(weight: 1))

  private func send(_ count: Int, queue: Int, size: Int = 1044, at tick: UInt64 = 0, to device: inout VirtualSwitch) {
    let frame = TestConfiguration.frame(toPort: 1, dscp: UInt8(queue))
    for _ in 0..<count { device.send(frame, on: "p\(queue + 2)", at: tick, wireLength: size) }
  }

  /// Under a strict queue that could take all, the guaranteed queue has its minimum, to 0.1 % of the line, also where
  /// the rate and the frames do not fit into each other (30G is a frame in 3 1/3 slots).
  @Test(arguments: [1, 20, 30, 45] as [UInt64])
  func aMinimumHoldsUnderStrictTraffic(gigabits: UInt64) throws {
    for (size, strictSize) in [(1044, 1044), (60, 1514), (1514, 60)] {
      var device = try FairShareTests.makeSwitch([guaranteed(gigabits), share, strict], egress: 100)
      let duration: UInt64 = 500_000_000
      let bytes = Int(duration / 80)
      send(bytes * Int(gigabits) / 100 / (size + 24) + 500, queue: 0, size: size, to: &device)
      send(2000, queue: 1, size: 1044, to: &device)
      send(bytes / (strictSize + 24), queue: 2, size: strictSize, to: &device)
      let departures = device.run().filter { $0.start < duration }
      let had = departures.reduce(0) { $1.queue == 0 ? $0 + $1.wireSlot : $0 }
      let shared = Double(had) / Double(bytes)
      #expect(abs(shared - Double(gigabits) / 100) < 0.001, "\(size) against \(strictSize) bytes: \(shared)")
      #expect(departures.allSatisfy { $0.queue != 1 || $0.start < 10_000 }, "the strict queue takes the rest")
    }
  }

  /// What a queue had beyond its minimum while others were idle is not held against it.
  @Test func surplusIsNotCharged() throws {
    var device = try FairShareTests.makeSwitch([guaranteed(10), share, strict], egress: 100)
    // Alone on the wire for 1000 frames, then against strict traffic: one frame in ten is its due from the first on.
    send(2000, queue: 0, to: &device)
    let contention: UInt64 = 1000 * 1068 * 80
    send(3000, queue: 2, at: contention, to: &device)
    let departures = device.run().drop { $0.queue == 0 }.prefix(1000)
    let own = departures.count { $0.queue == 0 }
    #expect(own >= 99 && own <= 101, "\(own) of 1000 frames")
    #expect(departures.prefix(12).contains { $0.queue == 0 }, "the first of them does not wait for long")
  }

  /// Idle time earns nothing: without burst a queue that comes back has its minimum, not what it left.
  @Test func idleTimeEarnsNothing() throws {
    var device = try FairShareTests.makeSwitch([guaranteed(10), share, strict], egress: 100)
    send(6000, queue: 2, to: &device)
    // It comes back after 2000 slots in which it could have had 200 frames.
    send(500, queue: 0, at: 2000 * 1068 * 80, to: &device)
    let departures = device.run()
    let own = departures.drop { $0.queue != 0 }.prefix(1000).count { $0.queue == 0 }
    #expect(own >= 99 && own <= 102, "\(own) of 1000 frames")
  }

  /// Where the weights give a queue more than its minimum, the minimum changes nothing.
  @Test func aMinimumBelowTheShareHasNoEffect() throws {
    var device = try FairShareTests.makeSwitch([guaranteed(10), share], egress: 100)
    for queue in 0...1 { send(25_000, queue: queue, to: &device) }
    let own = device.run().prefix(40_000).count { $0.queue == 0 }
    #expect(abs(own - 20_000) < 40)
  }

  /// Where the weights give it less, it has its minimum and the others share the rest.
  @Test func aMinimumAboveTheShareIsMet() throws {
    let heavy = QueueConfiguration(schedule: .dwrr(weight: 9))
    var device = try FairShareTests.makeSwitch([guaranteed(40), heavy], egress: 100)
    send(25_000, queue: 0, to: &device)
    send(35_000, queue: 1, to: &device)
    let own = device.run().prefix(40_000).count { $0.queue == 0 }
    // Its turns in the round come on top of what it is owed: the minimum is a floor.
    #expect(own >= 16_000 - 40 && own <= 18_500, "\(own) of 40 000 frames")
  }

  /// Several minima hold at once if the line can carry them.
  @Test func severalMinimaHold() throws {
    var device = try FairShareTests.makeSwitch([guaranteed(15), guaranteed(25), guaranteed(35), strict], egress: 100)
    for (queue, count) in [(0, 7000), (1, 11_000), (2, 15_000), (3, 40_000)] { send(count, queue: queue, to: &device) }
    let departures = device.run().prefix(40_000)
    for (queue, percent) in [(0, 15), (1, 25), (2, 35), (3, 25)] {
      let own = departures.count { $0.queue == queue }
      #expect(abs(own - 400 * percent) < 40, "queue \(queue) has \(own) of 40 000 frames")
    }
  }
}
