import Dataplane
import Drivers
import Foundation
import Testing
import Wire

@testable import Control

@Suite struct ConfigurationLoaderTests {
  private func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  @Test func exampleLoadsAsWritten() throws {
    var expected = SwitchConfiguration()
    expected.name = "leaf1"
    expected.id = 1
    expected.mac = MACAddress(bits: 0x02_00_00_00_00_01)
    var queues = Array(repeating: QueueConfiguration(schedule: .dwrr(weight: 50)), count: 8)
    queues[3].isLossless = true
    queues[3].ecn = ECNProfile(
      kmin: ByteCount(100_000), kmax: ByteCount(400_000), pmax: Probability(partsPerMillion: 200_000))
    queues[6].schedule = .strict
    func port(_ name: String, _ gigabits: UInt64, _ metres: UInt64, _ role: PortRole) -> PortConfiguration {
      var port = PortConfiguration(name: name, speed: .gigabits(gigabits))
      port.cable = CableLength(millimetres: metres * 1000)
      port.mtu = 9216
      port.isUp = true
      port.role = role
      port.trust = .dscp
      port.trafficClass = TrafficClass(0)
      port.queues = queues
      return port
    }
    expected.ports = [
      port("h1", 100, 5, .routed(addresses: [try prefix("10.0.1.1/24")])),
      port("h2", 100, 5, .routed(addresses: [try prefix("10.0.2.1/24")])),
      port("h3", 25, 5, .routed(addresses: [try prefix("10.0.3.1/24")])),
      port("b1", 25, 5, .access(VLANID(10))),
      port("b2", 25, 5, .trunk(allowed: [VLANID(10), VLANID(20)], native: VLANID(10))),
      port("s1", 400, 30, .routed(addresses: [try prefix("10.1.1.0/31"), try prefix("fd00:1::/127")])),
      port("s2", 400, 30, .routed(addresses: [try prefix("10.1.2.0/31"), try prefix("fd00:2::/127")])),
    ]
    func neighbor(_ port: Int, _ text: String, _ mac: UInt64) throws -> NeighborConfiguration {
      NeighborConfiguration(interface: .port(PortID(port)), address: try address(text), mac: MACAddress(bits: mac))
    }
    expected.neighbors = [
      try neighbor(2, "10.0.3.2", 0x02_00_00_00_03_02), try neighbor(5, "10.1.1.1", 0x02_00_00_01_01_01),
      try neighbor(6, "10.1.2.1", 0x02_00_00_01_02_01),
    ]
    expected.nextHopGroups = [
      NextHopGroupConfiguration(
        prefix: try prefix("10.9.0.0/16"),
        members: [
          NextHopConfiguration(address: try address("10.1.1.1"), interface: .port(PortID(5)), weight: 3),
          NextHopConfiguration(address: try address("10.1.2.1"), interface: .port(PortID(6)), weight: 1),
        ])
    ]
    expected.routes = [RouteConfiguration(prefix: try prefix("10.9.0.0/16"), group: 0)]
    expected.ecmp.mode = .hash
    expected.ecmp.fields = [
      .sourceAddress, .destinationAddress, .ipProtocol, .sourcePort, .destinationPort, .roceQP,
    ]
    expected.ecmp.seed = 7
    expected.qos.trust = .dscp
    expected.qos.dscpToTrafficClass[26] = TrafficClass(3)
    expected.qos.dscpToTrafficClass[48] = TrafficClass(6)
    expected.qos.queues = queues
    expected.buffer.size = ByteCount(32_000_000)
    expected.buffer.cell = ByteCount(256)
    expected.buffer.headroom = nil
    expected.buffer.lossless.threshold = .dynamic(log2Alpha: -3)
    expected.buffer.lossy.threshold = .dynamic(log2Alpha: 0)

    let loaded = try load(exampleYAML)
    #expect(loaded.configuration == expected)
    #expect(loaded.file == "leaf.yaml")
    #expect(loaded.notices == [])
    #expect(loaded.portIndex(named: "s1") == 5)
    #expect(loaded.portIndex(named: "s3") == nil)
    #expect(loaded.portSuggestion(for: "h4") == "did you mean `h1`?")
  }

