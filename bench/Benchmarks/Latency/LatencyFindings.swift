/// What all rounds found, and the rows that come of it.
final class LatencyFindings {
  private var rounds: [Key: [LatencyRig.Finding]] = [:]

  /// What was measured.
  struct Key: Hashable {
    /// This program, and not a peer.
    var isOwn: Bool
    /// Percent of the port's rate.
    var load: Int
  }

  /// Keeps what one round found.
  func add(_ finding: LatencyRig.Finding, to key: Key) { rounds[key, default: []].append(finding) }

  /// A row for each load and class, of what was measured from outside and of what the switch itself measured.
  ///
  /// - Parameter loads: in rising order; the first is what the others are compared with.
  func rows(_ loads: [Int]) -> [BenchmarkRow] {
    var rows: [BenchmarkRow] = []
    for one in ProbeClass.allCases {
      for load in loads { rows += row("one way", one, load, loads[0]) { $0.probe.classes[one.rawValue].latency } }
    }
    for one in ProbeClass.allCases {
      for load in loads { rows += row("in the switch", one, load, loads[0]) { $0.inside[one.queue] } }
    }
    return rows
  }

  private func row(
    _ subject: String, _ one: ProbeClass, _ load: Int, _ least: Int,
    _ distribution: (LatencyRig.Finding) -> LatencyDistribution?
  ) -> [BenchmarkRow] {
    let key = Key(isOwn: true, load: load)
    let found = (rounds[key] ?? []).compactMap { finding in distribution(finding).map { (finding, $0) } }
    guard let middle = LatencyFindings.middle(found.map(\.1)) else { return [] }
    var row = BenchmarkRow(
      suite: "latency", subject: "\(subject), \(one.name)", workload: "\(ProbePlan.frameBytes) B, Poisson",
      frameBytes: Double(ProbePlan.frameBytes), flows: ProbePlan.flows * ProbeClass.allCases.count,
      variable: .init("load %", Double(load)))
    let finding = found[middle].0
    row.latency = found[middle].1.quantiles
    if subject == "one way" {
      let seen = finding.probe.classes[one.rawValue]
      row.figures.append(Figure("jitter p50", seen.jitter.quantile(0.5), unit: "ns"))
      row.figures.append(Figure("jitter p99", seen.jitter.quantile(0.99), unit: "ns"))
      row.figures.append(Figure("lost", Double(seen.lost), unit: "packets"))
      row.figures.append(Figure("of", Double(seen.sent), unit: "packets"))
      row.figures.append(Figure("sender late p99.9", finding.probe.lateness.quantile(0.999), unit: "ns"))
      let peers = (rounds[Key(isOwn: false, load: load)] ?? []).map { $0.probe.classes[one.rawValue].latency }
      if let place = LatencyFindings.middle(peers) {
        row.figures.append(Figure("testpmd io p50", peers[place].quantile(0.5), unit: "ns"))
        row.figures.append(Figure("testpmd io p99.9", peers[place].quantile(0.999), unit: "ns"))
      }
    }
    if load != least {
      let others = (rounds[Key(isOwn: true, load: least)] ?? []).compactMap(distribution)
      let ratios = zip(found.map(\.1), others).filter { $1.quantile(0.999) > 0 }
        .map { $0.quantile(0.999) / $1.quantile(0.999) }
      if let ratio = Spread(ratios) { row.figures.append(Figure("p99.9 / p99.9 at \(least) %", ratio.median)) }
    }
    return [row]
  }

  /// Which of the rounds is the one in the middle, by the 99.9th percentile.
  static func middle(_ distributions: [LatencyDistribution]) -> Int? {
    let order = distributions.indices.sorted { distributions[$0].quantile(0.999) < distributions[$1].quantile(0.999) }
    return order.isEmpty ? nil : order[(order.count - 1) / 2]
  }
}
