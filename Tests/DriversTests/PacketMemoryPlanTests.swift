import Dataplane
import TestSupport
import Testing

@testable import Drivers

@Suite("How much packet memory a replay has")
struct PacketMemoryPlanTests {
  @Test("as many packets of each size as the buffer has cells for them")
  func limits() {
    var configuration = SwitchConfiguration()
    configuration.buffer.size = ByteCount(32_000_000)
    configuration.buffer.cell = ByteCount(256)
    let plan = PacketMemoryPlan(configuration)
    // A cell each; two for 257 bytes; nine for 2049.
    #expect(plan.limits == [125_000 + 1024, 62_500 + 1024, 13_888 + 1024])
    #expect(plan.notice == nil)
    configuration.buffer.size = ByteCount(1_000_000_000)
    let large = PacketMemoryPlan(configuration)
    #expect(large.notice?.contains("--packet-memory \((large.neededBytes + (1 << 20) - 1) >> 20)MiB") == true)
    #expect(PacketMemoryPlan(configuration, budget: ByteCount(large.neededBytes)).notice == nil)
  }

  @Test("pools grow to their limits and no further, and what is given back is there again")
  func growth() throws {
    let memory = try PacketMemory(counts: (64, 64, 64), limits: (1000, 100, 64))
    let whole = memory.available - PacketMemory.pauseCount
    #expect(whole == 192)
    var packets: [Packet] = []
    while let packet = memory.allocateGrowing(capacity: 100) { packets.append(packet) }
    // Small ones to their limit, then larger ones, which do not grow for small packets.
    #expect(packets.count == 1000 + 64 + 64)
    for packet in packets { PacketMemory.free(packet) }
    packets = []
    while let packet = memory.allocateGrowing(capacity: 2000) { packets.append(packet) }
    #expect(packets.count == 100 + 64)
    for packet in packets { PacketMemory.free(packet) }
    #expect(memory.available - PacketMemory.pauseCount == 1000 + 100 + 64)
    #expect(memory.allocateGrowing(capacity: 9601) == nil)
  }

  @Test("the budget bounds growth")
  func budget() throws {
    let bytes = PacketMemory.packetBytes
    let budget = 1024 * (bytes.0 + bytes.1 + bytes.2) + 500 * bytes.0
    let memory = try PacketMemory(
      counts: (1024, 1024, 1024), limits: (100_000, 100_000, 100_000), budget: ByteCount(UInt64(budget)))
    var packets: [Packet] = []
    while let packet = memory.allocateGrowing(capacity: 100) { packets.append(packet) }
    #expect(packets.count == 3 * 1024 + 500)
    for packet in packets { PacketMemory.free(packet) }
  }

  @Test("a queue as deep as the buffer: nothing is dropped for want of memory, in either size")
  func deep() throws {
    for length in [200, 1500] {
      var fixture = try ReplayFixture(speeds: [.gigabits(100), BitRate(bitsPerSecond: 100_000)])
      fixture.configuration.buffer.egress.threshold = .fixed(ByteCount(0))
      fixture.configuration.buffer.lossy.threshold = .fixed(ByteCount(0))
      fixture.configuration.buffer.size = ByteCount(16_000_000)
      // One has left, and 62 500 cells of 256 bytes hold the rest.
      let held = 62_500 / ((length + 255) / 256)
      let frames = datagrams(at: Array(repeating: 0, count: held + 11), length: length)
      let outcome = try fixture.run([try fixture.input(1, frames)])
      let drops = try outcome.log().filter { $0.outcome.hasPrefix("drop:") }
      #expect(drops.count == 10 && drops.allSatisfy { $0.outcome == "drop:ingress-buffer" }, "\(drops.first as Any)")
    }
  }
}
