import TestSupport
import Testing
import Wire

@testable import Dataplane

/// What happens when packet memory is used up: counted drops, and nothing else.
@Suite("Memory exhaustion")
struct MemoryExhaustionTests {
  @Test("Copies that cannot be made are replicated and dropped; the frame itself goes on")
  func floodCopies() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus(), counts: (1, 1, 1))
    let frame = Frame.layer2(from: Frame.station(1), to: Frame.station(2), size: 3000)
    #expect(campus.exchange(frame, on: "a1").map(\.port) == ["t2"])
    #expect(campus.allDrops(on: "a1") == ["packet-memory: 2"])
    #expect(campus.device.totals.replicatedPackets == 2)
    // Small frames find room in the larger pools too.
    #expect(campus.exchange(Frame.layer2(from: Frame.station(1), to: Frame.station(2)), on: "a1").count == 3)
  }

  @Test("A request of the switch's own that cannot be copied is counted on no port")
  func originatedCopies() throws {
    // Three packets: the one that asks, the request, and one copy of the three that flooding needs.
    var campus = try VirtualSwitch(TestConfiguration.campus(), counts: (1, 1, 1))
    let out = campus.exchange(Frame(from: "10.0.1.2", to: "10.0.10.9").udp(1, 2), on: "r1")
    #expect(out.count == 2)
    #expect(campus.dropsWithoutPort(.packetMemory) == 2)
    #expect(campus.allDrops(on: "r1") == ["unresolved-neighbor: 1"])
    #expect(campus.device.totals.originatedPackets == 1)
    #expect(campus.device.totals.replicatedPackets == 3)
  }

  @Test("A mirror copy that cannot be made leaves the packet alone")
  func mirrorCopy() throws {
    var configuration = TestConfiguration.campus()
    configuration.acl = [ACLRule(name: "mirror", action: .mirror(to: PortID(7)))]
    var campus = try VirtualSwitch(configuration, counts: (1, 1, 1))
    let bytes = Frame.campus(from: 1, to: 2).udp(1, 2, size: 3000)
    #expect(campus.exchange(bytes, on: "r1").map(\.port) == ["r2"])
    #expect(campus.allDrops(on: "r1") == ["packet-memory: 1"])
  }

  @Test("Answers and errors that cannot be made are not made; what they were about is counted as ever")
  func answers() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus(), counts: (1, 1, 1))
    // The request is the only jumbo packet, so that there is none for the reply.
    #expect(campus.exchange(Frame(from: "10.0.1.2", to: "10.0.1.1").echoRequest(size: 4000), on: "r1").isEmpty)
    #expect(campus.device.consumed(on: campus.port("r1")) == 1)
    #expect(campus.device.totals.originatedPackets == 0)
  }

  @Test("Frames for which there is no memory are counted as received and dropped")
  func arrivals() throws {
    var configuration = TestConfiguration.campus()
    // Two wait on a port that may send one a second, the third finds nothing.
    configuration.ports[1].shaper = Shaper(rate: BitRate(bitsPerSecond: 1000))
    var campus = try VirtualSwitch(configuration, counts: (1, 1, 1))
    let bytes = Frame.campus(from: 1, to: 2).udp(1, 2)
    for index in 0..<6 { campus.send(bytes, on: "r1", at: UInt64(index) * 10_000) }
    _ = campus.run(until: 1_000_000)
    #expect(campus.device.totals.rxPackets == 6)
    #expect(campus.allDrops(on: "r1") == ["packet-memory: 2"])
    #expect(campus.run().count == 3)
  }

  @Test("No packet has more room than the largest")
  func tooLarge() throws {
    let memory = try PacketMemory(counts: (4, 4, 4))
    #expect(memory.allocate(capacity: PacketMemory.capacities.2 + 1) == nil)
    for capacity in [0, 256, 257, 2048, 2049, 9600] {
      guard let packet = memory.allocate(capacity: capacity) else {
        Issue.record("no packet of \(capacity) bytes")
        continue
      }
      let whole = [UInt8](repeating: 7, count: capacity)
      whole.withUnsafeBytes { if let base = $0.baseAddress { packet.fill(base, count: $0.count) } }
      PacketMemory.free(packet)
    }
    #expect(memory.available == 12 + PacketMemory.pauseCount)
  }
}
