import TestSupport
import Testing
import Wire

@testable import Dataplane

/// What is on its way between slices, what they learn from each other, and how the buffer is divided.
@Suite("Slices: rings, learning, shares")
struct SliceHandOverTests {
  @Test("A ring that is full drops, on account of the egress port and for its own reason; nothing else is lost")
  func ringFull() throws {
    var tested = try VirtualSwitch(TestConfiguration.router(ports: 2), owners: [0, 1])
    tested.slices.room = 5
    tested.slices.isHeld = true
    for _ in 0..<12 { tested.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0) }
    #expect(tested.run(until: 1_000_000).isEmpty)
    // What lies in the ring waits; each slice's own account is balanced too.
    #expect(tested.slices.totals(&tested.device).waitingPackets == 5)
    #expect(tested.slices.each(&tested.device) { $0.totals.isConserved } == [true, true])
    #expect(tested.drops(.handOverFull, on: "p2") == 7)
    #expect(DropReason.handOverFull.name == "hand-over-full")
    tested.releaseRings()
    #expect(tested.run().count == 5)
    #expect(tested.slices.totals(&tested.device).waitingPackets == 0)
  }

  @Test("A packet whose port goes down while it is in the ring is dropped by the owner")
  func goesDown() throws {
    var tested = try VirtualSwitch(TestConfiguration.router(ports: 2), owners: [0, 1])
    tested.slices.isHeld = true
    tested.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0)
    _ = tested.run(until: 1_000_000)
    tested.setPort("p2", isUp: false)
    tested.releaseRings()
    #expect(tested.run().isEmpty)
    let drops = tested.slices.with(1, &tested.device) { $0.drops(on: PortID(1)).map(\.reason) }
    #expect(drops == [.egressDown])
  }

  @Test("The time in the ring counts for the pipeline's latency, and beyond it as waiting")
  func pipeline() throws {
    for (held, latency) in [(UInt64(300_000), UInt64(1_000_000)), (2_500_000, 2_500_000)] {
      var configuration = TestConfiguration.router(ports: 2)
      configuration.pipelineLatency = .microseconds(1)
      var tested = try VirtualSwitch(configuration, owners: [0, 1])
      tested.slices.isHeld = true
      tested.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0)
      let arrival = UInt64(72 * 80)
      _ = tested.run(until: arrival + held)
      tested.releaseRings()
      #expect(tested.run().map(\.latency) == [latency])
    }
  }

  @Test("Who answers ARP or ND on a port of one slice is known to all, and asked for by whoever needs it")
  func learnsNeighbors() throws {
    var configuration = TestConfiguration.router(ports: 3)
    configuration.neighbors = []
    var tested = try VirtualSwitch(configuration, owners: [0, 1, 0])
    // p1 is of slice 0 and wants a host on p2, of slice 1: that is asked by a frame which slice 0 makes.
    tested.send(Frame(from: "10.0.1.2", to: "10.0.2.9").udp(1, 2, size: 80), on: "p1", at: 0)
    let question = tested.run()
    #expect(question.map(\.port) == ["p2"])
    #expect(question[0].bytes[12...13] == [0x08, 0x06] && question[0].bytes[38...41] == [10, 0, 2, 9])
    let answer = Frame(from: "10.0.2.9", to: "10.0.2.1", sourceMAC: Frame.station(9))
    tested.send(answer.arp(isRequest: false, targetMAC: Frame.switchMAC), on: "p2", at: tested.now)
    #expect(tested.run().isEmpty)
    for port in ["p1", "p3"] {
      tested.send(Frame(from: "10.0.1.2", to: "10.0.2.9").udp(1, 2, size: 80), on: port, at: tested.now)
      let out = tested.run()
      #expect(out.map(\.port) == ["p2"])
      #expect(Array(out[0].bytes[..<6]) == Frame.octets(Frame.station(9), count: 6))
    }
    let solicitation = Frame(from: "fd00:3::9", to: "fd00:3::1", sourceMAC: Frame.station(3))
    let group = Frame.solicitedNode(of: "fd00:3::1")
    var asking = solicitation
    (asking.destination, asking.destinationMAC, asking.ttl) = (group.address, group.mac, 255)
    tested.send(asking.neighborSolicitation(for: "fd00:3::1"), on: "p3", at: tested.now)
    #expect(tested.run().map(\.port) == ["p3"])
    tested.send(Frame(from: "fd00:2::2", to: "fd00:3::9").udp(1, 2, size: 90), on: "p2", at: tested.now)
    let out = tested.run()
    #expect(out.map(\.port) == ["p3"] && Array(out[0].bytes[..<6]) == Frame.octets(Frame.station(3), count: 6))
  }

  @Test(
    "A station is told of when it is new, moves, or has been silent about for a quarter of its age; then all age alike")
  func learnsStations() throws {
    var configuration = TestConfiguration.bridge(ports: 3)
    configuration.macAgeing = .microseconds(1000)
    var tested = try VirtualSwitch(configuration, owners: [0, 1, 1])
    let (mobile, fixed) = (Frame.station(1), Frame.station(2))
    func speak(_ from: UInt64, _ to: UInt64, on port: String, at tick: UInt64) -> [String] {
      tested.send(Frame.layer2(from: from, to: to), on: port, at: tick)
      return tested.run().map(\.port).sorted()
    }
    #expect(speak(fixed, mobile, on: "p3", at: 0) == ["p1", "p2"])
    #expect(speak(mobile, fixed, on: "p1", at: 1_000_000) == ["p3"])
    #expect(speak(fixed, mobile, on: "p3", at: 2_000_000) == ["p1"])
    // It moves from one slice to another one, and back.
    #expect(speak(mobile, fixed, on: "p2", at: 3_000_000) == ["p3"])
    #expect(speak(fixed, mobile, on: "p3", at: 4_000_000) == ["p2"])
    #expect(speak(mobile, fixed, on: "p1", at: 5_000_000) == ["p3"])
    #expect(speak(fixed, mobile, on: "p3", at: 6_000_000) == ["p1"])
    // It speaks all the time, to somebody on its own slice's side, for longer than it may be silent.
    for number in 1...30 {
      _ = speak(mobile, 0xFFFF_FFFF_FFFF, on: "p1", at: 6_000_000 + UInt64(number) * 100_000_000)
    }
    #expect(speak(fixed, mobile, on: "p3", at: tested.now + 1_000_000) == ["p1"], "slice 1 was told often enough")
    #expect(speak(fixed, mobile, on: "p3", at: tested.now + 1_300_000_000) == ["p1", "p2"], "it has aged")
    let untold = tested.device.slices.lanes.base[1].untold
    #expect(untold == 0)
  }

  @Test("A switch that is not divided has nothing for others, and no lane")
  func whole() throws {
    var tested = try VirtualSwitch(TestConfiguration.bridge(ports: 2))
    tested.send(Frame.layer2(from: Frame.station(1), to: Frame.station(2)), on: "p1", at: 0)
    _ = tested.run()
    let isWhole = tested.device.slices.isWhole
    #expect(isWhole)
    let (packets, messages) = (tested.device.nextHandOver(), tested.device.nextMessages())
    #expect(packets == nil && messages == nil)
  }

  @Test("Cells are divided without a rest; reserves and headroom are there in every slice")
  func shares() {
    var configuration = TestConfiguration.router(ports: 3)
    configuration.qos = TestConfiguration.roceClasses()
    for index in configuration.ports.indices { configuration.ports[index].queues = configuration.qos.queues }
    configuration.buffer = BufferConfiguration()
    configuration.buffer.size = ByteCount(1_000_003 * 256)
    configuration.buffer.headroom = ByteCount(100_000)
    configuration.buffer.egress.size = ByteCount(1001 * 256)
    configuration.owners = [0, 1, 2]
    let whole = BufferLayout(configuration)
    let slices = (0..<3).map { BufferLayout(configuration, Slice($0, of: configuration)) }
    #expect(slices.map(\.totalCells) == [333_335, 333_334, 333_334])
    #expect(slices.reduce(0) { $0 + $1.totalCells } == whole.totalCells)
    #expect(slices.map(\.egressPoolCells) == [334, 334, 333])
    for slice in slices {
      #expect(slice.headroomCells == whole.headroomCells && slice.groups == whole.groups)
      #expect(slice.poolCells == [slice.totalCells - slice.headroomCells - slice.reservedCells])
    }
    configuration.buffer.sharedHeadroom = ByteCount(100 * 256)
    configuration.buffer.pools = SharedPools(lossless: ByteCount(1000 * 256), lossy: ByteCount(500 * 256))
    let split = (0..<3).map { BufferLayout(configuration, Slice($0, of: configuration)) }
    #expect(split.map(\.sharedHeadroomCells) == [34, 33, 33])
    #expect(split.map(\.poolCells) == [[334, 167], [333, 167], [333, 166]])
  }

  @Test("What does not fit into a slice is refused, with both numbers; the simulator's buffer is not divided")
  func refuses() throws {
    var configuration = TestConfiguration.router(ports: 2)
    configuration.qos = TestConfiguration.roceClasses()
    for index in configuration.ports.indices { configuration.ports[index].queues = configuration.qos.queues }
    configuration.buffer = BufferConfiguration()
    configuration.buffer.size = ByteCount(256_000)
    configuration.buffer.headroom = ByteCount(102_400)
    func fault(_ owners: [Int]) -> SwitchError? {
      do {
        _ = try VirtualSwitch(configuration, counts: (64, 16, 16), owners: owners)
        return nil
      } catch {
        return error as? SwitchError
      }
    }
    #expect(fault([]) == nil)
    #expect(fault([0, 1]) == .sliceTooSmall(needed: ByteCount(204_800), size: ByteCount(128_000), slices: 2))
    configuration.buffer.size = ByteCount(512_000)
    #expect(fault([0, 1]) == nil)
    configuration.buffer.model = .hpcc
    #expect(fault([0, 1]) == .notSliced)
  }

  @Test("ICMP errors are limited over all slices together")
  func errorLimit() {
    var configuration = TestConfiguration.router(ports: 3)
    configuration.owners = [0, 1, 2]
    #expect((0..<3).map { Slice($0, of: configuration).share(of: 100) } == [34, 33, 33])
    #expect((0..<3).map { Slice($0, of: configuration).share(of: 2) } == [1, 1, 0])
    #expect(Slice.whole.share(of: 100) == 100)
  }
}
