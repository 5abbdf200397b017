import TestSupport
import Testing

@testable import Dataplane

/// Forwarding without queues: the same frames leave, at once and in the order in which they came.
@Suite("Direct forwarding")
struct DirectTests {
  private static func configuration() -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    configuration.forwardingMode = .direct
    TestConfiguration.route(&configuration, "10.8.0.0/16", [("10.0.2.2", 1, 3), ("10.0.2.3", 1, 2)])
    configuration.neighbors.append(TestConfiguration.neighbor(1, "10.0.2.3", Frame.station(23)))
    return configuration
  }

  @Test("Routed, bridged and flooded frames leave as they do from queues")
  func sameBytes() throws {
    var direct = try VirtualSwitch(Self.configuration())
    var queued = Self.configuration()
    queued.forwardingMode = .storeAndForward
    var usual = try VirtualSwitch(queued)
    for destination in ["10.8.0.1", "10.8.7.7", "10.0.2.2", "10.0.1.1", "10.99.0.1"] {
      for size in [60, 64, 900, 1514] {
        let frame = Frame(from: "10.0.1.2", to: destination).udp(1, 2, size: size)
        let first = direct.exchange(frame, on: "r1")
        let second = usual.exchange(frame, on: "r1")
        #expect(first.map(\.port) == second.map(\.port))
        #expect(first.map(\.bytes) == second.map(\.bytes))
        #expect(first.allSatisfy { $0.queue == 0 })
      }
    }
    let flooded = Frame.layer2(from: Frame.station(3), to: Frame.station(4))
    let (first, second) = (direct.exchange(flooded, on: "a1"), usual.exchange(flooded, on: "a1"))
    #expect(first.map(\.port) == second.map(\.port) && first.count == 3)
    let totals = direct.device.totals
    #expect(totals == usual.device.totals && totals.waitingPackets == 0)
  }

  @Test("What comes in a burst leaves at one tick, in order, and has one latency")
  func atOnce() throws {
    var direct = try VirtualSwitch(Self.configuration())
    let frames = (0..<100).map { Frame(from: "10.0.1.2", to: "10.0.2.2").udp(UInt16($0), 2, size: 600) }
    for frame in frames { direct.send(frame, on: "r1", at: 0) }
    let departures = direct.run()
    #expect(departures.map { [UInt8]($0.bytes[34..<36]) } == frames.map { [UInt8]($0[34..<36]) })
    // Nothing waits for a wire: each leaves when its last bit is in.
    #expect(departures.allSatisfy { $0.latency == 0 })
    let latency = direct.device.latency(of: QueueID(0), on: PortID(1))
    #expect(latency.count == 100 && latency.maximumTicks == 0)
  }

  @Test("A line that nobody takes from ends at 1024 packets; what comes then is dropped and counted")
  func fullLine() throws {
    let memory = try PacketMemory(counts: (4096, 64, 4))
    var device = try Switch(Self.configuration(), memory: memory, ticksPerSecond: 1_000_000_000_000)
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 64)
    var burst = PacketBurst()
    for _ in 0..<1100 {
      guard let packet = device.memory.allocate(capacity: frame.count) else { break }
      packet.fill(frame, count: frame.count)
      packet.arrived(number: 0, wireLength: frame.count, start: .zero, end: .zero, latencyFrom: .zero)
      burst.append(packet)
      device.receive(&burst, on: PortID(0), at: .zero)
    }
    let drops = device.drops(on: PortID(1)).map { "\($0.reason) \($0.packets)" }
    #expect(drops == ["egressBuffer 76"])
    let totals = device.totals
    #expect(totals.waitingPackets == 1024)
  }
}
