extension MetricFamily {
  /// In-band telemetry and reports.
  static let telemetry: [MetricFamily] = [
    .counter(
      "penstock_telemetry_events_total", "What telemetry did, by the names of docs/telemetry.md.", labels: ["event"]
    ) { snapshot in
      guard let counted = snapshot.telemetry else { return [] }
      return TelemetryCounts.names.map { ([$0.name], .whole(counted.counters[$0.name] ?? 0)) }
    },
    .counter(
      "penstock_telemetry_watched_packets_total", "Packets that a rule of the watch list matched or chose.",
      labels: ["rule", "outcome"]
    ) { snapshot in
      (snapshot.telemetry?.watch ?? []).enumerated().flatMap { index, rule in
        [(["\(index + 1)", "matched"], .whole(rule.matched)), (["\(index + 1)", "chosen"], .whole(rule.chosen))]
      }
    },
  ]
}
