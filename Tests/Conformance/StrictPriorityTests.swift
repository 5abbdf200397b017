import Dataplane
import TestSupport
import Testing

/// Strict queues: what they wait for, and their order.
@Suite struct StrictPriorityTests {
  static let byte: UInt64 = 800  // at 10G

  private func makeSwitch(strict: Set<Int>) throws -> VirtualSwitch {
    try FairShareTests.makeSwitch(
      (0..<8).map { QueueConfiguration(schedule: strict.contains($0) ? .strict : .dwrr(weight: 1)) })
  }

  private func frame(_ queue: Int) -> [UInt8] { TestConfiguration.frame(toPort: 1, dscp: UInt8(queue)) }

  /// A packet of the only strict queue starts at the first end of a frame after it has come in: it waits for the frame
  /// on the wire and for nothing else, whatever the DWRR queues hold.
  @Test func aStrictPacketWaitsForOneFrameAtMost() throws {
    var device = try makeSwitch(strict: [6])
    var random = SplitMix64(seed: 6)
    for queue in [0, 3, 7] {
      for _ in 0..<2000 {
        device.send(frame(queue), on: "p\(queue + 2)", at: 0, wireLength: 60 + random.below(1455))
      }
    }
    let slot = UInt64(60 + 24) * Self.byte
    for index in 1...2000 {
      // Further apart than a slot and the longest frame, so that none waits for another of its kind.
      let tick = UInt64(index) * (slot + 1_300_000) + UInt64(random.below(100_000))
      device.send(frame(6), on: "p8", at: tick)
    }
    let departures = device.run()
    #expect(departures.count == 8000)
    var end: UInt64 = 0
    var longest: UInt64 = 0
    for departure in departures {
      if departure.queue == 6 {
        expectEqual(departure.start, max(departure.arrival, end), "start of \(departure.number)")
        longest = max(longest, departure.latency)
      }
      end = departure.start + UInt64(departure.wireSlot) * Self.byte
    }
    let longestFrame = UInt64(1514 + 24) * Self.byte
    #expect(longest < longestFrame && longest > longestFrame / 2, "some had to wait for a long frame")
  }

  /// Among strict queues the higher number goes first, and all of them before DWRR queues.
  @Test func higherStrictQueuesGoFirst() throws {
    let strict: Set = [1, 4, 5, 7]
    var device = try makeSwitch(strict: strict)
    var random = SplitMix64(seed: 7)
    for queue in 0..<8 {
      for _ in 0..<300 { device.send(frame(queue), on: "p\(queue + 2)", at: UInt64(random.below(30_000_000))) }
    }
    let departures = device.run()
    #expect(departures.count == 2400)
    // Whoever leaves while a packet of a higher class has been there for long enough has jumped the queue.
    for (position, departure) in departures.enumerated() {
      let rank = strict.contains(departure.queue) ? departure.queue + 1 : 0
      for later in departures[(position + 1)...] where later.arrival <= departure.start {
        let laterRank = strict.contains(later.queue) ? later.queue + 1 : 0
        expect(laterRank <= rank, "\(departure.queue) left before \(later.queue) at \(departure.start)")
        if laterRank > rank { return }
      }
    }
  }

  /// A strict queue that always has something to send leaves nothing to the others.
  @Test func aBusyStrictQueueStarvesTheOthers() throws {
    var device = try makeSwitch(strict: [2])
    for queue in [0, 2] {
      for _ in 0..<1000 { device.send(frame(queue), on: "p\(queue + 2)", at: 0, wireLength: 1044) }
    }
    let departures = device.run()
    // Frames of equal length come in together, and what is in at a tick is there when the wire chooses at that tick.
    #expect(departures.map(\.queue) == Array(repeating: 2, count: 1000) + Array(repeating: 0, count: 1000))
  }

  /// Packets of one queue leave in the order in which they came.
  @Test func queuesKeepTheirOrder() throws {
    var device = try makeSwitch(strict: [6, 7])
    var random = SplitMix64(seed: 8)
    for _ in 0..<4000 {
      let queue = random.below(8)
      device.send(
        frame(queue), on: "p\(random.below(8) + 2)", at: UInt64(random.below(400_000_000)),
        wireLength: 60 + random.below(500))
    }
    var last = [UInt64?](repeating: nil, count: 8)
    for departure in device.run() {
      if let before = last[departure.queue] { expect(before < departure.number, "\(departure.number) overtook") }
      last[departure.queue] = departure.number
    }
  }
}
