import Dataplane

extension Fabric {
  /// Frames on links, those that switches made apart, and in queues.
  var waitingFrames: UInt64 {
    var sum = UInt64(flying)
    for index in 0..<switches.count { sum += switches.base[index].totals.waitingPackets }
    return sum
  }

  /// Puts together what was found.
  mutating func result(isStalled: Bool) -> FabricResult {
    let waiting = waitingFrames
    var isCut = waiting > 0
    for host in 0..<hosts.count where !hosts.base[host].line.isDone(at: lastArrival) { isCut = true }
    let end = isCut ? configuration.until.map { Tick($0.count) } ?? lastArrival : lastArrival
    for index in series.indices { series[index].finish(of: switches.base[index], at: end) }
    for (index, flow) in configuration.flows.enumerated() {
      let all = flow.frames == .max ? records[index].sent : flow.frames
      records[index].isComplete = records[index].received >= all && records[index].dropped == 0
    }
    var copies: UInt64 = 0
    for index in 0..<switches.count { copies += switches.base[index].totals.replicatedPackets }
    let links = configuration.links.count
    return FabricResult(
      duration: Picoseconds(end.rawValue), flows: records,
      latencies: (0..<latencies.count).map { latencies.base[$0].snapshot },
      links: (0..<links).map { (channel(2 * $0), channel(2 * $0 + 1)) },
      hosts: (0..<hosts.count).map { (channel(2 * (links + $0)), channel(2 * (links + $0) + 1)) },
      series: series,
      drops: DropReason.allCases.compactMap { reason in
        let packets = dropCounts[Int(reason.rawValue)]
        return packets == 0 ? nil : (reason, packets)
      },
      strayFrames: strayFrames, misdirectedFrames: misdirectedFrames, copies: copies, waiting: waiting,
      isStalled: isStalled)
  }

  private func channel(_ index: Int) -> FabricChannelResult {
    let channel = channels.base[index]
    return FabricChannelResult(frames: channel.frames, bytes: channel.bytes, pauseFrames: channel.pauseFrames)
  }
}

extension FabricResult {
  /// What was found about one switch, as a replay would have found it.
  public func replayResult(of index: Int) -> ReplayResult {
    ReplayResult(duration: duration, startNanoseconds: 0, inputs: [], series: series[index])
  }
}
