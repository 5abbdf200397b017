import Dataplane
import TestSupport
import Testing

/// Ports that go down and come back.
@Suite struct PortStateTests {
  /// What waits in the queues of a port that goes down stays there, and leaves in order once the port is back: not a
  /// picosecond before, and back to back.
  @Test func queuesSurviveADownPort() throws {
    var device = try VirtualSwitch(TestConfiguration.router(ports: 2, speeds: [.gigabits(100), .gigabits(10)]))
    for _ in 0..<20 { device.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0, wireLength: 1044) }
    // Five frames have started: one each 854.4 ns from 84.48 ns on.
    let before = device.run(until: 84_480 + 4 * 854_400)
    #expect(before.count == 5)
    device.setPort("p2", isUp: false)
    #expect(device.run(until: 100_000_000).isEmpty)
    #expect(device.device.totals.waitingPackets == 15)
    device.setPort("p2", isUp: true)
    let after = device.run()
    #expect(after.map(\.number) == Array(5..<20))
    for (index, departure) in after.enumerated() {
      expectEqual(departure.start, 100_000_000 + UInt64(index) * 854_400, "frame \(index)")
    }
  }

  /// The frame on the wire when the port goes down is over before the next one starts, even if the port is back at once.
  @Test func aFrameOnTheWireIsNotOverlapped() throws {
    var device = try VirtualSwitch(TestConfiguration.router(ports: 2, speeds: [.gigabits(100), .gigabits(10)]))
    for _ in 0..<2 { device.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0, wireLength: 1044) }
    #expect(device.run(until: 200_000).map(\.start) == [84_480])
    device.setPort("p2", isUp: false)
    device.setPort("p2", isUp: true)
    #expect(device.run().map(\.start) == [84_480 + 854_400])
  }

  @Test func downPortsNeitherReceiveNorSend() throws {
    var device = try VirtualSwitch(TestConfiguration.router(ports: 2))
    device.setPort("p2", isUp: false)
    device.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0)
    device.send(TestConfiguration.frame(toPort: 1), on: "p2", at: 0)
    #expect(device.run().isEmpty)
    #expect(device.drops(.egressDown, on: "p2") == 1)
    #expect(device.drops(.ingressDown, on: "p2") == 1)
    device.setPort("p2", isUp: true)
    device.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0)
    device.send(TestConfiguration.frame(toPort: 1), on: "p2", at: 0)
    #expect(device.run().count == 2)
  }

  @Test func portsMayStartDown() throws {
    var configuration = TestConfiguration.bridge(ports: 3)
    configuration.ports[2].isUp = false
    var bridge = try VirtualSwitch(configuration)
    var frame = Frame(from: "10.0.1.2", to: "10.0.1.3")
    frame.destinationMAC = 0x0200_0000_0B02
    bridge.send(frame.udp(1, 2, size: 60), on: "p1", at: 0)
    #expect(bridge.run().map(\.port) == ["p2"])
    bridge.setPort("p3", isUp: true)
    bridge.send(frame.udp(1, 2, size: 60), on: "p1", at: 0)
    #expect(bridge.run().map(\.port) == ["p2", "p3"])
  }
}
