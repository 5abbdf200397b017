import Dataplane
import Testing

/// Computed headroom against numbers worked out by hand from the formula, and against published ones.
@Suite struct HeadroomTests {
  private func port(_ gigabits: UInt64, _ metres: UInt64, mtu: Int = 9216) -> PortConfiguration {
    var port = PortConfiguration(name: "p", speed: .gigabits(gigabits))
    port.cable = CableLength(millimetres: metres * 1000)
    port.mtu = mtu
    return port
  }

  private func buffer(cell: UInt64, _ parameters: HeadroomParameters = HeadroomParameters()) -> BufferConfiguration {
    var buffer = BufferConfiguration()
    buffer.cell = ByteCount(cell)
    buffer.headroomParameters = parameters
    return buffer
  }

  /// 2 x length x rate / (198e6 x 8): 631.3, 5050.5 and 37878.8 bytes at 100G, as in SONiC's tables.
  @Test(
    arguments: [
      (100, 5, 632), (100, 40, 5051), (100, 300, 37_879), (10, 5, 64), (25, 5, 158), (400, 40, 20_203),
      (800, 300, 303_031), (100, 0, 0), (100, 198, 25_000),
    ] as [(UInt64, UInt64, UInt64)]) func cableThereAndBack(gigabits: UInt64, metres: UInt64, bytes: UInt64)
  {
    #expect(HeadroomParts(for: port(gigabits, metres), buffer(cell: 256)).cable == bytes)
  }

  /// IEEE 802.3 31B.3.7 in quanta of 64 bytes.
  @Test(
    arguments: [
      (10, 67), (25, 80), (40, 118), (50, 147), (100, 394), (200, 453), (400, 905),
    ] as [(UInt64, UInt64)]) func responseIsTheStandards(gigabits: UInt64, quanta: UInt64)
  {
    #expect(HeadroomParts(for: port(gigabits, 5), buffer(cell: 256)).response == quanta * 64)
  }

  /// lossless MTU + occupancy x (MTU + cable + response), in whole KiB. Occupancy is cell / 64 rounded up above 128, and
  /// 2 cell / (1 + cell) up to 128.
  @Test(arguments: [
    // 100G, 5 m: 9216 + 632 + 25216 = 35064.
    Case(100, 5, cell: 64, bytes: 78_848),  // 9216 + 35064 x 128/65 = 78265.1
    Case(100, 5, cell: 128, bytes: 78_848),  // 9216 + 35064 x 256/129 = 78800.4
    Case(100, 5, cell: 144, bytes: 114_688),  // 9216 + 35064 x 3 = 114408
    Case(100, 5, cell: 208, bytes: 149_504),  // 9216 + 35064 x 4 = 149472
    Case(100, 5, cell: 256, bytes: 149_504),
    Case(100, 5, cell: 1024, bytes: 570_368),  // 9216 + 35064 x 16 = 570240
    Case(100, 5, cell: 4096, bytes: 2_253_824),  // 9216 + 35064 x 64 = 2253312
    // 100G, 300 m: 9216 + 37879 + 25216 = 72311; x 4 + 9216 = 298460.
    Case(100, 300, cell: 256, bytes: 299_008),
    // 10G, 5 m: 9216 + 64 + 4288 = 13568; x 4 + 9216 = 63488, 62 KiB exactly.
    Case(10, 5, cell: 256, bytes: 63_488),
    // 25G, 5 m, MTU 1500: 1500 + 158 + 5120 = 6778; x 4 + 1500 = 28612.
    Case(25, 5, mtu: 1500, cell: 256, bytes: 28_672),
    // 400G, 40 m: 9216 + 20203 + 57920 = 87339; x 4 + 9216 = 358572.
    Case(400, 40, cell: 256, bytes: 359_424),
    // 800G, 40 m, 905 x 2 quanta: 9216 + 40405 + 115840 = 165461; x 4 + 9216 = 671060.
    Case(800, 40, cell: 256, bytes: 671_744),
  ]) func totalIsTheFormula(_ testCase: Case) {
    let total = Headroom.bytes(
      for: port(testCase.gigabits, testCase.metres, mtu: testCase.mtu), buffer(cell: testCase.cell))
    #expect(total == ByteCount(testCase.bytes))
  }

  struct Case: Sendable {
    let gigabits: UInt64, metres: UInt64, mtu: Int, cell: UInt64, bytes: UInt64

    init(_ gigabits: UInt64, _ metres: UInt64, mtu: Int = 9216, cell: UInt64, bytes: UInt64) {
      (self.gigabits, self.metres, self.mtu, self.cell, self.bytes) = (gigabits, metres, mtu, cell, bytes)
    }
  }

