@testable import Control

/// Reports made by hand, small enough to be read and checked.
enum SampleReports {
  /// Two ports, one used queue each, drops, a weighted group, PFC, and an input that broke off.
  static var small: Report {
    var report = Report(
      identity: SwitchIdentity(name: "leaf1", id: 1, mac: "02:00:00:00:00:01", mode: "store-and-forward"),
      seed: 7, durationPicoseconds: 4_000_000, startNanoseconds: 1_700_000_000_000_000_000)
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
        drops: ["ttl-expired": 3, "no-route": 7], queues: [idleButMeasured],
        series: PortSeries(rxBytes: [524_000, 524_000, 0, 0], txBytes: [0, 768])),
      PortReport(
        name: "s1", speedBitsPerSecond: 400_000_000_000,
        rx: TrafficReport(packets: 20, bytes: 1280), tx: TrafficReport(packets: 1000, bytes: 1_048_000),
        queues: [QueueReport(), QueueReport(), QueueReport(), busy],
        priorities: [
          PriorityReport(), PriorityReport(), PriorityReport(),
          PriorityReport(pfcTxXoff: 4, pfcTxXon: 4, pfcRxXoff: 1, pfcRxXon: 1, pausedPicoseconds: 1_310_720),
        ],
        series: PortSeries(rxBytes: [1280], txBytes: [300_000, 300_000, 300_000, 148_000])),
    ]
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
    report.series = SeriesAxis(binPicoseconds: 1_000_000, bins: 4)
    return report
  }

  private static var idleButMeasured: QueueReport {
    QueueReport(
      txPackets: 12, txBytes: 768, maxBytes: 64,
      latency: LatencyReport(
        count: 12, minPicoseconds: 83_840, p50: 83_840, p90: 83_840, p99: 83_840, p999: 83_840, max: 83_840,
        meanPicoseconds: 83_840),
      latencyHistogram: [LatencyBucket(upperPicoseconds: 83_840, count: 12)],
      series: QueueSeries(txBytes: [0, 768], maxBytes: [0, 64]))
  }

  private static var busy: QueueReport {
    QueueReport(
      txPackets: 1000, txBytes: 1_048_000, maxBytes: 419_200, ecnMarkedPackets: 17,
      latency: LatencyReport(
        count: 1000, minPicoseconds: 83_840, p50: 1_204_000, p90: 7_700_125, p99: 8_300_000, p999: 8_383_999,
        max: 8_384_000, meanPicoseconds: 3_456_789),
      latencyHistogram: [
        LatencyBucket(upperPicoseconds: 1_204_000, count: 500), LatencyBucket(upperPicoseconds: 7_700_125, count: 400),
        LatencyBucket(upperPicoseconds: 8_384_000, count: 100),
      ],
      series: QueueSeries(txBytes: [300_000, 300_000, 300_000, 148_000], maxBytes: [419_200, 209_600, 100_608, 1048]))
  }
}
