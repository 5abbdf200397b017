import Dataplane
import TestSupport
import Testing

/// The pause watchdog: what is a storm, when it is found, what happens then, and when it is over. Every tick is exact.
///
/// Packets come in on p1 and leave from p2, whose neighbour sends the pause frames. Detection and restoration take 1 ms
/// unless a test says otherwise; XOFF comes every 100 us, and holds for 335 us.
@Suite("Pause watchdog")
struct WatchdogTests {
  private static let window: UInt64 = 1_000_000_000
  /// When the first XOFF is in, sent at 0.
  private static let xoff = WireTime.arrival(60, 100)

  private static func makeSwitch(
    _ action: WatchdogAction, counts: (Int, Int, Int) = (8192, 2048, 64),
    _ change: (inout SwitchConfiguration) -> Void = { _ in }
  ) throws -> VirtualSwitch {
    var configuration = TestConfiguration.classes(ports: 3, lossless: [3, 4])
    var watchdog = WatchdogConfiguration()
    watchdog.detection = .milliseconds(1)
    watchdog.restoration = .milliseconds(1)
    watchdog.action = action
    configuration.watchdog = watchdog
    change(&configuration)
    var device = try VirtualSwitch(configuration, counts: counts)
    device.device.recordsPauseEvents = true
    return device
  }

  private static func packet(_ trafficClass: Int, to port: Int = 2) -> [UInt8] {
    TestConfiguration.frame(toPort: port, dscp: UInt8(trafficClass))
  }

