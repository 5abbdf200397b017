import Dataplane
import Drivers
import TestSupport
import Testing
import Wire

/// PFC over several switches: nothing is lost, pauses go upstream, and what stands in the way suffers.
@Suite struct FabricPauseTests {
  /// Six hosts on two leaves write to one host on a third, by one spine.
  private static func twoTiers(frames: UInt64, bytes: UInt64 = 2_000_000) -> FabricConfiguration {
    var fabric = FabricConfiguration()
    for id in 1...4 {
      var router = FabricNetworks.router(id, ports: 4, bytes: bytes)
      if id < 4 {
        FabricNetworks.route(&router, "10.0.0.0/8", by: [(4, 4, id)])
      } else {
        for leaf in 1...3 { FabricNetworks.route(&router, "10.\(leaf).0.0/16", by: [(leaf, leaf, 4)]) }
      }
      fabric.switches.append(router)
    }
    for leaf in 0..<3 {
      fabric.links.append(
        FabricLink(FabricPort(leaf, PortID(3)), FabricPort(3, PortID(leaf)), delay: .nanoseconds(500)))
      for port in 1...3 { fabric.hosts.append(FabricNetworks.host(leaf + 1, port, device: leaf)) }
    }
    fabric.traffic = ["incast", "victim"]
    let target = FabricNetworks.index("h3.1", in: fabric)
    for source in 0..<6 {
      var flow = FabricFlow(from: source, to: target, length: 1082, frames: frames)
      flow.dscp = 26
      flow.queuePair = UInt32(source + 1)
      fabric.flows.append(flow)
    }
    return fabric
  }

  @Test func anIncastOverTwoTiersLosesNothing() throws {
    var network = try Fabric(Self.twoTiers(frames: 1500))
    let result = try network.run()
    #expect(result.received == 9000)
    #expect(result.dropped == 0)
    #expect(result.isConserved)
    let isEmpty = network.isEmpty
    #expect(isEmpty)
    // The last line is never idle once it is busy: 9000 frames, and the way of the first one.
    let frame = FabricNetworks.ticks(1082)
    let way = 3 * FabricNetworks.ticks(1082, gap: false) + FabricNetworks.ticks(1082, gap: false) + 1_050_000
    #expect(result.duration.count == 8999 * frame + way)
    // The spine stops the leaves, and they stop the hosts.
    #expect(result.links[0].1.pauseFrames > 0)
    #expect(result.links[1].1.pauseFrames > 0)
    #expect(result.hosts[0].1.pauseFrames > 0)
    for index in 0..<network.switchCount {
      let fault = network.withSwitch(index) { $0.audit() }
      #expect(fault == nil)
    }
  }

  /// With `pfc: {mode: off}` the same traffic overflows the spine.
  @Test func withoutFlowControlItLoses() throws {
    var fabric = Self.twoTiers(frames: 3000)
    for index in fabric.switches.indices { fabric.switches[index].pause.mode = .off }
    var network = try Fabric(fabric)
    let result = try network.run()
    #expect(result.dropped > 0)
    #expect(result.sent == 18_000)
    #expect(result.sent == result.received + result.dropped)
    let isEmpty = network.isEmpty
    #expect(isEmpty)
  }

  /// A flow to an idle host that shares the paused link is held up with the others: head-of-line blocking. In a class of
  /// its own it is not.
  @Test(arguments: [true, false])
  func aVictimSharesTheFateOfItsClass(isSameClass: Bool) throws {
    var fabric = Self.twoTiers(frames: 3000)
    var victim = FabricFlow(
      from: FabricNetworks.index("h1.3", in: fabric), to: FabricNetworks.index("h2.3", in: fabric), length: 1082,
      frames: 100)
    fabric.flows.removeAll { $0.source == victim.source || $0.source == victim.destination }
    victim.entry = 1
    victim.start = .microseconds(100)
    victim.pace = .constant(.gigabits(10))
    victim.dscp = isSameClass ? 26 : 34
    for index in fabric.switches.indices { fabric.switches[index].qos.dscpToTrafficClass[34] = TrafficClass(4) }
    fabric.flows.append(victim)
    var network = try Fabric(fabric)
    let result = try network.run()
    #expect(result.dropped == 0)
    let alone = 99 * FabricNetworks.ticks(1082, gigabits: 10)
    let completion = try #require(result.flows.last?.completion(of: victim)).count
    if isSameClass {
      #expect(completion > alone * 5 / 4)
    } else {
      #expect(completion < alone * 11 / 10)
    }
  }

  /// Headroom of the pauser is exact: with what the configuration says nothing is lost, with a cable that is longer than
  /// the one it was computed for there is loss.
  @Test func headroomFollowsTheCable() throws {
    var fabric = Self.twoTiers(frames: 2000, bytes: 8_000_000)
    for index in fabric.links.indices { fabric.links[index].delay = .microseconds(20) }
    var network = try Fabric(fabric)
    let enough = try network.run()
    #expect(enough.dropped == 0)
    // The same cable, and headroom for none.
    for index in fabric.switches.indices { fabric.switches[index].buffer.headroom = ByteCount(20_000) }
    var short = try Fabric(fabric)
    let result = try short.run()
    #expect(result.dropped > 0)
    #expect(result.isConserved)
  }

  /// Four switches in a ring, every flow two links long: each waits for the next, and nobody can go on.
  private static func ring(watchdog: WatchdogConfiguration?) -> FabricConfiguration {
    var fabric = FabricConfiguration()
    let count = 4
    for id in 1...count {
      var router = FabricNetworks.router(id, ports: 3, bytes: 1_000_000)
      router.watchdog = watchdog
      let next = id % count + 1
      for step in 1..<count {
        FabricNetworks.route(&router, "10.\((id - 1 + step) % count + 1).0.0/16", by: [(3, next, 2)])
      }
      fabric.switches.append(router)
    }
    for index in 0..<count {
      fabric.links.append(
        FabricLink(
          FabricPort(index, PortID(2)), FabricPort((index + 1) % count, PortID(1)), delay: .microseconds(1)))
      fabric.hosts.append(FabricNetworks.host(index + 1, 1, device: index))
    }
    fabric.traffic = ["ring"]
    for index in 0..<count {
      var flow = FabricFlow(from: index, to: (index + 2) % count, length: 1082, frames: 4000)
      flow.dscp = 26
      fabric.flows.append(flow)
    }
    return fabric
  }

  @Test func aRingDeadlocks() throws {
    var network = try Fabric(Self.ring(watchdog: nil))
    let result = try network.run()
    #expect(result.isStalled)
    #expect(result.waiting > 0)
    #expect(result.dropped == 0)
    #expect(result.isConserved)
  }

  @Test func theWatchdogBreaksTheDeadlock() throws {
    var watchdog = WatchdogConfiguration()
    watchdog.detection = .milliseconds(1)
    watchdog.restoration = .milliseconds(1)
    var network = try Fabric(Self.ring(watchdog: watchdog))
    let result = try network.run()
    #expect(!result.isStalled)
    #expect(result.drops.contains { $0.reason == .pauseStorm })
    #expect(result.isConserved)
    let isEmpty = network.isEmpty
    #expect(isEmpty)
  }
}
