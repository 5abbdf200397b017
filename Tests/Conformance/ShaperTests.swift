import Dataplane
import TestSupport
import Testing

/// Maximum rates of queues and ports, with their bursts, and how they meet the scheduler.
///
/// A shaper of rate r and burst b lets frame n start when the frames before it have taken at most b bytes more than r
/// has granted since the first: a virtual schedule (ITU-T I.371 annex A), in bytes on the wire.
@Suite struct ShaperTests {
  static let line: UInt64 = 100_000_000_000

  private func shaper(_ gigabits: UInt64, burst: UInt64 = 0) -> Shaper {
    Shaper(rate: .gigabits(gigabits), burst: ByteCount(burst))
  }

  private func queue(_ schedule: QueueSchedule, maximum: Shaper? = nil) -> QueueConfiguration {
    QueueConfiguration(schedule: schedule, maximumRate: maximum)
  }

  private func send(_ count: Int, queue: Int, size: Int = 1044, at tick: UInt64 = 0, to device: inout VirtualSwitch) {
    let frame = TestConfiguration.frame(toPort: 1, dscp: UInt8(queue))
    for _ in 0..<count { device.send(frame, on: "p\(queue + 2)", at: tick, wireLength: size) }
  }

  /// Without burst every frame is paced: frame n starts when n frames have passed at the rate, rounded down to the
  /// picosecond.
  @Test(arguments: [1, 7, 30, 99] as [UInt64])
  func aQueueIsPacedAtItsMaximum(gigabits: UInt64) throws {
    var device = try FairShareTests.makeSwitch([queue(.dwrr(weight: 1), maximum: shaper(gigabits))], egress: 100)
    for size in [60, 1044] {
      send(10_000, queue: 0, size: size, at: device.now + 1_000_000_000, to: &device)
      let starts = device.run().map { Int($0.start) }
      try #require(starts.count == 10_000)
      for (index, start) in starts.enumerated() {
        let late = start - starts[0] - index * (size + 24) * 8000 / Int(gigabits)
        // The fraction that earlier frames left over is carried.
        expect(late == 0 || late == 1, "frame \(index) of \(size) bytes is \(late) ps late")
        if late < 0 || late > 1 { return }
      }
    }
  }

  @Test func aPortIsPacedAtItsRate() throws {
    var router = TestConfiguration.router(ports: 3, speeds: [.gigabits(100), .gigabits(1600), .gigabits(1600)])
    router.ports[0].shaper = shaper(40)
    var device = try VirtualSwitch(router)
    let frame = TestConfiguration.frame(toPort: 1)
    for _ in 0..<2000 {
      device.send(frame, on: "p2", at: 0, wireLength: 1044)
      device.send(frame, on: "p3", at: 0, wireLength: 1044)
    }
    let departures = device.run()
    #expect(departures.count == 4000)
    for (index, departure) in departures.enumerated() {
      expectEqual(departure.start - departures[0].start, UInt64(index) * 1068 * 200, "frame \(index)")
    }
  }

  /// At line rate C frames gain c(1/r - 1/C) on the schedule each, and the burst is what they may gain: after a pause
  /// 1 + floor(b / (c(1 - r/C))) frames leave back to back.
  @Test(arguments: [0, 1, 1067, 10_680, 64_000, 100_001] as [UInt64])
  func theBurstIsExact(burst: UInt64) throws {
    for gigabits in [1, 20, 50] as [UInt64] {
      var device = try FairShareTests.makeSwitch(
        [queue(.dwrr(weight: 1), maximum: shaper(gigabits, burst: burst))], egress: 100)
      for _ in 0..<2 {
        // The second train comes after a pause that has earned the whole burst again.
        send(1000, queue: 0, at: device.now + 1_000_000_000_000, to: &device)
        let starts = device.run().map(\.start)
        try #require(starts.count == 1000)
        let backToBack = 1 + zip(starts, starts.dropFirst()).prefix { $1 - $0 == 1068 * 80 }.count
        let expected = 1 + burst * 100 / (1068 * (100 - gigabits))
        #expect(UInt64(backToBack) == expected, "\(gigabits)G, burst of \(burst)")
        // Then the rate holds: the last frame is as late as if all had been paced, less the burst.
        let paced = 999 * 1068 * 8000 / gigabits
        let credit = burst * 8000 / gigabits
        let last = max(paced - min(paced, credit), 999 * 1068 * 80)
        #expect(starts[999] - starts[0] >= last - 1 && starts[999] - starts[0] <= last + 1)
      }
    }
  }

