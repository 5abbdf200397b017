extension MetricFamily {
  /// Egress queues.
  static let queues: [MetricFamily] = [
    queue("penstock_queue_depth_packets", "Packets that wait in a queue.") { .whole($0.depthPackets) },
    queue("penstock_queue_depth_bytes", "Bytes that wait in a queue.") { .whole($0.depthBytes) },
    queue("penstock_queue_peak_bytes", "Most bytes that waited since watermarks were reset.") {
      .whole($0.peakBytes)
    },
    queue("penstock_queue_transmit_packets_total", "Packets that left a queue.") { .whole($0.tx.packets) },
    queue("penstock_queue_transmit_bytes_total", "Bytes that left a queue.") { .whole($0.tx.bytes) },
    queue("penstock_queue_dropped_packets_total", "Packets for a queue that the buffer did not admit.") {
      .whole($0.droppedPackets)
    },
    queue("penstock_queue_marked_packets_total", "Packets marked Congestion Experienced.") {
      .whole($0.marked.packets)
    },
    queue("penstock_queue_marked_bytes_total", "Bytes of packets marked Congestion Experienced.") {
      .whole($0.marked.bytes)
    },
    queue("penstock_queue_arrived_marked_packets_total", "Packets that came in marked.") {
      .whole($0.arrivedMarkedPackets)
    },
    queue("penstock_queue_not_capable_packets_total", "Packets to be marked that are not ECN-capable, and passed.") {
      .whole($0.notCapablePackets)
    },
    queue("penstock_queue_wred_dropped_packets_total", "Packets to be marked that are not ECN-capable, and dropped.") {
      .whole($0.wredDroppedPackets)
    },
    queue("penstock_queue_trimmed_packets_total", "Packets not admitted, and trimmed.") { .whole($0.trimmedPackets) },
    queue("penstock_queue_trimmed_transmit_packets_total", "Trimmed packets that left.") {
      .whole($0.trimmedTxPackets)
    },
    queue("penstock_queue_trimmed_dropped_packets_total", "Trimmed packets that were dropped.") {
      .whole($0.trimmedDroppedPackets)
    },
    queue("penstock_queue_paused_seconds_total", "Time for which a queue was paused.") { .real($0.pausedSeconds) },
    queue("penstock_queue_in_storm", "Whether the watchdog holds a queue to be in a pause storm.") {
      MetricValue($0.isInStorm)
    },
    queue("penstock_queue_storms_total", "Pause storms detected.") { .whole($0.storms) },
    queue("penstock_queue_storm_restorations_total", "Pause storms that ended.") { .whole($0.restorations) },
    queue("penstock_queue_storm_dropped_packets_total", "Packets dropped in pause storms.") {
      .whole($0.stormDroppedPackets)
    },
  ]

  /// Time in the switch.
  static let latency: [MetricFamily] = [
    MetricFamily(
      name: "penstock_queue_latency_seconds", kind: .histogram,
      help: "Time that packets took through the switch, known to 1.6 %.", labels: ["port", "queue"],
      reading: .latencies)
  ]

  /// Pools and priority groups.
  static let buffers: [MetricFamily] = [
    pool("penstock_buffer_pool_size_bytes", "Size of a pool.") { $0.sizeBytes },
    pool("penstock_buffer_pool_used_bytes", "What is in use of a pool.") { $0.usedBytes },
    pool("penstock_buffer_pool_peak_bytes", "Most that was in use since watermarks were reset.") { $0.peakBytes },
    group("penstock_priority_group_reserved_bytes", "What a group has of its reserve.") { .whole($0.reservedBytes) },
    group("penstock_priority_group_shared_bytes", "What a group has of the shared pool.") { .whole($0.sharedBytes) },
    group("penstock_priority_group_shared_peak_bytes", "Most of the shared pool since watermarks were reset.") {
      .whole($0.sharedPeakBytes)
    },
    group("penstock_priority_group_limit_bytes", "What a group may have of the shared pool now.") {
      .whole($0.limitBytes)
    },
    group("penstock_priority_group_headroom_bytes", "What a group has of headroom.") { .whole($0.headroomBytes) },
    group("penstock_priority_group_headroom_peak_bytes", "Most of headroom since watermarks were reset.") {
      .whole($0.headroomPeakBytes)
    },
    group("penstock_priority_group_headroom_size_bytes", "Headroom that a group can have.") {
      .whole($0.headroomSizeBytes)
    },
    group("penstock_priority_group_xoff", "Whether the neighbour is asked to stop.") { MetricValue($0.isXoff) },
  ]

  /// Priority flow control.
  static let pfc: [MetricFamily] = [
    priority("penstock_pfc_receive_xoff_frames_total", "XOFFs received.") { .whole($0.rxXoff) },
    priority("penstock_pfc_receive_xon_frames_total", "XONs received.") { .whole($0.rxXon) },
    priority("penstock_pfc_transmit_xoff_frames_total", "XOFFs sent.") { .whole($0.txXoff) },
    priority("penstock_pfc_transmit_xon_frames_total", "XONs sent.") { .whole($0.txXon) },
    priority("penstock_pfc_receive_quanta_total", "Times in received XOFFs, in quanta of 512 bit times.") {
      .whole($0.rxQuanta)
    },
    priority("penstock_pfc_pauses_total", "How often a priority was paused.") { .whole($0.pauses) },
    priority("penstock_pfc_paused_seconds_total", "Time for which a priority was paused.") { .real($0.pausedSeconds) },
    priority("penstock_pfc_paused", "Whether a priority is paused by the neighbour.") { MetricValue($0.isPaused) },
    priority("penstock_pfc_asks_for_pause", "Whether the neighbour is asked to stop a priority.") {
      MetricValue($0.asksForPause)
    },
  ]

  /// Members of next-hop groups.
  static let nextHops: [MetricFamily] = [
    nextHop("penstock_nexthop_wanted_ratio", "Share of flows that the weight asks for.") { .real($0.wantedShare) },
    nextHop("penstock_nexthop_achieved_ratio", "Share of flows that a member has.") { .real($0.achievedShare) },
    nextHop("penstock_nexthop_up", "Whether the port of a member is up.") { MetricValue($0.isUp) },
    nextHop("penstock_nexthop_transmit_packets_total", "Packets that went to a member.") { .whole($0.tx.packets) },
    nextHop("penstock_nexthop_transmit_bytes_total", "Bytes that went to a member.") { .whole($0.tx.bytes) },
  ]

  private static func kind(_ name: String) -> Kind { name.hasSuffix("_total") ? .counter : .gauge }

  private static func queue(
    _ name: String, _ help: String, _ read: @escaping @Sendable (SwitchSnapshot.Queue) -> MetricValue
  ) -> MetricFamily {
    MetricFamily(
      name: name, kind: kind(name), help: help, labels: ["port", "queue"],
      reading: .values { ($0.queues ?? []).map { ([$0.port, "\($0.queue)"], read($0)) } })
  }

  private static func pool(
    _ name: String, _ help: String, _ read: @escaping @Sendable (SwitchSnapshot.Pool) -> UInt64
  ) -> MetricFamily {
    .gauge(name, help, labels: ["pool"]) { ($0.buffers?.pools ?? []).map { ([$0.name], .whole(read($0))) } }
  }

  private static func group(
    _ name: String, _ help: String, _ read: @escaping @Sendable (SwitchSnapshot.Group) -> MetricValue
  ) -> MetricFamily {
    .gauge(name, help, labels: ["port", "group"]) {
      ($0.buffers?.groups ?? []).map { ([$0.port, "\($0.group)"], read($0)) }
    }
  }

  private static func priority(
    _ name: String, _ help: String, _ read: @escaping @Sendable (SwitchSnapshot.Priority) -> MetricValue
  ) -> MetricFamily {
    MetricFamily(
      name: name, kind: kind(name), help: help, labels: ["port", "priority"],
      reading: .values { ($0.pfc ?? []).map { ([$0.port, "\($0.priority)"], read($0)) } })
  }

  private static func nextHop(
    _ name: String, _ help: String, _ read: @escaping @Sendable (SwitchSnapshot.NextHop) -> MetricValue
  ) -> MetricFamily {
    MetricFamily(
      name: name, kind: kind(name), help: help, labels: ["group", "prefix", "via"],
      reading: .values { snapshot in
        (snapshot.nextHopGroups ?? []).enumerated().flatMap { index, group in
          // Two groups can have members of one prefix and address; their numbers differ.
          group.members.enumerated().map { number, member in
            let isTwice = group.members[..<number].contains { $0.address == member.address }
            let via = isTwice ? "\(member.address)#\(number)" : member.address
            return (["\(index)", group.prefix, via], read(member))
          }
        }
      })
  }
}
