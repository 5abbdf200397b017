import Dataplane
import Testing

@testable import Conformance

/// First XOFF, headroom, drop and XON, to the cell.
@Suite struct DynamicThresholdTests {
  static let exponents = Array(-8...7)

  private static func leaf(alpha exponent: Int) -> SwitchConfiguration {
    var leaf = LaboratoryLeaf.make()
    leaf.buffer.lossless.threshold = .dynamic(log2Alpha: exponent)
    return leaf
  }

  @Test(arguments: exponents, [1, 2, 8])
  func everyThresholdFillsAsComputed(exponent: Int, groups: Int) throws {
    try expectPassed(ThresholdCases.fill(Self.leaf(alpha: exponent), groups: groups))
  }

  @Test(arguments: exponents, [1, 8])
  func everyThresholdDrainsAsComputed(exponent: Int, groups: Int) throws {
    try expectPassed(ThresholdCases.release(Self.leaf(alpha: exponent), groups: groups))
  }

  /// Reserves, a small cell, XON with a floor.
  @Test(arguments: [(4608, 0, 80, 0, 4608), (0, 20_000, 256, 30_000, 0), (1000, 3000, 1024, 0, 100_000)])
  func reservesAndOffsetsMoveThem(reserve: Int, port: Int, cell: Int, xon: Int, offset: Int) throws {
    var leaf = Self.leaf(alpha: -2)
    leaf.buffer.cell = ByteCount(UInt64(cell))
    leaf.buffer.portReserve = ByteCount(UInt64(port))
    leaf.buffer.lossless.reserve = ByteCount(UInt64(reserve))
    leaf.buffer.lossless.xon = ByteCount(UInt64(xon))
    leaf.buffer.lossless.xonOffset = ByteCount(UInt64(offset))
    try expectPassed(ThresholdCases.fill(leaf, groups: 3))
    try expectPassed(ThresholdCases.release(leaf, groups: 3))
    try expectPassed(ThresholdCases.otherGroup(leaf))
    try expectPassed(ThresholdCases.fixedLimit(leaf))
    try expectPassed(ThresholdCases.lossy(leaf))
  }

  @Test(arguments: [-3, 0, 3])
  func otherUseMovesTheLimitOnlyInTheSamePool(exponent: Int) throws {
    var leaf = Self.leaf(alpha: exponent)
    try expectPassed(ThresholdCases.otherGroup(leaf))
    try expectPassed(ThresholdCases.otherPool(leaf))
    leaf.buffer.pools = SharedPools(lossless: ByteCount(2_000_000), lossy: ByteCount(1_500_000))
    try expectPassed(ThresholdCases.otherPool(leaf))
    try expectPassed(ThresholdCases.fill(leaf, groups: 4))
    try expectPassed(ThresholdCases.lossy(leaf))
  }

  @Test(arguments: exponents)
  func headroomOfOneOrForAll(exponent: Int) throws {
    try expectPassed(ThresholdCases.sharedHeadroom(Self.leaf(alpha: exponent)))
    try expectPassed(ThresholdCases.ownHeadroom(Self.leaf(alpha: exponent)))
  }

  /// The model that cases compare with, against the closed form of one group: u = S a / (1 + a).
  @Test(arguments: exponents)
  func modelAgreesWithTheClosedForm(exponent: Int) throws {
    for reserve in [0, 5000] {
      var leaf = Self.leaf(alpha: exponent)
      leaf.buffer.lossless.reserve = ByteCount(UInt64(reserve))
      let bench = try Bench.lossless(leaf, senders: 1)
      let theory = BufferTheory(bench.configuration)
      for length in [256, 1024, 9230] {
        let story = try Filling.untilDrops(bench, length: length, starts: [0], fixed: [nil]).trace.stories[0]
        let alpha = exponent >= 0 ? Double(1 << exponent) : 1 / Double(1 << -exponent)
        let limit = Double(theory.poolSize[0]) * alpha / (1 + alpha)
        let cells = Double(theory.cells(length))
        let kept = Double((reserve + theory.cell - 1) / theory.cell)
        #expect(story.xoff == Int((limit + kept) / cells) + 1, "\(length) B")
        #expect(story.drop == story.headroom + theory.groups[bench.account(bench.ingress[0])].headroom / Int(cells))
      }
    }
  }

  @Test func aSwitchWithAnotherThresholdFails() throws {
    let leaf = Self.leaf(alpha: -3)
    try expectFailed(ThresholdCases.fill(leaf, groups: 1)) { $0.buffer.lossless.threshold = .dynamic(log2Alpha: -2) }
    try expectFailed(ThresholdCases.fill(leaf, groups: 4)) { $0.buffer.lossless.threshold = .dynamic(log2Alpha: -4) }
    try expectFailed(ThresholdCases.fill(leaf, groups: 1)) { $0.buffer.size = ByteCount(8_020_000) }
    try expectFailed(ThresholdCases.fill(leaf, groups: 1)) { $0.buffer.cell = ByteCount(208) }
    try expectFailed(ThresholdCases.release(leaf, groups: 2)) { $0.buffer.lossless.xonOffset = ByteCount(40_000) }
    try expectFailed(ThresholdCases.fixedLimit(leaf)) { $0.buffer.lossless.threshold = .dynamic(log2Alpha: 0) }
    try expectFailed(ThresholdCases.lossy(leaf)) { $0.buffer.lossy.threshold = .dynamic(log2Alpha: -1) }
    try expectFailed(ThresholdCases.sharedHeadroom(leaf)) { $0.buffer.sharedHeadroom = nil }
    try expectFailed(ThresholdCases.otherPool(leaf)) {
      $0.buffer.pools = SharedPools(lossless: ByteCount(2_000_000), lossy: ByteCount(1_500_000))
    }
  }
}
