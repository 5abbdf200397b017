import Dataplane
import Foundation
import Testing

@testable import Control

@Suite struct CheckReportTests {
  @Test func exampleIsDescribedInFull() throws {
    #expect(CheckReport(try load(exampleYAML)).text() == exampleReport)
  }

  @Test func boldHeadingsChangeNothingElse() throws {
    let report = CheckReport(try load(exampleYAML))
    let bold = report.text(style: .bold)
    #expect(bold.contains("\u{1B}[1mPorts\u{1B}[0m\n"))
    let stripped = bold.replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "")
    #expect(stripped == report.text())
    #expect(report.text().allSatisfy { $0.isASCII })
  }

  @Test func jsonRoundTrips() throws {
    let directory = try TemporaryDirectory()
    try directory.write("10.8.0.0/16 via 10.0.10.2*2\n", to: "routes.txt")
    let report = CheckReport(try load(everyKeyYAML, directory: directory.path))
    let json = try report.json()
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try decoder.decode(CheckReport.self, from: Data(json.utf8)) == report)
    #expect(json.contains("\"latency_ps\" : 500000,"))
    #expect(json.contains("\"version\" : 1"))
  }

  @Test func simulatorsBufferIsDescribed() throws {
    let report = CheckReport(try load(everySimulatorKeyYAML))
    // 6 x 12500 and 6 x 50000 of headroom, twice 8000 of reserve; alpha 2^-3 and 2^-1 over a NIC rate of 50G.
    let simulator = try #require(report.buffer.simulator)
    #expect(simulator.sharedBytes == 32 << 20 - 375_000 - 16_000)
    #expect(simulator.ports.map(\.headroomBytes) == [75_000, 300_000])
    #expect(simulator.ports.map(\.shift) == [3, 1])
    #expect(simulator.ports.map(\.aloneBytes) == [simulator.sharedBytes / 9, simulator.sharedBytes / 3])
    #expect(report.buffer.headroom == [] && report.buffer.limits == [] && report.buffer.pools == [])
    let text = report.text()
    #expect(
      text.contains("\n    a         75000B   26150B      52618B  1/8 of free") || text.contains("\n  a        75000B"))
    #expect(text.contains("Watchdog\n  detection    200ms paused, with packets, and nothing sent\n"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try decoder.decode(CheckReport.self, from: Data(try report.json().utf8)) == report)
  }

  @Test func pausesAreDescribedInTheirTimes() throws {
    let report = CheckReport(
      try load(
        """
        ports: [{name: a, speed: 10G}, {name: b, speed: 100G}]
        qos: {queues: {3: {lossless: true}, 4: {lossless: true}}, pfc-priority-to-priority-group: {5: 3}}
        pfc: {quanta: 10000, refresh: 20us, response: standard}
        """))
    // Quanta of 51.2 ns and 5.12 ns; 67 and 394 of them to respond.
    #expect(report.pause.ports.map(\.quantumPs) == [51_200, 5120])
    #expect(report.pause.ports.map(\.pausePs) == [512_000_000, 51_200_000])
    #expect(report.pause.ports.map(\.refreshPs) == [20_000_000, 20_000_000])
    #expect(report.pause.ports.map(\.responsePs) == [3_430_400, 2_017_280])
    #expect(report.pause.ports.map(\.sends) == [[3, 4, 5], [3, 4, 5]])
    #expect(report.pause.ports.map(\.obeys) == [[3, 4], [3, 4]])
    let link = CheckReport(try load("ports: [{name: a, speed: 10G}]\npfc: {mode: pause}\n"))
    #expect(link.pause.ports.map(\.sends) == [[3]])
    #expect(link.pause.ports.map(\.obeys) == [Array(0..<8)])
    let off = CheckReport(try load("ports: [{name: a, speed: 10G}]\npfc: {mode: off}\n"))
    #expect(off.pause.ports[0].sends == [] && off.pause.ports[0].obeys == [])
    #expect(!off.text().contains("Pause times"))
  }

  @Test func settingsOfTheBufferAreDescribed() throws {
    let directory = try TemporaryDirectory()
    try directory.write("10.8.0.0/16 via 10.0.10.2*2\n", to: "routes.txt")
    let text = CheckReport(try load(everyKeyYAML, directory: directory.path)).text()
    // 200 KiB are 984.6 cells of 208 B, 300 kB and 200 kB are 1442 and 961.
    let expected = [
      "size           1MiB: 5041 cells of 208B", "headroom       204880B in 985 cells, shared by all groups",
      "lossless pool  299936B in 1442 cells", "lossy pool     199888B in 961 cells",
      "trimming       to 256B with DSCP 5 in queue 1, from queues 0, 2",
      "1kB to 2kB, 1 %, drops", "2KiB to 400kB, 20 % at enqueue", "seed           99",
    ]
    for line in expected { #expect(text.contains(line), "\(line)") }
  }

  @Test func routesAndGroupsAreCounted() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "10.8.0.0/16 via 10.0.1.2*40 10.0.1.3*30 10.0.1.4*20 10.0.1.5*10\n"
        + "10.7.0.0/16 via 10.0.1.2*40 10.0.1.3*30 10.0.1.4*20 10.0.1.5*10\nfd00::/16 discard\n",
      to: "routes.txt")
    let report = CheckReport(
      try load(
        "{ports: [{name: p, speed: 1G, address: 10.0.1.1/24}], routes: {file: routes.txt}}", directory: directory.path))
    #expect(report.routes == CheckReport.RouteCount(total: 3, ipv4: 2, ipv6: 1, discard: 1))
    let group = try #require(report.nextHopGroups.first)
    #expect(report.nextHopGroups.count == 1)
    #expect(group.routes == 2)
    #expect(group.worstError <= 0.001)
    #expect(group.via.map(\.wantedShare) == [0.4, 0.3, 0.2, 0.1])
    #expect(group.via.map(\.buckets).reduce(0, +) == group.buckets)
    for hop in group.via { #expect(hop.achievedShare == Double(hop.buckets) / Double(group.buckets)) }
  }

  @Test(arguments: [
    // Bytes times eight over the rate: 84 x 8 bit at 10M are 67.2 us; at 1.6T 420 ps; at 7G 96 ns.
    (84, 10_000_000, "67200000 ps"), (84, 1_600_000_000_000, "420 ps"), (84, 7_000_000_000, "96000 ps"),
    // 1048 B at 400G are 20.96 ns; 85 B at 9G are 75 555 5/9 ps.
    (1048, 400_000_000_000, "20960 ps"), (85, 9_000_000_000, "75555 5/9 ps"), (9254, 100_000_000_000, "740320 ps"),
  ]) func serializationIsExact(bytes: Int, rate: UInt64, expected: String) {
    let time = SerializationTime(wireBytes: bytes, at: BitRate(bitsPerSecond: rate))
    #expect(time.description == expected)
    // Whole part and fraction give back the bits without loss.
    let bits = UInt64(bytes) * 8 * 1_000_000_000_000
    #expect(time.ps * rate + time.numerator * (rate / time.denominator) == bits)
  }

  @Test func quantaKeepTheWeightsAndPassAnyFrame() {
    func quanta(_ schedules: [QueueSchedule]) -> [Int] {
      DWRRQuanta.quanta(for: schedules.map { QueueConfiguration(schedule: $0) }, largestFrame: 1000)
    }
    #expect(quanta([.dwrr(weight: 50), .dwrr(weight: 50), .strict]) == [1000, 1000, 0])
    #expect(quanta([.dwrr(weight: 14), .dwrr(weight: 15)]) == [14000, 15000])
    #expect(
      quanta([.dwrr(weight: 40), .dwrr(weight: 30), .dwrr(weight: 20), .dwrr(weight: 10)]) == [4000, 3000, 2000, 1000])
    #expect(quanta([.dwrr(weight: 1000)]) == [1000])
    #expect(quanta([.strict, .strict]) == [0, 0])
    for first in 1...12 {
      for second in 1...12 {
        let result = quanta([.dwrr(weight: first), .dwrr(weight: second)])
        #expect(result[0] * second == result[1] * first)
        #expect(result.min()! >= 1000)
      }
    }
  }

  @Test func largestFrameCountsTagsAndOverhead() {
    var configuration = SwitchConfiguration()
    configuration.ports = [
      PortConfiguration(name: "a", speed: .gigabits(1)), PortConfiguration(name: "b", speed: .gigabits(1)),
    ]
    configuration.ports[0].mtu = 1500
    configuration.ports[1].mtu = 9000
    #expect(DWRRQuanta.largestFrame(of: configuration) == 9000 + 22 + 24)
    configuration.qos.overhead = 40
    #expect(DWRRQuanta.largestFrame(of: configuration) == 9000 + 22 + 40)
    configuration.qos.overhead = 0
    #expect(DWRRQuanta.largestFrame(of: configuration) == 9000 + 22 + 24)
  }
}

