import Dataplane
import Wire

/// A switch that does all it can, for ``FuzzSwitch``.
enum FuzzConfiguration {
  /// The port that mirrored frames leave.
  static let mirrorPort = 7

  /// Two routed ports, two VLANs with interfaces on access ports and trunks, routes and access rules of every kind; a
  /// buffer for some dozens of packets, with everything that it can have.
  static func everything(_ model: BufferModel) -> SwitchConfiguration {
    var all = SwitchConfiguration()
    all.qos = queues
    all.macAgeing = .milliseconds(500)
    all.ports = [
      port("r1", .routed(addresses: prefixes("10.0.1.1/24", "fd00:1::1/64"))),
      port("r2", .routed(addresses: prefixes("10.0.2.1/24", "192.168.2.1/30", "fd00:2::1/64", "fe80::2/64"))),
      port("a1", .access(VLANID(10))), port("a2", .access(VLANID(10))),
      port("t1", .trunk(allowed: [VLANID(10), VLANID(20)], native: nil)),
      port("t2", .trunk(allowed: [VLANID(10), VLANID(20)], native: VLANID(10))),
      port("c1", .access(VLANID(20))), port("c2", .access(VLANID(20))),
    ]
    all.ports[1].mtu = 1280
    all.ports[2].mtu = 600
    all.ports[4].trust = .pcp
    all.ports[5].trust = .port
    all.ports[6].shaper = Shaper(rate: .gigabits(1), burst: ByteCount(2000))
    all.vlans = [
      VLANConfiguration(id: VLANID(10), addresses: prefixes("10.0.10.1/24", "fd00:10::1/64"), mtu: 1500),
      VLANConfiguration(id: VLANID(20), addresses: prefixes("10.0.20.1/24", "fd00:20::1/64")),
    ]
    for (interface, number) in [
      (InterfaceReference.port(PortID(0)), 1), (.port(PortID(1)), 2), (.vlan(VLANID(10)), 10), (.vlan(VLANID(20)), 20),
    ] {
      for text in ["10.0.\(number).2", "fd00:\(number)::2"] {
        guard let address = IPAddress(text) else { continue }
        let mac = MACAddress(bits: 0x0200_0000_0002 | UInt64(number) << 8)
        all.neighbors.append(NeighborConfiguration(interface: interface, address: address, mac: mac))
      }
    }
    all.staticMACs = [
      StaticMACConfiguration(vlan: VLANID(10), mac: MACAddress(bits: 0x0200_0000_AA01), port: PortID(3))
    ]
    addRoutes(to: &all)
    addRules(to: &all)
    all.buffer = buffer(model)
    var watchdog = WatchdogConfiguration()
    watchdog.detection = .microseconds(20)
    watchdog.restoration = .microseconds(50)
    all.watchdog = watchdog
    all.telemetry = telemetry
    return all
  }

  /// Every role, every kind of report, and little room for either.
  private static var telemetry: TelemetryConfiguration {
    var telemetry = TelemetryConfiguration()
    telemetry.hostPorts = [PortID(0), PortID(3), PortID(6)]
    telemetry.excludedPorts = [PortID(mirrorPort)]
    telemetry.ioam = IOAMConfiguration()
    telemetry.ioam?.namespaces = [IOAMNamespace(id: 123)]
    telemetry.int.roce = .clone
    telemetry.int.instructions = INTInstructions(rawValue: 0xFF81)
    telemetry.int.maximumHops = 2
    telemetry.int.domainID = 5
    telemetry.int.domainWords = [.pauseTime, .portQueues]
    var sampled = WatchRule()
    sampled.dscp = 26
    sampled.sampling = .change(TelemetryQuanta(latency: .nanoseconds(100), queue: ByteCount(200)))
    telemetry.int.watch = [sampled, WatchRule()]
    if let collector = IPAddress("10.0.2.2") {
      var reports = TelemetryReportConfiguration(collector: collector)
      reports.batch = 400
      reports.burst = 20
      reports.congestion = ByteCount(300)
      reports.congestionQuantum = ByteCount(100)
      telemetry.reports = reports
    }
    return telemetry
  }

  private static func port(_ name: String, _ role: PortRole) -> PortConfiguration {
    var port = PortConfiguration(name: name, speed: .gigabits(100))
    port.role = role
    port.queues = queues.queues
    return port
  }

  /// The usual classes, with queue 3 lossless, and marking that begins early.
  private static let queues: QoSConfiguration = {
    var qos = QoSConfiguration.roce
    var profile = ECNProfile(kmin: ByteCount(200), kmax: ByteCount(2000), pmax: Probability(partsPerMillion: 500_000))
    qos.queues[3].ecn = profile
    profile.dropsNotCapable = true
    profile.moment = .enqueue
    qos.queues[0].ecn = profile
    return qos
  }()

