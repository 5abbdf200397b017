import Dataplane
import TestSupport
import Testing
import Wire

/// Every reason can be provoked, is counted where it belongs, and is told to drivers that follow packets.
@Suite("Drop reasons")
struct DropReasonTests {
  /// The campus with something for every reason.
  private static func configuration(for reason: DropReason) -> SwitchConfiguration {
    var configuration = TestConfiguration.campus()
    configuration.ports[1].mtu = 1400
    configuration.ports[2].mtu = 1500
    configuration.ports.append(TestConfiguration.routedPort("r3", 100, ["10.0.3.1/24"]))
    configuration.ports[8].isUp = false
    configuration.ports.append(TestConfiguration.bridgedPort("lonely", 100, .access(VLANID(30))))
    configuration.neighbors.append(TestConfiguration.neighbor(8, "10.0.3.2", Frame.station(3)))
    configuration.routes.append(
      RouteConfiguration(prefix: IPPrefix("192.0.2.0/24")!, group: RouteConfiguration.discard))
    TestConfiguration.route(&configuration, "198.51.100.0/24", [("10.0.2.2", 1, 0)])
    var rule = ACLRule(name: "no telnet", action: .deny)
    rule.destinationPorts = 23...23
    configuration.acl = [rule]
    narrow(&configuration, for: reason)
    return configuration
  }

  /// A buffer or a queue that makes the reasons of queueing happen to a few packets.
  private static func narrow(_ configuration: inout SwitchConfiguration, for reason: DropReason) {
    switch reason {
    case .headroomFull, .ingressBuffer:
      // Two cells, where each packet needs four.
      configuration.buffer.size = ByteCount(512)
      configuration.buffer.headroom = ByteCount(0)
      for port in 0...1 { configuration.ports[port].queues[3].isLossless = true }
    case .egressBuffer: configuration.buffer.egress.size = ByteCount(256)
    case .wred:
      var profile = ECNProfile(
        kmin: ByteCount(0), kmax: ByteCount(0), pmax: Probability(partsPerMillion: 0))
      profile.dropsNotCapable = true
      configuration.ports[1].queues[0].ecn = profile
      configuration.ports[1].speed = .gigabits(1)
    case .pauseStorm:
      configuration.ports[1].queues[3].isLossless = true
      var watchdog = WatchdogConfiguration()
      watchdog.detection = .microseconds(100)
      configuration.watchdog = watchdog
    default: break
    }
  }

  /// Does what a reason is for. Returns the port that must count it.
  private func provoke(_ reason: DropReason, _ campus: inout VirtualSwitch) -> String {
    func packet(to destination: String = "10.0.2.2", _ change: (inout Frame) -> Void = { _ in }) -> [UInt8] {
      var frame = Frame(from: "10.0.1.2", to: destination)
      change(&frame)
      return frame.udp(1, 2, size: 100)
    }
    func altered(_ offset: Int, _ value: UInt8) -> [UInt8] {
      var bytes = packet()
      bytes[offset] = value
      return bytes
    }
    func send(_ frame: [UInt8], on port: String = "r1", wireLength: Int? = nil) -> String {
      _ = campus.exchange(frame, on: port, wireLength: wireLength)
      return port
    }
    let (first, second) = (Frame.station(1), Frame.station(2))
    switch reason {
    case .truncatedEthernet: return send(Array(packet()[..<13]), wireLength: 100)
    case .oversize: return send(Frame.layer2(from: first, to: second, size: 1523), on: "a1")
    case .groupSource: return send(Frame.layer2(from: 0x0100_0000_0001, to: second))
    case .reservedGroup: return send(Frame.layer2(from: first, to: 0x0180_C200_000E), on: "a1")
    case .ingressDown: return send(packet(), on: "r3")
    case .vlanNotAllowed: return send(Frame.layer2(from: first, to: second), on: "t1")
    case .foreignMAC: return send(packet { $0.destinationMAC = second })
    case .samePort:
      _ = send(Frame.layer2(from: second, to: Frame.station(9)), on: "c1")
      return send(Frame.layer2(from: first, to: second), on: "c1")
    case .nowhereToFlood: return send(Frame.layer2(from: first, to: second), on: "lonely")
    case .notRoutable: return send(Frame.layer2(from: first, to: Frame.switchMAC))
    case .multicastNotRouted: return send(packet(to: "224.0.0.1"))
    case .truncatedNetworkHeader: return send(Array(packet()[..<33]), wireLength: 100)
    case .malformedNetworkHeader: return send(altered(14, 0x44))
    case .networkChecksum: return send(altered(24, 0xFF))
    case .networkLength: return send(altered(17, 87))
    case .martianAddress: return send(packet { $0.source = [127, 0, 0, 1] })
    case .timeToLive: return send(packet { $0.ttl = 1 })
    case .noRoute: return send(packet(to: "203.0.113.1"))
    case .discardRoute: return send(packet(to: "192.0.2.1"))
    case .noNextHop: return send(packet(to: "198.51.100.1"))
    case .unresolvedNeighbor: return send(packet(to: "10.0.2.77"))
    case .mtuExceeded: return send(Frame(from: "10.0.1.2", to: "10.0.2.2").udp(1, 2, size: 1415))
    case .accessDenied: return send(Frame(from: "10.0.1.2", to: "10.0.2.2").tcp(1, 23))
    case .egressDown:
      _ = send(packet(to: "10.0.3.2"))
      return "r3"
    case .packetMemory: return send(Frame.layer2(from: first, to: second, size: 4000), on: "c1")
    case .headroomFull: return send(Frame.campusClass3(size: 1000))
    case .ingressBuffer: return send(packet { $0.dscp = 0 } + [UInt8](repeating: 0, count: 900))
    case .egressBuffer:
      _ = send(packet() + [UInt8](repeating: 0, count: 900))
      return "r2"
    case .wred:
      // One leaves, one waits, and one finds it waiting.
      for _ in 0..<3 { campus.send(packet(), on: "r1", at: campus.now) }
      _ = campus.run()
      return "r2"
    case .handOverFull:
      campus.slices.room = 0
      _ = send(packet())
      return "r2"
    case .pauseStorm:
      campus.send(Frame.priorityPause([3: 0xFFFF]), on: "r2", at: 0)
      campus.send(Frame.campusClass3(size: 100), on: "r1", at: 10_000)
      _ = campus.run()
      return "r2"
    }
  }

