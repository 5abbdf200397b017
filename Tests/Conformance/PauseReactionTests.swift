import Dataplane
import TestSupport
import Testing

/// How the switch obeys pause frames: IEEE 802.1Q clause 36, IEEE 802.3 annexes 31B and 31D. Every tick is exact.
///
/// Packets come in on p1 and leave from p2, whose neighbour sends the pause frames.
@Suite("Reaction to pause frames")
struct PauseReactionTests {
  static func packet(_ trafficClass: Int, size: Int = 60) -> [UInt8] {
    TestConfiguration.frame(toPort: 2, size: size, dscp: UInt8(trafficClass))
  }

  private func makeSwitch(
    _ gigabits: UInt64 = 100, lossless: Set<Int> = Set(0..<8), _ change: (inout SwitchConfiguration) -> Void = { _ in }
  ) throws -> VirtualSwitch {
    var configuration = TestConfiguration.classes(ports: 2, gigabits: [gigabits], lossless: lossless)
    change(&configuration)
    return try VirtualSwitch(configuration)
  }

  private func priority(_ number: Int, _ device: borrowing VirtualSwitch) -> Switch.PriorityStatistics {
    device.device.statistics(of: PFCPriority(number), on: device.port("p2"), at: Tick(device.now))
  }

  @Test(
    "A pause lasts quanta x 512 bit times at the port's rate, to the picosecond",
    arguments: [
      10, 25, 40, 100, 200, 400, 800,
    ] as [UInt64])
  func expiry(gigabits: UInt64) throws {
    for quanta: UInt16 in [1, 2, 1000, 65_535] {
      var device = try makeSwitch(gigabits)
      // Both are in at the same tick: the packet finds its queue paused.
      device.send(Frame.priorityPause([3: quanta]), on: "p2", at: 0)
      device.send(Self.packet(3), on: "p1", at: 0)
      let length = UInt64(quanta) * WireTime.quantum(gigabits)
      #expect(device.run().map(\.start) == [WireTime.arrival(60, gigabits) + length], "\(quanta) quanta")
      let counted = priority(3, device)
      #expect(counted.pausedTicks == length && counted.pauses == 1 && counted.requestedQuanta == UInt64(quanta))
    }
  }

  /// What a second frame, in at 1 us, does to a pause of 1000 quanta that began at 0: the tick at which it ends.
  struct Second: CustomStringConvertible, Sendable {
    var description: String
    var frame: [UInt8]
    /// Quanta from the second frame on; nil: it changes nothing.
    var quanta: UInt64?
  }

  static let seconds: [Second] = [
    Second(description: "longer", frame: Frame.priorityPause([3: 2000]), quanta: 2000),
    Second(description: "shorter", frame: Frame.priorityPause([3: 10]), quanta: 10),
    Second(description: "one quantum", frame: Frame.priorityPause([3: 1]), quanta: 1),
    Second(description: "zero quanta, XON", frame: Frame.priorityPause([3: 0]), quanta: 0),
    Second(description: "XON for all", frame: Frame.control(vector: 0xFF, times: [:]), quanta: 0),
    Second(description: "another priority", frame: Frame.priorityPause([4: 5000]), quanta: nil),
    Second(description: "enable bit clear, a time", frame: Frame.control(vector: 0xF7, times: [3: 9]), quanta: nil),
    Second(description: "enable bit clear, zero", frame: Frame.control(vector: 0, times: [:]), quanta: nil),
    Second(
      description: "only the reserved octet of the vector", frame: Frame.control(vector: 0xFF00, times: [3: 9]),
      quanta: nil),
    Second(
      description: "reserved octet set too", frame: Frame.control(vector: 0xFF08, times: [3: 9]), quanta: 9),
    Second(
      description: "unknown opcode", frame: Frame.control(opcode: 0x0102, vector: 0xFF, times: [3: 9]), quanta: nil),
    Second(description: "opcode 0", frame: Frame.control(opcode: 0, vector: 0xFF, times: [3: 9]), quanta: nil),
    Second(description: "link-level PAUSE", frame: Frame.linkPause(9), quanta: nil),
    Second(
      description: "VLAN tag", frame: Frame.control(vector: 8, times: [3: 9], tags: [Frame.Tag(vlan: 1)]), quanta: nil),
    Second(
      description: "priority tag", frame: Frame.control(vector: 8, times: [3: 9], tags: [Frame.Tag(vlan: 0)]),
      quanta: nil),
    Second(description: "runt", frame: Array(Frame.priorityPause([3: 9])[..<59]), quanta: nil),
    Second(
      description: "to another station", frame: Frame.control(vector: 8, times: [3: 9], destination: 0x0200_0000_0B0B),
      quanta: nil),
    Second(
      description: "to the switch's own address",
      frame: Frame.control(vector: 8, times: [3: 9], destination: Frame.switchMAC), quanta: 9),
    Second(description: "without a source", frame: Frame.priorityPause([3: 9], from: 0), quanta: 9),
  ]