  private static func buffer(_ model: BufferModel) -> BufferConfiguration {
    var buffer = BufferConfiguration()
    buffer.model = model
    buffer.cell = ByteCount(80)
    buffer.pools = SharedPools(lossless: ByteCount(3000), lossy: ByteCount(5000))
    buffer.lossless = PriorityGroupProfile(
      reserve: ByteCount(100), threshold: .dynamic(log2Alpha: -1), xon: ByteCount(100), xonOffset: ByteCount(300))
    buffer.lossy = PriorityGroupProfile(reserve: ByteCount(80), threshold: .dynamic(log2Alpha: 1))
    buffer.portReserve = ByteCount(160)
    buffer.headroom = ByteCount(1600)
    buffer.sharedHeadroom = ByteCount(4000)
    buffer.egress.reserve = ByteCount(200)
    buffer.egress.size = ByteCount(4000)
    buffer.trim = TrimConfiguration(dscp: 62, queue: QueueID(6))
    buffer.hpcc.reserve = ByteCount(300)
    buffer.hpcc.resumeOffset = ByteCount(200)
    buffer.size = model == .hpcc ? ByteCount(14_000) : ByteCount(20_000)
    return buffer
  }

  private static func prefixes(_ texts: String...) -> [IPPrefix] { texts.compactMap { IPPrefix($0) } }

  private static func addRoutes(to all: inout SwitchConfiguration) {
    let hops: [(String, InterfaceReference, UInt32)] = [
      ("10.0.2.2", .port(PortID(1)), 3), ("10.0.20.9", .vlan(VLANID(20)), 1), ("10.0.1.2", .port(PortID(0)), 2),
    ]
    let hops6: [(String, InterfaceReference, UInt32)] = [
      ("fd00:2::2", .port(PortID(1)), 1), ("fe80::9", .port(PortID(0)), 1), ("fd00:10::2", .vlan(VLANID(10)), 1),
    ]
    for (text, members) in [("0.0.0.0/0", hops), ("::/0", hops6), ("198.51.100.0/24", [])] {
      guard let prefix = IPPrefix(text) else { continue }
      all.routes.append(RouteConfiguration(prefix: prefix, group: all.nextHopGroups.count))
      all.nextHopGroups.append(
        NextHopGroupConfiguration(
          prefix: prefix,
          members: members.compactMap { text, interface, weight in
            IPAddress(text).map { NextHopConfiguration(address: $0, interface: interface, weight: weight) }
          }))
    }
    for prefix in prefixes("192.0.2.0/24", "2001:db8::/32") {
      all.routes.append(RouteConfiguration(prefix: prefix, group: RouteConfiguration.discard))
    }
    all.ecmp.mode = .flowlet
    all.ecmp.fields = [.usual, .flowLabel, .roceQP, .vlan, .inner]
  }

  private static func addRules(to all: inout SwitchConfiguration) {
    var mirror = ACLRule(name: "mirror", action: .mirror(to: PortID(mirrorPort)))
    mirror.destinationPorts = 4791...4791
    var deny = ACLRule(name: "deny", action: .deny)
    deny.destination = IPPrefix("fd00:20::/112")
    deny.ipProtocol = 6
    var remark = ACLRule(name: "remark", action: .remark(dscp: 26))
    remark.dscp = 0
    remark.port = PortID(2)
    all.acl = [mirror, deny, remark]
  }
}

