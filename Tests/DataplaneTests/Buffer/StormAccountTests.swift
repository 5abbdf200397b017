import TestSupport
import Testing

@testable import Dataplane

/// What a storm does to the buffer: what is flushed is refunded, and what comes in is dropped as long as any priority of
/// its group is in a storm.
@Suite struct StormAccountTests {
  /// Two ports; the priorities 3 and 4 have queues of their own and one priority group.
  private static func filled() throws -> HostlessSwitch {
    var configuration = TestConfiguration.router(ports: 2)
    configuration.qos.dscpToTrafficClass = (0..<64).map { TrafficClass($0 >> 3) }
    configuration.qos.trafficClassToPriorityGroup[4] = PriorityGroup(3)
    configuration.qos.pfcPriorityToPriorityGroup[4] = PriorityGroup(3)
    for index in 0..<2 {
      for queue in 3...4 { configuration.ports[index].queues[queue].isLossless = true }
    }
    var watchdog = WatchdogConfiguration()
    watchdog.detection = .microseconds(10)
    watchdog.restoration = .microseconds(20)
    configuration.watchdog = watchdog
    var device = try HostlessSwitch(configuration)
    device.receive(Frame.priorityPause([3: 65_535, 4: 65_535]), on: 1, wireLength: 60)
    for trafficClass in [3, 4] as [UInt8] {
      for _ in 0..<5 {
        device.receive(TestConfiguration.frame(toPort: 2, dscp: trafficClass * 8), on: 0, wireLength: 1000)
      }
    }
    return device
  }

  @Test("A flushed queue gives back what it had, its turn's credit included")
  func flush() throws {
    var device = try Self.filled()
    #expect(device.device.use(of: PriorityGroup(3), on: PortID(0)).sharedBytes == 10 * 1024)
    device.advance(by: 10_000_000)
    device.device.egress.queues.base[8 + 3].deficit = 77
    let hasSent1 = device.transmit(from: 1)
    #expect(!hasSent1)
    #expect(device.device.pauseStatistics(of: QueueID(3), on: PortID(1), at: Tick(device.now)).stormDrops == 5)
    #expect(device.device.audit() == nil)
    #expect(device.device.use(of: PriorityGroup(3), on: PortID(0)).sharedBytes == 0)
    #expect(device.device.egress.queues.base[8 + 3].deficit == 0)
  }

  @Test("A group with two priorities is dropped until the last of them is restored")
  func twoPriorities() throws {
    var device = try Self.filled()
    device.advance(by: 10_000_000)
    let hasSent2 = device.transmit(from: 1)
    #expect(!hasSent2)
    func dropped(_ device: inout HostlessSwitch) -> UInt64 {
      let before = device.device.totals.droppedPackets
      device.receive(TestConfiguration.frame(toPort: 1, dscp: 24), on: 1, wireLength: 100)
      return device.device.totals.droppedPackets - before
    }
    let dropped5 = dropped(&device)
    #expect(dropped5 == 1)
    // Priority 4 is stopped again, 3 is not; 20 us after the first XOFF only 3 is restored.
    device.advance(by: 5_000_000)
    device.receive(Frame.priorityPause([4: 65_535]), on: 1, wireLength: 60)
    device.advance(by: 6_000_000)
    let hasSent3 = device.transmit(from: 1)
    #expect(!hasSent3)
    #expect(device.device.pauseStatistics(of: QueueID(3), on: PortID(1), at: Tick(device.now)).isInStorm == false)
    #expect(device.device.pauseStatistics(of: QueueID(4), on: PortID(1), at: Tick(device.now)).isInStorm == true)
    let dropped6 = dropped(&device)
    #expect(dropped6 == 1)
    device.advance(by: 20_000_000)
    let hasSent4 = device.transmit(from: 1)
    #expect(!hasSent4)
    #expect(device.device.pauseStatistics(of: QueueID(4), on: PortID(1), at: Tick(device.now)).isInStorm == false)
    let dropped7 = dropped(&device)
    #expect(dropped7 == 0)
    #expect(device.device.audit() == nil)
  }
}
