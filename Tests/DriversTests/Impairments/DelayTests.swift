import Dataplane
import Drivers
import TestSupport
import Testing

/// Delay, jitter and rate, to the tick.
@Suite struct DelayTests {
  private static let frame = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 100)

  @Test func withoutImpairmentsFramesPassAtOnce() throws {
    let wire = try ImpairedWire([])
    let isActive = wire.impairments.isActive
    #expect(!isActive)
    try wire.sendAll(100, every: 7, Self.frame)
    #expect(wire.arrivals.map(\.tick) == (0..<100).map { $0 * 7 })
    #expect(wire.arrivals.allSatisfy { $0.bytes == Self.frame })
    #expect(wire.isWhole)
  }

  @Test(arguments: ImpairmentDirection.allCases)
  func delayIsExact(direction: ImpairmentDirection) throws {
    var settings = ImpairmentSettings(direction)
    settings.delay = Picoseconds(10_000_001)
    let wire = try ImpairedWire([settings], direction: direction)
    try wire.sendAll(1000, every: 5120, Self.frame)
    let expected: [UInt64] = (0..<1000).map { $0 * 5120 + 10_000_001 }
    #expect(wire.arrivals.map(\.tick) == expected)
    #expect(wire.numbers == Array(0..<1000))
    #expect(wire.impairments.counters(of: 0).delayed == 1000)
    #expect(wire.isWhole)
  }

  @Test func theOtherDirectionIsLeftAlone() throws {
    var egress = ImpairmentSettings(.egress)
    egress.delay = .microseconds(1)
    let wire = try ImpairedWire([egress], direction: .ingress)
    let isActive = wire.impairments.isActive
    #expect(!isActive)
    try wire.sendAll(3, every: 1, Self.frame)
    #expect(wire.arrivals.map(\.tick) == [0, 1, 2])
  }

  /// Eight classes of equal width against the chi-square quantile of 1e-4 for seven degrees of freedom.
  @Test func jitterIsUniformWithinItsBounds() throws {
    let settings = impairment {
      $0.delay = .microseconds(10)
      $0.jitter = .microseconds(4)
      $0.keepsOrder = false
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(16_000, every: 1000, Self.frame)
    var classes = [Int](repeating: 0, count: 8)
    for arrival in wire.arrivals {
      let delay = arrival.tick - arrival.number * 1000
      try #require(delay >= 6_000_000 && delay <= 14_000_000)
      classes[min(7, Int((delay - 6_000_000) / 1_000_000))] += 1
    }
    let statistic = classes.reduce(0.0) { $0 + (Double($1) - 2000) * (Double($1) - 2000) / 2000 }
    #expect(statistic < 29.88, "\(classes)")
    #expect(wire.numbers != Array(0..<16_000))
    #expect(wire.numbers.sorted() == Array(0..<16_000))
    #expect(wire.isWhole)
  }

  @Test func jitterKeepsTheOrderUnlessToldOtherwise() throws {
    let settings = impairment {
      $0.delay = .microseconds(10)
      $0.jitter = .microseconds(10)
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(5000, every: 1000, Self.frame)
    #expect(wire.numbers == Array(0..<5000))
    #expect(zip(wire.arrivals, wire.arrivals.dropFirst()).allSatisfy { $0.tick <= $1.tick })
    // A frame that was drawn a short delay waits for the one before it; with such jitter most do.
    let late = wire.arrivals.filter { $0.tick > $0.number * 1000 + 10_000_000 }.count
    #expect(late > 4000)
  }

  /// The sum of eight uniform numbers has a standard deviation of jitter / sqrt(24). Of 16000 samples the deviation is
  /// known to 1/sqrt(32000), relatively; the mean to 1/sqrt(16000) of the deviation. Five of these are allowed.
  @Test func normalJitterHasTheBellsDeviation() throws {
    let settings = impairment {
      $0.delay = .microseconds(20)
      $0.jitter = .microseconds(10)
      $0.distribution = .normal
      $0.keepsOrder = false
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(16_000, every: 1000, Self.frame)
    let deviations = wire.arrivals.map { Double($0.tick) - Double($0.number * 1000) - 20_000_000 }
    #expect(deviations.allSatisfy { abs($0) <= 10_000_000 })
    let mean = deviations.reduce(0, +) / 16_000
    let variance = deviations.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 15_999
    let expected = 10_000_000 / 24.0.squareRoot()
    #expect(abs(variance.squareRoot() / expected - 1) < 5 / 32_000.0.squareRoot())
    #expect(abs(mean) < 5 * expected / 16_000.0.squareRoot())
  }

  /// 124 bytes at 1G take 992 ns on the wire; frames that come every 500 ns leave in that time.
  @Test func rateSpacesFramesExactly() throws {
    let settings = impairment {
      $0.rate = .gigabits(1)
      $0.delay = .microseconds(3)
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(200, every: 500_000, Self.frame)
    let expected: [UInt64] = (0..<200).map { $0 * 992_000 + 3_000_000 }
    #expect(wire.arrivals.map(\.tick) == expected)
    #expect(wire.isWhole)
  }

  @Test func aRateWithoutAWholeNumberOfTicksIsExactOnAverage() throws {
    let settings = impairment { $0.rate = BitRate(bitsPerSecond: 3_000_000_000) }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(301, every: 1, Self.frame)
    // 124 bytes take 330 666 2/3 ps: 300 frames take 99 200 000.
    #expect(wire.arrivals[300].tick == 99_200_000)
    #expect(wire.arrivals[1].tick == 330_666 && wire.arrivals[2].tick == 661_333)
  }

  /// In front of a line of 1G, 10 frames of 992 ns may wait; all come at once, so that the twelfth finds 11 ahead.
  @Test func aFullQueueInFrontOfTheRateDrops() throws {
    let settings = impairment {
      $0.rate = .gigabits(1)
      $0.rateQueue = ByteCount(1240)
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(100, every: 0, Self.frame)
    #expect(wire.numbers == Array(0..<11))
    #expect(wire.impairments.counters(of: 0).queueDrops == 89)
    #expect(wire.isWhole)
  }

  @Test func impairmentsAddUpInTheirOrder() throws {
    let first = impairment { $0.delay = .microseconds(1) }
    let second = impairment {
      $0.rate = .gigabits(1)
      $0.delay = .microseconds(5)
    }
    let wire = try ImpairedWire([first, second])
    try wire.sendAll(10, every: 10, Self.frame)
    // The first frame comes to the line after 1 us; from there on the line decides.
    let expected: [UInt64] = (0..<10).map { 1_000_000 + $0 * 992_000 + 5_000_000 }
    #expect(wire.arrivals.map(\.tick) == expected)
  }

  @Test func moreThanFitIsDroppedAndCounted() throws {
    let settings = impairment { $0.delay = .milliseconds(1) }
    let wire = try ImpairedWire([settings], capacity: 64)
    try wire.sendAll(100, every: 1, Self.frame)
    #expect(wire.numbers == Array(0..<64))
    let drops = wire.impairments.lineDrops
    #expect(drops == 36)
    #expect(wire.isWhole)
  }

  @Test func whatIsHeldGoesBackWithTheImpairments() throws {
    let memory = try PacketMemory(counts: (64, 1, 1))
    let before = memory.available
    do {
      let settings = impairment {
        $0.delay = .seconds(1)
        $0.reordering = Reordering(.every(2), .frames(3, atMost: .seconds(1)))
      }
      var impairments = PortImpairments(
        [settings], direction: .ingress, port: PortID(0), seed: 1, ticksPerSecond: 1000)
      var burst = PacketBurst()
      memory.allocate(&burst, capacity: 64)
      for index in 0..<burst.count {
        burst[index].fill(Self.frame, count: 60)
        burst[index].arrived(number: 0, wireLength: 60, start: .zero, end: .zero, latencyFrom: .zero)
      }
      impairments.take(&burst, at: .zero, memory: memory)
      let (held, available) = (impairments.heldCount, memory.available)
      #expect(held == 32 && available == before - 32)
    }
    let after = memory.available
    #expect(after == before)
  }

  @Test func replacingKeepsWhatIsHeldAndTheCountersOfWhatStays() throws {
    let stays = impairment { $0.delay = .microseconds(5) }
    let wire = try ImpairedWire([stays, impairment { $0.delay = .microseconds(95) }])
    try wire.send(Self.frame, at: 0)
    wire.impairments.replace([stays])
    try wire.send(Self.frame, at: 1)
    wire.impairments.replace([])
    let isActive = wire.impairments.isActive
    #expect(isActive)
    try wire.send(Self.frame, at: 2)
    wire.run(until: 50_000_000)
    wire.impairments.replace([stays])
    #expect(wire.impairments.counters(of: 0).seen == 0)
    wire.run()
    #expect(wire.arrivals.map(\.tick) == [2, 5_000_001, 100_000_000])
    #expect(wire.numbers == [2, 1, 0])
    #expect(wire.isWhole)
  }

  @Test func anImpairmentThatStaysGoesOnWithItsCounters() throws {
    let stays = impairment { $0.loss = Probability(partsPerMillion: 500_000) }
    let (whole, changed) = (try ImpairedWire([stays]), try ImpairedWire([stays]))
    try whole.sendAll(400, every: 1, Self.frame)
    for tick in 0..<400 as Range<UInt64> {
      if tick == 200 { changed.impairments.replace([stays, impairment { $0.delay = .seconds(1) }]) }
      try changed.send(Self.frame, at: tick)
    }
    changed.run()
    #expect(whole.numbers == changed.numbers)
    #expect(changed.impairments.counters(of: 0).seen == 400)
    #expect(changed.impairments.counters(of: 1).seen == changed.impairments.counters(of: 1).delayed)
  }
}
