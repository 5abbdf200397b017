import Dataplane
import Wire

/// What is measured: RoCEv2 frames of 4096 flows to 16 prefixes, in shuffled order, and the leaf that forwards them.
struct Workload {
  /// The frames, all of one length.
  private(set) var frames: [[UInt8]]
  var configuration: SwitchConfiguration

  /// - Parameter length: bytes of a frame without check sequence; 60 is a 64-byte frame.
  init(length: Int = 60, flows: Int = 4096) {
    var frames = (0..<flows).map { Workload.frame(flow: $0, length: length) }
    var random = SplitMix64(state: 1)
    for index in stride(from: frames.count - 1, to: 0, by: -1) {
      frames.swapAt(index, Int(random.next() % UInt64(index + 1)))
    }
    self.frames = frames
    configuration = Workload.leaf()
  }

  /// The same flows in eight lossless classes with ECN, over uplinks that are slower than the input: every queue holds
  /// packets, pause frames are sent, packets are marked.
  static func congested(length: Int = 60, flows: Int = 4096) -> Workload {
    var workload = Workload(length: length, flows: flows)
    workload.frames = workload.frames.enumerated().map { index, frame in
      Workload.changed(frame, trafficClassOctet: UInt8(index & 7) << 2 | ECN.capable0)
    }
    var configuration = workload.configuration
    for queue in 0..<QueueID.count {
      configuration.qos.dscpToTrafficClass[queue] = TrafficClass(queue)
      configuration.qos.queues[queue] = QueueConfiguration(
        schedule: .dwrr(weight: queue + 1), isLossless: true,
        ecn: ECNProfile(
          kmin: ByteCount(2000), kmax: ByteCount(16_000), pmax: Probability(partsPerMillion: 100_000)))
    }
    for port in configuration.ports.indices {
      configuration.ports[port].queues = configuration.qos.queues
      if port > 0 { configuration.ports[port].speed = .gigabits(200) }
    }
    let headroom = 8 * 1024 + 32 * UInt64(length)
    configuration.buffer.size = ByteCount(UInt64(configuration.ports.count * 8) * headroom + 400_000)
    configuration.buffer.cell = ByteCount(64)
    configuration.buffer.headroom = ByteCount(headroom)
    workload.configuration = configuration
    return workload
  }

  private static func changed(_ frame: [UInt8], trafficClassOctet: UInt8) -> [UInt8] {
    var frame = frame
    frame.withUnsafeMutableBytes { buffer in
      let header = IPv4Header(at: buffer.baseAddress! + 14, available: buffer.count - 14)
      header?.setDSCP(trafficClassOctet >> 2)
      header?.setECN(trafficClassOctet & 3)
    }
    return frame
  }

  /// One input port and four uplinks with weights 4:3:2:1, eight queues, DWRR and strict.
  private static func leaf() -> SwitchConfiguration {
    var configuration = SwitchConfiguration()
    configuration.name = "bench"
    configuration.qos = .roce
    var host = PortConfiguration(name: "h1", speed: .gigabits(800))
    host.role = .routed(addresses: [prefix("10.0.0.1/24")])
    host.queues = configuration.qos.queues
    configuration.ports = [host]
    var members: [NextHopConfiguration] = []
    for uplink in 0..<4 {
      var port = PortConfiguration(name: "s\(uplink + 1)", speed: .gigabits(400))
      port.role = .routed(addresses: [prefix("10.1.\(uplink).0/31")])
      port.queues = configuration.qos.queues
      configuration.ports.append(port)
      let address = IPAddress("10.1.\(uplink).1")!
      let interface = InterfaceReference.port(PortID(uplink + 1))
      members.append(NextHopConfiguration(address: address, interface: interface, weight: UInt32(4 - uplink)))
      configuration.neighbors.append(
        NeighborConfiguration(
          interface: interface, address: address, mac: MACAddress(bits: 0x0200_0001_0100 + UInt64(uplink))))
    }
    for block in 0..<16 {
      configuration.nextHopGroups.append(
        NextHopGroupConfiguration(prefix: prefix("10.9.\(block).0/24"), members: members))
      configuration.routes.append(RouteConfiguration(prefix: prefix("10.9.\(block).0/24"), group: block))
    }
    configuration.ecmp.fields = [.usual, .roceQP]
    return configuration
  }

  private static func prefix(_ text: String) -> IPPrefix { IPPrefix(text)! }

  /// DSCP 26 with ECT(0) 10/16, DSCP 0 4/16, DSCP 48 2/16.
  private static func frame(flow: Int, length: Int) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: length)
    frame.withUnsafeMutableBytes { buffer in
      let base = buffer.baseAddress!
      MACAddress(bits: 0x0200_0000_0001).store(to: base)
      MACAddress(bits: 0x0200_0000_0102).store(to: base + 6)
      base.storeBigEndian(EtherType.ipv4, at: 12)
      let kind = flow % 16
      let trafficClassOctet: UInt8 = kind < 10 ? 26 << 2 | 2 : kind < 14 ? 0 : 48 << 2
      base.storeBytes(of: 0x45, toByteOffset: 14, as: UInt8.self)
      base.storeBytes(of: trafficClassOctet, toByteOffset: 15, as: UInt8.self)
      base.storeBigEndian(UInt16(length - 14), at: 16)
      base.storeBytes(of: 64, toByteOffset: 22, as: UInt8.self)
      base.storeBytes(of: IPProtocol.udp, toByteOffset: 23, as: UInt8.self)
      base.storeBigEndian(UInt32(0x0A00_0002), at: 26)
      base.storeBigEndian(UInt32(0x0A09_0001 | (flow & 15) << 8), at: 30)
      base.storeBigEndian(InternetChecksum.checksum(of: UnsafeRawBufferPointer(start: base + 14, count: 20)), at: 24)
      base.storeBigEndian(UInt16(0xC000 | flow & 0x3FFF), at: 34)
      base.storeBigEndian(UDPPort.roceV2, at: 36)
      base.storeBigEndian(UInt16(length - 34), at: 38)
      base.storeBytes(of: 0x0A, toByteOffset: 42, as: UInt8.self)
      base.storeBigEndian(UInt16(0xFFFF), at: 44)
      base.storeBigEndian(UInt32(flow + 17), at: 46)
    }
    return frame
  }
}

/// Sebastiano Vigna's SplitMix64: a generator of 64 bits that any seed may start.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
