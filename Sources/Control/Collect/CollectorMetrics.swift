import Collector

/// Writes metrics of a collector in Prometheus' text exposition format 0.0.4.
struct CollectorMetrics {
  private(set) var text = ""
  /// Queues, nodes and sources that have series of their own: a scrape is to stay small.
  static let seriesLimit = 2000

  mutating func write(_ snapshot: CollectorSnapshot, _ status: CollectorService.Status) {
    writeTotals(snapshot.counters, status)
    writeWindow(snapshot.window)
    writeQueues(snapshot.queues.prefix(Self.seriesLimit))
    writeNodes(snapshot.nodes.prefix(Self.seriesLimit))
    writeSources(snapshot.sources.prefix(Self.seriesLimit))
    family("drops_total", "counter", "Packets that nodes reported as dropped, by their code for the reason.") { name in
      snapshot.dropCounts.prefix(Self.seriesLimit).map {
        Self.line(name, [("node", Self.number($0.node)), ("reason", Self.number($0.reason))], "\($0.packets)")
      }
    }
  }

  private mutating func writeTotals(_ counters: CollectorCounters, _ status: CollectorService.Status) {
    let totals: [(String, String, UInt64)] = [
      ("datagrams", "Datagrams of reports that came.", counters.datagrams),
      ("octets", "Their octets, from the group header on.", counters.octets),
      ("reports", "Reports in them.", counters.reports),
      ("stack_reports", "Reports that hold the stack of INT-MD.", counters.stackReports),
      ("postcards", "Reports of one hop (INT-MX, INT-XD).", counters.postcards),
      ("trace_reports", "Reports of packets with an IOAM trace.", counters.traceReports),
      ("drop_reports", "Reports of drops.", counters.dropReports),
      ("congestion_reports", "Reports of congested queues.", counters.congestionReports),
      ("hops", "Hops that reports told of.", counters.hops),
      ("path_changes", "Changes of paths of flows.", counters.pathChanges),
      ("implausible_times", "Time stamps that could not be, and were replaced.", counters.implausibleTimes),
      ("overflow_datagrams", "Datagrams that the system threw away: nobody read them in time.", status.overflow),
      ("store_rows", "Rows written down.", status.storeRows),
      ("store_missed", "Records that were forgotten before they could be written down.", status.storeMissed),
    ]
    for (name, help, value) in totals { family("\(name)_total", "counter", help) { [Self.line($0, [], "\(value)")] } }
    let kinds: [(String, UInt64)] = [
      ("group", counters.malformedGroups), ("report", counters.malformedReports),
      ("kind", counters.unknownReports), ("metadata", counters.shortMetadata),
      ("telemetry", counters.malformedTelemetry), ("cut", counters.cutTelemetry),
      ("packet", counters.unknownPackets), ("long-path", counters.longPaths),
    ]
    family("unreadable_total", "counter", "What could not be read, or not all of it, by what was wrong.") { name in
      kinds.map { Self.line(name, [("what", $0.0)], "\($0.1)") }
    }
  }

  private mutating func writeWindow(_ window: [WindowEntry]) {
    let gauges: [(String, String, String, (WindowEntry) -> String)] = [
      ("kept", "gauge", "How many are kept in memory.", { "\($0.kept)" }),
      ("capacity", "gauge", "How many can be kept in memory.", { "\($0.capacity)" }),
      ("forgotten_total", "counter", "How many made room for others, or found none.", { "\($0.forgotten)" }),
    ]
    for (name, kind, help, value) in gauges {
      family("window_\(name)", kind, help) { name in
        window.map { Self.line(name, [("kind", $0.kind)], value($0)) }
      }
    }
  }

  private mutating func writeQueues(_ queues: ArraySlice<QueueEntry>) {
    let values: [(String, String, String, (QueueEntry) -> String)] = [
      ("queue_packets_total", "counter", "Packets that told of a queue.", { "\($0.packets)" }),
      ("queue_depth_bytes", "gauge", "Bytes that the last reported packet left behind.", { "\($0.depthBytes)" }),
      ("queue_depth_max_bytes", "gauge", "Most bytes that a reported packet left behind.", { "\($0.maxDepthBytes)" }),
      ("queue_bursts_total", "counter", "Bursts that began in a queue.", { "\($0.bursts)" }),
    ]
    for (name, kind, help, value) in values {
      family(name, kind, help) { name in
        queues.map {
          let labels = [
            ("node", Self.number($0.node)), ("egress", Self.number($0.egress)), ("queue", Self.number($0.queue)),
          ]
          return Self.line(name, labels, value($0))
        }
      }
    }
  }

  private mutating func writeNodes(_ nodes: ArraySlice<NodeEntry>) {
    family("hop_latency_seconds", "summary", "Time of reported packets in a node.") { name in
      nodes.flatMap { node in
        let labels = [("node", Self.number(node.node))]
        return [
          Self.line(name + "_sum", labels, "\(Double(node.sumLatencyNs) / 1e9)"),
          Self.line(name + "_count", labels, "\(node.latencies)"),
        ]
      }
    }
    family("hop_latency_max_seconds", "gauge", "Longest time of a reported packet in a node.") { name in
      nodes.map { Self.line(name, [("node", Self.number($0.node))], "\(Double($0.maxLatencyNs) / 1e9)") }
    }
  }

  private mutating func writeSources(_ sources: ArraySlice<SourceEntry>) {
    let values: [(String, String, (SourceEntry) -> UInt64)] = [
      ("received", "Datagrams of a source that came.", { $0.received }),
      ("lost", "Datagrams of a source that did not come.", { $0.lost }),
      ("reordered", "Datagrams of a source that came after later ones.", { $0.reordered }),
      ("duplicate", "Datagrams of a source that came more than once.", { $0.duplicates }),
      ("restarts", "How often a source began to count anew.", { $0.restarts }),
    ]
    for (name, help, value) in values {
      family("source_\(name)_total", "counter", help) { name in
        // Several receivers of one capture are one here.
        var sums: [[String]: UInt64] = [:]
        for source in sources { sums[["\(source.node)", "\(source.part)"], default: 0] += value(source) }
        return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
          Self.line(name, [("node", $0.key[0]), ("part", $0.key[1])], "\($0.value)")
        }
      }
    }
  }

  private mutating func family(_ name: String, _ kind: String, _ help: String, _ lines: (String) -> [String]) {
    let name = "penstock_collector_\(name)"
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    for line in lines(name) { text += line }
  }

  private static func line(_ name: String, _ labels: [(String, String)], _ value: String) -> String {
    guard !labels.isEmpty else { return "\(name) \(value)\n" }
    let list = labels.map { "\($0.0)=\"\(MetricsWriter.escaped($0.1, quotes: true))\"" }.joined(separator: ",")
    return "\(name){\(list)} \(value)\n"
  }

  private static func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "" }
}
