import Dataplane
import TestSupport
import Testing

/// What still leaves after an XOFF, and how paused queues and the scheduler get along. Every tick is exact.
@Suite("Response to pause frames, and scheduling around them")
struct PauseResponseTests {
  private static func makeSwitch(
    ports: Int = 2, _ gigabits: [UInt64], counts: (Int, Int, Int) = (8192, 2048, 64),
    _ change: (inout SwitchConfiguration) -> Void
  ) throws -> VirtualSwitch {
    var configuration = TestConfiguration.classes(ports: ports, gigabits: gigabits)
    change(&configuration)
    return try VirtualSwitch(configuration, counts: counts)
  }

  @Test(
    "The last frame may start one tick before the allowance is used up, and no later",
    arguments: [(10, 67), (25, 80), (40, 118), (50, 147), (100, 394), (200, 453), (400, 905), (800, 1810)]
      as [(UInt64, UInt64)])
  func allowance(gigabits: UInt64, quanta: UInt64) throws {
    let allowed = quanta * WireTime.quantum(gigabits)
    let xoff = WireTime.arrival(60, gigabits)
    for (late, isPaused) in [(0, false), (1, true)] as [(UInt64, Bool)] {
      var device = try Self.makeSwitch([gigabits]) { $0.pause.response = .standard }
      device.send(Frame.priorityPause([3: 65_535]), on: "p2", at: 0)
      // In at the last tick at which it may start, or at the first at which it may not.
      device.send(PauseReactionTests.packet(3), on: "p1", at: allowed - 1 + late)
      let end = xoff + 65_535 * WireTime.quantum(gigabits)
      #expect(device.run().map(\.start) == [isPaused ? end : xoff + allowed - 1])
      if !isPaused { continue }
      let counted = device.device.statistics(of: PFCPriority(3), on: device.port("p2"), at: Tick(device.now))
      #expect(counted.pausedTicks == end - xoff - allowed)
    }
  }

  @Test("A stream at line rate stops with the frame that is on the wire when the allowance ends")
  func stream() throws {
    let response: UInt64 = 1_234_567
    for mode in [PauseMode.priority, .link] {
      var device = try Self.makeSwitch([100]) {
        $0.pause.mode = mode
        $0.pause.response = .after(Picoseconds(response))
      }
      for _ in 0..<2000 { device.send(PauseReactionTests.packet(3, size: 128), on: "p1", at: 0) }
      let pause = mode == .priority ? Frame.priorityPause([3: 1000]) : Frame.linkPause(1000)
      device.send(pause, on: "p2", at: 500_000)
      let starts = device.run().map(\.start)
      let (stop, end) = (505_760 + response, 505_760 + 5_120_000) as (UInt64, UInt64)
      // Frames of 152 bytes on the wire, from the arrival of the first on.
      let slot = WireTime.slot(128, 100)
      let first = WireTime.arrival(128, 100)
      let before = (stop - 1 - first) / slot + 1
      #expect(starts.count == 2000)
      for (index, start) in starts.enumerated() {
        let isBefore = index < Int(before)
        expectEqual(start, isBefore ? first + UInt64(index) * slot : end + (UInt64(index) - before) * slot, "\(index)")
      }
    }
  }

  @Test("A pause that is over before the allowance is stops nothing")
  func tooShort() throws {
    var device = try Self.makeSwitch([100]) { $0.pause.response = .after(.microseconds(10)) }
    device.send(Frame.priorityPause([3: 1000]), on: "p2", at: 0)
    for _ in 0..<3000 { device.send(PauseReactionTests.packet(3), on: "p1", at: 0) }
    #expect(device.run().map(\.latency) == Array(repeating: 0, count: 3000))
    let counted = device.device.statistics(of: PFCPriority(3), on: device.port("p2"), at: Tick(device.now))
    #expect(counted.pausedTicks == 0)
  }

