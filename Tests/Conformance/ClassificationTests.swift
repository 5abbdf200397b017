import Dataplane
import TestSupport
import Testing

/// Which queue a packet waits in: trust, and the maps from DSCP and PCP to traffic class and from there to queue.
@Suite struct ClassificationTests {
  /// Maps that differ from the identity and from each other.
  private func makeQoS() -> QoSConfiguration {
    var qos = QoSConfiguration()
    qos.dscpToTrafficClass = (0..<64).map { TrafficClass($0 * 5 + $0 / 8) }
    qos.pcpToTrafficClass = [3, 1, 4, 0, 5, 7, 2, 6].map { TrafficClass($0) }
    qos.trafficClassToQueue = [6, 2, 7, 1, 0, 5, 3, 4].map { QueueID($0) }
    return qos
  }

  /// A bridge between p1, a trunk, and p2, with a trust and the class of what it does not cover.
  private func makeBridge(_ trust: Trust, portClass: Int = 2) throws -> VirtualSwitch {
    var bridge = TestConfiguration.bridge(ports: 2)
    bridge.qos = makeQoS()
    bridge.ports[0].role = .trunk(allowed: [VLANID(10)], native: VLANID(10))
    bridge.ports[0].trust = trust
    bridge.ports[0].trafficClass = TrafficClass(portClass)
    return try VirtualSwitch(bridge)
  }

  private func queue(of frame: [UInt8], in device: inout VirtualSwitch) -> Int? {
    device.send(frame, on: "p1", at: device.now)
    return device.run().first?.queue
  }

  private func ip(_ isIPv4: Bool, dscp: Int, pcp: Int?) -> [UInt8] {
    var frame = isIPv4 ? Frame(from: "10.0.1.2", to: "10.0.2.2") : Frame(from: "fd00:1::2", to: "fd00:2::2")
    frame.destinationMAC = 0x0200_0000_0B02
    frame.dscp = UInt8(dscp)
    frame.ecn = 1
    frame.tags = pcp.map { [Frame.Tag(vlan: 10, priority: UInt8($0))] } ?? []
    return frame.udp(1, 2, size: 80)
  }

  private func arp(pcp: Int?) -> [UInt8] {
    var frame = Frame(from: "10.0.1.2", to: "10.0.1.9")
    frame.tags = pcp.map { [Frame.Tag(vlan: 10, priority: UInt8($0))] } ?? []
    return frame.arp(isRequest: true)
  }

  /// What the maps say, written out: the class is 5 DSCP + DSCP / 8 modulo 8.
  private let queues = [6, 2, 7, 1, 0, 5, 3, 4]
  private let classes = [3, 1, 4, 0, 5, 7, 2, 6]

  @Test(arguments: [nil, 5])
  func trustInDSCP(pcp: Int?) throws {
    var bridge = try makeBridge(.dscp)
    withEvery("IPv4", in: [true, false]) { isIPv4 in
      withEvery("DSCP", in: 0..<64) { dscp in
        let wanted = queues[(dscp * 5 + dscp / 8) % 8]
        expectEqual(queue(of: ip(isIPv4, dscp: dscp, pcp: pcp), in: &bridge), wanted, "queue")
      }
    }
    expectEqual(queue(of: arp(pcp: pcp), in: &bridge), queues[2], "queue of what has no DSCP")
  }

  @Test func trustInPCP() throws {
    var bridge = try makeBridge(.pcp)
    withEvery("PCP", in: 0..<8) { pcp in
      expectEqual(queue(of: ip(true, dscp: 26, pcp: pcp), in: &bridge), queues[classes[pcp]], "queue of IPv4")
      expectEqual(queue(of: ip(false, dscp: 26, pcp: pcp), in: &bridge), queues[classes[pcp]], "queue of IPv6")
      expectEqual(queue(of: arp(pcp: pcp), in: &bridge), queues[classes[pcp]], "queue of ARP")
    }
    expectEqual(queue(of: ip(true, dscp: 26, pcp: nil), in: &bridge), queues[2], "queue of what has no tag")
  }

  @Test func trustInThePort() throws {
    try withEvery("class", in: 0..<8) { portClass in
      var bridge = try makeBridge(.port, portClass: portClass)
      for pcp in [nil, 0, 7] {
        for dscp in [0, 26, 63] {
          expectEqual(queue(of: ip(true, dscp: dscp, pcp: pcp), in: &bridge), queues[portClass], "queue")
        }
        expectEqual(queue(of: arp(pcp: pcp), in: &bridge), queues[portClass], "queue of ARP")
      }
    }
  }

  /// On a routed port: a priority tag (VLAN 0) is read and removed.
  @Test func routedPortsReadPriorityTags() throws {
    var router = TestConfiguration.router(ports: 2)
    router.qos = makeQoS()
    router.ports[0].trust = .pcp
    var device = try VirtualSwitch(router)
    withEvery("PCP", in: 0..<8) { pcp in
      var frame = Frame(from: "10.0.1.2", to: "10.0.2.2")
      frame.tags = [Frame.Tag(vlan: 0, priority: UInt8(pcp))]
      let bytes = frame.udp(1, 2, size: 84)
      device.send(bytes, on: "p1", at: device.now)
      let out = device.run()
      expectEqual(out.map(\.queue), [queues[classes[pcp]]], "queue")
      expectEqual(out.map(\.bytes.count), [80], "length without tag")
    }
  }

  /// Forwarding changes neither DSCP nor ECN.
  @Test func codePointsStay() throws {
    var device = try VirtualSwitch(TestConfiguration.router(ports: 2))
    withEvery("DSCP", in: 0..<64) { dscp in
      for (source, destination) in [("10.0.1.2", "10.0.2.2"), ("fd00:1::2", "fd00:2::2")] {
        for ecn in 0..<4 as Range<UInt8> {
          var frame = Frame(from: source, to: destination)
          frame.dscp = UInt8(dscp)
          frame.ecn = ecn
          device.send(frame.udp(1, 2, size: 80), on: "p1", at: device.now)
          let header = device.run().first.flatMap { Frame.ipHeader(of: $0.bytes) }
          expect(
            header?.dscp == UInt8(dscp) && header?.ecn == ecn, "\(source), ECN \(ecn): \(String(describing: header))")
          expect(
            header?.isChecksumRight == true && header?.ttl == 63, "\(source), ECN \(ecn): \(String(describing: header))"
          )
        }
      }
    }
  }

  /// The usual RoCE classes: RDMA in queue 3, CNP in 6, all else in 0.
  @Test func roceDefaults() throws {
    var router = TestConfiguration.router(ports: 2)
    router.qos = .roce
    var device = try VirtualSwitch(router)
    for dscp in 0..<64 {
      device.send(TestConfiguration.frame(toPort: 2, dscp: UInt8(dscp)), on: "p1", at: device.now)
      #expect(device.run().first?.queue == (dscp == 26 ? 3 : dscp == 48 ? 6 : 0))
    }
  }
}
