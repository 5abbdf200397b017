import Foundation
import TestSupport
import Testing

@testable import Control

@Suite("Snapshots of a switch")
struct SnapshotTests {
  @Test("hold what was asked for, and nothing else")
  func parts() throws {
    let device = try RestingSwitch()
    let nothing = try device.snapshot(of: [], ports: [])
    #expect(nothing.name == "leaf1" && nothing.ticksPerSecond == 1_000_000_000_000)
    for part in SwitchSnapshot.Part.allCases {
      let snapshot = try device.snapshot(of: [part], ports: [])
      let present: [(SwitchSnapshot.Part, Bool)] = [
        (.ports, snapshot.ports != nil), (.queues, snapshot.queues != nil), (.buffers, snapshot.buffers != nil),
        (.pfc, snapshot.pfc != nil), (.latency, snapshot.latency != nil),
        (.nexthops, snapshot.nextHopGroups != nil), (.routes, snapshot.routes != nil), (.macs, snapshot.macs != nil),
        (.neighbors, snapshot.neighbors != nil), (.config, snapshot.configuration != nil),
      ]
      for (other, isThere) in present { #expect(isThere == (other == part), "\(part): \(other)") }
    }
  }

  @Test("agree with themselves: packets are conserved over ports, queues and totals")
  func agree() throws {
    let snapshot = try RestingSwitch().snapshot(of: Set(SwitchSnapshot.Part.allCases), ports: [])
    let ports = try #require(snapshot.ports)
    let queues = try #require(snapshot.queues)
    let totals = snapshot.totals
    #expect(totals.rxPackets == 113 && totals.waitingPackets > 0)
    #expect(
      totals.rxPackets + totals.originatedPackets + totals.replicatedPackets
        == totals.txPackets + totals.droppedPackets + totals.consumedPackets + totals.waitingPackets)
    #expect(ports.reduce(0) { $0 + $1.rx.packets } == totals.rxPackets)
    #expect(ports.reduce(0) { $0 + $1.waitingPackets } == totals.waitingPackets)
    for port in ports {
      let own = queues.filter { $0.port == port.name }
      #expect(own.count == 8)
      #expect(own.reduce(0) { $0 + $1.tx.packets } == port.tx.packets)
      #expect(own.reduce(0) { $0 + $1.depthPackets } == port.waitingPackets)
    }
    let deep = try #require(queues.first { $0.depthBytes > 0 })
    #expect(deep.port == "h3" && deep.queue == 3 && deep.isLossless && deep.depthBytes == deep.depthPackets * 1048)
    #expect(deep.peakBytes > deep.depthBytes)
    #expect(ports.map(\.isUp) == [true, true, false, true, true, true, true])
    #expect(ports[0].drops == ["no-route": 2])
    let latency = try #require(snapshot.latency?.first { $0.port == "h3" })
    #expect(latency.count == latency.buckets.reduce(0) { $0 + $1.count })
    #expect(latency.minNanoseconds <= latency.p50Nanoseconds && latency.p50Nanoseconds <= latency.maxNanoseconds)
  }

  @Test("show flow control, buffer, next hops, stations and neighbours")
  func tables() throws {
    let snapshot = try RestingSwitch().snapshot(of: Set(SwitchSnapshot.Part.allCases), ports: [])
    let h1 = try #require(snapshot.pfc?.first { $0.port == "h1" && $0.priority == 3 })
    #expect(h1.txXoff > 0 && h1.txXon > 0 && !h1.asksForPause)
    #expect(snapshot.ports?[0].macControl.txPauseFrames == h1.txXoff + h1.txXon)
    let pool = try #require(snapshot.buffers?.pools.first { $0.name == "shared" })
    #expect(pool.peakBytes > pool.usedBytes && pool.usedBytes > 0 && pool.usedBytes < pool.sizeBytes)
    let groups = try #require(snapshot.buffers?.groups)
    let used = groups.filter { $0.sharedBytes > 0 }
    #expect(used.reduce(0) { $0 + $1.sharedBytes } == pool.usedBytes)
    #expect(used.allSatisfy { $0.isLossless && $0.group == 3 })
    let group = try #require(snapshot.nextHopGroups?.first)
    #expect(group.prefix == "10.9.0.0/16" && group.routes == 1)
    #expect(group.members.map(\.weight) == [3, 1] && group.members.map(\.achievedShare) == [0.75, 0.25])
    #expect(group.members.reduce(0) { $0 + $1.tx.packets } == 30)
    #expect(snapshot.routes == [SwitchSnapshot.Route(prefix: "10.9.0.0/16", via: ["10.1.1.1", "10.1.2.1"])])
    let host = try #require(snapshot.neighbors?.first { $0.address == "10.0.1.2" })
    let stranger = try #require(snapshot.macs?.first)
    #expect(snapshot.macs?.count == 1 && stranger.mac == "02:00:00:00:09:09" && stranger.port == "b1")
    #expect(stranger.vlan == 10 && !stranger.isStatic && (0.9...1.1).contains(stranger.ageSeconds ?? 0))
    #expect(host.interface == "h1" && host.mac == "02:00:00:00:01:02" && host.isStatic && host.ageSeconds == nil)
  }

  @Test("of some ports leave the others out, and say so if there is no such port")
  func selected() throws {
    let device = try RestingSwitch()
    let snapshot = try device.snapshot(of: [.ports, .queues, .pfc, .buffers], ports: ["s1", "h3"])
    #expect(snapshot.ports?.map(\.name) == ["h3", "s1"])
    #expect(Set(snapshot.queues?.map(\.port) ?? []) == ["h3", "s1"] && snapshot.queues?.count == 16)
    #expect(snapshot.buffers?.groups.count == 16 && snapshot.pfc?.count == 16)
    #expect(throws: ControlError(.notFound, "no port is named `h4`", remedy: "did you mean `h1`?")) {
      _ = try device.snapshot(of: [.ports], ports: ["h4"])
    }
  }

  @Test("are the same after a way through JSON, whatever their names are")
  func json() throws {
    var snapshot = try RestingSwitch().snapshot(of: Set(SwitchSnapshot.Part.allCases), ports: [])
    snapshot.ports?[0].driver.counters = ["rx_good_packets": 1, "rxGood": 2, "": 3]
    snapshot.configuration?.text = "a: \"\\ \u{1} \u{1F980}\"\n"
    #expect(try ControlJSON.decode(SwitchSnapshot.self, from: try snapshot.json()) == snapshot)
    #expect(try snapshot.json().contains("\"depth_bytes\""))
  }

  @Test("forget peaks when watermarks are reset")
  func watermarks() throws {
    let device = try RestingSwitch()
    let before = try device.snapshot(of: [.queues], ports: ["h3"]).queues?[3]
    try device.resetWatermarks()
    let after = try device.snapshot(of: [.queues], ports: ["h3"]).queues?[3]
    #expect((before?.peakBytes ?? 0) > (before?.depthBytes ?? 0) && after?.peakBytes == after?.depthBytes)
  }
}
