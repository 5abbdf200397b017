import Dataplane
import TestSupport
import Testing
import Wire

/// Damaged frames by the thousand: nothing crashes, nothing is lost, nothing is read that is not there.
@Suite("Mutation")
struct MutationTests {
  /// A switch that does all it can: routes of every kind, access rules of every kind, both address families.
  private static func configuration(_ mode: ECMPMode) -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    TestConfiguration.route(&configuration, "0.0.0.0/0", [("10.0.2.2", 1, 3), ("10.0.1.2", 0, 1)])
    TestConfiguration.route(&configuration, "::/0", [("fd00:2::2", 1, 1), ("fd00:1::2", 0, 2)])
    configuration.routes.append(
      RouteConfiguration(prefix: IPPrefix("192.0.2.0/24")!, group: RouteConfiguration.discard))
    configuration.ecmp.mode = mode
    configuration.ecmp.fields = [.usual, .roceQP, .flowLabel, .vlan, .inner]
    configuration.ports[1].mtu = 1280
    configuration.ports[5].trust = .pcp
    configuration.macAgeing = .microseconds(100)
    var mirror = ACLRule(name: "mirror", action: .mirror(to: PortID(7)))
    mirror.destinationPorts = 4791...4791
    var remark = ACLRule(name: "remark", action: .remark(dscp: 26))
    remark.dscp = 5
    var deny = ACLRule(name: "deny", action: .deny)
    deny.source = IPPrefix("10.0.1.128/25")
    configuration.acl = [mirror, remark, deny]
    return configuration
  }

  private static let seeds: [[UInt8]] = {
    var seeds: [[UInt8]] = []
    for isIPv6 in [false, true] {
      for (from, to) in [(1, 2), (10, 20), (20, 1), (1, 77)] {
        var frame = Frame.campus(from: from, to: to, isIPv6: isIPv6)
        if from > 9 { frame.tags = [.init(vlan: UInt16(from), priority: 3)] }
        frame.dscp = 5
        seeds += [
          frame.udp(1, 2, size: 100), frame.tcp(1, 2), frame.echoRequest(), frame.roce(queuePair: 3, size: 120),
          frame.udp(1, 2, size: 1600), frame.vxlan(identifier: 3, Frame.campus(from: 1, to: 2).udp(1, 2)),
        ]
        frame.ttl = 1
        seeds.append(frame.udp(1, 2))
        frame.fragmentOffset = 0
        seeds.append(frame.udp(1, 2))
      }
      let own = Frame(from: isIPv6 ? "fd00:1::9" : "10.0.1.9", to: isIPv6 ? "fd00:1::1" : "10.0.1.1")
      seeds += [own.echoRequest(), own.udp(1, 2)]
    }
    for host in 128..<136 { seeds.append(Frame(from: "10.0.1.\(host)", to: "10.0.2.2").udp(1, 2)) }
    let own = Frame(from: "fd00:1::9", to: "fd00:1::1")
    seeds += [own.neighborSolicitation(for: "fd00:1::1"), own.neighborAdvertisement(of: "fd00:1::9")]
    seeds += [Frame(from: "10.0.1.9", to: "10.0.1.1").arp(isRequest: true), Frame.priorityPause([1: 2])]
    seeds += [Frame.layer2(from: Frame.station(1), to: Frame.station(2), tags: [.init(vlan: 10), .init(vlan: 9)])]
    return seeds
  }()

  private static func mutate(_ frame: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = frame
    for _ in 0..<random.below(4) {
      guard !bytes.isEmpty else { break }
      // Headers are worth more than payload.
      let index = random.below(random.below(4) == 0 ? bytes.count : min(bytes.count, 90))
      switch random.below(7) {
      case 0: bytes[index] ^= 1 << UInt8(random.below(8))
      case 1: bytes[index] = [0, 1, 4, 0x7F, 0x80, 0xFF][random.below(6)]
      case 2: bytes[index] = UInt8(random.below(256))
      case 3: bytes.insert(UInt8(random.below(256)), at: index)
      case 4: bytes.remove(at: index)
      case 5: bytes.removeLast(min(bytes.count, random.below(80)))
      default: bytes += [UInt8](repeating: 0xEE, count: random.below(40))
      }
    }
    // Half of the damage would otherwise end at the IPv4 checksum.
    if random.below(2) == 0, bytes.count > 34, bytes[12] == 8, bytes[13] == 0, bytes[14] >> 4 == 4 {
      let end = min(bytes.count, 14 + 4 * Int(bytes[14] & 15))
      if end >= 34 {
        bytes.replaceSubrange(24..<26, with: [0, 0])
        bytes.replaceSubrange(24..<26, with: Frame.octets(UInt64(Frame.checksum(Array(bytes[14..<end]))), count: 2))
      }
    }
    return bytes
  }

  @Test("Seeded damage", arguments: [ECMPMode.hash, .roundRobin, .flowlet])
  func damaged(mode: ECMPMode) throws {
    let configuration = MutationTests.configuration(mode)
    var first = try PoisonedSwitch(configuration, poison: 0)
    var second = try PoisonedSwitch(configuration, poison: 0xFF)
    var random = SplitMix64(seed: 0x5EED)
    let seeds = MutationTests.seeds
    for round in 0..<7000 {
      let frame = MutationTests.mutate(seeds[random.below(seeds.count)], &random)
      let port = random.below(8)
      let wire = frame.count + (random.below(3) == 0 ? random.below(2000) : 0)
      let out = first.exchange(frame, on: port, wireLength: wire)
      let again = second.exchange(frame, on: port, wireLength: wire)
      let fault = first.fault ?? second.fault
      guard out == again, fault == nil else {
        Issue.record("round \(round): \(frame) on \(port), wire \(wire): \(fault ?? "depends on what lies behind it")")
        return
      }
      for output in out {
        #expect(output.bytes.count <= output.wireLength, "round \(round)")
        #expect(output.wireLength <= configuration.ports[output.port].mtu + 22 || output.port == 7, "round \(round)")
        #expect(output.bytes.count >= 14, "round \(round)")
      }
    }
    // The damage must have left something to do, or the test tests nothing.
    let totals = first.device.totals
    #expect(totals.txPackets > 2500)
    #expect(totals.droppedPackets > 500)
    #expect(totals.originatedPackets > 50)
    #expect(totals.replicatedPackets > 500)
    #expect(first.device.accessRuleMatches.allSatisfy { $0 > 10 })
  }
}
