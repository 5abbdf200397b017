import Dataplane
import Drivers
import TestSupport
import Testing

@testable import Control

/// What `show`, Prometheus and JSON say of a switch in slices is what they say of the same switch as a whole.
@Suite struct SliceSnapshotTests {
  /// The leaf after the same traffic, as one snapshot.
  private static func snapshot(_ owners: [Int], ports: [String] = []) throws -> SwitchSnapshot {
    var leaf = TestConfiguration.leaf()
    leaf.buffer = TestConfiguration.ample
    var tested = try VirtualSwitch(leaf, owners: owners)
    for number in 0..<60 {
      for host in 1...2 {
        var frame = Frame(from: "10.0.\(host).2", to: number % 3 == 0 ? "10.9.0.\(number)" : "10.0.3.2")
        (frame.dscp, frame.ecn) = (26, 2)
        tested.send(
          Frame.padded(frame.udp(49_152 + UInt16(number), 4791, size: 1000), to: 1000), on: "h\(host)",
          at: UInt64(number) * 100_000)
      }
    }
    tested.send(Frame.priorityPause([3: 200]), on: "h3", at: 2_000_000)
    let stranger: [UInt8] = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 9, 9, 0x88, 0xB5]
    tested.send(Frame.padded(stranger, to: 60), on: "b1", at: 0)
    tested.send(Frame(from: "10.0.1.9", to: "10.0.1.1").arp(isRequest: true), on: "h1", at: 0)
    tested.send(Frame(from: "10.0.1.2", to: "192.0.2.1").udp(1, 2, size: 60), on: "h1", at: 0)
    // Some packets wait.
    _ = tested.run(until: 10_000_000)
    let names = leaf.ports.map(\.name)
    let facts = DriverFacts(
      now: Tick(tested.now), uptimeSeconds: 1, ports: names.map { PortFacts(device: "null:\($0)", driver: "net_null") })
    let slices = try tested.slices.each(&tested.device) { device in
      try SwitchSnapshot(of: device, facts, parts: Set(SwitchSnapshot.Part.allCases), ports: ports)
    }
    let totals = tested.slices.totals(&tested.device)
    return SwitchSnapshot(slices: slices, totals: totals, portNames: names)
  }

  @Test(
    "All parts are those of the whole, but for what each slice sets aside",
    arguments: [[0, 1, 0, 1, 0, 1, 0], [2, 0, 1, 2, 0, 1, 0]])
  func equal(owners: [Int]) throws {
    let whole = try Self.snapshot([])
    let sliced = try Self.snapshot(owners)
    #expect(sliced.totals == whole.totals)
    #expect(whole.totals.waitingPackets > 0 && whole.totals.droppedPackets > 0 && whole.totals.originatedPackets > 0)
    #expect(sliced.ports == whole.ports)
    #expect(sliced.queues == whole.queues)
    #expect(sliced.pfc == whole.pfc)
    #expect(sliced.latency == whole.latency)
    #expect(sliced.nextHopGroups == whole.nextHopGroups)
    #expect(sliced.routes == whole.routes)
    #expect(sliced.macs == whole.macs)
    #expect(sliced.neighbors == whole.neighbors)
    let (own, all) = (try #require(sliced.buffers), try #require(whole.buffers))
    #expect(own.sizeBytes == all.sizeBytes && own.pools.map(\.usedBytes) == all.pools.map(\.usedBytes))
    for (left, right) in zip(own.groups, all.groups) {
      #expect((left.port, left.group, left.isXoff) == (right.port, right.group, right.isXoff))
      #expect(
        left.reservedBytes + left.sharedBytes + left.headroomBytes == right.reservedBytes + right.sharedBytes
          + right.headroomBytes)
      #expect(left.sharedPeakBytes >= right.sharedPeakBytes)
      #expect(left.headroomSizeBytes == right.headroomSizeBytes * UInt64(Set(owners).count))
    }
  }

  @Test("Only the ports that were asked for, in the order of the configuration")
  func some() throws {
    let sliced = try Self.snapshot([1, 0, 0, 1, 0, 1, 0], ports: ["h3", "h1"])
    #expect(sliced.ports?.map(\.name) == ["h1", "h3"])
    #expect(Set(sliced.queues?.map(\.port) ?? []) == ["h1", "h3"])
    #expect(sliced.latency == (try Self.snapshot([], ports: ["h3", "h1"])).latency)
  }
}
