import Dataplane
import Drivers
import TestSupport
import Testing

/// Frames that are held back until others have passed.
@Suite struct ReorderingTests {
  private static let frame = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 64)

  /// What comes of frames that go in every 1000 ticks.
  private func order(_ reordering: Reordering, count: Int) throws -> [ImpairedWire.Arrival] {
    let wire = try ImpairedWire([impairment { $0.reordering = reordering }])
    try wire.sendAll(count, every: 1000, Self.frame)
    #expect(wire.isWhole)
    #expect(wire.numbers.sorted() == Array(0..<UInt64(count)))
    return wire.arrivals
  }

  @Test func everyThirdIsOvertakenByTwo() throws {
    let arrivals = try order(Reordering(.every(3), .frames(2, atMost: .milliseconds(1))), count: 12)
    // 2 waits for 3 and 4; 5 for 6 and 7; the last one, 11, waits in vain.
    #expect(arrivals.map(\.number) == [0, 1, 3, 4, 2, 6, 7, 5, 9, 10, 8, 11])
    // It goes right behind the second of those that overtake it, and the last after its millisecond.
    #expect(arrivals[4].tick == 4000 && arrivals[11].tick == 11_000 + 1_000_000_000)
  }

  @Test func overlappingHoldsKeepTheirOrder() throws {
    let arrivals = try order(Reordering(.every(2), .frames(3, atMost: .milliseconds(1))), count: 12)
    // 1 is overtaken by 2, 4 and 6, since 3 and 5 are held back themselves.
    #expect(arrivals.map(\.number) == [0, 2, 4, 6, 1, 8, 3, 10, 5, 7, 9, 11])
  }

  @Test func byTimeItIsExact() throws {
    let arrivals = try order(Reordering(.every(4), .time(Picoseconds(2500))), count: 9)
    #expect(arrivals.map(\.number) == [0, 1, 2, 4, 5, 3, 6, 8, 7])
    #expect(arrivals.map(\.tick) == [0, 1000, 2000, 4000, 5000, 5500, 6000, 8000, 9500])
  }

  @Test func probabilityIsBinomial() throws {
    let settings = impairment {
      $0.reordering = Reordering(.probability(Probability(partsPerMillion: 50_000)), .time(.microseconds(1)))
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(20_000, every: 1000, Self.frame)
    let count = wire.impairments.counters(of: 0).reordered
    #expect(binomialBounds(20_000, 0.05).contains(Double(count)))
    #expect(wire.arrivals.filter { $0.tick != $0.number * 1000 }.count == Int(count))
  }

  /// The patience of a frame that is held back ends while the line is quiet, and it goes through the rest from then on.
  @Test func aFrameThatNobodyOvertakesGoesOnByItself() throws {
    let hold = impairment { $0.reordering = Reordering(.every(1), .frames(5, atMost: .microseconds(2))) }
    let delay = impairment { $0.delay = .microseconds(7) }
    let wire = try ImpairedWire([hold, delay])
    try wire.send(Self.frame, at: 100)
    let (next, held) = (wire.impairments.nextRelease, wire.impairments.heldCount)
    #expect(next == Tick(2_000_100) && held == 1)
    wire.run()
    #expect(wire.arrivals.map(\.tick) == [9_000_100])
    #expect(wire.isWhole)
  }

  /// Ticks at random against a sorted array, at equal ticks in the order of arrival: 20000 frames through the ring and
  /// the heap.
  @Test(arguments: 0..<8)
  func releaseIsInTheOrderOfTicks(seed: UInt64) throws {
    let settings = impairment {
      $0.delay = Picoseconds(50)
      $0.jitter = Picoseconds(50)
      $0.keepsOrder = false
    }
    let wire = try ImpairedWire([settings], seed: seed)
    var random = SplitMix64(seed: seed)
    var tick: UInt64 = 0
    for _ in 0..<5000 {
      tick += UInt64(random.below(4))
      try wire.send(Self.frame, at: tick)
      if random.below(8) == 0 { wire.run(until: tick) }
    }
    wire.run()
    #expect(wire.arrivals.count == 5000)
    for (left, right) in zip(wire.arrivals, wire.arrivals.dropFirst()) {
      try #require(left.tick < right.tick || (left.tick == right.tick && left.number < right.number))
    }
    #expect(wire.isWhole)
  }
}
