import Dataplane
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Control

@Suite("Snapshots of a switch that works")
struct ConcurrentSnapshotTests {
  /// A switch in memory that two threads know, as a worker and a control thread do.
  private struct Shared: @unchecked Sendable {
    let hosted: UnsafeMutablePointer<HostedSwitch>
  }

  @Test("are taken while packets flow, stations are learned, and links with next hops come and go")
  func concurrent() throws {
    let leaf = TestConfiguration.leaf()
    let shared = Shared(hosted: .allocate(capacity: 1))
    shared.hosted.initialize(to: try HostedSwitch(leaf))
    defer {
      shared.hosted.deinitialize(count: 1)
      shared.hosted.deallocate()
    }
    shared.hosted.pointee.auditInterval = 0
    let isOver = Atomic(false)
    let finding = Mutex("")
    let taken = Mutex((snapshots: 0, last: UInt64(0)))
    DispatchQueue.concurrentPerform(iterations: 2) { thread in
      if thread == 0 {
        let problem = Self.work(shared) { taken.withLock { $0.snapshots } < 20 }
        finding.withLock { $0 = problem }
        isOver.store(true, ordering: .releasing)
      } else {
        while !isOver.load(ordering: .acquiring) {
          let facts = DriverFacts(
            now: Tick(shared.hosted.pointee.now), uptimeSeconds: 0,
            ports: leaf.ports.map { PortFacts(device: $0.name, driver: "net_null") })
          guard
            let snapshot = try? SwitchSnapshot(
              of: shared.hosted.pointee.device, facts, parts: Set(SwitchSnapshot.Part.allCases))
          else { continue }
          taken.withLock {
            // What is counted only grows, and what is shared out is never more than all.
            let shares = snapshot.nextHopGroups?.first?.members.reduce(0) { $0 + $1.achievedShare } ?? 2
            if snapshot.totals.rxPackets >= $0.last, shares <= 1.0001 { $0.snapshots += 1 }
            $0.last = snapshot.totals.rxPackets
          }
        }
      }
    }
    #expect(finding.withLock { $0 } == "")
    #expect(taken.withLock { $0.snapshots } >= 20)
    #expect(shared.hosted.pointee.device.totals.rxPackets > 1000)
  }

  /// Packets for the spines while their links come and go; returns what was wrong.
  private static func work(_ shared: Shared, while isWanted: () -> Bool) -> String {
    var round = 0
    while round < 40 || isWanted() && round < 200_000 {
      let begin = shared.hosted.pointee.now + 1_000_000
      for number in 0..<30 as Range<UInt64> {
        let frame = Frame(from: "10.0.1.2", to: "10.9.0.\(number + 1)")
        let bytes = Frame.padded(frame.udp(UInt16(number), 4791, size: 200), to: 200)
        shared.hosted.pointee.send(bytes, wireLength: 200, priority: 3, on: 0, at: begin + number * 20_000)
        let source: [UInt8] = [2, 0, 0, 1, UInt8(round & 255), UInt8(number)]
        let stranger = [255, 255, 255, 255, 255, 255] + source + [0x88, 0xB5]
        shared.hosted.pointee.send(
          Frame.padded(stranger, to: 60), wireLength: 60, priority: nil, on: 3, at: begin + number * 30_000)
      }
      shared.hosted.pointee.setLink(5, isUp: false, at: begin + 200_000)
      shared.hosted.pointee.setLink(5, isUp: true, at: begin + 400_000)
      shared.hosted.pointee.run()
      round += 1
      // On a machine that is busy elsewhere, the other thread must get its turns.
      if round > 40 { sched_yield() }
      if let problem = shared.hosted.pointee.finding { return problem }
    }
    return ""
  }
}
