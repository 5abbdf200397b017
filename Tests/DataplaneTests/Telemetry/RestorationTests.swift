import Dataplane
import TestSupport
import Testing
import Wire

@Suite("INT: sinks give back what sources took")
struct RestorationTests {
  @Test("every octet of every kind of packet is back behind the sink", arguments: INTAnnouncement.allCases)
  func restoration(_ announcement: INTAnnouncement) throws {
    for isTagged in [false, true] {
      let path = TelemetryPath(3, isTagged: isTagged) {
        $0.int.announcement = announcement
        $0.int.instructions = [.nodeID, .hopLatency, .queue, .egressTimestamp, .checksumComplement]
      }
      let sizes = Array(0...40) + [41, 100, 255, 256, 1000, 1399]
      let cases = sizes.flatMap { TelemetryPath.frames(payload: $0) }
      // So far apart that one never waits for another: the order stays.
      let seen = try path.run(cases.enumerated().map { ($1.bytes, UInt64($0) * 10_000_000) })
      #expect(seen.map(\.count) == [cases.count, cases.count, cases.count])
      for (number, (name, frame, takes)) in cases.enumerated() {
        expectEqual(seen[2][number].bytes, frame, "\(name) of \(frame.count) bytes behind the sink")
        for hop in 0..<2 {
          let bytes = seen[hop][number].bytes
          expectEqual(ReferenceINT.fault(in: bytes), nil, "\(name) behind hop \(hop)")
          let int = ReferenceINT(bytes, dscp: announcement == .dscp ? 23 : nil)
          expectEqual(int?.hops.count, takes.contains(announcement) ? hop + 1 : nil, "hops of \(name)")
          expectEqual(
            bytes.count, frame.count + (isTagged ? 4 : 0) + added(announcement, takes, hops: hop + 1),
            "length of \(name)")
        }
      }
    }
  }

  private func added(_ announcement: INTAnnouncement, _ takes: Set<INTAnnouncement>, hops: Int) -> Int {
    guard takes.contains(announcement) else { return 0 }
    return 16 + (announcement == .header ? 8 : 0) + hops * 6 * 4
  }

  @Test("a RoCE packet verifies again, and its congestion marks and TTL are those of the path")
  func routedRoCE() throws {
    let frame = Frame(from: "10.0.1.2", to: "10.0.2.2").roce(queuePair: 9, (0..<1024).map { UInt8($0 & 255) })
    var outputs: [[UInt8]] = []
    for isOn in [false, true] {
      var router = TestConfiguration.router(ports: 2)
      router.neighbors = [
        TestConfiguration.neighbor(0, "10.0.1.2", 0x0200_0000_0102),
        TestConfiguration.neighbor(1, "10.0.2.2", Frame.switchMAC),
      ]
      var bytes = frame
      for hop in 0..<3 {
        var telemetry = TelemetryConfiguration()
        telemetry.hostPorts = hop == 0 ? [PortID(0)] : hop == 2 ? [PortID(1)] : []
        telemetry.int.watch = [WatchRule()]
        telemetry.int.roce = .metadata
        router.telemetry = isOn ? telemetry : nil
        var device = try VirtualSwitch(router)
        device.send(bytes, on: "p1", at: 0)
        let departures = device.run().on("p2")
        bytes = try #require(departures.first).bytes
        if isOn, hop < 2 { #expect(ReferenceINT(bytes)?.hops.count == hop + 1) }
      }
      outputs.append(bytes)
    }
    #expect(outputs[0] == outputs[1])
    let tail = Array(outputs[1].suffix(4))
    let wanted = Frame.invariantCRC(outputs[1], network: 14, udp: 34)
    #expect(tail == (0..<4).map { UInt8(truncatingIfNeeded: wanted >> UInt32(8 * $0)) })
  }

  @Test("a packet that fits into the MTU of the sink only without its telemetry passes")
  func largestPacket() throws {
    var path = TelemetryPath(3)
    path.switches[0].ports[0].mtu = 1500
    path.switches[2].ports[1].mtu = 1500
    var frame = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01)
    frame.dscp = 1
    let bytes = frame.udp(1, 2, size: 1514)
    #expect(try path.pass(bytes)[2] == bytes)
  }

  @Test("a checksum that no sender computes is left alone, as it would not come back")
  func impossibleChecksum() throws {
    let path = TelemetryPath(2) { $0.int.announcement = .dscp }
    var frame = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01).tcp(1, 2, [1, 2, 3])
    frame.replaceSubrange(50..<52, with: [0xFF, 0xFF])
    #expect(try path.pass(frame) == [frame, frame])
    let wrong = Frame(from: "10.0.1.2", to: "10.0.2.2", destinationMAC: 0x0200_0000_0B01).udp(1, 2, [1, 2, 3])
    for checksum in [0x0001, 0x8000, 0xFFFE, 0xFFFF] as [UInt64] {
      var frame = wrong
      frame.replaceSubrange(40..<42, with: Frame.octets(checksum, count: 2))
      #expect(try path.pass(frame)[1] == frame, "a wrong checksum stays wrong in the same way")
    }
  }
}