  @Test func leastConfigurationHasEveryDefault() throws {
    let loaded = try load("ports: [{name: p, speed: 10M}]")
    var expected = SwitchConfiguration()
    expected.qos = .roce
    var port = PortConfiguration(name: "p", speed: BitRate(bitsPerSecond: 10_000_000))
    port.queues = QoSConfiguration.roce.queues
    expected.ports = [port]
    #expect(loaded.configuration == expected)
  }

  @Test func everyKeyIsRead() throws {
    let directory = try TemporaryDirectory()
    try directory.write("10.8.0.0/16 via 10.0.10.2*2\n", to: "routes.txt")
    let loaded = try load(everyKeyYAML, directory: directory.path)
    let configuration = loaded.configuration
    #expect(configuration.name == "spine-1.a")
    #expect(configuration.id == 4_000_000_000)
    #expect(configuration.mac == MACAddress("06:00:00:00:00:0a"))
    #expect(configuration.forwardingMode == .cutThrough)
    #expect(configuration.pipelineLatency == .nanoseconds(500))
    #expect(configuration.macAgeing == .seconds(60))
    #expect(configuration.maxPorts == 40)
    #expect(configuration.seed == 99)
    let port = configuration.ports[0]
    #expect(port.speed == BitRate(bitsPerSecond: 1_600_000_000_000))
    #expect(port.device == "tap:u1")
    #expect(port.cable == CableLength(millimetres: 2500))
    #expect(port.mtu == 1500)
    #expect(!port.isUp)
    #expect(port.trust == .port)
    #expect(port.trafficClass == TrafficClass(4))
    #expect(port.shaper == Shaper(rate: .gigabits(10), burst: ByteCount(64_000)))
    #expect(port.queues[3].schedule == .dwrr(weight: 9))
    #expect(port.queues[3].isLossless)
    #expect(port.queues[3].ecn?.kmin == ByteCount(2048))
    #expect(port.queues[3].ecn?.kmax == ByteCount(400_000))
    #expect(port.queues[1].maximumRate == nil)
    #expect(port.queues[0].schedule == .strict)
    #expect(loaded.impairments == [everyKeyImpairments, [], []])
    let template = configuration.qos.queues
    #expect(port.queues[3].ecn?.moment == .enqueue)
    #expect(template[1].ecn?.dropsNotCapable == true)
    #expect(template[1].ecn?.moment == .dequeue)
    #expect(template[1].minimumRate == Shaper(rate: .gigabits(1), burst: ByteCount(3000)))
    #expect(template[1].maximumRate == Shaper(rate: .gigabits(2)))
    #expect(configuration.ports[1].queues == template)
    #expect(configuration.ports[1].role == .access(VLANID(10)))
    #expect(configuration.ports[2].role == .trunk(allowed: [10, 20, 21, 22].map { VLANID($0) }, native: VLANID(20)))
    let vlan = VLANConfiguration(id: VLANID(10), name: "storage", addresses: [try prefix("10.0.10.1/24")], mtu: 9000)
    #expect(configuration.vlans == [vlan])
    #expect(configuration.neighbors.map(\.interface) == [.port(PortID(0)), .vlan(VLANID(10))])
    #expect(
      configuration.staticMACs == [
        StaticMACConfiguration(vlan: VLANID(20), mac: MACAddress(bits: 0x02_00_00_00_20_01), port: PortID(2))
      ])
    #expect(
      configuration.routes.map(\.prefix.description) == ["10.9.0.0/16", "10.7.0.0/16", "fd09::/16", "10.8.0.0/16"])
    #expect(configuration.routes.map(\.group) == [0, -1, 1, 2])
    #expect(configuration.nextHopGroups[1].members.map(\.interface) == [.port(PortID(0))])
    #expect(configuration.nextHopGroups[2].members.map(\.weight) == [2])
    #expect(configuration.ecmp.mode == .flowlet)
    #expect(configuration.ecmp.fields == [.flowLabel])
    #expect(configuration.ecmp.seed == .max)
    #expect(configuration.ecmp.flowletGap == .microseconds(20))
    let qos = configuration.qos
    #expect(qos.trust == .pcp)
    #expect(qos.dscpToTrafficClass.map(\.rawValue) == (0..<64).map { $0 == 8 ? 1 : 0 })
    #expect(qos.pcpToTrafficClass.map(\.rawValue) == [1, 0, 2, 3, 4, 5, 6, 7])
    #expect(qos.trafficClassToQueue.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 1])
    #expect(qos.trafficClassToPriorityGroup.map(\.rawValue) == [0, 0, 2, 3, 4, 5, 6, 7])
    #expect(qos.pfcPriorityToQueue.map(\.rawValue) == [0, 1, 2, 4, 4, 5, 6, 7])
    #expect(qos.pfcPriorityToPriorityGroup.map(\.rawValue) == [0, 1, 2, 5, 4, 5, 6, 7])
    #expect(qos.overhead == 20)
    var buffer = BufferConfiguration()
    buffer.size = ByteCount(1 << 20)
    buffer.cell = ByteCount(208)
    buffer.headroom = ByteCount(51_200)
    buffer.sharedHeadroom = ByteCount(204_800)
    buffer.pools = SharedPools(lossless: ByteCount(300_000), lossy: ByteCount(200_000))
    buffer.portReserve = ByteCount(2000)
    buffer.lossless = PriorityGroupProfile(
      reserve: ByteCount(3000), threshold: .dynamic(log2Alpha: -8), xon: ByteCount(500), xonOffset: ByteCount(1000))
    buffer.lossy.threshold = .fixed(ByteCount(100_000))
    buffer.lossy.reserve = ByteCount(1000)
    buffer.egress.threshold = .dynamic(log2Alpha: -1)
    buffer.egress.reserve = ByteCount(300)
    buffer.egress.size = ByteCount(150_000)
    buffer.headroomParameters.smallPacketPercent = 50
    buffer.headroomParameters.losslessMTU = 1024
    buffer.headroomParameters.gearbox = ByteCount(100)
    buffer.headroomParameters.macPhy = ByteCount(200)
    buffer.headroomParameters.responseQuanta = 10
    var trim = TrimConfiguration(dscp: 5, queue: QueueID(1))
    trim.size = 256
    trim.queues = 0b101
    buffer.trim = trim
    #expect(configuration.buffer == buffer)
    var pause = PauseConfiguration()
    pause.mode = .link
    pause.quanta = 60_000
    pause.refresh = .microseconds(5)
    pause.response = .after(.nanoseconds(300))
    #expect(configuration.pause == pause)
    var watchdog = WatchdogConfiguration()
    watchdog.detection = .milliseconds(100)
    watchdog.restoration = nil
    watchdog.action = .forward
    #expect(configuration.watchdog == watchdog)
    var rule = ACLRule(name: "no-telnet", action: .deny)
    rule.port = PortID(1)
    rule.etherType = 0x0800
    rule.vlan = VLANID(10)
    rule.source = try prefix("10.0.0.0/8")
    rule.destination = try prefix("0.0.0.0/0")
    rule.ipProtocol = 6
    rule.sourcePorts = 1024...65535
    rule.destinationPorts = 23...23
    rule.dscp = 0
    #expect(configuration.acl[0] == rule)
    #expect(
      configuration.acl[1...].map(\.action) == [.remark(dscp: 8), .mirror(to: PortID(2)), .permit])
    #expect(configuration.acl.map(\.name) == ["no-telnet", "rule-2", "rule-3", "rule-4"])
    #expect(configuration.icmpRatePerSecond == 0)
    #expect(loaded.workers == [WorkerSettings(name: "left", cpu: 3)])
    #expect(configuration.owners == [])
  }

  @Test func everyKeyOfTheOtherKindIsRead() throws {
    let configuration = try load(everySimulatorKeyYAML).configuration
    var buffer = BufferConfiguration()
    buffer.model = .hpcc
    buffer.size = ByteCount(32 << 20)
    buffer.hpcc.reserve = ByteCount(8000)
    buffer.hpcc.resumeOffset = ByteCount(2000)
    buffer.hpcc.shift = 4
    buffer.hpcc.nicRate = .gigabits(50)
    buffer.hpcc.headroomFactor = 6
    #expect(configuration.buffer == buffer)
    #expect(configuration.pause == PauseConfiguration())
    var watchdog = WatchdogConfiguration()
    watchdog.restoration = .seconds(2)
    watchdog.action = .alert
    #expect(configuration.watchdog == watchdog)
    // What excludes each other is in neither text: fixed limits, and words in place of times.
    let other = try load(
      """
      ports: [{name: p, speed: 10G}]
      buffer: {alpha: {lossy: 128}, lossless: {limit: 1MB}, egress: {limit: 0}, shared-headroom: none, trim: none}
      pfc: {response: standard}
      watchdog: none
      """
    ).configuration
    #expect(other.buffer.lossy.threshold == .dynamic(log2Alpha: 7))
    #expect(other.buffer.lossless.threshold == .fixed(ByteCount(1_000_000)))
    #expect(other.buffer.egress.threshold == .fixed(ByteCount(0)))
    #expect(other.buffer.sharedHeadroom == nil)
    #expect(other.buffer.trim == nil)
    #expect(other.pause.response == .standard)
    #expect(other.watchdog == nil)
  }

  @Test func queuesWithoutScheduleGetTheSmallestWeight() throws {
    let loaded = try load(
      "{ports: [{name: p, speed: 10G}], qos: {queues: {1: {schedule: {dwrr: 30}}, 2: {schedule: {dwrr: 20}}, "
        + "3: {lossless: true}, 7: {schedule: strict}}}}")
    let schedules = loaded.configuration.ports[0].queues.map(\.schedule)
    let least = QueueSchedule.dwrr(weight: 20)
    #expect(schedules == [least, .dwrr(weight: 30), least, least, least, least, least, .strict])
    let bare = try load("{ports: [{name: p, speed: 10G}], qos: {trust: port}}")
    #expect(bare.configuration.ports[0].queues.allSatisfy { $0 == QueueConfiguration() })
    #expect(bare.configuration.ports[0].trust == .port)
  }

  @Test func scalarsAreTheTextThatWasWritten() throws {
    // To YAML 1.1 the first is a number to base 60, `1_0` is ten, and `on` is true.
    let loaded = try load("{switch: {mac: 02:00:00:00:00:11}, ports: [{name: on, speed: 10G}]}")
    #expect(loaded.configuration.mac == MACAddress(bits: 0x02_00_00_00_00_11))
    #expect(loaded.configuration.ports[0].name == "on")
    #expect(mistakes(in: "{switch: {id: 1_0}, ports: [{name: p, speed: 10G}]}").count == 1)
  }

  @Test func aliasesRepeatValues() throws {
    let loaded = try load("ports: [{name: p, speed: &fast 400G}, {name: q, speed: *fast}]")
    #expect(loaded.configuration.ports.map(\.speed) == [.gigabits(400), .gigabits(400)])
  }

  @Test func filesAreFoundBesideTheConfiguration() throws {
    let directory = try TemporaryDirectory()
    try directory.write("10.9.0.0/16 via 10.0.1.2\n", to: "routes.txt")
    try directory.write(
      "{ports: [{name: p, speed: 10G, address: 10.0.1.1/24}], routes: {file: routes.txt}}", to: "a.yaml")
    let loaded = try ConfigurationLoader().load(path: directory.path + "a.yaml")
    #expect(loaded.configuration.routes.count == 1)
  }
}

