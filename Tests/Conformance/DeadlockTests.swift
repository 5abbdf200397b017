import Dataplane
import Testing

@testable import Conformance

/// A port that is paused for ever holds its own groups, and all of them are empty when it is released.
@Suite struct DeadlockTests {
  @Test(arguments: [100, 400] as [UInt64], [-3, 1])
  func nothingElseIsHeldAndNothingStays(gigabits: UInt64, exponent: Int) throws {
    var leaf = LaboratoryLeaf.make(ports: 5, gigabits: gigabits)
    leaf.buffer.lossless.threshold = .dynamic(log2Alpha: exponent)
    for one in DeadlockCases.all(leaf) { try expectPassed(one) }
  }

  @Test func withReservesPoolsAndSharedHeadroom() throws {
    var leaf = LaboratoryLeaf.make(ports: 5)
    leaf.buffer.lossless.reserve = ByteCount(5000)
    leaf.buffer.lossy.reserve = ByteCount(2000)
    leaf.buffer.portReserve = ByteCount(3000)
    leaf.buffer.egress.reserve = ByteCount(1500)
    leaf.buffer.sharedHeadroom = ByteCount(800_000)
    leaf.buffer.pools = SharedPools(lossless: ByteCount(3_000_000), lossy: ByteCount(2_000_000))
    for one in DeadlockCases.all(leaf) { try expectPassed(one) }
    leaf.pause.mode = .link
    for one in DeadlockCases.all(leaf) { try expectPassed(one) }
  }

  @Test func aSwitchThatDoesNotObeyFails() throws {
    let leaf = LaboratoryLeaf.make(ports: 5)
    for one in DeadlockCases.all(leaf) {
      try expectFailed(one) { $0.pause.mode = .off }
      try expectFailed(one) { $0.buffer.headroom = ByteCount(256) }
    }
  }
}
