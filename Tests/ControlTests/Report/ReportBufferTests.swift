import Dataplane
import TestSupport
import Testing

@testable import Control

/// What a switch has counted, against numbers that follow from the configuration alone.
@Suite("Buffer and flow control in the report")
struct ReportBufferTests {
  /// Frames of one cell in a lossless group that may have 10 cells and 5 of headroom.
  private static func configuration() -> SwitchConfiguration {
    var configuration = TestConfiguration.router(ports: 3)
    configuration.qos = .roce
    configuration.qos.queues[3].ecn = nil
    for index in configuration.ports.indices { configuration.ports[index].queues = configuration.qos.queues }
    configuration.buffer = BufferConfiguration()
    configuration.buffer.size = ByteCount(6400)
    configuration.buffer.cell = ByteCount(64)
    configuration.buffer.headroom = ByteCount(320)
    configuration.buffer.lossless.threshold = .fixed(ByteCount(640))
    configuration.buffer.lossless.xonOffset = ByteCount(64)
    return configuration
  }

  @Test("a paused queue fills its group to the limit, then headroom, then drops; and all is given back")
  func groupAtItsLimit() throws {
    let configuration = Self.configuration()
    var device = try VirtualSwitch(configuration)
    // A quantum of 512 bits takes 5.12 ns at 100G: 512 ns, in which port 1 brings 20 frames.
    device.send(Frame.priorityPause([3: 100]), on: "p3", at: 0)
    for _ in 0..<20 {
      device.send(TestConfiguration.frame(toPort: 3, size: 64, dscp: 26), on: "p1", at: 20_000)
    }
    let sent = device.run()
    let end = Tick(device.now)
    #expect(sent.filter { $0.port == "p3" }.count == 15)

    let sizes = GroupSizes(configuration)
    let group = GroupReport(PriorityGroup(3), on: device.port("p1"), of: device.device, sizes)
    #expect(group.isLossless && group.sharedPeakBytes == 640 && group.headroomPeakBytes == 320)
    #expect(group.limitBytes == 640 && group.headroomSizeBytes == 320)
    #expect(group.sharedBytes == 0 && group.headroomBytes == 0 && !group.isXOFF)
    #expect(!GroupReport(PriorityGroup(0), on: device.port("p1"), of: device.device, sizes).isLossless)
    let buffer = BufferReport(device.device)
    #expect(buffer.model == "asic" && buffer.sizeBytes == 6400 && buffer.cellBytes == 64)
    // 100 cells, of which 5 are headroom of group 3 on each of three ports.
    #expect(buffer.shared == PoolReport(sizeBytes: 85 * 64, usedBytes: 0, peakBytes: 640))
    #expect(buffer.headroom == PoolReport())
    #expect(device.drops(.headroomFull, on: "p1") == 5)

    let stopped = PriorityReport(device.device.statistics(of: PFCPriority(3), on: device.port("p1"), at: end))
    #expect(stopped.pfcTxXoff == 1 && stopped.pfcTxXon == 1 && stopped.pfcRxXoff == 0 && stopped.pauses == 0)
    let paused = PriorityReport(device.device.statistics(of: PFCPriority(3), on: device.port("p3"), at: end))
    #expect(paused.pfcRxXoff == 1 && paused.pfcRxQuanta == 100 && paused.pauses == 1)
    #expect(paused.pausedPicoseconds == 512_000)
    #expect(MACControlReport(device.device.macControl(on: device.port("p1"))) == MACControlReport(txPauseFrames: 2))
    #expect(MACControlReport(device.device.macControl(on: device.port("p3"))) == MACControlReport(rxPauseFrames: 1))
  }

  @Test("the latency of packets behind a pause is split into pause and queueing, which add up to its mean")
  func split() throws {
    var device = try VirtualSwitch(Self.configuration())
    device.send(Frame.priorityPause([3: 100]), on: "p3", at: 0)
    for _ in 0..<8 {
      device.send(TestConfiguration.frame(toPort: 3, size: 64, dscp: 26), on: "p1", at: 20_000)
    }
    let sent = device.run().filter { $0.port == "p3" }
    let latency = device.device.latency(of: QueueID(3), on: device.port("p3"))
    let pause = device.device.pauseStatistics(of: QueueID(3), on: device.port("p3"), at: Tick(device.now))
    let summary = LatencyReport(latency)
    let split = LatencySplitReport(
      latency: summary, waitPicoseconds: pause.packetTicks, bytes: 8 * 64, bitsPerSecond: 100_000_000_000)
    // The pause begins when its frame of 88 slot bytes less the gap is in, at 84 x 0.08 ns less 12 of gap: 5.76 ns.
    let pauseEnd: UInt64 = 5760 + 512_000
    // Frame i is in 76 bytes after the start of its slot of 88, and leaves i slots after the end of the pause.
    let slot: UInt64 = 88 * 80
    let arrivals = (0..<8).map { 20_000 + UInt64($0) * slot + 76 * 80 }
    let departures = (0..<8).map { pauseEnd + UInt64($0) * slot }
    #expect(sent.map(\.start) == departures)
    let waits = arrivals.map { pauseEnd - $0 }
    #expect(pause.packetTicks == waits.reduce(0, +) && pause.longestPacketTicks == waits[0])
    let total = zip(departures, arrivals).reduce(0) { $0 + $1.0 - $1.1 }
    #expect(split.pause == LatencyReport.nanoseconds((waits.reduce(0, +) + 4) / 8))
    #expect(summary.mean == LatencyReport.nanoseconds((total + 4) / 8))
    #expect(abs(split.pause! + split.queueing! - summary.mean!) < 0.0005)
    #expect(split.serialisation == 7.04)
  }

  @Test(
    "serialisation is that of padded frames with preamble, check sequence and gap",
    arguments: [
      // Ten frames of 60 bytes: 84 x 8 bits at 10G.
      (10, 600, 10_000_000_000, 67.2), (10, 200, 10_000_000_000, 67.2), (2, 1500 + 64, 400_000_000_000, 16.12),
    ] as [(UInt64, UInt64, UInt64, Double)])
  func serialisation(packets: UInt64, bytes: UInt64, rate: UInt64, nanoseconds: Double) {
    let latency = LatencyReport(
      count: packets, minPicoseconds: 7, p50: 7, p90: 7, p99: 7, p999: 7, max: 7, meanPicoseconds: 7)
    let split = LatencySplitReport(latency: latency, waitPicoseconds: 0, bytes: bytes, bitsPerSecond: rate)
    #expect(split.serialisation == nanoseconds && split.pause == 0 && split.queueing == 0.007)
  }

  @Test("a queue without packets has no split")
  func nothingMeasured() {
    let split = LatencySplitReport(latency: LatencyReport(), waitPicoseconds: 0, bytes: 0, bitsPerSecond: 1)
    #expect(split == LatencySplitReport() && split.pause == nil)
  }
}
