import Dataplane
import TestSupport
import Testing

/// The pause frames that the switch sends: IEEE 802.1Q clause 36, IEEE 802.3 annex 31B. Every tick is exact.
///
/// p1 is where packets come in and pause frames leave; p2 and p3 are where packets go, stopped by their neighbours. A
/// priority group may have ten cells of 256 bytes, and all its packets are one cell each: the eleventh means XOFF.
@Suite("Pause frames sent")
struct PFCFrameTests {
  /// A frame of one cell.
  private static let size = 256
  /// What the switch says with the largest time.
  private static func announcement(_ quanta: [Int: UInt16]) -> [UInt8] {
    Frame.priorityPause(quanta, from: Frame.switchMAC)
  }

  private static func makeSwitch(_ change: (inout SwitchConfiguration) -> Void = { _ in }) throws -> VirtualSwitch {
    var configuration = TestConfiguration.classes(ports: 4, lossless: [3, 4])
    configuration.buffer.size = ByteCount(16_000_000)
    configuration.buffer.cell = ByteCount(256)
    configuration.buffer.lossless = PriorityGroupProfile(threshold: .fixed(ByteCount(2560)), xonOffset: ByteCount(0))
    configuration.buffer.headroom = ByteCount(256_000)
    change(&configuration)
    var device = try VirtualSwitch(configuration)
    device.device.recordsPauseEvents = true
    return device
  }

  private static func packet(_ trafficClass: Int, to port: Int = 3) -> [UInt8] {
    TestConfiguration.frame(toPort: port, size: size, dscp: UInt8(trafficClass))
  }

  /// Stops p3 for a long time, and lets packets in on p1 from `tick` on, back to back.
  private static func fill(_ device: inout VirtualSwitch, _ classes: [Int], packets: Int, from tick: UInt64) {
    device.send(Frame.priorityPause([3: 65_535, 4: 65_535]), on: "p3", at: 0)
    for trafficClass in classes {
      for _ in 0..<packets { device.send(packet(trafficClass), on: "p1", at: tick) }
    }
  }

  private static func priority(_ number: Int, _ device: borrowing VirtualSwitch) -> Switch.PriorityStatistics {
    device.device.statistics(of: PFCPriority(number), on: device.port("p1"), at: Tick(device.now))
  }

  @Test("XOFF leaves at the tick at which the packet over the limit is in; it is one frame, byte for byte")
  func xoff() throws {
    for quanta: UInt16 in [1, 1000, 65_535] {
      var device = try Self.makeSwitch { $0.pause.quanta = quanta }
      Self.fill(&device, [3], packets: 11, from: 1_000_000)
      let eleventh = 1_000_000 + 10 * WireTime.slot(Self.size, 100) + WireTime.arrival(Self.size, 100)
      #expect(device.run(until: eleventh - 1).isEmpty)
      let sent = device.run(until: eleventh)
      #expect(sent.map(\.bytes) == [Self.announcement([3: quanta])])
      #expect(sent.map(\.start) == [eleventh] && sent.map(\.port) == ["p1"])
    }
  }

  @Test("While a long frame is on the wire, changes gather; one frame for all leaves at its end, ahead of all queues")
  func boundary() throws {
    var device = try Self.makeSwitch { $0.ports[0].queues[7].schedule = .strict }
    // On its way out of p1 when groups 3 and 4 get to their limits, with one of the strict queue right behind it.
    device.send(TestConfiguration.frame(toPort: 1, size: 9216, dscp: 0), on: "p2", at: 0)
    device.send(TestConfiguration.frame(toPort: 1, size: 60, dscp: 7), on: "p2", at: 0)
    Self.fill(&device, [3, 4], packets: 11, from: 800_000)
    // The neighbour stops everything that it can stop: pause frames are never paused.
    device.send(Frame.priorityPause([3: 65_535, 4: 65_535]), on: "p1", at: 750_000)
    let end = WireTime.arrival(9216, 100) + WireTime.slot(9216, 100)
    let sent = device.run(until: end + 100_000)
    #expect(sent.map(\.start) == [WireTime.arrival(9216, 100), end, end + WireTime.slot(60, 100)])
    #expect(sent[1].bytes == Self.announcement([3: 65_535, 4: 65_535]))
    #expect(sent[2].queue == 7)
    // Both groups were at their limits before the end of the long frame.
    #expect(device.events(.headroom).map(\.group) == [PriorityGroup(3), PriorityGroup(4)])
    #expect(device.events(.headroom).allSatisfy { $0.tick.rawValue < end })
    // Two frames of data left p1; the pause frame is in no counter of data.
    let port = device.port("p1")
    #expect(device.device.sent(on: port).packets == 2 && device.device.sent(on: port).bytes == 9276)
    #expect(device.device.statistics(of: QueueID(0), on: port).tx.packets == 1)
    #expect(device.device.totals.txPackets == 2 && device.device.totals.originatedPackets == 0)
    #expect(device.device.macControl(on: port).pauseFramesSent == 1)
    #expect(Self.priority(3, device).txXOFF == 1 && Self.priority(4, device).txXOFF == 1)
    #expect(Self.priority(0, device).txXOFF == 0)
  }

