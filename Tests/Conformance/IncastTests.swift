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

  /// With an offset that is large against a frame, the closed forms hold to 0.5 %.
  @Test(arguments: [2, 8], [100, 400] as [UInt64])
  func closedFormsHoldToHalfAPercent(senders: Int, gigabits: UInt64) throws {
    var leaf = LaboratoryLeaf.make(ports: senders + 1, gigabits: gigabits, bytes: 32_000_000)
    leaf.buffer.lossless.xonOffset = ByteCount(2_000_000)
    let result = try Self.run(leaf, senders).run()
    for name in ["first XOFF at its sender", "most in the queue", "mean time from XOFF to XOFF"] {
      let check = try #require(result.checks.first { $0.quantity == name }, "\(name)")
      let error = abs(check.measured - check.expected) / check.expected
      #expect(error < 0.005, "\(name): expected \(check.expected), measured \(check.measured)")
    }
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
