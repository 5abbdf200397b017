import Dataplane
import TestSupport
import Testing

/// When packet memory runs out, packets are counted drops: nothing is lost without a trace.
@Suite struct FiniteMemoryTests {
  @Test func frames() throws {
    let speeds = [BitRate.gigabits(100), BitRate.gigabits(1)]
    var device = try VirtualSwitch(TestConfiguration.router(ports: 2, speeds: speeds), counts: (64, 32, 16))
    for _ in 0..<1000 { device.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0) }
    let departures = device.run()
    // All three pools help out; one frame more fits for each that has left.
    let drops = Int(device.drops(.packetMemory, on: "p1"))
    #expect(departures.count + drops == 1000)
    #expect(departures.count >= 112 && drops > 0)
    #expect(device.device.totals.rxPackets == 1000)
  }

  /// A flood for whose copies there is no memory.
  @Test func copies() throws {
    let speeds = [BitRate.gigabits(100), BitRate.gigabits(1), BitRate.gigabits(1)]
    var bridge = try VirtualSwitch(TestConfiguration.bridge(ports: 3, speeds: speeds), counts: (64, 32, 16))
    let frame = Frame(
      from: "10.0.1.2", to: "10.0.1.3", sourceMAC: 0x0200_0000_0B01, destinationMAC: 0xFFFF_FFFF_FFFF)
    for _ in 0..<500 { bridge.send(frame.udp(1, 2, size: 60), on: "p1", at: 0) }
    let departures = bridge.run()
    let totals = bridge.device.totals
    #expect(totals.droppedPackets > 0 && totals.rxPackets == 500)
    #expect(departures.count == Int(totals.txPackets))
  }
}