  @Test("XOFF is said again every half pause time, or as configured, counted from the frame before")
  func refresh() throws {
    for (refresh, spacing) in [(nil, 32_767 * 5120 + 2560), (10_000_000, 10_000_000)] as [(UInt64?, UInt64)] {
      var device = try Self.makeSwitch { $0.pause.refresh = refresh.map { Picoseconds($0) } }
      Self.fill(&device, [3], packets: 11, from: 1_000_000)
      for renewal in 1..<4 {
        device.send(Frame.priorityPause([3: 65_535]), on: "p3", at: UInt64(renewal) * 300_000_000)
      }
      let first = 1_000_000 + 10 * WireTime.slot(Self.size, 100) + WireTime.arrival(Self.size, 100)
      // A packet is on the wire when the third is due.
      let busy = first + 2 * spacing - 10_000
      device.send(
        TestConfiguration.frame(toPort: 1, size: 1000, dscp: 0), on: "p2", at: busy - WireTime.arrival(1000, 100))
      let control = device.run(until: first + 4 * spacing).control
      let third = busy + WireTime.slot(1000, 100)
      #expect(third > first + 2 * spacing)
      let wanted = [first, first + spacing, third, third + spacing]
      #expect(control.map(\.start) == wanted)
      #expect(control.allSatisfy { $0.bytes == Self.announcement([3: 65_535]) })
      #expect(Self.priority(3, device).txXOFF == 4)
      #expect(device.events(.refreshed).map(\.tick.rawValue) == Array(wanted.dropFirst()))
    }
  }

