import Testing

@testable import Dataplane

@Suite struct FlowHashTests {
  private let flowCount = 100_000

  private func hash(_ flow: Flow, _ hasher: FlowHasher) -> UInt32 {
    hasher.finish(flow.hash(hasher.mix, from: hasher.initialState))
  }

  /// How many of the flows each member gets.
  private func spread(_ flows: [Flow], over weights: [UInt32], hasher: FlowHasher) -> [Int] {
    let table = ResilientBuckets(weights: weights)
    var counts = weights.map { _ in 0 }
    for flow in flows { counts[Int(table.assignment[Int(hash(flow, hasher)) & (table.bucketCount - 1)])] += 1 }
    return counts
  }

  @Test(
    arguments: [
      [3, 1], [1, 1], [40, 30, 20, 10], [1, 1, 1, 1], [8, 7, 6, 5, 4, 3, 2, 1], Array(repeating: 1, count: 16),
      (1...32).map { UInt32($0) }, Array(repeating: 1, count: 64),
    ] as [[UInt32]])
  func sharesFollowTheWeights(_ weights: [UInt32]) throws {
    let flows = Flow.mixed(flowCount)
    let critical = try #require(chiSquareCritical[weights.count - 1])
    for switchID in [1, 2, 77] as [UInt32] {
      let counts = spread(flows, over: weights, hasher: FlowHasher(seed: 7, switchID: switchID))
      #expect(chiSquare(counts, weights: weights) < critical, "switch \(switchID): \(counts)")
    }
  }

  @Test func aBalanceThatIsOffFailsTheTest() {
    // 2 % too much on one of four members, which no one would see by eye.
    #expect(chiSquare([25_500, 24_833, 24_833, 24_834], weights: [1, 1, 1, 1]) < 21.11)
    #expect(chiSquare([25_750, 24_750, 24_750, 24_750], weights: [1, 1, 1, 1]) > 21.11)
    // What Open vSwitch makes of 40/30/20/10 %.
    #expect(chiSquare([37_000, 32_300, 17_800, 12_900], weights: [4, 3, 2, 1]) > 21.11)
  }

  @Test(arguments: ["source ports", "queue pairs", "source addresses", "destination addresses", "both addresses"])
  func countersSpread(_ what: String) {
    let flows = (0..<flowCount).map { number -> Flow in
      let step = UInt32(number)
      var flow = Flow(source: 0x0A00_0102, destination: 0x0A09_0001, sourcePort: 0xC000, destinationPort: 4791)
      switch what {
      case "source ports":
        flow = Flow(
          source: 0x0A00_0102, destination: 0x0A09_0001 + step >> 14, sourcePort: UInt16(0xC000 | step & 0x3FFF),
          destinationPort: 4791)
      case "queue pairs": flow.queuePair = UInt64(0x11 + step)
      case "source addresses": flow.addresses = UInt64(0x0A00_0000 + step) << 32 | 0x0A09_0001
      case "destination addresses": flow.addresses = 0x0A00_0102 << 32 | UInt64(0x0A09_0000 + step)
      default: flow.addresses = UInt64(0x0A00_0000 + step) << 32 | UInt64(0x0A09_0000 + step)
      }
      return flow
    }
    for members in [2, 8, 64] {
      for switchID in [1, 2] as [UInt32] {
        let weights: [UInt32] = Array(repeating: 1, count: members)
        let counts = spread(flows, over: weights, hasher: FlowHasher(seed: 0, switchID: switchID))
        // A counter may be spread more evenly than chance would, but not less.
        #expect(chiSquare(counts, weights: weights) < chiSquareCritical[members - 1, default: 0], "\(what): \(counts)")
      }
    }
  }

