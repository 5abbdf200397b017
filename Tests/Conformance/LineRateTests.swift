import Dataplane
import TestSupport
import Testing

/// Frames that wait leave back to back, each at the picosecond that the line rate says.
///
/// The expected tick of frame k is `first + floor(bytes before it * 8e12 / rate)`, computed in 128 bits. So the error
/// against the exact rational is below 1 ps at every frame, however many have gone before.
@Suite struct LineRateTests {
  /// Rates of which a byte takes whole picoseconds, and 56G, of which it takes 142 6/7.
  static let rates: [UInt64] = [
    10_000_000, 1_000_000_000, 25_000_000_000, 40_000_000_000, 56_000_000_000, 100_000_000_000, 400_000_000_000,
    800_000_000_000, 1_600_000_000_000,
  ]

  /// 64 to 9216 bytes with check sequence, and the longest that two tags allow.
  static let sizes = [60, 61, 252, 594, 1044, 1514, 4114, 9212, 9238]

  /// A switch whose ingress ports p1 and p3 are as fast as any, so that frames wait at egress port p2.
  private func makeSwitch(egress rate: UInt64) throws -> VirtualSwitch {
    let speeds = [BitRate(bitsPerSecond: 1_600_000_000_000), BitRate(bitsPerSecond: rate)]
    var device = try VirtualSwitch(TestConfiguration.router(ports: 3, speeds: speeds))
    device.recordsBytes = false
    return device
  }

  @Test(arguments: rates)
  func framesLeaveBackToBack(rate: UInt64) throws {
    var device = try makeSwitch(egress: rate)
    var before: UInt128 = 0
    withEvery("frame", in: Self.sizes) { size in
      let frame = TestConfiguration.frame(toPort: 2)
      for _ in 0..<200 { device.send(frame, on: "p1", at: device.now, wireLength: size) }
      let departures = device.run()
      expectEqual(departures.count, 200, "frames out")
      expectBackToBack(departures, rate: rate, before: before)
      before += departures.reduce(0) { $0 + UInt128($1.wireSlot) }
    }
  }

  @Test(arguments: rates)
  func mixedSizesLeaveBackToBack(rate: UInt64) throws {
    var device = try makeSwitch(egress: rate)
    var random = SplitMix64(seed: rate)
    let frame = TestConfiguration.frame(toPort: 2)
    for index in 0..<2000 {
      // Two ports send, long frames first, so that egress never runs out of work, even at the rate of ingress.
      let size = index < 8 ? 9238 : 60 + random.below(9179)
      device.send(frame, on: index % 2 == 0 ? "p1" : "p3", at: 0, wireLength: size)
    }
    let departures = device.run()
    #expect(departures.count == 2000)
    expectBackToBack(departures, rate: rate)
  }

  /// 100 000 frames at rates that no byte count divides; an error of 1e-4 ps per byte would show as 840 ps.
  @Test(arguments: [99_999_900_000, 56_000_000_001] as [UInt64])
  func remaindersAreCarried(rate: UInt64) throws {
    let speeds = [BitRate(bitsPerSecond: rate + rate / 5000), BitRate(bitsPerSecond: rate)]
    var device = try VirtualSwitch(TestConfiguration.router(ports: 2, speeds: speeds))
    device.recordsBytes = false
    let frame = TestConfiguration.frame(toPort: 2)
    for _ in 0..<100_000 { device.send(frame, on: "p1", at: 0) }
    let departures = device.run()
    #expect(departures.count == 100_000)
    expectBackToBack(departures, rate: rate)
  }

  /// Ingress and egress at one rate: each frame leaves when its last bit is in, and the wire is never idle.
  @Test(arguments: rates.filter { 8_000_000_000_000 % $0 == 0 })
  func throughputIsLineRate(rate: UInt64) throws {
    let speeds = [BitRate(bitsPerSecond: rate)]
    var device = try VirtualSwitch(TestConfiguration.router(ports: 2, speeds: speeds))
    let byte = 8_000_000_000_000 / rate
    let frame = TestConfiguration.frame(toPort: 2)
    for _ in 0..<500 { device.send(frame, on: "p1", at: 777, wireLength: 1044) }
    for (index, departure) in device.run().enumerated() {
      let lastBit = 777 + byte * UInt64(index * (1044 + 24) + 8 + 1044 + 4)
      expectEqual(departure.start, lastBit, "frame \(index)")
      expectEqual(departure.latency, 0, "frame \(index)'s latency")
    }
  }

  /// A frame shorter than 60 bytes is padded on both wires, but not made longer.
  @Test func shortFramesTakeTheWireOfLongOnes() throws {
    var device = try makeSwitch(egress: 100_000_000_000)
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2)
    #expect(frame.count == 42)
    for _ in 0..<100 { device.send(frame, on: "p1", at: 0) }
    let departures = device.run()
    #expect(departures.first?.start == UInt64(8 + 60 + 4) * 5)
    #expect(departures.allSatisfy { $0.wireLength == 42 })
    for (index, departure) in departures.enumerated() {
      expectEqual(departure.start, 360 + UInt64(index) * 84 * 80, "frame \(index)")
    }
  }

  /// A frame of 9238 bytes is the longest that an MTU of 9216 allows.
  @Test func longerFramesAreDropped() throws {
    var device = try makeSwitch(egress: 100_000_000_000)
    device.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 0, wireLength: 9239)
    #expect(device.run().isEmpty)
    #expect(device.drops(.oversize, on: "p1") == 1)
  }

  /// - Parameter before: bytes that left earlier; the fraction of a picosecond that they left over still counts.
  private func expectBackToBack(_ departures: [Departure], rate: UInt64, before: UInt128 = 0) {
    guard let first = departures.first else { return }
    let carried = before * 8_000_000_000_000 % UInt128(rate)
    var bytes: UInt128 = 0
    for (index, departure) in departures.enumerated() {
      let exact = (bytes * 8_000_000_000_000 + carried) / UInt128(rate)
      guard UInt128(departure.start - first.start) == exact else {
        return expectEqual(UInt128(departure.start - first.start), exact, "frame \(index)'s start after the first")
      }
      bytes += UInt128(departure.wireSlot)
    }
  }
}