  /// The slices of the ports r1, r2, a1, a2, t1, t2, c1, c2, r3 and lonely.
  private static let divisions: [[Int]] = [[], [0, 1, 0, 1, 0, 1, 0, 1, 1, 0], [1, 0, 2, 1, 1, 1, 0, 2, 0, 1]]

  @Test(
    "Provoked, counted once on the right port, and reported, by one slice or several", arguments: DropReason.allCases,
    0..<3)
  func everyReason(reason: DropReason, division: Int) throws {
    let owners = Self.divisions[division]
    // A ring there is between slices only.
    if reason == .handOverFull, owners.isEmpty { return }
    var configuration = DropReasonTests.configuration(for: reason)
    // Each slice has the buffer that the whole has.
    let count = UInt64((owners.max() ?? 0) + 1)
    configuration.buffer.size = ByteCount(configuration.buffer.size.bytes * count)
    configuration.buffer.egress.size = configuration.buffer.egress.size.map { ByteCount($0.bytes * count) }
    // One large packet only: that of a flooded frame itself.
    var campus = try VirtualSwitch(configuration, counts: (64, 64, 1), owners: owners)
    for slice in 0..<campus.slices.count { campus.slices.with(slice, &campus.device) { $0.recordsEndings = true } }
    let port = provoke(reason, &campus)
    let times = reason == .packetMemory ? 2 : 1
    let counted = campus.port(port)
    let drops = campus.slices.each(&campus.device) { device in
      device.drops(on: counted).map { "\($0.reason.name): \($0.packets)" }
    }
    #expect(drops.flatMap { $0 } == ["\(reason.name): \(times)"])
    let endings = campus.slices.each(&campus.device) { device in
      (0..<device.endingCount).map { device.ending($0) }.filter { $0.dropReason != nil }
    }.flatMap { $0 }
    #expect(endings.map(\.dropReason) == Array(repeating: reason, count: times))
    let isAtEgress = [.egressDown, .egressBuffer, .wred, .pauseStorm, .handOverFull].contains(reason)
    #expect(endings.first?.ingressPort == (isAtEgress ? campus.port("r1") : counted))
    #expect(campus.slices.totals(&campus.device).droppedPackets == UInt64(times))
  }

  @Test("Names are words in kebab case, each once")
  func names() {
    let names = DropReason.allCases.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-") })
    #expect(DropReason.foreignMAC.name == "foreign-mac")
    #expect(DropReason.allCases.count <= 32)
  }
}

extension Frame {
  /// A packet of the lossless class from r1 to r2.
  fileprivate static func campusClass3(size: Int) -> [UInt8] {
    var frame = Frame.campus(from: 1, to: 2)
    frame.dscp = 26
    return frame.udp(1, 2, size: size)
  }
}
