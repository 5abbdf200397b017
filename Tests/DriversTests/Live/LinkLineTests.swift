import Dataplane
import TestSupport
import Testing

@testable import Drivers

/// What a link does with frames, at exact ticks of the live clock.
@Suite("Links") struct LinkLineTests {
  private static func link(_ delay: Picoseconds) -> LivePlan.Link {
    LivePlan.Link(number: 0, peer: "b/p", delay: delay, state: LinkState(), isFirst: true)
  }

  private struct Arrival: Equatable {
    var length: Int
    var number: UInt64
    var tick: UInt64
  }

  /// Puts frames of some lengths on a link, each at a tick, and takes them at every tick from `begin` on at which the line
  /// says that one is due.
  private static func pass(
    _ line: consuming LinkLine, _ frames: [(length: Int, departure: UInt64)], _ memory: borrowing PacketMemory
  ) -> [Arrival] {
    var burst = PacketBurst()
    for frame in frames {
      guard let packet = memory.allocate(capacity: frame.length) else { return [] }
      packet.arrived(number: 0, wireLength: frame.length, start: .zero, end: .zero, latencyFrom: .zero)
      packet.state.pointee.departure = frame.departure
      burst.append(packet)
      if burst.isFull { line.take(&burst) }
    }
    line.take(&burst)
    var arrivals: [Arrival] = []
    var number: UInt64 = 7
    while line.count > 0 {
      let due = line.nextArrival
      line.release(at: Tick(due.rawValue - 1), into: &burst, number: &number)
      let early = burst.count
      #expect(early == 0, "nothing arrives a tick early")
      line.release(at: due, into: &burst, number: &number)
      let arrived = burst.count
      #expect(arrived > 0)
      for index in 0..<burst.count {
        let packet = burst[index]
        arrivals.append(
          Arrival(length: packet.wireLength, number: packet.state.pointee.number, tick: packet.arrival.rawValue))
      }
      PacketMemory.free(&burst)
    }
    let next = line.nextArrival
    #expect(next == .never)
    return arrivals
  }

  @Test("a frame has arrived when the delay and the time of its bits have passed, in order", arguments: [0, 1, 1000])
  func arrives(microseconds: UInt64) throws {
    let memory = try PacketMemory(counts: (256, 64, 16))
    let whole = memory.available
    let second = LiveClock.ticksPerSecond
    let line = LinkLine(Self.link(.microseconds(microseconds)), speed: .gigabits(1), isCutThrough: false)
    let lengths = (0..<100).map { [60, 1514, 40, 200][$0 % 4] }
    let begin = second
    let frames = lengths.enumerated().map { ($1, begin + UInt64($0) * second / 50_000) }
    let arrivals = Self.pass(line, frames, memory)
    #expect(arrivals.map(\.length) == lengths)
    let numbers = arrivals.map(\.number)
    #expect(numbers == Array(UInt64(7)..<107))
    for (arrival, frame) in zip(arrivals, frames) {
      // 8 ns a byte at 1 Gb/s: preamble, a frame of 60 bytes at least, and the check sequence.
      let nanoseconds = Double(8 * (max(60, frame.0) + 12)) + Double(microseconds) * 1e3
      let difference = Double(arrival.tick - frame.1) - nanoseconds * Double(second) / 1e9
      #expect(abs(difference) < 2)
    }
    let left = memory.available
    #expect(left == whole)
  }

  @Test("with cut-through a frame is there with its 64th byte, and counts from its first")
  func cutThrough() throws {
    let memory = try PacketMemory(counts: (64, 64, 16))
    let second = LiveClock.ticksPerSecond
    var line = LinkLine(Self.link(.microseconds(10)), speed: .gigabits(1), isCutThrough: true)
    var burst = PacketBurst()
    guard let packet = memory.allocate(capacity: 1514) else {
      Issue.record("no packet")
      return
    }
    packet.arrived(number: 0, wireLength: 1514, start: .zero, end: .zero, latencyFrom: .zero)
    packet.state.pointee.departure = second
    burst.append(packet)
    line.take(&burst)
    let head = Double(line.nextArrival.rawValue - second) - 10_576 * Double(second) / 1e9
    #expect(abs(head) < 2)
    var number: UInt64 = 0
    line.release(at: line.nextArrival, into: &burst, number: &number)
    let arrived = burst.count
    #expect(arrived == 1)
    let counted = Double(burst[0].arrival.rawValue - second) - 10_000 * Double(second) / 1e9
    #expect(abs(counted) < 2)
    PacketMemory.free(&burst)
  }

  @Test("what is on its way when a run ends goes back to memory, and a port without a link has no line")
  func ends() throws {
    let memory = try PacketMemory(counts: (64, 64, 16))
    let whole = memory.available
    do {
      var line = LinkLine(Self.link(.seconds(1)), speed: .gigabits(10), isCutThrough: false)
      var burst = PacketBurst()
      memory.allocate(&burst, capacity: 60)
      for index in 0..<burst.count {
        burst[index].arrived(number: 0, wireLength: 60, start: .zero, end: .zero, latencyFrom: .zero)
        burst[index].state.pointee.departure = 1
      }
      line.take(&burst)
      let (count, left) = (line.count, memory.available)
      #expect(count == PacketBurst.capacity && left < whole)
    }
    let back = memory.available
    #expect(back == whole)
    let none = LinkLine(nil, speed: .gigabits(10), isCutThrough: false)
    let (isLink, next) = (none.isLink, none.nextArrival)
    #expect(!isLink && next == .never)
  }

  @Test("a link is up for either end while the other is wanted up")
  func states() {
    let state = LinkState()
    let (first, second) = (LinkState.End(state: state, isFirst: true), LinkState.End(state: state, isFirst: false))
    #expect(first.isPeerEnabled && second.isPeerEnabled)
    second.announce(isEnabled: false)
    #expect(!first.isPeerEnabled && second.isPeerEnabled)
    first.announce(isEnabled: false)
    second.announce(isEnabled: true)
    #expect(first.isPeerEnabled && !second.isPeerEnabled)
  }
}
