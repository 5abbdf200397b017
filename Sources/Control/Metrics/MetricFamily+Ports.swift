extension MetricFamily {
  /// The switch itself.
  static let device: [MetricFamily] = [
    .gauge("penstock_switch_info", "Names the switch; always 1.", labels: ["mac", "mode"]) {
      [([$0.mac, $0.mode], .whole(1))]
    },
    .gauge("penstock_switch_uptime_seconds", "Time since the switch began to run.", labels: []) {
      [([], .real($0.uptimeSeconds))]
    },
    .gauge("penstock_switch_waiting_packets", "Packets that wait in queues.", labels: []) {
      [([], .whole($0.totals.waitingPackets))]
    },
    .counter("penstock_switch_originated_packets_total", "Packets that the switch itself made.", labels: []) {
      [([], .whole($0.totals.originatedPackets))]
    },
    .counter("penstock_switch_consumed_packets_total", "Packets that ended in the switch.", labels: []) {
      [([], .whole($0.totals.consumedPackets))]
    },
    .counter("penstock_switch_replicated_packets_total", "Copies made by flooding, and trimmed packets.", labels: []) {
      [([], .whole($0.totals.replicatedPackets))]
    },
    .counter(
      "penstock_switch_dropped_packets_total", "Dropped packets of those that the switch itself made.",
      labels: ["reason"]
    ) { $0.totals.ownDrops.sorted { $0.key < $1.key }.map { ([$0.key], .whole($0.value)) } },
    .counter("penstock_worker_polls_total", "Rounds of a worker over its ports.", labels: ["worker"]) {
      ($0.workers ?? []).map { (["\($0.worker)"], .whole($0.polls)) }
    },
    .counter("penstock_worker_busy_polls_total", "Rounds that found something to do.", labels: ["worker"]) {
      ($0.workers ?? []).map { (["\($0.worker)"], .whole($0.busyPolls)) }
    },
    .counter("penstock_worker_sleeps_total", "How often a worker slept.", labels: ["worker"]) {
      ($0.workers ?? []).map { (["\($0.worker)"], .whole($0.sleeps)) }
    },
  ]

  /// Packets, bytes and state of ports.
  static let ports: [MetricFamily] = [
    .gauge("penstock_port_info", "Names the device of a port; always 1.", labels: ["port", "device", "driver", "mac"]) {
      ($0.ports ?? []).map { ([$0.name, $0.driver.device, $0.driver.driver, $0.driver.mac], .whole(1)) }
    },
    port("penstock_port_admin_up", "Whether an administrator wants the port up.") { MetricValue($0.driver.isAdminUp) },
    port("penstock_port_link_up", "Whether the other end of the link is there.") { MetricValue($0.driver.isLinkUp) },
    port("penstock_port_up", "Whether the switch uses the port.") { MetricValue($0.isUp) },
    port("penstock_port_passes_pause_frames", "Whether the device passes MAC control frames up.") {
      MetricValue($0.driver.passesPauseFrames)
    },
    port("penstock_port_line_rate_bytes_per_second", "Emulated line rate, with preamble and gap between frames.") {
      .real(Double($0.speedBitsPerSecond) / 8)
    },
    port("penstock_port_mtu_bytes", "Largest IP packet.") { .whole(UInt64($0.mtu)) },
    port("penstock_port_receive_packets_total", "Packets received, without MAC control.") { .whole($0.rx.packets) },
    port("penstock_port_receive_bytes_total", "Bytes of frames received, without check sequence.") {
      .whole($0.rx.bytes)
    },
    port("penstock_port_transmit_packets_total", "Packets sent, without MAC control.") { .whole($0.tx.packets) },
    port("penstock_port_transmit_bytes_total", "Bytes of frames sent, without check sequence.") {
      .whole($0.tx.bytes)
    },
    port("penstock_port_consumed_packets_total", "Packets received that ended in the switch.") {
      .whole($0.consumedPackets)
    },
    port("penstock_port_backlog_packets", "Packets that the device has not yet taken.") {
      .whole($0.driver.backlogPackets)
    },
    .counter(
      "penstock_port_dropped_packets_total", "Packets dropped on account of a port.", labels: ["port", "reason"]
    ) { snapshot in
      (snapshot.ports ?? []).flatMap { port in
        port.drops.sorted { $0.key < $1.key }.map { ([port.name, $0.key], .whole($0.value)) }
      }
    },
    .counter(
      "penstock_port_device_events_total", "Counters of a port's device, by the names that its driver gives them.",
      labels: ["port", "counter"]
    ) { snapshot in
      (snapshot.ports ?? []).flatMap { port in
        port.driver.counters.sorted { $0.key < $1.key }.map { ([port.name, $0.key], .whole($0.value)) }
      }
    },
    .gauge(
      "penstock_port_pacing_error_seconds", "How late packets left, against the emulated line rate.",
      labels: ["port", "statistic"]
    ) { snapshot in (snapshot.ports ?? []).flatMap { statistics($0.driver.pacing, of: $0.name) } },
    .gauge(
      "penstock_port_rx_to_tx_seconds",
      "From when packets were taken from the device they came by to when this device was handed them.",
      labels: ["port", "statistic"]
    ) { snapshot in (snapshot.ports ?? []).flatMap { statistics($0.driver.rxToTx, of: $0.name) } },
    .gauge(
      "penstock_port_pause_reaction_seconds", "From the arrival of an XOFF to the last data frame after it.",
      labels: ["port", "statistic"]
    ) { snapshot in (snapshot.ports ?? []).flatMap { statistics($0.driver.pauseReaction, of: $0.name) } },
  ]

  /// MAC control frames.
  static let macControl: [MetricFamily] = [
    port("penstock_port_receive_pause_frames_total", "PFC and PAUSE frames received.") {
      .whole($0.macControl.rxPauseFrames)
    },
    port("penstock_port_transmit_pause_frames_total", "PFC and PAUSE frames sent.") {
      .whole($0.macControl.txPauseFrames)
    },
    port("penstock_port_receive_link_xoff_frames_total", "Link-level PAUSE frames with a time received.") {
      .whole($0.macControl.linkRxXoff)
    },
    port("penstock_port_receive_link_xon_frames_total", "Link-level PAUSE frames with time zero received.") {
      .whole($0.macControl.linkRxXon)
    },
    port("penstock_port_transmit_link_xoff_frames_total", "Link-level PAUSE frames with a time sent.") {
      .whole($0.macControl.linkTxXoff)
    },
    port("penstock_port_transmit_link_xon_frames_total", "Link-level PAUSE frames with time zero sent.") {
      .whole($0.macControl.linkTxXon)
    },
    port("penstock_port_receive_other_control_frames_total", "Other MAC control frames received, and ignored.") {
      .whole($0.macControl.rxOtherFrames)
    },
  ]

  /// A metric with one value a port: a counter if the name says so.
  private static func port(
    _ name: String, _ help: String, _ read: @escaping @Sendable (SwitchSnapshot.Port) -> MetricValue
  ) -> MetricFamily {
    MetricFamily(
      name: name, kind: name.hasSuffix("_total") ? .counter : .gauge, help: help, labels: ["port"],
      reading: .values { ($0.ports ?? []).map { ([$0.name], read($0)) } })
  }

  private static func statistics(
    _ summary: ErrorSummary?, of port: String
  ) -> [(labels: [String], value: MetricValue)] {
    guard let summary else { return [] }
    return [
      ("p50", summary.p50Nanoseconds), ("p99", summary.p99Nanoseconds), ("p99.9", summary.p999Nanoseconds),
      ("max", summary.maxNanoseconds),
    ].map { ([port, $0.0], .real($0.1 / 1e9)) }
  }
}