  /// The flows that a first tier sends to its first member, as a second tier with another hash divides them.
  private func secondTier(_ first: FlowHasher, _ second: FlowHasher) -> Double {
    let weights: [UInt32] = [1, 1, 1, 1]
    let table = ResilientBuckets(weights: weights)
    let chosen = Flow.mixed(4 * flowCount).filter { table.assignment[Int(hash($0, first)) & 3] == 0 }
    return chiSquare(spread(chosen, over: weights, hasher: second), weights: weights)
  }

  @Test func tiersDoNotPolarise() {
    let critical = chiSquareCritical[3, default: 0]
    for (lower, upper) in [(1, 2), (1, 3), (2, 1), (16, 32), (1, 0x8000_0001), (0, 1)] as [(UInt32, UInt32)] {
      let statistic = secondTier(FlowHasher(seed: 7, switchID: lower), FlowHasher(seed: 7, switchID: upper))
      #expect(statistic < critical, "switches \(lower) and \(upper): \(statistic)")
    }
    for (lower, upper) in [(0, 1), (1, 2), (7, 7 ^ (1 << 63))] as [(UInt64, UInt64)] {
      let statistic = secondTier(FlowHasher(seed: lower, switchID: 1), FlowHasher(seed: upper, switchID: 1))
      #expect(statistic < critical, "seeds \(lower) and \(upper): \(statistic)")
    }
  }

  @Test func theSameHashInBothTiersPolarises() {
    let hasher = FlowHasher(seed: 7, switchID: 1)
    #expect(secondTier(hasher, hasher) > 1000 * chiSquareCritical[3, default: 0])
  }

  @Test func seedAndSwitchAreNotInterchangeable() {
    var hashers: [FlowHasher] = []
    for seed in 0..<20 as Range<UInt64> {
      for switchID in 0..<20 as Range<UInt32> { hashers.append(FlowHasher(seed: seed, switchID: switchID)) }
    }
    #expect(Set(hashers.map(\.initialState)).count == 400)
    #expect(Set(hashers.map(\.factor)).count == 400)
    #expect(hashers.allSatisfy { $0.factor & 1 == 1 })
  }

  /// Flipping any bit of any field flips each bit of the hash in half of the cases.
  @Test func avalanche() {
    let samples = Flow.mixed(2048)
    let hasher = FlowHasher(seed: 1, switchID: 1)
    let limit = 5.5 * Double(samples.count).squareRoot() / 2
    for bit in 0..<192 {
      var flips = Array(repeating: 0, count: 32)
      for sample in samples {
        var changed = sample
        switch bit / 64 {
        case 0: changed.addresses ^= 1 << (bit % 64)
        case 1: changed.ports ^= 1 << (bit % 64)
        default: changed.queuePair ^= 1 << (bit % 64)
        }
        let difference = hash(sample, hasher) ^ hash(changed, hasher)
        for output in 0..<32 where difference >> output & 1 == 1 { flips[output] += 1 }
      }
      for output in 0..<32 {
        #expect(abs(Double(flips[output] - samples.count / 2)) < limit, "field bit \(bit), hash bit \(output)")
      }
    }
  }

  @Test func orderMattersAndNothingIsErased() {
    let hasher = FlowHasher(seed: 3, switchID: 9)
    let start = hasher.initialState
    #expect(hasher.mix(hasher.mix(start, 1), 2) != hasher.mix(hasher.mix(start, 2), 1))
    // A field equal to the state multiplies zero; the state must survive it.
    #expect(hasher.mix(start, start) == start)
    #expect(hasher.mix(5, 5) != hasher.mix(6, 6))
  }

  /// Pinned, because a changed hash moves every flow of every user's recorded run.
  @Test func valuesStay() {
    let hasher = FlowHasher(seed: 7, switchID: 1)
    let flow = Flow(source: 0x0A00_0102, destination: 0x0A09_0001, sourcePort: 49152, destinationPort: 4791)
    #expect(hash(flow, hasher) == pinned)
  }
}

/// Computed by a second implementation, in Python.
private let pinned: UInt32 = 0x71DB_FE4D