  @Test("A second frame replaces what the first said, if it is about the priority at all", arguments: seconds)
  func replaced(second: Second) throws {
    var device = try makeSwitch()
    device.send(Frame.priorityPause([3: 1000]), on: "p2", at: 0)
    device.send(Self.packet(3), on: "p1", at: 0)
    device.send(second.frame, on: "p2", at: 1_000_000)
    let began = WireTime.arrival(60, 100)
    let arrival = 1_000_000 + WireTime.arrival(second.frame.count, 100)
    let end: UInt64 = if let quanta = second.quanta { arrival + quanta * 5120 } else { began + 5_120_000 }
    #expect(device.run().map(\.start) == [end])
    // It is one pause, and it is counted for as long as it really was.
    let counted = priority(3, device)
    #expect(counted.pauses == 1 && counted.pausedTicks == end - began)
    #expect(counted.requestedQuanta == 1000 + (second.quanta ?? 0))
  }

  @Test("What is not to be obeyed is counted as such, and passed on to nobody")
  func ignoredIsCounted() throws {
    var device = try makeSwitch()
    let ignored = Self.seconds.filter {
      ["unknown opcode", "opcode 0", "VLAN tag", "priority tag", "runt", "to another station"].contains($0.description)
    }
    for second in ignored { device.send(second.frame, on: "p2", at: 0) }
    #expect(ignored.count == 6 && device.run().isEmpty)
    let counted = device.device.macControl(on: device.port("p2"))
    #expect(counted.others == 6 && counted.pauseFramesReceived == 0)
    #expect(device.device.totals.rxPackets == 0)
  }

  @Test("Without another frame it ends by itself, and a frame at that very tick goes on with it")
  func renewedInTime() throws {
    for (delay, pauses) in [(0, 1), (1, 2)] as [(UInt64, UInt64)] {
      var device = try makeSwitch()
      device.send(Frame.priorityPause([3: 100]), on: "p2", at: 0)
      device.send(Frame.priorityPause([3: 100]), on: "p2", at: 512_000 + delay)
      for _ in 0..<2 { device.send(Self.packet(3), on: "p1", at: 0) }
      let first: UInt64 = 5760 + 512_000
      let second = first + delay + 512_000
      // Late by a tick, it comes after one packet has started; that packet is finished, and the next one waits.
      #expect(device.run().map(\.start) == (delay == 0 ? [second, second + 6720] : [first, second]))
      // At the tick of its end a pause is over, even if it begins anew with it.
      #expect(priority(3, device).pauses == (delay == 0 ? 2 : pauses))
      #expect(priority(3, device).pausedTicks == 1_024_000)
    }
  }

  @Test("One priority stops its own queue, and no other", arguments: 0..<8)
  func onePriority(paused: Int) throws {
    var device = try makeSwitch()
    device.send(Frame.priorityPause([paused: 1000]), on: "p2", at: 0)
    for trafficClass in 0..<8 { device.send(Self.packet(trafficClass), on: "p1", at: 0) }
    let departures = device.run()
    #expect(Set(departures.map(\.queue)) == Set(0..<8))
    for departure in departures {
      let wanted: UInt64 = departure.queue == paused ? 5_125_760 : departure.arrival
      #expect(departure.start == wanted)
    }
  }