  /// Half of the packets small and the others 1024 B: small ones are 100 x 64 / 544 = 11.764 % as the formula has it, and
  /// occupancy (88.236 + 11.764 x 4) / 100 = 1.35292.
  @Test func smallPacketsCountByTheirShare() {
    var parameters = HeadroomParameters()
    parameters.smallPacketPercent = 50
    parameters.losslessMTU = 1024
    // 1024 + 35064 x 1.35292 = 48462.8.
    #expect(Headroom.bytes(for: port(100, 5), buffer(cell: 256, parameters)) == ByteCount(49_152))
  }

  @Test func delaysAndResponseAreConfigurable() {
    var parameters = HeadroomParameters()
    parameters.responseQuanta = 10
    parameters.gearbox = ByteCount(300)
    parameters.macPhy = ByteCount(1000)
    // 9216 + 4 x (9216 + 632 + 2 x 300 + 1000 + 640) = 57568.
    #expect(Headroom.bytes(for: port(100, 5), buffer(cell: 256, parameters)) == ByteCount(58_368))
  }

  /// The sum of 802.3 with 5 ns/m and frames of 4200 B of 9216 B at most (fabric-model): 39131 B at 100G and 3 m, 43756 B
  /// at 40 m, 76256 B at 300 m; 72960, 91460 and 221460 B at 400G. Without cells, and small packets or not, the formula
  /// leaves out pause frame and overheads, which are 128 B, and its light is 1 % slower.
  @Test(
    arguments: [
      (100, 3, 39_131), (100, 40, 43_756), (100, 300, 76_256), (400, 3, 72_960), (400, 40, 91_460), (400, 300, 221_460),
    ] as [(UInt64, UInt64, UInt64)]) func nearTheSumOfTheStandard(gigabits: UInt64, metres: UInt64, published: UInt64)
  {
    var parameters = HeadroomParameters()
    parameters.losslessMTU = 4200
    let parts = HeadroomParts(for: port(gigabits, metres), buffer(cell: 64, parameters))
    let sum = parts.losslessMTU + parts.portMTU + parts.cable + parts.response
    let cable = gigabits * 1_000_000_000 / 8 * 2 * metres * 5 / 1_000_000_000
    // Two frames of 20 B overhead, and 84 B of pause frame.
    #expect(sum - parts.cable + 124 == published - cable)
    #expect(parts.cable >= cable && parts.cable * 99 <= cable * 100 + 99)
  }

  @Test func lightNeedsFiveNanosecondsAMetre() {
    #expect(CableLength(millimetres: 198_000).delay == .microseconds(1))
    #expect(CableLength(millimetres: 5000).delay == Picoseconds(25_253))
    #expect(CableLength(millimetres: 0).delay == .zero)
    #expect(CableLength(millimetres: 100_000_000).delay == Picoseconds(505_050_506))
  }

  // MARK: Bounds

  private func bounds(_ port: PortConfiguration, cell: UInt64, response: UInt64? = nil) -> HeadroomBounds {
    var configuration = SwitchConfiguration()
    configuration.ports = [port]
    configuration.buffer.cell = ByteCount(cell)
    configuration.buffer.headroomParameters.responseQuanta = response
    return HeadroomBounds(for: port, configuration)
  }

  /// C/8 x (2d + t_pfc) + L: 25000 B for 1 us of cable there and back, 84 B of pause frame, 1034 B of frame.
  @Test func leastIsTheWayAndOneFrame() {
    #expect(bounds(port(100, 198, mtu: 1020), cell: 256).least == 26_118)
    #expect(bounds(port(400, 198, mtu: 1020), cell: 64).least == 101_118)
  }

  /// Brute force over all frame sizes: the frame with most bytes of cells for the time it takes to come.
  @Test(arguments: [16, 24, 25, 26, 60, 63, 64, 65, 80, 128, 144, 208, 256, 512, 1024, 4096, 9300, 65_536] as [UInt64])
  func worstCaseIsTheWorstFrame(cell: UInt64) {
    for mtu in [68, 1500, 9216] {
      let port = port(100, 198, mtu: mtu)
      let largest = UInt64(mtu) + 26
      func cells(_ bytes: UInt64) -> UInt64 { (bytes + cell - 1) / cell * cell }
      // Largest frame with tags and overhead in front, pause frame, 1 us there and back, ten quanta.
      let wire = Double(UInt64(mtu) + 46 + 84 + 25_000 + 640)
      let ratio = (60...largest).map { Double(cells($0)) / Double(max(60, $0 - 4) + 24) }.max() ?? 0
      let worst = bounds(port, cell: cell, response: 10).worst
      #expect(worst == 2 * cells(largest) + UInt64((wire * ratio - 1e-6).rounded(.up)), "\(cell), \(mtu)")
    }
  }

  @Test func boundsAreInOrder() {
    for cell: UInt64 in [16, 64, 256, 4096] {
      for metres: UInt64 in [0, 5, 300, 40_000] {
        let port = port(100, metres)
        let bounds = bounds(port, cell: cell)
        #expect(bounds.least < bounds.worst)
        // A frame more for the one that begins before the neighbour hears of it.
        #expect(bounds.least + 9230 < bounds.worst)
      }
    }
  }
}