/// What `everyKeyYAML` says of the first port's impairments.
private let everyKeyImpairments: [ImpairmentSettings] = {
  var egress = ImpairmentSettings(.egress)
  egress.match.dscp = [26, 27]
  egress.match.opcodes = [0x81]
  egress.match.queuePairs = [7]
  egress.match.sequence = SequenceRange(100, 200)
  egress.delay = .microseconds(10)
  egress.jitter = .microseconds(2)
  egress.distribution = .normal
  egress.keepsOrder = false
  egress.loss = Probability(partsPerMillion: 1000)
  var burst = BurstLoss(enter: Probability(partsPerMillion: 10_000), leave: Probability(partsPerMillion: 250_000))
  burst.good = Probability(partsPerMillion: 1000)
  burst.bad = Probability(partsPerMillion: 500_000)
  egress.burstLoss = burst
  egress.corruption = Corruption(probability: Probability(partsPerMillion: 100))
  egress.corruption?.bits = 2
  egress.corruption?.mendsChecksums = true
  egress.duplication = Probability(partsPerMillion: 10_000)
  egress.reordering = Reordering(.every(10), .frames(3, atMost: .milliseconds(1)))
  egress.rate = .gigabits(1)
  egress.rateQueue = ByteCount(64_000)
  var ingress = ImpairmentSettings(.ingress)
  ingress.match.isPauseOnly = true
  ingress.reordering = Reordering(.probability(Probability(partsPerMillion: 20_000)), .time(.microseconds(5)))
  ingress.corruption = Corruption(probability: Probability(partsPerMillion: 30_000))
  return [egress, ingress]
}()

