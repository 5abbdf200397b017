import Dataplane

extension SnapshotBuilder {
  func buffers(_ device: borrowing Switch) -> SwitchSnapshot.Buffers {
    let buffer = configuration.buffer
    let statistics = device.bufferStatistics
    let pools = [
      ("shared", statistics.shared), ("lossy", statistics.lossy), ("headroom", statistics.headroom),
      ("egress", statistics.egress),
    ]
    let sizes = GroupSizes(configuration)
    var groups: [SwitchSnapshot.Group] = []
    for port in selected {
      for number in 0..<8 {
        let group = PriorityGroup(number)
        let use = device.use(of: group, on: port)
        groups.append(
          SwitchSnapshot.Group(
            port: name(of: port), group: number, isLossless: sizes.isLossless(group, on: port), isXoff: use.isXOFF,
            reservedBytes: use.reservedBytes, sharedBytes: use.sharedBytes, sharedPeakBytes: use.peakSharedBytes,
            limitBytes: use.limitBytes, headroomBytes: use.headroomBytes, headroomPeakBytes: use.peakHeadroomBytes,
            headroomSizeBytes: sizes.headroomBytes(group, on: port)))
      }
    }
    return SwitchSnapshot.Buffers(
      model: buffer.model.rawValue, sizeBytes: buffer.size.bytes,
      cellBytes: buffer.model == .asic ? buffer.cell.bytes : 1,
      pools: pools.filter { $0.0 == "shared" || $0.1.sizeBytes > 0 }.map { name, pool in
        SwitchSnapshot.Pool(
          name: name, sizeBytes: pool.sizeBytes, usedBytes: pool.usedBytes, peakBytes: pool.peakBytes)
      }, groups: groups)
  }

  func priorities(_ device: borrowing Switch) -> [SwitchSnapshot.Priority] {
    var priorities: [SwitchSnapshot.Priority] = []
    for port in selected {
      for number in 0..<8 {
        let priority = PFCPriority(number)
        let counted = device.statistics(of: priority, on: port, at: facts.now)
        priorities.append(
          SwitchSnapshot.Priority(
            port: name(of: port), priority: number, isPaused: device.isPaused(priority, on: port, at: facts.now),
            asksForPause: device.asksForPause(priority, on: port), rxXoff: counted.rxXOFF, rxXon: counted.rxXON,
            txXoff: counted.txXOFF, txXon: counted.txXON, rxQuanta: counted.requestedQuanta, pauses: counted.pauses,
            pausedSeconds: seconds(counted.pausedTicks)))
      }
    }
    return priorities
  }
}
