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
    size      32MB
    cell      256B
    headroom  auto
    alpha     lossless 1/8, lossy 1

  Notices
    `lossless` (queue 3), `ecn` (queue 3) and `buffer` are read and validated; they take effect with the buffer model

  """