/// Frames from which inputs start.
enum FuzzTemplates {
  /// IPv4 and IPv6 of every kind that the switch treats in its own way.
  static let frames: [[UInt8]] = {
    let udp: [UInt8] = [0x30, 0x39, 0x12, 0xB7, 0, 28, 0, 0] + [UInt8](repeating: 4, count: 20)
    let echo: [UInt8] = [8, 0, 0xF7, 0xFE, 0, 0, 0, 1]
    let tcp: [UInt8] = [0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]
    var frames: [[UInt8]] = []
    for host: UInt8 in [2, 1, 77] {
      for network: UInt8 in [2, 10, 20, 1] {
        frames.append(ipv4(17, udp, network, host))
        frames.append(ipv4(host == 1 ? 1 : 6, host == 1 ? echo : tcp, network, host))
        frames.append(ipv6(17, udp, network, host))
      }
    }
    frames += frames.prefix(3).map { $0[..<12] + [0x81, 0, 0x60, 10] + $0[12...] }
    frames += frames.prefix(3).map { $0[..<12] + [0x81, 0, 0x60, 20, 0x81, 0, 0, 9] + $0[12...] }
    frames.append(ipv6(0, [17, 0, 1, 4, 0, 0, 0, 0] + udp, 2, 2))
    frames.append(ipv6(44, [17, 0, 0, 1, 0, 0, 0, 1] + udp, 2, 2))
    frames.append(ipv6(58, [135, 0, 0x22, 0x22, 0, 0, 0, 0] + address(1, 1) + [1, 1, 2, 0, 0, 0, 1, 2], 1, 1))
    frames.append(ipv6(58, [136, 0, 0x22, 0x22, 0x60, 0, 0, 0] + address(1, 7) + [2, 1, 2, 0, 0, 0, 1, 7], 1, 1))
    let arp: [UInt8] = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 1, 2, 10, 0, 1, 9, 0, 0, 0, 0, 0, 0, 10, 0, 1, 1]
    frames.append([UInt8](repeating: 0xFF, count: 6) + [2, 0, 0, 0, 1, 2, 8, 6] + arp)
    frames.append([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 2, 8, 6] + arp)
    frames.append(
      [1, 0x80, 0xC2, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0x88, 8, 1, 1, 0, 0xFF] + [UInt8](repeating: 9, count: 42))
    // PFC that stops and releases priority 3, and PAUSE.
    for control: [UInt8] in [
      [1, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0x20, 0], [1, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0x20, 0],
    ] {
      let frame: [UInt8] = [1, 0x80, 0xC2, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0x88, 8] + control
      frames.append(frame + [UInt8](repeating: 0, count: 60 - frame.count))
    }
    // Lossless and ECN-capable.
    for network: UInt8 in [2, 10, 20] {
      var frame = ipv4(17, udp, network, 2)
      frame[15] = 26 << 2 | 1
      frames.append(frame)
    }
    frames.append([2, 0, 0, 0, 0xAA, 1, 2, 0, 0, 0, 0xAA, 2, 0x88, 0xB5, 1, 2, 3])
    let trace: [UInt8] = [0x31, 14, 0, 0, 0, 123, 8, 1, 0x80, 0, 0, 0, 0, 0, 0, 0]
    frames.append(ipv6(0, [17, 2, 1, 0] + trace + [1, 2, 0, 0] + udp, 2, 2))
    // INT-MD with a hop of two words, in front of RoCE's port and of another UDP header; INT-MX.
    let hop: [UInt8] = [0x20, 0, 2, 4, 0x90, 0, 0, 5, 0x80, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 7]
    let int: [[UInt8]] = [
      [0x14, 5, 0x12, 0xB7] + hop, [0x18, 5, 0, 17] + hop + [0, 1, 0, 2, 0, 8, 0, 0],
      [0x34, 3, 0x12, 0xB7, 0x20, 0, 0, 0, 0xFF, 0x80, 0, 0, 0, 0, 0, 0],
    ]
    for (content, network) in zip(int + int, [2, 10, 20, 1, 2, 10] as [UInt8]) {
      let datagram = [0xC0, 1, 0xC7, 0x38, 0, UInt8(8 + content.count), 0, 0] + content
      frames.append(network == 1 ? ipv6(17, datagram, 10, 2) : ipv4(17, datagram, network, 2))
    }
    return frames
  }()

  private static let ethernet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 2]

  private static func address(_ network: UInt8, _ host: UInt8) -> [UInt8] {
    let decimal = network < 10 ? network : network / 10 << 4
    return [0xFD, 0, 0, decimal] + [UInt8](repeating: 0, count: 11) + [host]
  }

  private static func ipv4(_ ipProtocol: UInt8, _ payload: [UInt8], _ network: UInt8, _ host: UInt8) -> [UInt8] {
    let header: [UInt8] = [0x45, 0, 0, UInt8(20 + payload.count), 0, 0, 0, 0, 64, ipProtocol, 0, 0, 10, 0, 1, 2]
    return ethernet + [8, 0] + header + [10, 0, network, host] + payload
  }

  private static func ipv6(_ ipProtocol: UInt8, _ payload: [UInt8], _ network: UInt8, _ host: UInt8) -> [UInt8] {
    let hops: UInt8 = ipProtocol == 58 ? 255 : 64
    let header: [UInt8] = [0x60, 0, 0, 0, 0, UInt8(payload.count), ipProtocol, hops]
    return ethernet + [0x86, 0xDD] + header + address(1, 2) + address(network, host) + payload
  }

  /// Makes the checksum of an IPv4 header right, and that of ICMPv6, behind at most two tags.
  static func mendChecksum(_ frame: inout [UInt8]) {
    var offset = 12
    while offset + 4 <= frame.count, [0x81, 0x88].contains(frame[offset]), [0, 0xA8].contains(frame[offset + 1]) {
      offset += 4
    }
    guard offset + 2 <= frame.count else { return }
    let etherType = UInt16(frame[offset]) << 8 | UInt16(frame[offset + 1])
    let start = offset + 2
    if etherType == EtherType.ipv4 {
      frame.withUnsafeMutableBytes { bytes in
        guard bytes.count > start, let base = bytes.baseAddress else { return }
        IPv4Header(at: base + start, available: bytes.count - start)?.updateChecksum()
      }
    } else if etherType == EtherType.ipv6 {
      frame.withUnsafeMutableBytes { bytes in
        guard bytes.count > start, let base = bytes.baseAddress,
          let header = IPv6Header(at: base + start, available: bytes.count - start),
          header.nextHeader == IPProtocol.icmpV6,
          let message = ICMPv6Header(
            at: base + start + IPv6Header.length,
            available: min(header.payloadLength, bytes.count - start - IPv6Header.length))
        else { return }
        message.updateChecksum(source: header.source, destination: header.destination)
      }
    }
  }
}
