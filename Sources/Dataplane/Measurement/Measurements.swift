/// What ports and queues have counted and measured: flat tables, a queue at port x 8 + queue.
struct Measurements: ~Copyable {
  let ports: FlatTable<PortCounters>
  let queues: FlatTable<QueueCounters>
  let latencies: FlatTable<LatencyHistogram>
  private let latencyBuckets: FlatTable<UInt64>

  init(portCount: Int) {
    let queueCount = portCount * QueueID.count
    let buckets = FlatTable<UInt64>(zeroed: queueCount * LatencyHistogram.bucketCount)
    let base = buckets.base
    ports = FlatTable(repeating: PortCounters(), count: portCount)
    queues = FlatTable(repeating: QueueCounters(), count: queueCount)
    latencies = FlatTable(count: queueCount) { LatencyHistogram(buckets: base + $0 * LatencyHistogram.bucketCount) }
    latencyBuckets = buckets
  }
}

/// Scratch memory of one call into the switch, and what it has to tell its driver.
struct SwitchScratch: ~Copyable {
  /// Destinations of a burst to look up, and what was found.
  let lookupKeys: FlatTable<UInt32>
  let lookupResults: FlatTable<UInt64>
  /// Ports that got something to send since the driver last asked.
  let touchedPorts: FlatTable<UInt16>
  /// Ends of packets other than transmission, for drivers that follow each packet.
  let endings: FlatTable<PacketEnding>
  /// What happened to flow control, for drivers that want to know.
  let pauseEvents: FlatTable<PauseEvent>

  init(portCount: Int) {
    lookupKeys = FlatTable(repeating: 0, count: PacketBurst.capacity)
    lookupResults = FlatTable(repeating: 0, count: PacketBurst.capacity)
    touchedPorts = FlatTable(repeating: 0, count: portCount)
    endings = FlatTable(repeating: PacketEnding(), count: Switch.endingCapacity)
    pauseEvents = FlatTable(
      repeating: PauseEvent(.sent, at: .zero, on: .none, priorities: 0, xoff: 0), count: Switch.pauseEventCapacity)
  }
}
