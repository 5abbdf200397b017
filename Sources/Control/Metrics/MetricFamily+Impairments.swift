extension MetricFamily {
  /// What impairments do to packets.
  static let impairments: [MetricFamily] = [
    .counter(
      "penstock_impairment_packets_total",
      "Packets by what an impairment did with them; entry is its place among those of its direction.",
      labels: ["port", "direction", "entry", "effect"]
    ) { snapshot in
      directions(snapshot).flatMap { port, facts in
        facts.entries.enumerated().flatMap { place, entry in
          entry.named.map { ([port, facts.direction, "\(place)", $0.name], .whole($0.packets)) }
        }
      }
    },
    .gauge(
      "penstock_impairment_held_packets", "Packets that impairments hold now.", labels: ["port", "direction"]
    ) { directions($0).map { ([$0.port, $0.facts.direction], .whole($0.facts.heldPackets)) } },
    .counter(
      "penstock_impairment_overflow_packets_total",
      "Packets dropped because the memory for those that impairments hold was full.", labels: ["port", "direction"]
    ) { directions($0).map { ([$0.port, $0.facts.direction], .whole($0.facts.overflowDroppedPackets)) } },
  ]

  private static func directions(_ snapshot: SwitchSnapshot) -> [(port: String, facts: ImpairmentFacts)] {
    (snapshot.ports ?? []).flatMap { port in port.driver.impairments.map { (port.name, $0) } }
  }
}