  @Test("Priorities of lossy queues are counted and not obeyed")
  func lossy() throws {
    var device = try makeSwitch(lossless: [3, 4])
    let times = Dictionary(uniqueKeysWithValues: (0..<8).map { ($0, 1000 as UInt16) })
    device.send(Frame.control(vector: 0xFF, times: times), on: "p2", at: 0)
    for trafficClass in 0..<8 { device.send(Self.packet(trafficClass), on: "p1", at: 0) }
    let departures = device.run()
    for departure in departures where ![3, 4].contains(departure.queue) {
      #expect(departure.start == departure.arrival)
    }
    #expect(departures.suffix(2).map(\.start) == [5_125_760, 5_125_760 + 6720])
    for number in 0..<8 {
      let counted = priority(number, device)
      #expect(counted.rxXOFF == 1 && counted.requestedQuanta == 1000)
      let paused: UInt64 = number == 3 || number == 4 ? 5_120_000 : 0
      #expect(counted.pausedTicks == paused)
    }
  }

  @Test("Two priorities that stop one queue: it goes on when the last of them lets it")
  func sharedQueue() throws {
    // 3 and 5 stop queue 3; queue 5 is stopped by none.
    let cases: [([Int: UInt16], UInt64)] = [([5: 300], 1_548_480), ([5: 50], 517_760), ([5: 0], 517_760)]
    for (second, end) in cases {
      var device = try makeSwitch { $0.qos.pfcPriorityToQueue[5] = QueueID(3) }
      device.send(Frame.priorityPause([3: 100]), on: "p2", at: 0)
      device.send(Frame.priorityPause(second), on: "p2", at: 0)
      for trafficClass in [3, 5] { device.send(Self.packet(trafficClass), on: "p1", at: 0) }
      let departures = device.run()
      #expect(departures.map(\.queue) == [5, 3])
      #expect(departures.map(\.start) == [5760 + 6720, end])
      let queue = device.device.pauseStatistics(of: QueueID(3), on: device.port("p2"), at: Tick(device.now))
      #expect(queue.pausedTicks == end - 5760 && queue.packetTicks == end - 5760)
    }
  }

  @Test("With link-level PAUSE everything stops, and PFC is only counted")
  func linkPause() throws {
    var device = try makeSwitch(lossless: [3]) { $0.pause.mode = .link }
    device.send(Frame.linkPause(1000), on: "p2", at: 0)
    device.send(Frame.priorityPause([3: 0]), on: "p2", at: 1_000_000)
    device.send(Frame.priorityPause([3: 60_000]), on: "p2", at: 2_000_000)
    for trafficClass in 0..<8 { device.send(Self.packet(trafficClass), on: "p1", at: 0) }
    let departures = device.run()
    let wanted = (0..<8).map { (index: UInt64) -> UInt64 in 5760 + 5_120_000 + index * 6720 }
    #expect(departures.map(\.start) == wanted)
    let counted = device.device.macControl(on: device.port("p2"))
    #expect(counted.linkRxXOFF == 1 && counted.pauseFramesReceived == 3)
    #expect(priority(3, device).rxXOFF == 1 && priority(3, device).rxXON == 1)
    #expect((0..<8).allSatisfy { priority($0, device).pausedTicks == 5_120_000 })
    // A PAUSE of zero ends it.
    device.send(Frame.linkPause(60_000), on: "p2", at: device.now)
    device.send(Self.packet(0), on: "p1", at: device.now)
    let begin = device.now
    device.send(Frame.linkPause(0), on: "p2", at: begin + 1_000_000)
    #expect(device.run().map(\.start) == [begin + 1_005_760])
  }

  @Test("Without flow control neither is obeyed, and both are counted")
  func off() throws {
    var device = try makeSwitch { $0.pause.mode = .off }
    device.send(Frame.linkPause(1000), on: "p2", at: 0)
    device.send(Frame.priorityPause([3: 1000]), on: "p2", at: 0)
    device.send(Self.packet(3), on: "p1", at: 100_000)
    #expect(device.run().map(\.latency) == [0])
    #expect(device.device.macControl(on: device.port("p2")).linkRxXOFF == 1 && priority(3, device).rxXOFF == 1)
  }

  @Test("A port that goes down forgets its pauses")
  func portDown() throws {
    var device = try makeSwitch()
    device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: 0)
    device.send(Self.packet(3), on: "p1", at: 0)
    #expect(device.run(until: 1_000_000).isEmpty)
    device.setPort("p2", isUp: false)
    #expect(device.run(until: 2_000_000).isEmpty)
    device.setPort("p2", isUp: true)
    #expect(device.run().map(\.start) == [2_000_000])
    #expect(priority(3, device).pausedTicks == 1_000_000 - 5760)
  }
}
