import Dataplane
import TestSupport
import Testing

/// What a frame waits for in an idle switch: store-and-forward, cut-through, and the pipeline.
///
/// A frame of L bytes has its last bit in L + 12 bytes after its first: preamble 8, check sequence 4.
@Suite struct ForwardingLatencyTests {
  static let sizes = [60, 252, 1044, 9212]

  /// A router whose neighbours are routers of its kind: what leaves one may enter the next.
  private func makeRouter(
    _ mode: ForwardingMode, _ speeds: [UInt64], pipeline: Picoseconds = .zero
  ) throws -> VirtualSwitch {
    var configuration = TestConfiguration.router(ports: 2, speeds: speeds.map { .gigabits($0) })
    configuration.forwardingMode = mode
    configuration.pipelineLatency = pipeline
    for index in configuration.neighbors.indices { configuration.neighbors[index].mac = TestConfiguration.mac }
    return try VirtualSwitch(configuration)
  }

  /// Sends frames through a chain of switches: what leaves one is on the wire to the next at once.
  ///
  /// - Parameter speeds: of the links, in gigabits per second: one more than switches.
  private func chain(_ mode: ForwardingMode, speeds: [UInt64], size: Int, frames: Int) throws -> [Departure] {
    var onWire = (0..<frames).map { _ in (bytes: TestConfiguration.frame(toPort: 2), start: 0 as UInt64) }
    var last: [Departure] = []
    for hop in 0..<speeds.count - 1 {
      var router = try makeRouter(mode, [speeds[hop], speeds[hop + 1]])
      for frame in onWire { router.send(frame.bytes, on: "p1", at: frame.start, wireLength: size) }
      last = router.run()
      onWire = last.map { ($0.bytes, $0.start) }
    }
    return last
  }

  private func byte(_ gigabits: UInt64) -> UInt64 { 8000 / gigabits }

  /// Fabric model 2.6.10: a frame takes one serialisation for each link, switches plus one.
  @Test(arguments: [1, 2, 3, 5])
  func aChainStoresEachFrameAtEverySwitch(switches: Int) throws {
    for size in Self.sizes {
      let speeds = Array(repeating: 100 as UInt64, count: switches + 1)
      let out = try chain(.storeAndForward, speeds: speeds, size: size, frames: 1)
      let serialisation = UInt64(size + 12) * byte(100)
      try #require(out.count == 1)
      #expect(out[0].start + serialisation == UInt64(switches + 1) * serialisation, "\(size) bytes")
      #expect(Frame.ipHeader(of: out[0].bytes)?.ttl == UInt8(64 - switches))
    }
  }

  /// A train of frames is delayed as a whole: its last frame follows N - 1 slots after its first.
  @Test func aTrainStaysTogether() throws {
    let out = try chain(.storeAndForward, speeds: [100, 100, 100, 100], size: 1044, frames: 50)
    for (index, departure) in out.enumerated() {
      expectEqual(departure.start, byte(100) * UInt64(3 * 1056 + index * 1068), "frame \(index)")
    }
  }

  /// Over links of several speeds each takes its own time, and a train spreads at the slowest.
  @Test func everyLinkTakesItsOwnTime() throws {
    let speeds: [UInt64] = [100, 25, 400, 40]
    let out = try chain(.storeAndForward, speeds: speeds, size: 1044, frames: 10)
    let first = UInt64(1056) * (byte(100) + byte(25) + byte(400))
    for (index, departure) in out.enumerated() {
      expectEqual(departure.start, first + UInt64(index) * 1068 * byte(25), "frame \(index)")
    }
  }

  /// A frame cuts through after preamble and 64 bytes; the shortest frame, check sequence included, is just that long.
  @Test(arguments: [1, 2, 3, 5])
  func aChainCutsThrough(switches: Int) throws {
    for size in Self.sizes {
      let speeds = Array(repeating: 100 as UInt64, count: switches + 1)
      let out = try chain(.cutThrough, speeds: speeds, size: size, frames: 1)
      #expect(out.first?.start == UInt64(switches) * 72 * byte(100), "\(size) bytes")
    }
  }

