import Dataplane
import Testing

/// How a configuration divides the buffer, in numbers worked out by hand.
@Suite struct BufferLayoutTests {
  /// Two ports at 100G with 5 m of cable, lossless priority group 3: 149504 B of headroom each, 584 cells of 256 B.
  private func configuration() -> SwitchConfiguration {
    var configuration = SwitchConfiguration()
    configuration.qos = .roce
    for name in ["a", "b"] {
      var port = PortConfiguration(name: name, speed: .gigabits(100))
      port.queues = configuration.qos.queues
      configuration.ports.append(port)
    }
    return configuration
  }

  @Test func onePoolIsWhatHeadroomLeaves() {
    let layout = BufferLayout(configuration())
    #expect(layout.totalCells == 125_000)
    #expect(layout.headroomCells == 2 * 584)
    #expect(layout.reservedCells == 0)
    #expect(layout.poolCells == [123_832])
    #expect(layout.egressPoolCells == 123_832)
    #expect(layout.excessCells == 0)
    #expect(layout.groups[0].map(\.isLossless) == (0..<8).map { $0 == 3 })
    #expect(layout.groups[1].map(\.headroomCells) == [0, 0, 0, 584, 0, 0, 0, 0])
    #expect(layout.groups[0][3].threshold == .dynamic(log2Alpha: -3))
    #expect(layout.groups[0][0].threshold == .dynamic(log2Alpha: 0))
    // 4608 B are 18 cells.
    #expect(layout.groups[0][3].xonOffsetCells == 18)
    // The accounts of the switch's own packets.
    #expect(layout.groups.count == 3)
    #expect(layout.groups[2].allSatisfy { !$0.isLossless && $0.headroomCells == 0 && $0.reserveCells == 0 })
  }

  @Test func reservesAreOfUsedGroupsInWholeCells() {
    var configuration = configuration()
    configuration.buffer.lossless.reserve = ByteCount(1000)  // 4 cells
    configuration.buffer.lossy.reserve = ByteCount(256)  // 1 cell
    configuration.buffer.portReserve = ByteCount(257)  // 2 cells
    // Class 7 shares group 6: seven groups are in use, one of them lossless.
    configuration.qos.trafficClassToPriorityGroup[7] = PriorityGroup(6)
    let layout = BufferLayout(configuration)
    #expect(layout.reservedCells == 2 * (4 + 6 + 2))
    #expect(layout.poolCells == [125_000 - 24 - 1168])
  }

  @Test func sharedHeadroomIsOnePool() {
    var configuration = configuration()
    configuration.buffer.sharedHeadroom = ByteCount(200_000)  // 782 cells
    let layout = BufferLayout(configuration)
    #expect(layout.sharedHeadroomCells == 782)
    #expect(layout.headroomCells == 782)
    // Each group's cap stays.
    #expect(layout.groups[0][3].headroomCells == 584)
    #expect(layout.poolCells == [124_218])
  }

  @Test func poolsMustFit() {
    var configuration = configuration()
    configuration.buffer.pools = SharedPools(lossless: ByteCount(20_000_000), lossy: ByteCount(11_700_992))
    var layout = BufferLayout(configuration)
    // 78125 and 45707 cells; with 1168 of headroom all 125000.
    #expect(layout.poolCells == [78_125, 45_707])
    #expect(layout.egressPoolCells == 45_707)
    #expect(layout.groups[0].map(\.pool) == [1, 1, 1, 0, 1, 1, 1, 1])
    #expect(layout.excessCells == 0)
    configuration.buffer.pools?.lossy = ByteCount(11_700_992 + 256)
    layout = BufferLayout(configuration)
    #expect(layout.excessCells == 1)
  }

  @Test func headroomMustFit() {
    var configuration = configuration()
    configuration.buffer.size = ByteCount(1168 * 256)
    #expect(BufferLayout(configuration).excessCells == 0)
    #expect(BufferLayout(configuration).poolCells == [0])
    configuration.buffer.size = ByteCount(1168 * 256 - 1)
    #expect(BufferLayout(configuration).excessCells == 1)
    configuration.buffer.headroom = ByteCount(148_993)  // 583 cells
    #expect(BufferLayout(configuration).excessCells == 0)
  }

  /// 2^n S / (1 + N 2^n): where N accounts stand that each have 2^n times what they leave.
  @Test func limitsAreFixedPoints() {
    for exponent in -8...7 {
      for accounts: UInt64 in [1, 2, 7, 64] {
        for pool: UInt64 in [0, 1, 999, 123_832] {
          let limit = BufferThreshold.dynamic(log2Alpha: exponent).cells(ofPool: pool, sharedBy: accounts, cell: 256)
          func allows(_ cells: UInt64) -> Bool {
            guard cells * accounts <= pool else { return false }
            let free = pool - cells * accounts
            return exponent < 0 ? cells << UInt64(-exponent) <= free : cells <= free << UInt64(exponent)
          }
          #expect(allows(limit) && !allows(limit + 1), "\(exponent), \(accounts), \(pool)")
        }
      }
    }
    #expect(BufferThreshold.fixed(ByteCount(1000)).cells(ofPool: 100, cell: 256) == 3)
    #expect(BufferThreshold.fixed(ByteCount(1000)).cells(ofPool: 100, sharedBy: 50, cell: 256) == 2)
    #expect(BufferThreshold.fixed(ByteCount(0)).cells(ofPool: 100, sharedBy: 3, cell: 256) == 33)
  }

  /// 37500 B of headroom at 100G and 1 us, as the simulator has it; alpha 1/8, and twice that for each doubling.
  @Test func simulatorIsAsPublished() {
    var configuration = configuration()
    configuration.buffer.model = .hpcc
    configuration.buffer.size = ByteCount(32 << 20)
    for index in 0..<2 { configuration.ports[index].cable = CableLength(millimetres: 198_000) }
    configuration.ports[1].speed = .gigabits(400)
    var layout = HPCCLayout(configuration)
    #expect(layout.headroom == [37_500, 150_000])
    #expect(layout.shift == [3, 1])
    #expect(layout.shared == 32 << 20 - 187_500 - 2 * 4096)
    #expect(layout.excess == 0)
    configuration.buffer.hpcc.nicRate = .gigabits(50)
    configuration.buffer.hpcc.headroomFactor = 1
    layout = HPCCLayout(configuration)
    #expect(layout.shift == [2, 0])
    #expect(layout.headroom == [12_500, 50_000])
    configuration.buffer.size = ByteCount(65_536)
    #expect(HPCCLayout(configuration).excess == 62_500 + 8192 - 65_536)
  }
}