  @Test("XON is said once, at the tick at which headroom is empty, and then nothing more")
  func xon() throws {
    var device = try Self.makeSwitch()
    Self.fill(&device, [3], packets: 13, from: 1_000_000)
    device.send(Frame.priorityPause([3: 0]), on: "p3", at: 50_000_000)
    let sent = device.run(until: 2_000_000_000)
    let released = 50_000_000 + WireTime.arrival(60, 100)
    // Three are in headroom, and what leaves frees headroom first: it is empty when the third leaves.
    let data = sent.data.map(\.start)
    let slot = WireTime.slot(Self.size, 100)
    #expect(data == (0..<13).map { released + UInt64($0) * slot })
    let control = sent.control
    #expect(
      control.map(\.bytes)
        == [Self.announcement([3: 65_535]), Self.announcement([3: 0])].map { Self.withVector(3, $0) })
    #expect(control.last?.start == released + 2 * slot)
    #expect(Self.priority(3, device).txXOFF == 1 && Self.priority(3, device).txXON == 1)
    device.expectBufferEmpty()
    #expect(device.run(until: 4_000_000_000).isEmpty)
  }

  /// An XON has its bit in the vector, and a time of zero.
  private static func withVector(_ priority: Int, _ frame: [UInt8]) -> [UInt8] {
    var frame = frame
    frame[17] = 1 << UInt8(priority)
    return frame
  }

  /// Eight packets wait for p3 and five for p2, three of them in headroom; p2 goes on first, and empties headroom. XON
  /// is due when what waits for p3 has fallen to the larger of `xon` and the limit less the offset.
  @Test(
    "XON waits for headroom and hysteresis",
    arguments: [(0, 0, 10), (0, 3, 7), (0, 7, 3), (5, 7, 5), (2, 7, 3), (0, 10, 0)])
  func hysteresis(xon: UInt64, offset: UInt64, left: Int) throws {
    var device = try Self.makeSwitch {
      $0.buffer.lossless.xon = ByteCount(xon * 256)
      $0.buffer.lossless.xonOffset = ByteCount(offset * 256)
    }
    device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: 0)
    Self.fill(&device, [3], packets: 8, from: 1_000_000)
    for _ in 0..<5 { device.send(Self.packet(3, to: 2), on: "p1", at: 1_000_000) }
    device.send(Frame.priorityPause([3: 0]), on: "p2", at: 50_000_000)
    device.send(Frame.priorityPause([3: 0]), on: "p3", at: 60_000_000)
    let sent = device.run(until: 300_000_000)
    let slot = WireTime.slot(Self.size, 100)
    // The first three that leave free headroom.
    let wanted =
      left >= 8
      ? 50_000_000 + WireTime.arrival(60, 100) + UInt64(12 - left) * slot
      : 60_000_000 + WireTime.arrival(60, 100) + UInt64(7 - left) * slot
    #expect(sent.control.dropFirst().map(\.start) == [wanted])
    let event = try #require(device.events(.drained).first)
    #expect(event.tick.rawValue == wanted && event.sharedBytes == UInt64(left) * 256 && event.headroomBytes == 0)
  }

  @Test("A neighbour that was away is told again")
  func portDownAndUp() throws {
    var device = try Self.makeSwitch()
    Self.fill(&device, [3], packets: 11, from: 1_000_000)
    #expect(device.run(until: 10_000_000).control.count == 1)
    device.setPort("p1", isUp: false)
    #expect(device.run(until: 200_000_000).control.isEmpty, "the refresh was due at 169 us")
    device.setPort("p1", isUp: true)
    let sent = device.run(until: 250_000_000)
    #expect(sent.map(\.start) == [200_000_000] && sent.map(\.bytes) == [Self.announcement([3: 65_535])])
    // What drained while it was away needs no words.
    device.setPort("p1", isUp: false)
    let rest = device.run(until: 900_000_000)
    #expect(rest.data.count == 11 && rest.control.isEmpty)
    device.setPort("p1", isUp: true)
    #expect(device.run(until: 2_000_000_000).isEmpty && device.isBufferEmpty)
  }

  @Test("With link-level PAUSE one frame stops the link, while any group wants it, and one lets it go on")
  func linkPause() throws {
    var device = try Self.makeSwitch { $0.pause.mode = .link }
    device.send(Frame.linkPause(65_535), on: "p3", at: 0)
    for trafficClass in [3, 4] {
      for _ in 0..<11 { device.send(Self.packet(trafficClass), on: "p1", at: 1_000_000) }
    }
    device.send(Frame.linkPause(0), on: "p3", at: 50_000_000)
    let sent = device.run(until: 1_000_000_000)
    #expect(
      sent.control.map(\.bytes) == [
        Frame.linkPause(65_535, from: Frame.switchMAC), Frame.linkPause(0, from: Frame.switchMAC),
      ])
    // Each has one packet in headroom, which is empty as soon as one of its own has left.
    let firsts = [3, 4].compactMap { queue in sent.data.first { $0.queue == queue }?.start }
    #expect(firsts.count == 2 && sent.control[1].start == firsts.max())
    let counted = device.device.macControl(on: device.port("p1"))
    #expect(counted.pauseFramesSent == 2 && counted.linkTxXOFF == 1 && counted.linkTxXON == 1)
    #expect((0..<8).allSatisfy { Self.priority($0, device).txXOFF == 0 })
  }

  @Test("Without flow control nothing is said")
  func off() throws {
    var device = try Self.makeSwitch { $0.pause.mode = .off }
    for _ in 0..<30 { device.send(Self.packet(3), on: "p1", at: 0) }
    for _ in 0..<30 { device.send(Self.packet(3), on: "p2", at: 0) }
    #expect(device.run().control.isEmpty)
    #expect(device.device.macControl(on: device.port("p1")).pauseFramesSent == 0)
    #expect(!device.events(.headroom).isEmpty)
  }
}
