import Collector

extension CollectorHTML {
  private static let rows = 100

  var flowTable: HTML {
    let largest = snapshot.flows.enumerated().sorted {
      ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset)
    }.map(\.element)
    let note = largest.count > Self.rows ? "the \(Self.rows) with most bytes of \(largest.count)" : ""
    return card(
      "Flows", note, ["Flow", "Path", "Packets", "Bytes", "Latency", "Longest hop", "Drops", "Changes"], left: 2,
      largest.prefix(Self.rows).map { flow in
        [
          flow.text, flow.pathText, ReportUnits.count(flow.packets), ReportUnits.bytes(flow.bytes),
          CollectorText.latency(of: flow.path),
          flow.path.compactMap(\.maxLatencyNs).max().map { ReportUnits.time(nanoseconds: Double($0)) } ?? "-",
          ReportUnits.count(flow.drops), ReportUnits.count(flow.pathChanges),
        ]
      })
  }

  var changeTable: HTML {
    card(
      "Path changes", snapshot.pathChanges.count > Self.rows ? "the last \(Self.rows)" : "",
      ["Time", "Flow", "From", "To"], left: 4,
      snapshot.pathChanges.suffix(Self.rows).map {
        [ReportUnits.instant(nanoseconds: Int64(clamping: $0.timeNs)), $0.flow, $0.from, $0.to]
      })
  }

  var dropTable: HTML {
    let last = snapshot.drops.suffix(20).reversed().map { drop in
      [
        ReportUnits.instant(nanoseconds: Int64(clamping: drop.timeNs)), CollectorText.number(drop.node),
        CollectorText.number(drop.egress), CollectorText.number(drop.queue), DropReasonNames.name(drop.reason),
        drop.flow, ReportUnits.bytes(drop.bytes),
      ]
    }
    let counts = card(
      "Drops", "as nodes reported them", ["Node", "Reason", "Packets"], left: 2,
      snapshot.dropCounts.prefix(Self.rows).map {
        [CollectorText.number($0.node), DropReasonNames.name($0.reason), ReportUnits.count($0.packets)]
      })
    let table = card(
      "Last drops", "the latest first", ["Time", "Node", "Interface", "Queue", "Reason", "Flow", "Bytes"], left: 6,
      Array(last))
    return "\(counts)\n\(table)"
  }

  var sourceTable: HTML {
    card(
      "Sources of reports", "sequence numbers of datagrams, for each part of a node",
      ["Node", "Part", "Received", "Lost", "Late", "Latest by", "Twice", "Restarts", "Strays"], left: 2,
      snapshot.sources.prefix(Self.rows).map { source in
        ["\(source.node)", "\(source.part)"]
          + [
            source.received, source.lost, source.reordered, UInt64(source.greatestDelay), source.duplicates,
            source.restarts, source.strays,
          ].map { ReportUnits.count($0) }
      })
  }

  var windowTable: HTML {
    card(
      "Kept in memory", "when a kind is full, its oldest goes", ["Kind", "Kept", "At most", "Forgotten"], left: 1,
      snapshot.window.map {
        [
          $0.kind.replacing("_", with: " "), ReportUnits.count(UInt64($0.kept)),
          ReportUnits.count(UInt64($0.capacity)), ReportUnits.count($0.forgotten),
        ]
      })
  }

  /// The largest bursts in the order of time, each with who filled the queue.
  var burstSection: HTML {
    guard !snapshot.bursts.isEmpty else { return "" }
    let largest = snapshot.bursts.enumerated().sorted {
      ($1.element.peakBytes, $0.offset) < ($0.element.peakBytes, $1.offset)
    }.prefix(Self.rows).sorted { $0.offset < $1.offset }.map(\.element)
    let first = timeRange?.lowerBound ?? 0
    let note: HTML =
      snapshot.bursts.count > largest.count
      ? "The \(largest.count) highest of \(snapshot.bursts.count); a" : "A"
    return """
      <section class="card"><h2>Bursts</h2>
      <p class="hint">\(note)ll packets that were in the queue between beginning and end, by flow.</p>
      <div class="bursts">
      \(largest.map { burst($0, first) }.joined())</div></section>
      """
  }

  private func burst(_ burst: BurstEntry, _ first: UInt64) -> HTML {
    let rows = burst.contributors.prefix(5).map { share in
      let doubt = share.uncertainBytes > 0 ? ", of which \(ReportUnits.bytes(share.uncertainBytes)) uncertain" : ""
      return """
        <tr><td title="\(share.flow)">\(share.flow)</td>\
        <td class="bar"><div class="track"><i style="width:\(width(share.share))"></i></div></td>\
        <td class="num" title="\(ReportUnits.bytes(share.bytes))\(doubt)">\(ReportUnits.percent(share.share))</td>\
        <td class="num">\(ReportUnits.bytes(share.bytes))</td></tr>

        """ as HTML
    }
    let more = burst.contributors.count - rows.count
    let others: HTML = more > 0 ? "<p class=\"hint\">and \(more) more flows</p>" : ""
    let begin = burst.startNs >= first ? burst.startNs - first : 0
    return """
      <div><h3>Node \(burst.queueText): \(ReportUnits.bytes(burst.peakBytes))</h3>
      <p class="hint">from \(ReportUnits.time(nanoseconds: Double(begin))) on, for \
      \(ReportUnits.time(nanoseconds: Double(burst.durationNs))); \(ReportUnits.count(burst.packets)) packets, \
      \(ReportUnits.bytes(burst.bytes))</p>
      <table><tbody>
      \(rows.joined())</tbody></table>\(others)</div>

      """
  }

  private func width(_ share: Double) -> String { Self.number(min(max(share, 0), 1) * 100) + "%" }
}
