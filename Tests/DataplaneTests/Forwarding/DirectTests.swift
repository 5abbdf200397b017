import TestSupport
import Testing
import Wire

@testable import Dataplane

/// Forwarding without queues: the same frames leave, at once and in the order in which they came.
@Suite("Direct forwarding")
struct DirectTests {
  /// 10.0.2.2, as the configuration has it.
  private static let nextHop: UInt64 = 0x0200_0000_0202

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

  @Test("What waits in a line survives a reload, leaves as it was addressed, and is dropped when its port goes down")
  func waiting() throws {
    let memory = try PacketMemory(counts: (4096, 64, 4))
    var device = try Switch(Self.configuration(), memory: memory, ticksPerSecond: 1_000_000_000_000)
    let available = device.memory.available
    let frames = [
      Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 64),
      Frame(from: "10.0.1.2", to: "10.8.0.1").echoRequest(),
      Frame(from: "10.0.1.2", to: "10.8.0.1").udp(3, 4, size: 64),
    ]
    var burst = PacketBurst()
    Self.fill(&burst, frames + frames, device.memory)
    device.receive(&burst, on: PortID(0), at: .zero)
    var other = Self.configuration()
    other.neighbors = []
    var generation = try Switch.Generation(other, for: device)
    device.exchange(&generation, at: .zero)
    var departures = PacketBurst()
    device.transmit(PortID(1), at: Tick(5), into: &departures)
    #expect(departures.count == 6)
    for index in 0..<departures.count {
      let packet = departures[index]
      #expect([Self.nextHop, Frame.station(23)].contains(MACAddress(at: packet.bytes).bits))
      #expect(
        packet.bytes.load(fromByteOffset: 22, as: UInt8.self) == 63 && packet.egressPort == PortID(1)
          && packet.ingressPort == PortID(0))
      #expect(packet.departure == Tick(5) && packet.pausedTicks == 0)
    }
    PacketMemory.free(&departures)
    Self.fill(&burst, frames, device.memory)
    device.learnNeighbor(.v4(IPv4Address("10.0.2.2")!), on: PortID(1), mac: MACAddress(bits: Self.nextHop), at: .zero)
    device.learnNeighbor(
      .v4(IPv4Address("10.0.2.3")!), on: PortID(1), mac: MACAddress(bits: Frame.station(23)), at: .zero)
    device.receive(&burst, on: PortID(0), at: .zero)
    device.setPort(PortID(1), isUp: false, at: Tick(6))
    device.discardQueued(on: PortID(1), at: Tick(6))
    let drops = device.drops(on: PortID(1)).map { "\($0.reason) \($0.packets)" }
    #expect(drops == ["egressDown 3"])
    let totals = device.totals
    #expect(totals.waitingPackets == 0 && device.memory.available == available)
  }

  private static func fill(_ burst: inout PacketBurst, _ frames: [[UInt8]], _ memory: borrowing PacketMemory) {
    for frame in frames {
      guard let packet = memory.allocate(capacity: frame.count) else { continue }
      packet.fill(frame, count: frame.count)
      packet.arrived(number: 0, wireLength: frame.count, start: .zero, end: .zero, latencyFrom: .zero)
      burst.append(packet)
    }
  }
}
