import Dataplane
import TestSupport
import Testing
import Wire

/// Flow control over slices: the slice that queues a packet decides about XOFF, and the owner of the port on which it came
/// in tells the neighbour.
@Suite("Slices: flow control")
struct SlicePauseTests {
  /// Four ports; a priority group of class 3 may have ten cells, and every frame takes one. The buffer is divided among as
  /// many as three.
  private static func makeSwitch(_ owners: [Int]) throws -> VirtualSwitch {
    var configuration = TestConfiguration.router(ports: 4)
    for index in configuration.ports.indices { configuration.ports[index].queues[3].isLossless = true }
    configuration.qos = TestConfiguration.roceClasses()
    for index in configuration.ports.indices { configuration.ports[index].queues = configuration.qos.queues }
    configuration.buffer = BufferConfiguration()
    configuration.buffer.size = ByteCount(16_000_000)
    configuration.buffer.cell = ByteCount(256)
    configuration.buffer.lossless = PriorityGroupProfile(threshold: .fixed(ByteCount(2560)), xonOffset: ByteCount(0))
    configuration.buffer.headroom = ByteCount(256_000)
    return try VirtualSwitch(configuration, owners: owners)
  }

  private static func frame(to port: Int) -> [UInt8] { TestConfiguration.frame(toPort: port, size: 256, dscp: 26) }

  /// Port and class enable vector with the times of each pause frame.
  private static func pauses(_ departures: [Departure]) -> [String] {
    departures.filter { $0.bytes[12...15] == [0x88, 0x08, 0x01, 0x01] }.map { departure in
      "\(departure.port) \(departure.bytes[17]) \(UInt16(departure.bytes[24]) << 8 | UInt16(departure.bytes[25]))"
    }
  }

  private static func audit(_ tested: inout VirtualSwitch) {
    #expect(tested.slices.each(&tested.device) { $0.audit() }.allSatisfy { $0 == nil })
  }

  @Test(
    "A port whose packets wait in another slice sends the same XOFF and XON at the same tick",
    arguments: [[0, 1, 1, 1], [1, 0, 0, 0], [2, 0, 1, 1]])
  func foreignGroup(owners: [Int]) throws {
    var outcomes: [[Departure]] = []
    for owners in [[], owners] {
      var tested = try Self.makeSwitch(owners)
      tested.send(Frame.priorityPause([3: 20_000]), on: "p3", at: 0)
      for _ in 0..<14 { tested.send(Self.frame(to: 3), on: "p1", at: 1_000_000) }
      var departures = tested.run(until: 50_000_000)
      Self.audit(&tested)
      #expect(Self.pauses(departures) == ["p1 8 65535"])
      tested.send(Frame.priorityPause([3: 0]), on: "p3", at: 60_000_000)
      departures += tested.run()
      Self.audit(&tested)
      #expect(Self.pauses(departures) == ["p1 8 65535", "p1 8 0"])
      #expect(departures.filter { $0.port == "p3" }.count == 14)
      outcomes.append(departures)
    }
    #expect(outcomes[0] == outcomes[1])
  }

  @Test("While any slice wants XOFF, the neighbour is not told to go on")
  func twoHolders() throws {
    var tested = try Self.makeSwitch([0, 0, 1, 2])
    for port in ["p3", "p4"] { tested.send(Frame.priorityPause([3: 40_000]), on: port, at: 0) }
    for _ in 0..<14 {
      tested.send(Self.frame(to: 3), on: "p1", at: 1_000_000)
      tested.send(Self.frame(to: 4), on: "p1", at: 1_000_000)
    }
    #expect(Self.pauses(tested.run(until: 30_000_000)) == ["p1 8 65535"])
    Self.audit(&tested)
    tested.send(Frame.priorityPause([3: 0]), on: "p3", at: tested.now)
    #expect(Self.pauses(tested.run(until: 60_000_000)) == [])
    Self.audit(&tested)
    tested.send(Frame.priorityPause([3: 0]), on: "p4", at: tested.now)
    #expect(Self.pauses(tested.run()) == ["p1 8 0"])
    Self.audit(&tested)
  }

  @Test("XOFF that comes and goes while nobody looks costs one message, and the last state is the one that counts")
  func coalesces() throws {
    var tested = try Self.makeSwitch([0, 0, 1, 1])
    for round in 0..<20 {
      tested.send(Frame.priorityPause([3: 20_000]), on: "p3", at: tested.now + 1000)
      for _ in 0..<14 { tested.send(Self.frame(to: 3), on: "p1", at: tested.now + 1_000_000) }
      _ = tested.run(until: tested.now + 30_000_000)
      // From here on the slices do not hear of each other: XON is decided, and not told.
      tested.slices.isHeld = true
      tested.send(Frame.priorityPause([3: 0]), on: "p3", at: tested.now)
      let departures = tested.run(until: tested.now + 30_000_000)
      #expect(Self.pauses(departures) == [] && departures.filter { $0.port == "p3" }.count == 14, "\(round)")
      tested.releaseRings()
      #expect(Self.pauses(tested.run()) == ["p1 8 0"])
      Self.audit(&tested)
    }
  }

  @Test("What comes in for a priority in a storm is dropped, whichever slice it is for")
  func storm() throws {
    for owners in [[], [0, 1, 1, 1], [1, 0, 0, 0]] {
      var configuration = TestConfiguration.router(ports: 3)
      configuration.qos = TestConfiguration.roceClasses()
      for index in configuration.ports.indices { configuration.ports[index].queues = configuration.qos.queues }
      var watchdog = WatchdogConfiguration()
      watchdog.detection = .microseconds(10)
      watchdog.restoration = .microseconds(50)
      watchdog.action = .drop
      configuration.watchdog = watchdog
      var tested = try VirtualSwitch(configuration, owners: owners)
      // p1 is stopped for longer than the watchdog waits, with a packet in its queue.
      tested.send(Frame.priorityPause([3: 65_535]), on: "p1", at: 0)
      tested.send(TestConfiguration.frame(toPort: 1, size: 256, dscp: 26), on: "p2", at: 1_000_000)
      tested.send(TestConfiguration.frame(toPort: 2, size: 256, dscp: 26), on: "p1", at: 20_000_000)
      tested.send(TestConfiguration.frame(toPort: 2, size: 256, dscp: 0), on: "p1", at: 20_000_000)
      let departures = tested.run(until: 30_000_000)
      #expect(departures.filter { $0.port == "p2" }.count == 1, "\(owners)")
      let storms = tested.slices.each(&tested.device) { device in
        device.drops(on: PortID(0)).first { $0.reason == .pauseStorm }?.packets ?? 0
      }
      #expect(storms.reduce(0, +) == 2, "\(owners)")
      let ingress = tested.slices.each(&tested.device) {
        $0.pauseStatistics(of: QueueID(3), on: PortID(0), at: Tick(30_000_000)).stormIngressDrops
      }
      #expect(ingress.reduce(0, +) == 1)
      // It is over: the same packet passes.
      _ = tested.run(until: 200_000_000)
      tested.send(TestConfiguration.frame(toPort: 2, size: 256, dscp: 26), on: "p1", at: tested.now)
      #expect(tested.run().filter { $0.port == "p2" }.count == 1, "\(owners)")
      Self.audit(&tested)
    }
  }
}
