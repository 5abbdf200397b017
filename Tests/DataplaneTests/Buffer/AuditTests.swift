import TestSupport
import Testing

@testable import Dataplane

/// The audit itself: it is silent about a switch that works, and names each account that has been falsified.
@Suite struct AuditTests {
  /// Three packets in the queue of one port, in reserve, shared pool and headroom, and one lossy packet.
  private static func filled(_ model: BufferModel = .asic) throws -> HostlessSwitch {
    var configuration = TestConfiguration.router(ports: 2)
    configuration.qos.dscpToTrafficClass[26] = TrafficClass(3)
    for index in 0..<2 { configuration.ports[index].queues[3].isLossless = true }
    var buffer = BufferConfiguration()
    buffer.model = model
    buffer.cell = ByteCount(64)
    buffer.lossless.threshold = .fixed(ByteCount(64))
    buffer.lossless.reserve = ByteCount(64)
    buffer.portReserve = ByteCount(64)
    buffer.headroom = ByteCount(640)
    buffer.sharedHeadroom = ByteCount(1280)
    buffer.egress.reserve = ByteCount(64)
    buffer.size = ByteCount(model == .asic ? 64_000 : 400_000)
    buffer.hpcc.reserve = ByteCount(64)
    configuration.buffer = buffer
    var device = try HostlessSwitch(configuration)
    for _ in 0..<4 { device.receive(TestConfiguration.frame(toPort: 2, dscp: 26), on: 0, wireLength: 60) }
    device.receive(TestConfiguration.frame(toPort: 2), on: 0, wireLength: 200)
    return device
  }

  @Test("A switch that works has no difference, filled or drained")
  func silent() throws {
    for model in BufferModel.allCases {
      var device = try Self.filled(model)
      #expect(device.device.audit() == nil)
      #expect(device.device.totals.waitingPackets == 5)
      while device.transmit(from: 1) { #expect(device.device.audit() == nil) }
      #expect(device.device.totals.waitingPackets == 0)
      #expect(device.device.use(of: PriorityGroup(3), on: PortID(0)).headroomBytes == 0)
    }
  }

  @Test("Every account that is wrong is named")
  func accounts() throws {
    func expectNamed(
      _ text: String, _ falsify: (borrowing Switch) -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let filled = try Self.filled()
      falsify(filled.device)
      let difference = filled.device.audit()
      #expect(difference?.contains(text) == true, "\(difference ?? "nothing")", sourceLocation: sourceLocation)
    }
    try expectNamed("port 0, priority group 3: packets are charged 1 cells of its reserve of 1") {
      $0.buffer.groups.base[3].reserveUsed = 0
    }
    try expectNamed("port 0, priority group 3: packets are charged 2 cells beyond reserves") {
      $0.buffer.groups.base[3].sharedUsed += 1
    }
    try expectNamed("port 0, priority group 3: packets are charged 2 cells beyond reserves") {
      $0.buffer.groups.base[3].headroomUsed = 2
    }
    try expectNamed("but there is no XOFF") { $0.buffer.groups.base[3].isXOFF = false }
    try expectNamed("port 1, priority group 5: it is lossy, but XOFF") { $0.buffer.groups.base[13].isXOFF = true }
    try expectNamed("port 0: packets are charged 1 cells of its reserve of 1") {
      $0.buffer.portReserves.base[0].used = 0
    }
    try expectNamed("first shared pool: packets are charged 5") { $0.buffer.pools.base[0].used = 4 }
    try expectNamed("headroom pool: packets are charged 1") { $0.buffer.pools.base[2].used = 0 }
    try expectNamed("egress pool: packets are charged 3") { $0.buffer.pools.base[3].used = 9 }
    try expectNamed("port 1, queue 0: packets are charged 1 cells of its reserve and 3 of the egress pool") {
      $0.buffer.queues.base[8].sharedUsed = 4
    }
    try expectNamed("egress pool: 3 cells are in use, but its peaks are 2") { $0.buffer.pools.base[3].intervalPeak = 2 }
    try expectNamed("port 1, queue 3 holds 4 packets, and is not taken to be backlogged") {
      $0.egress.ports.base[1].backlogged &= ~8
    }
    try expectNamed("port 0: its groups want the priorities 8 stopped, and it stops 0") {
      $0.pauses.ports.base[0].xoff = 0
    }
    try expectNamed("port 0 has flow control to do") { $0.egress.ports.base[0].needsPauseWork = false }
  }

  @Test("So it is with the simulator's")
  func simulator() throws {
    let filled = try Self.filled(.hpcc)
    filled.device.buffer.simulator.groups.base[3].ingress += 7
    #expect(filled.device.audit()?.contains("port 0, priority group 3: 240 bytes wait") == true)
    filled.device.buffer.simulator.groups.base[3].ingress -= 7
    filled.device.buffer.simulator.sharedUsed.base[0].used += 1
    #expect(filled.device.audit()?.contains("groups have 176 bytes of the shared buffer") == true)
    filled.device.buffer.simulator.sharedUsed.base[0].used -= 1
    #expect(filled.device.audit() == nil)
  }

  @Test("After watermarks are forgotten, new ones are kept from the first packet on")
  func watermarks() throws {
    var device = try Self.filled()
    while device.transmit(from: 1) {}
    let group = PriorityGroup(3)
    let before = device.device.use(of: group, on: PortID(0))
    #expect([before.sharedBytes, before.peakSharedBytes, before.peakHeadroomBytes] == [0, 64, 64])
    #expect(device.device.bufferStatistics.shared.peakBytes == 320)
    device.device.resetWatermarks()
    #expect(device.device.bufferStatistics.shared.peakBytes == 0)
    for _ in 0..<3 { device.receive(TestConfiguration.frame(toPort: 2, dscp: 26), on: 0, wireLength: 60) }
    let after = device.device.use(of: group, on: PortID(0))
    #expect([after.sharedBytes, after.peakSharedBytes, after.peakHeadroomBytes] == [64, 64, 0])
    #expect(device.device.bufferStatistics.shared.peakBytes == 64)
    #expect(device.device.statistics(of: QueueID(3), on: PortID(1)).peakBytes == 180)
    #expect(device.device.audit() == nil)
    // An interval begins with what is in use.
    #expect(device.device.takeIntervalPeaks(of: group, on: PortID(0)).shared == 64)
    while device.transmit(from: 1) {}
    #expect(device.device.takeIntervalPeaks(of: group, on: PortID(0)).shared == 64)
    #expect(device.device.takeIntervalPeaks(of: group, on: PortID(0)).shared == 0)
    #expect(device.device.use(of: group, on: PortID(0)).peakSharedBytes == 64)
  }
}