  /// XOFF for priority 3 on p2, `count` times from `tick` on.
  private static func storm(_ device: inout VirtualSwitch, count: Int, from tick: UInt64 = 0) {
    for index in 0..<count {
      device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: tick + UInt64(index) * 100_000_000)
    }
  }

  private static func queue(_ number: Int, _ device: borrowing VirtualSwitch) -> Switch.QueuePauseStatistics {
    device.device.pauseStatistics(of: QueueID(number), on: device.port("p2"), at: Tick(device.now))
  }

  @Test("Found when the window is over, and not a tick before", arguments: WatchdogAction.allCases)
  func detection(action: WatchdogAction) throws {
    var device = try Self.makeSwitch(action)
    Self.storm(&device, count: 30)
    device.send(Self.packet(3), on: "p1", at: 0)
    let found = Self.xoff + Self.window
    #expect(device.run(until: found - 1).isEmpty)
    #expect(Self.queue(3, device).storms == 0 && !Self.queue(3, device).isInStorm)
    let departures = device.run(until: found)
    #expect(Self.queue(3, device).storms == 1 && Self.queue(3, device).isInStorm)
    #expect(device.events(.storm).map(\.tick.rawValue) == [found])
    #expect(device.events(.storm).map(\.priorities) == [8])
    switch action {
    case .drop: #expect(departures.isEmpty && device.drops(.pauseStorm, on: "p2") == 1)
    case .forward: #expect(departures.map(\.start) == [found])
    case .alert: #expect(departures.isEmpty && device.device.totals.waitingPackets == 1)
    }
  }

  @Test("A queue without packets is in no storm; the window begins when one comes")
  func emptyQueue() throws {
    var device = try Self.makeSwitch(.forward)
    Self.storm(&device, count: 60)
    #expect(device.run(until: 3_000_000_000).isEmpty)
    #expect(Self.queue(3, device).storms == 0)
    device.send(Self.packet(3), on: "p1", at: 3_000_000_000)
    let found = 3_000_000_000 + Self.xoff + Self.window
    #expect(device.run(until: found).map(\.start) == [found])
  }

  @Test("A queue that sends now and then is in no storm")
  func sendsNowAndThen() throws {
    var device = try Self.makeSwitch(.drop)
    // 335.5 us of every 340 are paused: 98.7 %.
    for index in 0..<20 {
      device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: UInt64(index) * 340_000_000)
    }
    for _ in 0..<3000 { device.send(Self.packet(3), on: "p1", at: 0) }
    #expect(device.run().count == 3000)
    // The last XOFF is the last that happens: its pause is still to come.
    #expect(Self.queue(3, device).storms == 0 && Self.queue(3, device).pausedTicks == 19 * 65_535 * 5120)
  }

  @Test("XON frames are no storm, however many, even if the queue cannot send for another reason")
  func releasesAreNoStorm() throws {
    var device = try Self.makeSwitch(.drop) { $0.ports[1].queues[7].schedule = .strict }
    for index in 0..<500 { device.send(Frame.priorityPause([3: 0]), on: "p2", at: UInt64(index) * 10_000_000) }
    // The strict queue leaves nothing to queue 3 for 5 ms: 744 000 frames would be too many, but long ones do.
    for _ in 0..<7000 {
      for port in ["p1", "p3"] {
        device.send(Self.packet(7), on: port, at: 0, wireLength: 9000)
      }
    }
    device.send(Self.packet(3), on: "p1", at: 0)
    _ = device.run(until: 5_000_000_000)
    #expect(Self.queue(3, device).storms == 0)
  }

  /// A strict queue keeps the wire busy, so that queue 3 cannot use a break. In a window of 1 ms breaks of 10 us in all
  /// do not count; with one tick more the window begins anew after the break.
  @Test("A break of 1 % of the window is no end of a storm, a longer one is", arguments: [0, 1] as [UInt64])
  func breaks(excess: UInt64) throws {
    var device = try Self.makeSwitch(.alert) { $0.ports[1].queues[7].schedule = .strict }
    for _ in 0..<2000 {
      for port in ["p1", "p3"] { device.send(Self.packet(7), on: port, at: 0, wireLength: 9000) }
    }
    let begin: UInt64 = 10_000_000
    let packet = begin - WireTime.arrival(60, 100)
    device.send(Self.packet(3), on: "p2", at: packet)
    // Two breaks of 5 us.
    let breaks: [(from: UInt64, length: UInt64)] = [(300_000_000, 5_000_000), (500_000_000, 5_000_000 + excess)]
    Self.storm(&device, count: 1, from: begin)
    for (from, length) in breaks {
      device.send(Frame.priorityPause([3: 0]), on: "p2", at: from)
      device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: from + length)
    }
    for tick in [100, 200, 400] + Array(stride(from: 600, to: 2600, by: 100)) as [UInt64] {
      device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: tick * 1_000_000)
    }
    let departures = device.run(until: 2_400_000_000)
    let start = excess == 0 ? begin + Self.xoff : 500_000_000 + 5_000_001 + Self.xoff
    // The watchdog looks when the wire is free.
    let boundary = departures.map(\.start).filter { $0 >= start + Self.window }.min()
    #expect(device.events(.storm).first?.tick.rawValue == boundary)
    #expect(!departures.contains { $0.queue == 3 })
  }

  @Test("Drop: the queue is emptied and takes nothing, nor does the group of its priority on the same port")
  func dropAction() throws {
    var device = try Self.makeSwitch(.drop)
    Self.storm(&device, count: 15)
    for _ in 0..<10 { device.send(Self.packet(3), on: "p1", at: 0) }
    #expect(device.run(until: 1_100_000_000).isEmpty)
    device.expectBufferEmpty()
    // In the storm: to the queue, to another, in on the port for the group, and for another.
    let before = device.now
    for _ in 0..<3 { device.send(Self.packet(3), on: "p1", at: before) }
    for _ in 0..<4 { device.send(Self.packet(0), on: "p1", at: before) }
    for _ in 0..<5 { device.send(Self.packet(3, to: 3), on: "p2", at: before) }
    for _ in 0..<6 { device.send(Self.packet(4, to: 3), on: "p2", at: before) }
    for _ in 0..<7 { device.send(Self.packet(3, to: 3), on: "p1", at: before) }
    let departures = device.run(until: 1_300_000_000)
    #expect(departures.on("p2").map(\.queue) == [0, 0, 0, 0])
    #expect(departures.on("p3").filter { $0.queue == 3 }.count == 7 && departures.on("p3").count == 13)
    let counted = Self.queue(3, device)
    #expect(counted.stormDrops == 13 && counted.stormIngressDrops == 5 && counted.stormSent == 0)
    #expect(device.drops(.pauseStorm, on: "p2") == 18 && device.device.totals.droppedPackets == 18)
    #expect(device.device.statistics(of: QueueID(3), on: device.port("p2")).tx.packets == 0)
    // Over when no XOFF has come for 1 ms.
    let last = 1_400_000_000 + Self.xoff
    _ = device.run(until: last + Self.window - 1)
    #expect(Self.queue(3, device).isInStorm)
    _ = device.run(until: last + Self.window)
    #expect(!Self.queue(3, device).isInStorm && Self.queue(3, device).restorations == 1)
    #expect(device.events(.restored).map(\.tick.rawValue) == [last + Self.window])
    device.send(Self.packet(3), on: "p1", at: device.now)
    device.send(Self.packet(3, to: 3), on: "p2", at: device.now)
    #expect(device.run().count == 2 && device.isBufferEmpty)
  }

  @Test("Forward: pauses are not obeyed, and nothing is lost")
  func forwardAction() throws {
    var device = try Self.makeSwitch(.forward)
    Self.storm(&device, count: 15)
    for _ in 0..<10 { device.send(Self.packet(3), on: "p1", at: 0) }
    device.send(Self.packet(3), on: "p1", at: 1_250_000_000)
    device.send(Self.packet(3, to: 3), on: "p2", at: 1_250_000_000)
    let departures = device.run(until: 1_300_000_000)
    let found = Self.xoff + Self.window
    #expect(departures.prefix(10).map(\.start) == (0..<10).map { found + UInt64($0) * 6720 })
    #expect(departures.suffix(2).map(\.latency) == [0, 0] && departures.count == 12)
    let counted = Self.queue(3, device)
    #expect(counted.stormSent == 11 && counted.stormDrops == 0 && counted.stormIngressDrops == 0)
    #expect(counted.pausedTicks == Self.window && counted.longestPacketTicks == Self.window)
    #expect(device.device.totals.droppedPackets == 0)
    // After the storm pauses are obeyed again.
    _ = device.run(until: 2_500_000_000)
    #expect(Self.queue(3, device).restorations == 1)
    device.send(Frame.priorityPause([3: 100]), on: "p2", at: 2_500_000_000)
    device.send(Self.packet(3), on: "p1", at: 2_500_000_000)
    #expect(device.run().map(\.latency) == [512_000])
  }

  @Test("Alert: it is counted, and nothing else is different")
  func alertAction() throws {
    var device = try Self.makeSwitch(.alert)
    Self.storm(&device, count: 15)
    for _ in 0..<10 { device.send(Self.packet(3), on: "p1", at: 0) }
    let departures = device.run()
    let end = 1_400_000_000 + Self.xoff + 65_535 * 5120
    #expect(departures.map(\.start) == (0..<10).map { end + UInt64($0) * 6720 })
    let counted = Self.queue(3, device)
    #expect(counted.storms == 1 && counted.restorations == 1 && counted.stormSent == 10 && counted.stormDrops == 0)
    #expect(counted.pausedTicks == end - Self.xoff)
    #expect(device.events(.restored).map(\.tick.rawValue) == [1_400_000_000 + Self.xoff + Self.window])
  }

  @Test("XON frames do not keep a storm going")
  func releasesDoNotKeepIt() throws {
    var device = try Self.makeSwitch(.drop)
    Self.storm(&device, count: 11)
    device.send(Self.packet(3), on: "p1", at: 0)
    for index in 0..<300 {
      device.send(Frame.priorityPause([3: 0]), on: "p2", at: 1_010_000_000 + UInt64(index) * 10_000_000)
    }
    _ = device.run()
    #expect(device.events(.restored).map(\.tick.rawValue) == [1_000_000_000 + Self.xoff + Self.window])
  }

  @Test("A second storm is found like the first")
  func secondStorm() throws {
    var device = try Self.makeSwitch(.drop)
    for begin: UInt64 in [0, 10_000_000_000] {
      Self.storm(&device, count: 15, from: begin)
      device.send(Self.packet(3), on: "p1", at: begin)
    }
    _ = device.run()
    #expect(device.events(.storm).map(\.tick.rawValue) == [0, 10_000_000_000].map { $0 + Self.xoff + Self.window })
    let counted = Self.queue(3, device)
    #expect(counted.storms == 2 && counted.restorations == 2 && counted.stormDrops == 2 && device.isBufferEmpty)
  }

  /// One XOFF holds for 33.6 ms at 1G, longer than it takes to find a storm and to end it. Each takes its own time.
  @Test("Under one long pause storms begin and end in turn")
  func longPause() throws {
    var device = try Self.makeSwitch(.alert) {
      for index in $0.ports.indices { $0.ports[index].speed = .gigabits(1) }
    }
    device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: 0)
    device.send(Self.packet(3), on: "p1", at: 0)
    let departures = device.run()
    let begin = WireTime.arrival(60, 1)
    #expect(departures.map(\.start) == [begin + 65_535 * 512_000])
    #expect(device.events(.storm).map(\.tick.rawValue) == (0..<17).map { begin + UInt64(2 * $0 + 1) * Self.window })
    #expect(Self.queue(3, device).restorations == 17)
  }

  @Test("Groups that two priorities share are dropped until the last storm is over")
  func sharedGroup() throws {
    var device = try Self.makeSwitch(.drop) { $0.qos.pfcPriorityToPriorityGroup[4] = PriorityGroup(3) }
    for (priority, count) in [(3, 15), (4, 12)] {
      for index in 0..<count {
        device.send(Frame.priorityPause([priority: 65_535]), on: "p2", at: UInt64(index) * 100_000_000)
      }
      device.send(Self.packet(priority), on: "p1", at: 0)
    }
    // Queue 4 is restored at 2.1 ms, queue 3 at 2.4 ms.
    _ = device.run(until: 2_200_000_000)
    #expect(Self.queue(3, device).isInStorm && !Self.queue(4, device).isInStorm)
    device.send(Self.packet(3, to: 3), on: "p2", at: device.now)
    #expect(device.run(until: 2_300_000_000).isEmpty)
    _ = device.run(until: 2_500_000_000)
    device.send(Self.packet(3, to: 3), on: "p2", at: device.now)
    #expect(device.run().count == 1)
  }

  @Test("A long queue is dropped to the last packet, none leaves, and every ending is told")
  func longQueue() throws {
    var device = try Self.makeSwitch(.drop)
    device.device.recordsEndings = true
    Self.storm(&device, count: 12)
    for _ in 0..<1000 { device.send(Self.packet(3), on: "p1", at: 0) }
    #expect(device.run().isEmpty)
    let counted = Self.queue(3, device)
    #expect(counted.stormDrops == 1000 && counted.stormSent == 0)
    #expect(device.drops(.pauseStorm, on: "p2") == 1000 && device.isBufferEmpty)
    let endings = (0..<device.device.endingCount).map { device.device.ending($0) }.filter { $0.dropReason != nil }
    #expect(endings.count == 1000 && Set(endings.map(\.number)).count == 1000)
    #expect(endings.allSatisfy { $0.dropReason == .pauseStorm && $0.tick.rawValue == Self.xoff + Self.window })
    #expect(device.device.statistics(of: QueueID(3), on: device.port("p2")).waiting.packets == 0)
  }
}