private let exampleReport = """
  Switch leaf1
    file           leaf.yaml
    id             1
    mac            02:00:00:00:00:01
    mode           store-and-forward
    latency        0ps
    mac-ageing     300s
    seed           1
    icmp rate      100 per second
    largest frame  9262 B, tags and overhead included: the unit of DWRR quanta

  Ports
    port  speed  cable   mtu  up   role    trust  class  shaper  addresses or VLANs
    h1     100G     5m  9216  yes  routed  dscp       0  -       10.0.1.1/24
    h2     100G     5m  9216  yes  routed  dscp       0  -       10.0.2.1/24
    h3      25G     5m  9216  yes  routed  dscp       0  -       10.0.3.1/24
    b1      25G     5m  9216  yes  access  dscp       0  -       10
    b2      25G     5m  9216  yes  trunk   dscp       0  -       10, 20, native 10
    s1     400G    30m  9216  yes  routed  dscp       0  -       10.1.1.0/31 fd00:1::/127
    s2     400G    30m  9216  yes  routed  dscp       0  -       10.1.2.0/31 fd00:2::/127

  Time on the wire
    port  64 B frame  on the wire   MTU frame  on the wire
    h1       6720 ps         84 B   740320 ps       9254 B
    h2       6720 ps         84 B   740320 ps       9254 B
    h3      26880 ps         84 B  2961280 ps       9254 B
    b1      26880 ps         84 B  2961280 ps       9254 B
    b2      26880 ps         84 B  2961280 ps       9254 B
    s1       1680 ps         84 B   185080 ps       9254 B
    s2       1680 ps         84 B   185080 ps       9254 B

  Queues of all ports
    queue  schedule  weight  quantum     share  lossless  ecn                   minimum  maximum
        0  dwrr          50   9262 B  14.286 %  no        -                     -        -
        1  dwrr          50   9262 B  14.286 %  no        -                     -        -
        2  dwrr          50   9262 B  14.286 %  no        -                     -        -
        3  dwrr          50   9262 B  14.286 %  yes       100kB to 400kB, 20 %  -        -
        4  dwrr          50   9262 B  14.286 %  no        -                     -        -
        5  dwrr          50   9262 B  14.286 %  no        -                     -        -
        6  strict         -        -         -  no        -                     -        -
        7  dwrr          50   9262 B  14.286 %  no        -                     -        -

  Classification
    trust                            dscp
    DSCP to traffic class            26->3, 48->6, all others 0
    PCP to traffic class             all to their own number
    traffic class to queue           all to their own number
    traffic class to priority group  all to their own number
    PFC priority to queue            all to their own number
    PFC priority to priority group   all to their own number
    overhead                         24 B a frame

  Neighbours
    interface  address   mac
    h3         10.0.3.2  02:00:00:00:03:02
    s1         10.1.1.1  02:00:00:01:01:01
    s2         10.1.2.1  02:00:00:01:02:01

  Routes
    total    1 beyond the connected subnets
    IPv4     1
    IPv6     0
    discard  0

  Next hops
    prefix       routes  via       interface  weight  buckets  wanted  achieved  error
    10.9.0.0/16       1  10.1.1.1  s1              3   3 of 4    75 %      75 %    0 %
                         10.1.2.1  s2              1   1 of 4    25 %      25 %    0 %

  ECMP
    mode         hash
    fields       source-address, destination-address, protocol, source-port, destination-port, roce-qp
    seed         7
    flowlet-gap  50us

  Buffer
    model        asic
    size         32MB: 125000 cells of 256B
    reserves     0B in 0 cells
    headroom     1179648B in 4608 cells, each group its own
    shared pool  30820352B in 120392 cells
    egress pool  30820352B in 120392 cells: an account of what lossy queues have

  Limits
    accounts         number  reserve  limit        one alone   its XON  each of all   its XON
    lossless groups       7       0B  1/8 of free   3424256B  3419648B     2054656B  2050048B
    lossy groups         49       0B  1 of free    15410176B         -      616192B         -
    lossy queues         49       0B  1 of free    15410176B         -      616192B         -

  Headroom
    ports     groups  headroom  formula  lossless MTU   MTU  cable  delays  response  times   least  worst case
    h1 h2     3        149504B  149504B          9216  9216    632       0     25216      4   9946B     126202B
    h3 b1 b2  3         67584B   67584B          9216  9216    158       0      5120      4   9472B      63513B
    s1 s2     3        338944B  338944B          9216  9216  15152       0     57920      4  24466B     270123B

  Pause frames
    mode      pfc
    quanta    65535 in an XOFF
    watchdog  none

  Pause times
    ports     priorities stopped  obeyed  quantum   XOFF lasts  renewed after  stops after
    h1 h2     3                   3        5.12ns   335539.2ns     167769.6ns      at once
    h3 b1 b2  3                   3       20.48ns  1342156.8ns     671078.4ns      at once
    s1 s2     3                   3        1.28ns    83884.8ns      41942.4ns      at once

  """