  /// RFC 1242 section 3.8: store-and-forward counts from the last bit in, cut-through from the first, both to the first
  /// bit out. An idle switch adds nothing but its pipeline.
  @Test func latencyIsRFC1242s() throws {
    for pipeline in [0, 300_000] as [UInt64] {
      for size in Self.sizes {
        let stored = try latency(.storeAndForward, [100, 100], size, pipeline)
        #expect(stored.departure == pipeline && stored.recorded == pipeline, "\(size) bytes")
        let cut = try latency(.cutThrough, [100, 100], size, pipeline)
        #expect(cut.departure == 72 * 80 + pipeline && cut.recorded == 72 * 80 + pipeline, "\(size) bytes")
      }
    }
  }

  /// A faster egress port would run dry in the middle of a frame: it waits for the last bit. A slower one need not.
  @Test func cutThroughFallsBackForAFasterEgress() throws {
    for pipeline in [0, 300_000] as [UInt64] {
      for size in Self.sizes {
        let faster = try latency(.cutThrough, [25, 100], size, pipeline)
        #expect(faster.departure == UInt64(size + 12) * byte(25) + pipeline, "\(size) bytes")
        let slower = try latency(.cutThrough, [100, 25], size, pipeline)
        #expect(slower.departure == 72 * byte(100) + pipeline, "\(size) bytes")
      }
    }
  }

  /// Whatever the rates and whatever waits before it, no frame's last bit leaves before it has come in.
  @Test func nothingLeavesBeforeItIsThere() throws {
    let speeds: [UInt64] = [10, 25, 40, 100, 400]
    for (ingress, egress) in speeds.flatMap({ first in speeds.map { (first, $0) } }) {
      var router = try makeRouter(.cutThrough, [ingress, egress])
      var random = SplitMix64(seed: ingress * 1000 + egress)
      for index in 0..<200 {
        let tick = UInt64(index * 900 + random.below(900)) * byte(ingress)
        router.send(TestConfiguration.frame(toPort: 2), on: "p1", at: tick, wireLength: 60 + random.below(1500))
      }
      var wireFree: UInt64 = 0
      let departures = router.run()
      #expect(departures.count == 200)
      for departure in departures {
        let length = UInt64(departure.wireLength + 12)
        let lastIn = departure.arrival + length * byte(ingress)
        let lastOut = departure.start + length * byte(egress)
        expect(lastOut >= lastIn, "\(ingress)G to \(egress)G: frame \(departure.number) ends at \(lastOut) < \(lastIn)")
        expect(departure.start >= wireFree, "\(ingress)G to \(egress)G: frame \(departure.number) overlaps")
        wireFree = departure.start + UInt64(departure.wireSlot) * byte(egress)
      }
    }
  }

  /// The pipeline delays every frame alike and takes nothing from the throughput.
  @Test func thePipelineDelaysATrainOnce() throws {
    var router = try makeRouter(.storeAndForward, [100, 100], pipeline: .nanoseconds(450))
    for _ in 0..<100 { router.send(TestConfiguration.frame(toPort: 2, size: 252), on: "p1", at: 0) }
    for (index, departure) in router.run().enumerated() {
      expectEqual(departure.start, UInt64(264 + index * 276) * 80 + 450_000, "frame \(index)")
    }
  }

  private func latency(
    _ mode: ForwardingMode, _ speeds: [UInt64], _ size: Int, _ pipeline: UInt64
  ) throws -> (departure: UInt64, recorded: UInt64) {
    var router = try makeRouter(mode, speeds, pipeline: Picoseconds(pipeline))
    router.send(TestConfiguration.frame(toPort: 2), on: "p1", at: 5000, wireLength: size)
    let out = router.run()
    let recorded = router.device.latency(of: QueueID(0), on: PortID(1))
    #expect(out.count == 1 && recorded.count == 1 && recorded.minimumTicks == recorded.maximumTicks)
    return (out.first?.latency ?? .max, recorded.maximumTicks)
  }
}
