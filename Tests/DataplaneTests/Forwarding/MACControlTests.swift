import TestSupport
import Testing
import Wire

@testable import Dataplane

@Suite("MAC control")
struct MACControlTests {
  private func counts(_ campus: borrowing VirtualSwitch, on name: String) -> [[UInt64]] {
    (0..<8).map {
      let counted = campus.device.statistics(of: PFCPriority($0), on: campus.port(name), at: .zero)
      return [counted.rxXOFF, counted.rxXON]
    }
  }

  private func otherCount(_ campus: borrowing VirtualSwitch, on name: String) -> UInt64 {
    campus.device.measured.ports.base[campus.port(name).index].otherMACControl
  }

  @Test("PFC is consumed; per priority, times are XOFF and zeros XON, if enabled", arguments: ["r1", "a1", "t1"])
  func priorityPause(port: String) throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    #expect(campus.exchange(Frame.priorityPause([3: 0xFFFF, 4: 1, 5: 0]), on: port).isEmpty)
    #expect(campus.exchange(Frame.priorityPause([3: 0]), on: port).isEmpty)
    #expect(campus.exchange(Frame.priorityPause([:]), on: port).isEmpty)
    // A time whose enable bit is clear does not count, and the reserved octet of the vector is ignored.
    var disabled = Frame.priorityPause([7: 9])
    (disabled[16], disabled[17]) = (0xFF, 0x01)
    #expect(campus.exchange(disabled, on: port).isEmpty)
    let wanted: [[UInt64]] = [[0, 1], [0, 0], [0, 0], [1, 1], [1, 0], [0, 1], [0, 0], [0, 0]]
    #expect(counts(campus, on: port) == wanted)
    #expect(campus.device.consumed(on: campus.port(port)) == 4)
    #expect(campus.allDrops(on: port).isEmpty)
    #expect(counts(campus, on: "r2").allSatisfy { $0 == [0, 0] })
  }

  @Test("A source address of zero is accepted, one of a group is not")
  func sourceAddress() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.priorityPause([0: 5], from: 0), on: "r1")
    #expect(counts(campus, on: "r1")[0] == [1, 0])
    _ = campus.exchange(Frame.priorityPause([0: 5], from: 0x0180_C200_0001), on: "r1")
    #expect(counts(campus, on: "r1")[0] == [1, 0])
    #expect(campus.allDrops(on: "r1") == ["group-source: 1"])
  }

  @Test("PAUSE and unknown opcodes are consumed and counted apart, to whatever address they go")
  func otherOpcodes() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for destination: UInt64 in [0x0180_C200_0001, Frame.switchMAC, Frame.station(1), 0xFFFF_FFFF_FFFF] {
      var frame = Frame(source: [], destination: [])
      frame.destinationMAC = destination
      for opcode: [UInt8] in [[0, 1], [0, 2], [0xFF, 0xFE]] {
        #expect(campus.exchange(frame.ethernet(0x8808, opcode + [0xFF, 0xFF], size: 60), on: "a1").isEmpty)
      }
    }
    #expect(otherCount(campus, on: "a1") == 12)
    #expect(campus.device.consumed(on: campus.port("a1")) == 12)
  }

  @Test("Cut off anywhere: consumed, and counted as PFC only if all eight times are there")
  func truncated() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.priorityPause([2: 7])
    for captured in 14...60 {
      #expect(campus.exchange(Array(frame[..<captured]), on: "r1", wireLength: 60).isEmpty)
    }
    #expect(campus.device.consumed(on: campus.port("r1")) == 47)
    #expect(counts(campus, on: "r1")[2] == [27, 0])
    #expect(otherCount(campus, on: "r1") == 20)
  }

  @Test("Behind a tag it is no PFC frame, but it is not forwarded either")
  func tagged() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.tagged(Frame.priorityPause([2: 7]), control: 10)
    for port in ["a1", "t1", "r1"] {
      #expect(campus.exchange(frame, on: port).isEmpty)
      #expect(counts(campus, on: port)[2] == [0, 0])
      #expect(campus.device.consumed(on: campus.port(port)) == 1)
    }
  }

  @Test("Nothing is learned from MAC control frames")
  func notLearned() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.priorityPause([2: 7], from: Frame.station(1)), on: "a1")
    #expect(campus.exchange(Frame.layer2(from: Frame.station(2), to: Frame.station(1)), on: "a2").count == 3)
  }
}
