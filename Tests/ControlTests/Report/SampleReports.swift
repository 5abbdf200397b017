@testable import Control

/// Reports made by hand, small enough to be read and checked.
enum SampleReports {
  /// The samples by name, for tests that go through all of them.
  enum Kind: CaseIterable {
    case small, empty, large, hostile

    var report: Report {
      switch self {
      case .small: SampleReports.small
      case .empty: SampleReports.empty
      case .large: SampleReports.large(ports: 64)
      case .hostile: SampleReports.hostile
      }
    }
  }

  /// Two ports, one used queue each, drops, a weighted group, PFC, and an input that broke off.
  static var small: Report {
    var report = Report(
      identity: SwitchIdentity(name: "leaf1", id: 1, mac: "02:00:00:00:00:01", mode: "store-and-forward"),
      seed: 7, durationPicoseconds: 400_000_000, startNanoseconds: 1_700_000_000_000_000_000)
    report.inputs = [
      InputReport(port: "h1", file: "/home/me/a.pcap", packets: 1000, bytes: 1_048_000, loops: 2),
      InputReport(
        port: "h2", file: "b.pcapng", packets: 20, bytes: 1280, error: "packet 21 is cut off at byte 3104"),
    ]
    report.notices = ["lossless, ecn and buffer are read and take effect with the buffer model."]
    report.errors = ["b.pcapng: packet 21 is cut off at byte 3104. Its first 20 packets were replayed."]
    report.totals = TotalsReport(
      rxPackets: 1020, txPackets: 1012, droppedPackets: 10, consumedPackets: 2, originatedPackets: 1,
      replicatedPackets: 3)
    report.ports = [
      PortReport(
        name: "h1", speedBitsPerSecond: 100_000_000_000,
        rx: TrafficReport(packets: 1000, bytes: 1_048_000), tx: TrafficReport(packets: 12, bytes: 768),
        macControl: MACControlReport(rxPauseFrames: 0, txPauseFrames: 8), drops: ["ttl-expired": 3, "no-route": 7],
        queues: [idleButMeasured], priorities: [idle, idle, idle, PriorityReport(pfcTxXoff: 4, pfcTxXon: 4)],
        groups: [GroupReport(), GroupReport(), GroupReport(), stopping],
        series: PortSeries(rxBytes: [524_000, 524_000, 0, 0], txBytes: [0, 768])),
      PortReport(
        name: "s1", speedBitsPerSecond: 400_000_000_000,
        rx: TrafficReport(packets: 20, bytes: 1280), tx: TrafficReport(packets: 1000, bytes: 1_048_000),
        macControl: MACControlReport(rxPauseFrames: 2, rxOtherFrames: 1),
        queues: [QueueReport(), QueueReport(), QueueReport(), busy],
        priorities: [
          idle, idle, idle,
          PriorityReport(
            pfcRxXoff: 1, pfcRxXon: 1, pfcRxQuanta: 65_535, pauses: 1, pausedPicoseconds: 1_310_720,
            series: PrioritySeries(pausedPicoseconds: [0, 1_310_720, 0, 0])),
        ],
        series: PortSeries(rxBytes: [1280], txBytes: [300_000, 300_000, 300_000, 148_000])),
    ]
    report.buffer = BufferReport(
      model: "asic", sizeBytes: 1_000_000, cellBytes: 256,
      shared: PoolReport(sizeBytes: 800_000, usedBytes: 0, peakBytes: 420_096),
      egress: PoolReport(sizeBytes: 800_000, usedBytes: 0, peakBytes: 256),
      series: BufferSeries(sharedBytes: [420_096, 210_176, 100_864, 1280]))
    report.pauseEvents = [
      PauseEventReport(
        picoseconds: 12_345_678, port: "h1", kind: "xoff-headroom", priorities: [3], xoff: [3],
        cause: .init(group: 3, sharedBytes: 400_128, limitBytes: 399_872, headroomBytes: 19_968)),
      PauseEventReport(picoseconds: 150_000_000, port: "s1", kind: "storm", priorities: [3], xoff: [3]),
    ]
    report.pauseEventsOmitted = 14
    report.nextHops = [
      NextHopGroupReport(
        prefix: "10.9.0.0/16", prefixes: 3,
        via: [
          NextHopReport(
            address: "10.1.1.1", port: "s1", weight: 3, achievedShare: 0.75, share: 0.748, packets: 748,
            bytes: 783_904),
          NextHopReport(
            address: "10.1.2.1", port: "s2", weight: 1, achievedShare: 0.25, share: 0.252, packets: 252,
            bytes: 264_096),
        ])
    ]
    report.series = SeriesAxis(binPicoseconds: 100_000_000, bins: 4)
    return report
  }

