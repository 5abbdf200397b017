import Dataplane
import Drivers
import TestSupport
import Testing
import Wire

/// Switches in a row against closed forms: every hop adds the frame, the cable, and the frames ahead of it.
@Suite struct FabricChainTests {
  @Test(arguments: [1, 2, 3], [64, 1082, 4096])
  func oneFramePassesInSerialisationAndPropagation(hops: Int, length: Int) throws {
    var fabric = FabricNetworks.chain(hops)
    let (source, target) = (
      FabricNetworks.index("h1.1", in: fabric), FabricNetworks.index("h\(hops).3", in: fabric)
    )
    fabric.flows = [FabricFlow(from: source, to: target, length: length, frames: 1)]
    var network = try Fabric(fabric)
    let result = try network.run()
    // A frame is stored whole at each switch: h + 1 frames, the gap apart, and h + 1 cables.
    let expected = UInt64(hops + 1) * (FabricNetworks.ticks(length, gap: false) + 1_000_000)
    #expect(result.latencies[0].minimumTicks == expected)
    #expect(result.duration.count == expected)
    #expect(result.flows[0].received == 1)
    #expect(result.flows[0].isComplete)
  }

  @Test func aTrainKeepsItsDistances() throws {
    var fabric = FabricNetworks.chain(3)
    fabric.flows = [FabricFlow(from: 0, to: FabricNetworks.index("h3.2", in: fabric), length: 1082, frames: 100)]
    var network = try Fabric(fabric)
    let result = try network.run()
    let frame = FabricNetworks.ticks(1082)
    let expected = 99 * frame + 4 * (FabricNetworks.ticks(1082, gap: false) + 1_000_000)
    #expect(result.duration.count == expected)
    #expect(result.latencies[0].minimumTicks == result.latencies[0].maximumTicks)
  }

  /// Two trains of back-to-back frames meet at one line: the k-th frame to leave waits for those before it. Lindley's
  /// recursion, frame by frame, is the reference.
  @Test func queueingIsLindleysRecursion() throws {
    var fabric = FabricNetworks.chain(2)
    let target = FabricNetworks.index("h2.2", in: fabric)
    fabric.flows = [
      FabricFlow(from: 0, to: target, length: 1082, frames: 40),
      FabricFlow(from: 1, to: target, length: 575, frames: 60),
    ]
    fabric.flows[1].start = Picoseconds(12_345)
    var network = try Fabric(fabric)
    network.recordsHops = true
    let result = try network.run()
    #expect(result.received == 100)
    var free: [Int: UInt64] = [:]
    for device in 0..<2 {
      let hops = network.hops.filter { $0.device == device }
      let departures = Dictionary(
        uniqueKeysWithValues: hops.filter { $0.kind == .dequeued }.map { ("\($0.flow)/\($0.number)", $0) })
      var depth: UInt64 = 0
      var inQueue: [(left: UInt64, bytes: UInt64)] = []
      for hop in hops where hop.kind == .enqueued {
        let length = fabric.flows[hop.flow].length
        let start = max(hop.tick.rawValue, free[device] ?? 0)
        let departure = try #require(departures["\(hop.flow)/\(hop.number)"])
        #expect(departure.tick.rawValue == start)
        free[device] = start + FabricNetworks.ticks(length)
        // Depth as the simulator saw it: what has not begun to leave. Arrivals come first at equal ticks.
        inQueue.removeAll { $0.left < hop.tick.rawValue }
        inQueue.append((start, UInt64(length)))
        depth = inQueue.reduce(0) { $0 + $1.bytes }
        #expect(hop.queueBytes == depth)
      }
    }
  }

  /// Every frame's arrival at the second switch is its departure from the first, the frame and the cable.
  @Test func hopsAgreeWithEachOther() throws {
    var fabric = FabricNetworks.chain(3)
    let target = FabricNetworks.index("h3.2", in: fabric)
    fabric.flows = [
      FabricFlow(from: 0, to: target, length: 700, frames: 50),
      FabricFlow(from: 1, to: target, length: 1500, frames: 50),
    ]
    fabric.flows[1].pace = .poisson(.gigabits(60))
    var network = try Fabric(fabric)
    network.recordsHops = true
    _ = try network.run()
    var checked = 0
    for device in 0..<2 {
      for left in network.hops where left.device == device && left.kind == .dequeued {
        let came = network.hops.first {
          $0.device == device + 1 && $0.kind == .enqueued && $0.flow == left.flow && $0.number == left.number
        }
        let length = fabric.flows[left.flow].length
        #expect(
          came?.tick == left.tick + (FabricNetworks.ticks(length, gap: false) + 1_000_000))
        checked += 1
      }
    }
    #expect(checked == 200)
  }

  /// A cut-through switch forwards after preamble and 64 bytes.
  @Test func cutThroughTakesTheHeadOfEachFrame() throws {
    var fabric = FabricNetworks.chain(3)
    for index in fabric.switches.indices { fabric.switches[index].forwardingMode = .cutThrough }
    fabric.flows = [FabricFlow(from: 0, to: FabricNetworks.index("h3.2", in: fabric), length: 9000, frames: 5)]
    var network = try Fabric(fabric)
    let result = try network.run()
    let head: UInt64 = 72 * 80
    let expected = 4 * 1_000_000 + 3 * head + FabricNetworks.ticks(9000, gap: false)
    #expect(result.latencies[0].minimumTicks == expected)
    #expect(result.latencies[0].maximumTicks == expected)
  }

  /// A link that carries a quarter of what its ports send makes frames leave four times as far apart, and heals.
  @Test func aSlowLinkIsSlowUntilItHeals() throws {
    var fabric = FabricNetworks.chain(2)
    fabric.flows = [FabricFlow(from: 0, to: FabricNetworks.index("h2.2", in: fabric), length: 1082, frames: 100)]
    fabric.flows[0].pace = .constant(.gigabits(20))
    fabric.events = [
      FabricEvent(at: .zero, link: 0, .rate(.gigabits(10))),
      FabricEvent(at: .microseconds(30), link: 0, .rate(nil)),
    ]
    var network = try Fabric(fabric)
    network.recordsHops = true
    let result = try network.run()
    #expect(result.received == 100)
    let left = network.hops.filter { $0.device == 0 && $0.kind == .dequeued }.map(\.tick)
    let gaps = zip(left, left.dropFirst()).map { $1 - $0 }
    #expect(gaps[0] == FabricNetworks.ticks(1082, gigabits: 10))
    #expect(gaps.last == FabricNetworks.ticks(1082, gigabits: 20))
    #expect(gaps.contains(FabricNetworks.ticks(1082)))
  }
}
