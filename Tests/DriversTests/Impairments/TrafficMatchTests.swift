import Dataplane
import Drivers
import TestSupport
import Testing

/// Which frames a match picks, seen by what a loss of 100 % leaves.
@Suite struct TrafficMatchTests {
  private static func frame(_ version: Int, dscp: UInt8, tags: [Frame.Tag] = []) -> Frame {
    var frame = version == 4 ? Frame(from: "10.0.1.2", to: "10.0.2.2") : Frame(from: "fd00::1", to: "fd00::2")
    frame.dscp = dscp
    frame.tags = tags
    return frame
  }

  private static let frames: [[UInt8]] = [
    frame(4, dscp: 26).roce(queuePair: 7, opcode: 4, sequence: 100),  // 0
    frame(6, dscp: 26).roce(queuePair: 8, opcode: 4, sequence: 0xFF_FFFF),  // 1
    frame(4, dscp: 0, tags: [Frame.Tag(vlan: 5)]).roce(queuePair: 7, opcode: 10, sequence: 0),  // 2
    frame(4, dscp: 48).congestionNotification(queuePair: 9),  // 3
    frame(4, dscp: 26).udp(1, 2, size: 64),  // 4
    frame(6, dscp: 0).tcp(1, 2),  // 5
    Frame.priorityPause([3: 0xFFFF]),  // 6
    frame(4, dscp: 0).arp(isRequest: true),  // 7
    [UInt8](repeating: 0, count: 14),  // 8
  ]

  private func picked(_ match: TrafficMatch) throws -> [UInt64] {
    let settings = impairment {
      $0.match = match
      $0.loss = Probability(partsPerMillion: 1_000_000)
    }
    let wire = try ImpairedWire([settings])
    for frame in Self.frames { try wire.send(frame, at: 0) }
    wire.run()
    let counters = wire.impairments.counters(of: 0)
    #expect(counters.seen == 9 && counters.matched == UInt64(9 - wire.arrivals.count))
    let left = Set(wire.numbers)
    return (0..<9).filter { !left.contains($0) }
  }

  private func match(_ change: (inout TrafficMatch) -> Void) -> TrafficMatch {
    var match = TrafficMatch()
    change(&match)
    return match
  }

  @Test func conditionsPickTheirFrames() throws {
    #expect(try picked(.all) == Array(0..<9))
    #expect(try picked(match { $0.dscp = [26] }) == [0, 1, 4])
    #expect(try picked(match { $0.dscp = [0, 48] }) == [2, 3, 5])
    #expect(try picked(match { $0.dscp = [63] }) == [])
    #expect(try picked(match { $0.opcodes = [4] }) == [0, 1])
    #expect(try picked(match { $0.opcodes = [10, 0x81] }) == [2, 3])
    #expect(try picked(match { $0.queuePairs = [7] }) == [0, 2])
    #expect(try picked(match { $0.queuePairs = [8, 9] }) == [1, 3])
    #expect(try picked(match { $0.isPauseOnly = true }) == [6])
  }

  @Test func sequenceRangesWrapAround() throws {
    #expect(try picked(match { $0.sequence = SequenceRange(50, 100) }) == [0])
    #expect(try picked(match { $0.sequence = SequenceRange(101, 0xFF_FFFE) }) == [])
    #expect(try picked(match { $0.sequence = SequenceRange(0xFF_FFFF, 0) }) == [1, 2, 3])
    #expect(try picked(match { $0.sequence = SequenceRange(0, 0xFF_FFFF) }) == [0, 1, 2, 3])
    #expect(try picked(match { $0.sequence = SequenceRange(0, 0) }) == [2, 3])
  }

  @Test func allConditionsMustHold() throws {
    #expect(
      try picked(
        match {
          $0.dscp = [26]
          $0.opcodes = [4]
          $0.queuePairs = [7]
        }) == [0])
    #expect(
      try picked(
        match {
          $0.dscp = [26]
          $0.queuePairs = [9]
        }) == [])
  }

  /// Every prefix of every frame: nothing is read beyond it, and pause frames need their opcode.
  @Test func cutFramesMatchByWhatTheyShow() throws {
    for match in [match { $0.queuePairs = [7] }, match { $0.isPauseOnly = true }, match { $0.dscp = [26] }] {
      let settings = impairment {
        $0.match = match
        $0.loss = Probability(partsPerMillion: 1_000_000)
      }
      let wire = try ImpairedWire([settings])
      for frame in Self.frames {
        for length in 0...frame.count { try wire.send(Array(frame[..<length]), at: 0, wireLength: frame.count) }
      }
      wire.run()
      #expect(wire.isWhole)
    }
  }
}
