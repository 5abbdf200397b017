import Dataplane
import TestSupport
import Testing

@testable import Drivers

/// Whole nanoseconds, as simulators count them: the figures of published comparisons, worked out by hand.
@Suite("Serialization in whole nanoseconds")
struct SerializationTests {
  @Test(
    "1048 bytes take 83, 20 and 10 ns at 100G, 400G and 800G, each frame alone",
    arguments: [(100, 83), (400, 20), (800, 10)] as [(UInt64, UInt64)])
  func frames(gigabits: UInt64, nanoseconds: UInt64) {
    var truncated = Serializer(
      rate: .gigabits(gigabits), ticksPerSecond: 1_000_000_000_000, serialization: .truncatedToNanoseconds)
    var exact = Serializer(rate: .gigabits(gigabits), ticksPerSecond: 1_000_000_000_000)
    var sum: UInt64 = 0
    for _ in 0..<1000 {
      #expect(truncated.advance(bytes: 1048) == nanoseconds * 1000)
      sum += exact.advance(bytes: 1048)
    }
    #expect(truncated.ticks(bytes: 1048) == nanoseconds * 1000)
    #expect(sum == 1000 * 1048 * 8000 / gigabits)
  }

  @Test("ports and sources agree: frames follow, arrive and leave in whole nanoseconds")
  func replay() throws {
    var fixture = try ReplayFixture(gigabits: [100, 100])
    fixture.configuration.serialization = .truncatedToNanoseconds
    // 1024 bytes in a capture are 1048 on the wire.
    let input = try fixture.input(1, datagrams(at: Array(repeating: 0, count: 10), length: 1024))
    let outcome = try fixture.run([input])
    let log = try outcome.log()
    // The gap of 0.96 ns is cut to nothing: a frame is in when the next one may start.
    let starts: [UInt64] = (0..<10).map { $0 * 83_000 }
    let departures: [UInt64] = (1...10).map { $0 * 83_000 }
    #expect(log.compactMap(\.start) == starts)
    #expect(log.compactMap(\.departure) == departures)
    #expect(outcome.result.duration == .nanoseconds(11 * 83))
  }
}