  /// A pause earns burst at the rate and no more: after half the time that a whole burst takes, half of it is there.
  @Test func aPauseEarnsAtTheRate() throws {
    var device = try FairShareTests.makeSwitch(
      [queue(.dwrr(weight: 1), maximum: shaper(50, burst: 106_800))], egress: 100)
    send(1000, queue: 0, to: &device)
    let last = try #require(device.run().last)
    // When the next frame would be due, plus the time that half the burst takes at 50G.
    let resume = last.start + 1068 * 160 + 53_400 * 160
    send(300, queue: 0, at: resume - 1056 * 5, to: &device)
    let starts = device.run().map(\.start)
    #expect(starts.first == resume)
    let backToBack = 1 + zip(starts, starts.dropFirst()).prefix { $1 - $0 == 1068 * 80 }.count
    #expect(backToBack == 1 + 53_400 * 100 / (1068 * 50))
  }

  /// What a shaped queue leaves goes to the others by their weights; with a burst of a round no one loses to pacing.
  @Test func sharesBesideAMaximum() throws {
    var device = try FairShareTests.makeSwitch(
      [
        queue(.dwrr(weight: 2), maximum: shaper(10, burst: 20_000)), queue(.dwrr(weight: 3)), queue(.dwrr(weight: 1)),
      ], egress: 100)
    let frames = 60_000
    for (queue, count) in [(0, 7000), (1, 42_000), (2, 15_500)] { send(count, queue: queue, to: &device) }
    let departures = device.run().prefix(frames)
    let counts = (0..<3).map { queue in departures.count { $0.queue == queue } }
    // 10 of 100G, then 90G in the ratio 3 to 1; 0.1 % of 60 000 frames is 60.
    for (count, share) in zip(counts, [0.1, 0.675, 0.225]) {
      #expect(abs(Double(count) - share * Double(frames)) < 60, "\(counts)")
    }
  }

  /// A strict queue with a maximum takes its rate and lets others pass between its frames.
  @Test func aStrictQueueKeepsToItsMaximum() throws {
    var device = try FairShareTests.makeSwitch(
      [queue(.dwrr(weight: 1)), queue(.strict, maximum: shaper(25, burst: 5000))], egress: 100)
    send(40_000, queue: 0, to: &device)
    send(11_000, queue: 1, to: &device)
    let departures = device.run().prefix(40_000)
    let strict = departures.count { $0.queue == 1 }
    #expect(abs(strict - 10_000) < 40, "a quarter of 40 000 within 0.1 %, not \(strict)")
    // The wire is never idle.
    let starts = departures.map(\.start)
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == 1068 * 80 })
  }

  /// Both limits hold at once.
  @Test func queueAndPortShapersCombine() throws {
    var router = TestConfiguration.router(ports: 3, speeds: [.gigabits(100), .gigabits(1600), .gigabits(1600)])
    router.ports[0].shaper = shaper(40, burst: 3000)
    router.ports[0].queues[0] = queue(.strict, maximum: shaper(10, burst: 3000))
    router.qos.dscpToTrafficClass[1] = TrafficClass(1)
    var device = try VirtualSwitch(router, counts: (32_768, 64, 64))
    for _ in 0..<5500 {
      device.send(TestConfiguration.frame(toPort: 1), on: "p2", at: 0, wireLength: 1044)
      device.send(TestConfiguration.frame(toPort: 1, dscp: 1), on: "p3", at: 0, wireLength: 1044)
    }
    for _ in 0..<10_000 {
      device.send(TestConfiguration.frame(toPort: 1, dscp: 1), on: "p3", at: 0, wireLength: 1044)
    }
    let departures = device.run().prefix(20_000)
    try #require(departures.count == 20_000)
    #expect(abs(departures.count { $0.queue == 0 } - 5000) < 20)
    let duration = departures[19_999].start - departures[0].start
    let paced = UInt64(19_999) * 1068 * 200
    #expect(duration > paced - paced / 1000 && duration <= paced)
  }
}
