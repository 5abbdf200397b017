import Dataplane
import Testing

@testable import Conformance

/// N senders to one receiver, obeying pauses.
@Suite struct IncastTests {
  private static func run(
    _ leaf: SwitchConfiguration, _ senders: Int
  ) throws -> ConformanceCase {
    let rank = try #require(PortRank.all(leaf).first)
    return IncastCases.senders(leaf, rank, senders)
  }

  @Test(arguments: [2, 8, 32], [100, 400] as [UInt64])
  func nothingIsLostAndTheLinkIsFull(senders: Int, gigabits: UInt64) throws {
    let leaf = LaboratoryLeaf.make(ports: senders + 1, gigabits: gigabits, bytes: 20_000_000)
    try expectPassed(Self.run(leaf, senders))
  }

  @Test(arguments: [-6, -1, 2], [40, 300] as [UInt64])
  func withOtherThresholdsAndCables(exponent: Int, metres: UInt64) throws {
    var leaf = LaboratoryLeaf.make(ports: 5, metres: metres)
    leaf.buffer.lossless.threshold = .dynamic(log2Alpha: exponent)
    leaf.buffer.lossless.xonOffset = ByteCount(100_000)
    try expectPassed(Self.run(leaf, 4))
  }

  /// Deepest queue and pause cycle, to 0.5 %: the tolerance in bytes and picoseconds is no more than that.
  @Test(arguments: [2, 8, 32], [100, 400] as [UInt64])
  func closedFormsHoldToHalfAPercent(senders: Int, gigabits: UInt64) throws {
    let leaf = LaboratoryLeaf.make(ports: senders + 1, gigabits: gigabits, bytes: 80_000_000)
    let rank = try #require(PortRank.all(leaf).first)
    let one = IncastCases.cycle(leaf, rank, senders)
    try expectPassed(one)
    for check in try one.run().checks where check.expected > 0 {
      #expect(check.tolerance <= 0.0051 * check.expected, "\(check.quantity)")
    }
    try expectFailed(one) { $0.buffer.lossless.xonOffset = ByteCount(100_000) }
    let first = try #require(
      Self.run(leaf, senders).run().checks.first { $0.quantity == "first XOFF at its sender" })
    #expect(abs(first.measured - first.expected) < 0.005 * first.expected)
  }

  @Test(arguments: [100, 400] as [UInt64])
  func aLoneSenderHasItsHalf(gigabits: UInt64) throws {
    let leaf = LaboratoryLeaf.make(ports: 3, gigabits: gigabits)
    let rank = try #require(PortRank.all(leaf).first)
    try expectPassed(IncastCases.parkingLot(leaf, rank))
  }

  @Test func aSwitchThatIsNotTheOneExpectedFails() throws {
    let leaf = LaboratoryLeaf.make(ports: 5)
    let one = try Self.run(leaf, 4)
    try expectPassed(one)
    try expectFailed(one) { $0.buffer.lossless.threshold = .dynamic(log2Alpha: -2) }
    try expectFailed(one) { $0.buffer.lossless.xonOffset = ByteCount(20_000) }
    try expectFailed(one) { $0.pause.mode = .off }
    try expectFailed(one) { $0.buffer.headroom = ByteCount(512) }
    try expectFailed(one) { for index in $0.ports.indices { $0.ports[index].cable = CableLength(millimetres: 6000) } }
    try expectFailed(one) { for index in $0.ports.indices { $0.ports[index].speed = .gigabits(99) } }
  }
}