  /// `count` ports, of which each sends more than the one before, with billions of packets and long names.
  static func large(ports count: Int) -> Report {
    var report = small
    report.notices = ["A notice that goes on for a while: " + String(repeating: "and on, ", count: 40) + "and ends."]
    report.ports = (0..<count).map { number in
      var queue = busy
      queue.txPackets = UInt64(4_000_000_000 + number)
      queue.txBytes = queue.txPackets * 1048
      queue.maxBytes = 31_999_744
      queue.marking.markedPackets = 3_999_999_999
      let traffic = TrafficReport(packets: queue.txPackets, bytes: queue.txBytes)
      return PortReport(
        name: "Ethernet\(number)", speedBitsPerSecond: 1_600_000_000_000, rx: traffic, tx: traffic,
        drops: ["a-reason-with-a-long-name": UInt64(9_000_000 - number), "reason-\(number)": 1], queues: [queue],
        priorities: small.ports[1].priorities, groups: small.ports[0].groups, series: small.ports[1].series)
    }
    report.nextHops = (0..<count).map { number in
      NextHopGroupReport(
        prefix: "2001:db8:1234:\(number)::/64", prefixes: 200_000,
        via: [
          NextHopReport(
            address: "2001:db8:ffff::1", port: "Ethernet\(number)", weight: 1, achievedShare: 1,
            share: 1, packets: 4_000_000_000, bytes: 1)
        ])
    }
    return report
  }

  /// Two ports, and nothing that happened.
  static var empty: Report {
    var report = Report(
      identity: SwitchIdentity(name: "leaf1", id: 1, mac: "02:00:00:00:00:01", mode: "cut-through"),
      seed: 0, durationPicoseconds: 0, startNanoseconds: 0)
    report.ports = ["h1", "h2"].map { PortReport(name: $0, speedBitsPerSecond: 25_000_000_000) }
    return report
  }

  /// A name that would end whatever context it was put into without escaping.
  static let hostileName = "</script></title><img src=x onerror=\"alert(1)\">'&amp;"

  /// A report in which every name and sentence is ``hostileName``.
  static var hostile: Report {
    var report = small
    report.identity.name = hostileName
    report.identity.mac = hostileName
    report.identity.mode = hostileName
    report.notices = [hostileName]
    report.errors = [hostileName]
    report.inputs = [InputReport(port: hostileName, file: hostileName, packets: 1, bytes: 1, error: hostileName)]
    report.ports[0].name = hostileName
    report.ports[0].drops = [hostileName: 10]
    report.buffer.model = hostileName
    report.pauseEvents[0].port = hostileName
    report.pauseEvents[0].kind = hostileName
    report.nextHops[0].prefix = hostileName
    report.nextHops[0].via[0].address = hostileName
    report.nextHops[0].via[0].port = hostileName
    return report
  }

  private static let idle = PriorityReport()

  /// A lossless group that once had to use headroom.
  private static var stopping: GroupReport {
    GroupReport(
      isLossless: true, sharedPeakBytes: 400_128, limitBytes: 800_000, headroomPeakBytes: 19_968,
      headroomSizeBytes: 100_096,
      series: GroupSeries(
        sharedBytes: [400_128, 209_920], headroomBytes: [19_968],
        limitBytes: [399_872, 590_080, 700_160, 800_000]))
  }

  private static var idleButMeasured: QueueReport {
    let latency = LatencyReport(
      count: 12, minPicoseconds: 83_840, p50: 83_840, p90: 83_840, p99: 83_840, p999: 83_840, max: 83_840,
      meanPicoseconds: 83_840)
    return QueueReport(
      txPackets: 12, txBytes: 768, maxBytes: 64, latency: latency,
      latencySplit: LatencySplitReport(
        latency: latency, waitPicoseconds: 0, bytes: 768, bitsPerSecond: 100_000_000_000),
      latencyHistogram: [LatencyBucket(upperPicoseconds: 83_840, count: 12)],
      series: QueueSeries(txBytes: [0, 768], maxBytes: [0, 64]))
  }

  private static var busy: QueueReport {
    let latency = LatencyReport(
      count: 1000, minPicoseconds: 83_840, p50: 1_204_000, p90: 7_700_125, p99: 8_300_000, p999: 8_383_999,
      max: 8_384_000, meanPicoseconds: 3_456_789)
    return QueueReport(
      txPackets: 1000, txBytes: 1_048_000, maxBytes: 419_200, notAdmittedPackets: 2,
      trimming: TrimmingReport(trimmedPackets: 3, txPackets: 2, droppedPackets: 1),
      marking: MarkingReport(
        markedPackets: 17, markedBytes: 17_816, arrivedPackets: 5, notCapablePackets: 1, wredDroppedPackets: 2),
      pause: QueuePauseReport(
        pausedPicoseconds: 1_310_720, waitPicoseconds: 393_216_000, longestWaitPicoseconds: 1_310_720),
      latency: latency,
      latencySplit: LatencySplitReport(
        latency: latency, waitPicoseconds: 393_216_000, bytes: 1_048_000, bitsPerSecond: 400_000_000_000),
      latencyHistogram: [
        LatencyBucket(upperPicoseconds: 1_204_000, count: 500), LatencyBucket(upperPicoseconds: 7_700_125, count: 400),
        LatencyBucket(upperPicoseconds: 8_384_000, count: 100),
      ],
      series: QueueSeries(txBytes: [300_000, 300_000, 300_000, 148_000], maxBytes: [419_200, 209_600, 100_608, 1048]))
  }
}
