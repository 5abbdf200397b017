import Dataplane
import Drivers
import TestSupport
import Testing

/// Loss, alone and in bursts, and duplication.
@Suite struct LossTests {
  private static let frame = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 64)

  private func survivors(_ settings: ImpairmentSettings, seed: UInt64, port: Int = 0, count: Int) throws -> [UInt64] {
    let wire = try ImpairedWire([settings], seed: seed, port: port)
    try wire.sendAll(count, every: 10, Self.frame)
    let counters = wire.impairments.counters(of: 0)
    #expect(counters.seen == UInt64(count) && counters.matched == UInt64(count))
    #expect(counters.lost == UInt64(count - wire.arrivals.count))
    #expect(wire.isWhole)
    return wire.numbers
  }

  @Test(arguments: [1, 1 << 40])
  func lossIsBinomialAndAFunctionOfTheSeed(seed: UInt64) throws {
    let settings = impairment { $0.loss = Probability(partsPerMillion: 10_000) }
    let first = try survivors(settings, seed: seed, count: 20_000)
    #expect(binomialBounds(20_000, 0.01).contains(Double(20_000 - first.count)))
    #expect(try survivors(settings, seed: seed, count: 20_000) == first)
    #expect(try survivors(settings, seed: seed + 1, count: 20_000) != first)
    #expect(try survivors(settings, seed: seed, port: 1, count: 20_000) != first)
  }

  @Test func neverAndAlwaysAreExact() throws {
    #expect(try survivors(impairment { _ in }, seed: 1, count: 5000).count == 5000)
    let all = impairment { $0.loss = Probability(partsPerMillion: 1_000_000) }
    #expect(try survivors(all, seed: 1, count: 5000) == [])
  }

  @Test func anotherEffectDoesNotChangeWhichFramesAreLost() throws {
    let plain = impairment { $0.loss = Probability(partsPerMillion: 100_000) }
    var changed = plain
    changed.delay = .microseconds(2)
    changed.jitter = .microseconds(1)
    changed.corruption = Corruption(probability: Probability(partsPerMillion: 300_000))
    #expect(try survivors(plain, seed: 3, count: 5000) == survivors(changed, seed: 3, count: 5000))
  }

  /// A chain that turns bad with p and good with r is bad for p/(p+r) of all frames, in bursts of 1/r frames.
  @Test func burstsHaveTheLengthAndTheShareOfTheChain() throws {
    let (enter, leave, count) = (0.01, 0.2, 30_000)
    let settings = impairment {
      $0.burstLoss = BurstLoss(
        enter: Probability(partsPerMillion: 10_000), leave: Probability(partsPerMillion: 200_000))
    }
    let kept = Set(try survivors(settings, seed: 11, count: count))
    var bursts: [Int] = []
    var length = 0
    for number in 0..<UInt64(count) {
      if kept.contains(number) {
        if length > 0 { bursts.append(length) }
        length = 0
      } else {
        length += 1
      }
    }
    // Lengths are geometric: mean 1/r, deviation sqrt(1-r)/r.
    let mean = Double(bursts.reduce(0, +)) / Double(bursts.count)
    let deviation = (1 - leave).squareRoot() / leave / Double(bursts.count).squareRoot()
    #expect(abs(mean - 1 / leave) < 5 * deviation, "\(bursts.count) bursts of \(mean)")
    // Bursts begin as a renewal process, one per 1/p + 1/r frames; its variance per unit of time follows from those of
    // the two phases (Cox): sigma^2 / mu^3.
    let cycle = 1 / enter + 1 / leave
    let variance = (1 - enter) / (enter * enter) + (1 - leave) / (leave * leave)
    let spread = 5 * (Double(count) * variance / (cycle * cycle * cycle)).squareRoot()
    #expect(abs(Double(bursts.count) - Double(count) / cycle) < spread)
  }

  @Test func goodAndBadLinesLoseWithTheirOwnProbability() throws {
    let settings = impairment {
      var burst = BurstLoss(enter: Probability(partsPerMillion: 500_000), leave: Probability(partsPerMillion: 500_000))
      burst.good = Probability(partsPerMillion: 100_000)
      burst.bad = Probability(partsPerMillion: 500_000)
      $0.burstLoss = burst
    }
    // With 1/2 either way the line is bad at every frame with probability 1/2, whatever it was before.
    let kept = try survivors(settings, seed: 5, count: 40_000).count
    #expect(binomialBounds(40_000, 0.3).contains(Double(40_000 - kept)))
  }

  @Test func copiesFollowTheirOriginals() throws {
    let settings = impairment {
      $0.duplication = Probability(partsPerMillion: 100_000)
      $0.delay = .microseconds(1)
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(20_000, every: 1000, Self.frame)
    let counters = wire.impairments.counters(of: 0)
    #expect(binomialBounds(20_000, 0.1).contains(Double(counters.duplicated)))
    #expect(wire.arrivals.count == 20_000 + Int(counters.duplicated))
    #expect(wire.numbers == wire.numbers.sorted())
    #expect(wire.arrivals.allSatisfy { $0.tick == $0.number * 1000 + 1_000_000 && $0.bytes == Self.frame })
    #expect(wire.isWhole)
  }

  @Test func aCopyTakesItsOwnPlaceOnTheLine() throws {
    let settings = impairment {
      $0.duplication = Probability(partsPerMillion: 1_000_000)
      $0.rate = .gigabits(1)
    }
    let wire = try ImpairedWire([settings])
    try wire.sendAll(3, every: 1, Self.frame)
    #expect(wire.numbers == [0, 0, 1, 1, 2, 2])
    #expect(wire.arrivals.map(\.tick) == (0..<6).map { $0 * 704_000 })
  }

  @Test func copiesWithoutMemoryAreCounted() throws {
    let settings = impairment {
      $0.duplication = Probability(partsPerMillion: 1_000_000)
      $0.delay = .seconds(1)
    }
    let wire = try ImpairedWire([settings], packets: 63)
    // 64-byte packets are helped out by 256 + 16 larger ones.
    let room = wire.wholeMemory - PacketMemory.pauseCount
    for index in 0..<(room / 2 + 1) { try wire.send(Self.frame, at: UInt64(index)) }
    #expect(wire.impairments.counters(of: 0).missingCopies == 1)
    #expect(wire.impairments.counters(of: 0).duplicated == UInt64(room / 2))
    wire.run()
    #expect(wire.isWhole)
  }
}
