import Dataplane
import Testing

@testable import Conformance

/// What arrives after XOFF, to the frame.
@Suite struct HeadroomTests {
  @Test(arguments: [5, 300, 10_000] as [UInt64], [25, 100, 400] as [UInt64])
  func theLeastHeadroomSufficesAndAFrameLessDoesNot(metres: UInt64, gigabits: UInt64) throws {
    let leaf = LaboratoryLeaf.make(ports: 3, gigabits: gigabits, metres: metres, bytes: 100_000_000)
    let rank = try #require(PortRank.all(leaf).first)
    try expectPassed(HeadroomCases.minimum(leaf, rank, responds: false))
    try expectPassed(HeadroomCases.minimum(leaf, rank, responds: true))
  }

  @Test(arguments: [1500, 4200, 9216], [-4, 0, 5])
  func withEveryMTUAndThreshold(mtu: Int, exponent: Int) throws {
    var leaf = LaboratoryLeaf.make(ports: 3, metres: 40)
    for index in leaf.ports.indices { leaf.ports[index].mtu = mtu }
    leaf.buffer.lossless.threshold = .dynamic(log2Alpha: exponent)
    let rank = try #require(PortRank.all(leaf).first)
    try expectPassed(HeadroomCases.minimum(leaf, rank, responds: false))
    try expectPassed(HeadroomCases.minimum(leaf, rank, responds: true))
  }

  @Test(arguments: [5, 300] as [UInt64], [10, 25, 40, 50, 100, 200, 400, 800] as [UInt64])
  func computedHeadroomCoversTheWorstCase(metres: UInt64, gigabits: UInt64) throws {
    let leaf = LaboratoryLeaf.make(ports: 3, gigabits: gigabits, metres: metres)
    let rank = try #require(PortRank.all(leaf).first)
    try expectPassed(HeadroomCases.formula(leaf, rank))
    try expectPassed(HeadroomCases.worst(leaf, rank))
  }

  @Test(arguments: [0, 37, 100] as [UInt64], [64, 80, 208, 256, 1024] as [UInt64])
  func computedHeadroomFollowsTheFormula(percent: UInt64, cell: UInt64) throws {
    var leaf = LaboratoryLeaf.make(ports: 3, bytes: 60_000_000)
    leaf.buffer.cell = ByteCount(cell)
    leaf.buffer.headroomParameters.smallPacketPercent = percent
    leaf.buffer.headroomParameters.losslessMTU = 4096
    leaf.buffer.headroomParameters.gearbox = ByteCount(1000)
    leaf.buffer.headroomParameters.macPhy = ByteCount(321)
    let rank = try #require(PortRank.all(leaf).first)
    try expectPassed(HeadroomCases.formula(leaf, rank))
  }

  @Test func tooLittleHeadroomFails() throws {
    let leaf = LaboratoryLeaf.make(ports: 3, metres: 300)
    let rank = try #require(PortRank.all(leaf).first)
    try expectFailed(HeadroomCases.worst(leaf, rank)) { $0.buffer.headroom = ByteCount(30_000) }
    try expectFailed(HeadroomCases.minimum(leaf, rank, responds: false)) {
      for index in $0.ports.indices { $0.ports[index].cable = CableLength(millimetres: 600_000) }
    }
    try expectFailed(HeadroomCases.formula(leaf, rank)) { $0.buffer.headroomParameters.macPhy = ByteCount(2000) }
  }
}