  @Test("The frame on the wire is finished, however long it is")
  func frameInProgress() throws {
    var device = try Self.makeSwitch([100]) { _ in }
    device.send(PauseReactionTests.packet(3, size: 9216), on: "p1", at: 0)
    device.send(PauseReactionTests.packet(3), on: "p1", at: 0)
    let start = WireTime.arrival(9216, 100)
    device.send(Frame.priorityPause([3: 1000]), on: "p2", at: start)
    #expect(device.run().map(\.start) == [start, start + 5760 + 5_120_000])
  }

  @Test("A paused strict queue lets DWRR queues through, and goes first when it may again")
  func strict() throws {
    var device = try Self.makeSwitch(ports: 3, [100]) { $0.ports[1].queues[7].schedule = .strict }
    device.send(Frame.priorityPause([7: 100]), on: "p2", at: 0)
    for _ in 0..<200 {
      device.send(PauseReactionTests.packet(7), on: "p1", at: 0)
      device.send(PauseReactionTests.packet(0), on: "p3", at: 0)
    }
    let departures = device.run()
    let resumed = departures.filter { $0.start >= 5760 + 512_000 }
    let before = departures.prefix(departures.count - resumed.count)
    // The wire is never idle: the end of the pause finds a frame of queue 0 on it.
    #expect(before.allSatisfy { $0.queue == 0 } && before.count == (512_000 + 6719) / 6720)
    #expect(resumed.prefix(200).filter { $0.queue == 7 }.count == 200)
    #expect(zip(departures, departures.dropFirst()).allSatisfy { $1.start - $0.start == 6720 })
  }

  /// With quanta of 1546 bytes and frames of 1024 on the wire, a queue's turns are of one or two frames, and each turn
  /// depends on what all before it left of the deficit. A pause between two turns changes nothing about their sequence:
  /// had it cost the queue its deficit, or earned it some, later turns would be others.
  @Test("A paused queue keeps its deficit, and earns none")
  func deficit() throws {
    func run(pauseAt: UInt64?) throws -> [Departure] {
      var device = try Self.makeSwitch(ports: 4, [1600, 10, 1600, 1600]) { configuration in
        for index in configuration.ports.indices { configuration.ports[index].mtu = 1500 }
      }
      for _ in 0..<400 {
        device.send(PauseReactionTests.packet(0, size: 1000), on: "p3", at: 0)
        device.send(PauseReactionTests.packet(1, size: 1000), on: "p4", at: 0)
      }
      if let pauseAt { device.send(Frame.priorityPause([1: 2000]), on: "p2", at: pauseAt - WireTime.arrival(60, 10)) }
      return device.run()
    }
    func turns(_ departures: [Departure]) -> [Int] {
      var turns: [Int] = []
      var previous = -1
      for departure in departures {
        if departure.queue == 1 { if previous == 1 { turns[turns.count - 1] += 1 } else { turns.append(1) } }
        previous = departure.queue
      }
      return turns
    }
    let free = try run(pauseAt: nil)
    // The first frame may be alone in the switch: the pattern is looked for from the fifth turn of the queue on.
    let pattern = Array(turns(free)[4..<100])
    #expect(Set(pattern) == [1, 2])
    for parity in 0..<2 {
      // A frame of queue 0 that follows a turn of queue 1, of one frame or of two.
      var seen = 0
      let position = try #require(
        free.indices.dropFirst(20).first { index in
          guard free[index].queue == 0, free[index - 1].queue == 1 else { return false }
          seen += 1
          return seen == 4 + parity
        })
      let paused = try run(pauseAt: free[position].start + 1)
      #expect(Array(turns(paused).prefix(100)) == Array(turns(free).prefix(100)))
      let during = paused.filter {
        $0.start > free[position].start && $0.start < free[position].start + 2000 * WireTime.quantum(10)
      }
      #expect(during.count > 100 && during.allSatisfy { $0.queue == 0 })
    }
  }
}
