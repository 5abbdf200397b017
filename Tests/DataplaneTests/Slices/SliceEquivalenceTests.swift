import Dataplane
import TestSupport
import Testing
import Wire

/// What leaves a switch of several slices, and what it counts, is what leaves one of a single slice and what that counts,
/// to the byte and to the tick.
@Suite("Slices: equal to a whole switch")
struct SliceEquivalenceTests {
  /// How the eight ports of the campus are divided.
  static let divisions: [[Int]] = [
    [0, 1, 0, 1, 0, 1, 0, 1], [0, 0, 0, 0, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0, 0, 0], [0, 1, 2, 0, 1, 2, 0, 1],
    [3, 2, 1, 0, 3, 2, 1, 0],
  ]

  /// The campus with rules that deny and mirror, weighted routes, and a port that is slow, so that queues grow.
  private static func configuration() -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    configuration.buffer = TestConfiguration.ample
    configuration.ports[1].speed = .gigabits(1)
    var deny = ACLRule(name: "no telnet", action: .deny)
    deny.destinationPorts = 23...23
    var mirror = ACLRule(name: "watch", action: .mirror(to: PortID(7)))
    mirror.destinationPorts = 7777...7777
    var remark = ACLRule(name: "mark", action: .remark(dscp: 26))
    remark.destinationPorts = 4000...4100
    configuration.acl = [deny, mirror, remark]
    TestConfiguration.route(&configuration, "10.9.0.0/16", [("10.0.1.2", 0, 1), ("10.0.2.2", 1, 3)])
    configuration.ports[1].queues[0].ecn = ECNProfile(
      kmin: ByteCount(50), kmax: ByteCount(3000), pmax: Probability(partsPerMillion: 1_000_000))
    return configuration
  }

  /// A frame that a host of the campus might send, and the port it sends it on.
  private static func frame(_ random: inout SplitMix64) -> (port: String, bytes: [UInt8]) {
    let hosts: [(port: String, number: Int)] = [("r1", 1), ("r2", 2), ("a1", 10), ("a2", 10), ("c1", 20), ("t2", 10)]
    let (port, number) = hosts[random.below(hosts.count)]
    let size = 60 + random.below(1200)
    let transport = (UInt16(random.below(5000)), [UInt16(23), 7777, 4050, 5000, 6000][random.below(5)])
    switch random.below(12) {
    case 0...3:
      let target = [1, 2, 10, 20][random.below(4)]
      var frame = Frame.campus(from: number, to: target, isIPv6: random.below(3) == 0)
      frame.dscp = UInt8([0, 26, 48][random.below(3)])
      frame.ecn = UInt8(random.below(4))
      frame.ttl = random.below(100) == 0 ? 1 : 64
      return (port, frame.udp(transport.0, transport.1, size: size))
    case 4:
      var frame = Frame.campus(from: number, to: 1)
      frame.destination = [10, 9, UInt8(random.below(200)), 7]
      return (port, frame.udp(transport.0, transport.1, size: size))
    case 5: return (port, Frame.campus(from: number, to: number).echoRequest(size: size))
    case 6:
      return (
        port,
        Frame(from: "10.0.\(number).2", to: "10.0.\(number).1", sourceMAC: TestConfiguration.hostMAC(number))
          .arp(isRequest: true)
      )
    case 7: return (port, Frame(from: "10.0.\(number).2", to: "203.0.113.9").udp(1, 2, size: size))
    case 8: return (port, Frame.layer2(from: Frame.station(random.below(9)), to: 0xFFFF_FFFF_FFFF, size: size))
    case 9:
      var tagged = Frame.layer2(
        from: Frame.station(random.below(9)), to: Frame.station(random.below(9)),
        tags: [.init(vlan: UInt16([10, 20, 30][random.below(3)]), priority: 3)], size: size)
      if random.below(20) == 0 { tagged = Array(tagged[..<13]) }
      return (["t1", "t2"][random.below(2)], tagged)
    default:
      return (
        ["a1", "a2", "c1", "c2", "t2"][random.below(5)],
        Frame.layer2(from: Frame.station(random.below(9)), to: Frame.station(random.below(9)), size: size)
      )
    }
  }

  /// Everything that a switch has done with some traffic.
  private struct Outcome: Equatable {
    var departures: [String: [Departure]] = [:]
    var drops: [String: [String: UInt64]] = [:]
    var dropsWithoutPort: [String: UInt64] = [:]
    var totals = Switch.Totals()
    var received: [String: [Switch.Traffic]] = [:]
    var marked: UInt64 = 0
    var matches: [UInt64] = []
    var members: [UInt64] = []
    var stations: [[String]] = []
    var neighbors: [[String]] = []
  }

  private static func outcome(_ owners: [Int], seed: UInt64) throws -> Outcome {
    let configuration = configuration()
    var tested = try VirtualSwitch(configuration, owners: owners)
    var random = SplitMix64(seed: seed)
    var outcome = Outcome()
    let names = configuration.ports.map(\.name)
    for round in 0..<6 {
      let begin = tested.now + 1_000_000
      for _ in 0..<60 {
        let (port, bytes) = frame(&random)
        tested.send(bytes, on: port, at: begin + UInt64(random.below(20_000_000)))
      }
      if round == 3 { tested.setPort("a2", isUp: false) }
      if round == 4 { tested.setPort("a2", isUp: true) }
      for departure in tested.run() { outcome.departures[departure.port, default: []].append(departure) }
      for slice in 0..<tested.slices.count { #expect(tested.slices.with(slice, &tested.device) { $0.audit() } == nil) }
    }
    let now = Tick(tested.now)
    outcome.totals = tested.slices.totals(&tested.device)
    for (index, name) in names.enumerated() {
      let port = PortID(index)
      for drops in tested.slices.each(&tested.device, { $0.drops(on: port) }) {
        for drop in drops { outcome.drops[name, default: [:]][drop.reason.name, default: 0] += drop.packets }
      }
      let owner = tested.slices.owner(of: index)
      outcome.received[name] = tested.slices.with(owner, &tested.device) { [$0.received(on: port), $0.sent(on: port)] }
      for queue in 0..<8 {
        outcome.marked += tested.slices.with(owner, &tested.device) {
          $0.marking(of: QueueID(queue), on: port).marked.packets
        }
      }
    }
    for drops in tested.slices.each(&tested.device, { $0.dropsWithoutPort }) {
      for drop in drops { outcome.dropsWithoutPort[drop.reason.name, default: 0] += drop.packets }
    }
    func sum(_ lists: [[UInt64]]) -> [UInt64] {
      (0..<lists[0].count).map { place in lists.reduce(0) { $0 + $1[place] } }
    }
    outcome.matches = sum(tested.slices.each(&tested.device) { $0.accessRuleMatches })
    outcome.members = sum(tested.slices.each(&tested.device) { $0.memberStatistics(ofGroup: 0).map(\.packets) })
    outcome.stations = tested.slices.each(&tested.device) {
      $0.stations(at: now).map { "\($0.vlan.rawValue) \($0.mac) \($0.port.index)" }
    }
    outcome.neighbors = tested.slices.each(&tested.device) { device in
      device.neighbors(at: now).filter { $0.mac != nil }.map { "\($0.interface) \($0.address) \($0.mac!)" }
    }
    return outcome
  }

  @Test("Routed, bridged, flooded, mirrored, answered and dropped alike", arguments: 0..<5)
  func equal(division: Int) throws {
    var seen: Set<String> = []
    for seed in 0..<8 {
      let whole = try Self.outcome([], seed: UInt64(seed))
      let divided = try Self.outcome(Self.divisions[division], seed: UInt64(seed))
      for name in whole.departures.keys { #expect(whole.departures[name] == divided.departures[name], "\(name)") }
      #expect(whole.departures.count == divided.departures.count)
      #expect(whole.drops == divided.drops)
      #expect(whole.dropsWithoutPort == divided.dropsWithoutPort)
      #expect(whole.totals == divided.totals)
      #expect(whole.received == divided.received)
      #expect(whole.marked == divided.marked)
      #expect(whole.matches == divided.matches)
      #expect(whole.members == divided.members)
      // Every slice knows what the whole switch knows.
      for stations in divided.stations { #expect(stations == whole.stations[0]) }
      for neighbors in divided.neighbors { #expect(neighbors == whole.neighbors[0]) }
      seen.formUnion(whole.drops.values.flatMap(\.keys))
      if whole.marked > 0 { seen.insert("marked") }
      if whole.matches[1] > 0 { seen.insert("mirrored") }
      if whole.totals.originatedPackets > 0 { seen.insert("originated") }
    }
    let wanted: Set<String> = [
      "marked", "mirrored", "originated", "access-denied", "no-route", "vlan-not-allowed", "same-port", "time-to-live",
    ]
    #expect(wanted.isSubset(of: seen), "\(wanted.subtracting(seen))")
  }
}
