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

  private func control(_ campus: borrowing VirtualSwitch, on name: String) -> Switch.MACControlStatistics {
    campus.device.macControl(on: campus.port(name))
  }

  /// MAC control is in none of the counters of data.
  private func expectNoData(_ campus: borrowing VirtualSwitch, on name: String) {
    #expect(campus.device.received(on: campus.port(name)) == Switch.Traffic())
    #expect(campus.device.consumed(on: campus.port(name)) == 0)
    #expect(campus.allDrops(on: name).isEmpty)
    #expect(campus.device.totals == Switch.Totals())
  }

  @Test("PFC ends here; per priority, times are XOFF and zeros XON, if enabled", arguments: ["r1", "a1", "t1"])
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
    expectNoData(campus, on: port)
    #expect(control(campus, on: port) == Switch.MACControlStatistics(pauseFramesReceived: 4))
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

  @Test("PAUSE and unknown opcodes are counted apart, and PAUSE to the address of another with the unknown ones")
  func otherOpcodes() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    for destination: UInt64 in [0x0180_C200_0001, Frame.switchMAC, Frame.station(1), 0xFFFF_FFFF_FFFF] {
      var frame = Frame(source: [], destination: [])
      frame.destinationMAC = destination
      for opcode: [UInt8] in [[0, 1], [0, 2], [0xFF, 0xFE]] {
        #expect(campus.exchange(frame.ethernet(0x8808, opcode + [0xFF, 0xFF], size: 60), on: "a1").isEmpty)
      }
    }
    // Two of the four addresses are not for the switch.
    #expect(
      control(campus, on: "a1") == Switch.MACControlStatistics(pauseFramesReceived: 2, linkRxXOFF: 2, others: 10))
    var frame = Frame(source: [], destination: [])
    frame.destinationMAC = 0x0180_C200_0001
    #expect(campus.exchange(frame.ethernet(0x8808, [0, 1, 0, 0], size: 60), on: "a1").isEmpty)
    #expect(control(campus, on: "a1").linkRxXON == 1)
    #expect(counts(campus, on: "a1").allSatisfy { $0 == [0, 0] })
    expectNoData(campus, on: "a1")
  }

  @Test("Cut off anywhere: it ends here, and counts as PFC only if all eight times are there")
  func truncated() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.priorityPause([2: 7])
    for captured in 14...60 {
      #expect(campus.exchange(Array(frame[..<captured]), on: "r1", wireLength: 60).isEmpty)
    }
    #expect(counts(campus, on: "r1")[2] == [27, 0])
    #expect(control(campus, on: "r1") == Switch.MACControlStatistics(pauseFramesReceived: 27, others: 20))
    expectNoData(campus, on: "r1")
  }

  @Test("Shorter than 60 bytes on the wire, or to the address of another, it is no PFC frame")
  func notForUs() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.priorityPause([2: 7])
    for length in 34..<60 { #expect(campus.exchange(Array(frame[..<length]), on: "r1").isEmpty) }
    #expect(control(campus, on: "r1") == Switch.MACControlStatistics(others: 26))
    for (address, isObeyed) in [(Frame.station(1), false), (0xFFFF_FFFF_FFFF, false), (Frame.switchMAC, true)] {
      let before = counts(campus, on: "r1")[2][0]
      #expect(campus.exchange(Frame.octets(address, count: 6) + frame[6...], on: "r1").isEmpty)
      #expect(counts(campus, on: "r1")[2][0] - before == (isObeyed ? 1 : 0))
    }
    #expect(control(campus, on: "r1") == Switch.MACControlStatistics(pauseFramesReceived: 1, others: 28))
    expectNoData(campus, on: "r1")
  }

  @Test("Behind a tag it is no PFC frame, but it is not forwarded either")
  func tagged() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    let frame = Frame.tagged(Frame.priorityPause([2: 7]), control: 10)
    for port in ["a1", "t1", "r1"] {
      #expect(campus.exchange(frame, on: port).isEmpty)
      #expect(counts(campus, on: port)[2] == [0, 0])
      #expect(control(campus, on: port) == Switch.MACControlStatistics(others: 1))
      expectNoData(campus, on: port)
    }
  }

  @Test("Nothing is learned from MAC control frames")
  func notLearned() throws {
    var campus = try VirtualSwitch(TestConfiguration.campus())
    _ = campus.exchange(Frame.priorityPause([2: 7], from: Frame.station(1)), on: "a1")
    #expect(campus.exchange(Frame.layer2(from: Frame.station(2), to: Frame.station(1)), on: "a2").count == 3)
  }
}