/// Every key the loader knows, none at its default.
let everyKeyYAML = """
  switch: {name: spine-1.a, id: 4000000000, mac: "06:00:00:00:00:0A", mode: cut-through, latency: 500ns, mac-ageing: 60s, seed: 99, max-ports: 40}
  ports:
    - name: u1
      speed: 1.6T
      device: "tap:u1"
      cable: 2.5m
      mtu: 1500
      up: false
      address: [10.0.1.1/24, "fe80::1/64"]
      trust: port
      traffic-class: 4
      shaper: {rate: 10G, burst: 64kB}
      queues: {0: {schedule: strict}, 1: {maximum: none}, 3: {schedule: {dwrr: 9}, ecn: {kmin: 2KiB}}}
      impairments:
        - direction: egress
          match: {dscp: [26, 27], opcode: 0x81, qp: 7, psn: 100-200}
          delay: 10us
          jitter: 2us
          distribution: normal
          in-order: false
          loss: 0.1%
          burst-loss: {enter: 1%, leave: 25%, good: 0.1%, bad: 50%}
          corrupt: {probability: 0.01%, bits: 2, mend: true}
          duplicate: 1%
          reorder: {every: 10, by: 3, at-most: 1ms}
          rate: 1G
          rate-queue: 64kB
        - {direction: ingress, match: {pause: true}, reorder: {probability: 2%, time: 5us}, corrupt: 3%}
    - {name: b1, speed: 10G, vlan: 10}
    - {name: b2, speed: 10G, vlan: {trunk: [10, 20-22], native: 20}}
  vlans: [{id: 10, name: storage, address: 10.0.10.1/24, mtu: 9000}]
  neighbors:
    - {port: u1, address: 10.0.1.2, mac: "02:00:00:00:01:02"}
    - {vlan: 10, address: 10.0.10.2, mac: "02:00:00:00:10:02"}
  macs: [{vlan: 20, mac: "02:00:00:00:20:01", port: b2}]
  routes:
    - {prefix: 10.9.0.0/16, via: [10.0.1.2, {address: 10.0.10.2, vlan: 10, weight: 0}]}
    - {prefix: 10.7.0.0/16, via: discard}
    - {prefix: "fd09::/16", via: {address: "fe80::2", port: u1}}
    - {file: routes.txt}
  ecmp: {mode: flowlet, fields: flow-label, seed: 18446744073709551615, flowlet-gap: 20us}
  qos:
    trust: pcp
    dscp: {8: 1}
    pcp: {0: 1, 1: 0}
    traffic-class-to-queue: {7: 1}
    traffic-class-to-priority-group: {1: 0}
    pfc-priority-to-queue: {3: 4}
    pfc-priority-to-priority-group: {3: 5}
    overhead: 20
    queues:
      1: {minimum: {rate: 1G, burst: 3kB}, maximum: {rate: 2G}, ecn: {kmin: 1kB, kmax: 2kB, pmax: 1%, drop: true}}
      3: {schedule: {dwrr: 7}, lossless: true, ecn: {kmin: 100kB, kmax: 400kB, pmax: 0.2, at: enqueue}}
  buffer:
    model: asic
    size: 1MiB
    cell: 208B
    headroom: 50KiB
    shared-headroom: 200KiB
    pools: {lossless: 300kB, lossy: 200kB}
    port-reserve: 2kB
    alpha: {lossless: 1/256}
    lossless: {reserve: 3kB, xon: 500B, xon-offset: 1kB}
    lossy: {reserve: 1kB, limit: 100kB}
    egress: {alpha: 1/2, reserve: 300B, size: 150kB}
    headroom-parameters: {small-packets: 50%, lossless-mtu: 1024, gearbox: 100B, mac-phy: 200B, response: 10}
    trim: {size: 256B, dscp: 5, queue: 1, queues: [0, 2]}
  pfc: {mode: pause, quanta: 60000, refresh: 5us, response: 300ns}
  watchdog: {detection: 100ms, restoration: none, action: forward}
  acl:
    - name: no-telnet
      action: deny
      port: b1
      ethertype: ipv4
      vlan: 10
      source: 10.0.0.0/8
      destination: 0.0.0.0/0
      protocol: tcp
      source-port: 1024-65535
      destination-port: 23
      dscp: 0
    - {action: {remark: 8}, ethertype: 0x86dd, protocol: 17}
    - {action: {mirror: b2}}
    - {action: permit}
  icmp: {rate: 0}
  workers: [{name: left, cpu: 3, ports: [u1, b1, b2]}]
  telemetry:
    node-id: 77
    host-ports: [u1, b1]
    excluded-ports: b2
    utilisation-window: 5us
    int:
      mode: mx
      roce: clone
      announce: dscp
      udp-port: 5555
      dscp: 11
      instructions: [hop-latency, egress-time]
      max-hops: 4
      domain: {id: 9, words: [pause-time, line-rate]}
      watch:
        - source: 10.0.0.0/8
          destination: 10.9.0.0/16
          protocol: udp
          source-port: 1000-2000
          destination-port: 4791
          dscp: 26
          qp: 17
          sample: {every: 10}
        - {sample: {flows: 3}}
        - {sample: {change: {latency: 2us, queue: 3kB}}}
        - {sample: all}
    ioam:
      node-id: 5
      wide-node-id: 6
      namespaces: [{id: 123, data: 9, wide-data: 10}, {id: 0}]
    reports:
      collector: 10.9.0.1
      port: 4000
      source: 10.0.1.1
      dscp: 8
      truncate: 64
      batch: 1300
      flush: 1ms
      rate: 500
      burst: 7
      drops: false
      congestion: {threshold: 1MB, quantum: 5kB}
      change: {latency: 4us, queue: 6kB}

  """

/// The keys that cannot stand beside those of ``everyKeyYAML``.
let everySimulatorKeyYAML = """
  ports:
    - {name: a, speed: 100G, cable: 198m, mtu: 1052}
    - {name: b, speed: 400G, cable: 198m, mtu: 1052}
  buffer:
    model: hpcc
    size: 32MiB
    hpcc: {reserve: 8kB, resume-offset: 2kB, shift: 4, nic-rate: 50G, headroom-factor: 6}
  pfc: {mode: pfc, quanta: 65535, refresh: auto, response: immediate}
  watchdog: {restoration: 2s, action: alert}

  """
