/// What the buffer holds, and what marking has counted.
extension Switch {
  /// One pool of the buffer, in bytes of whole cells.
  public struct PoolStatistics: Equatable, Sendable {
    /// All of it.
    public var sizeBytes: UInt64 = 0
    /// What is in use now.
    public var usedBytes: UInt64 = 0
    /// Most that ever was.
    public var peakBytes: UInt64 = 0
  }

  /// The pools of the buffer. A pool that the configuration does not have is of size 0.
  public struct BufferStatistics: Equatable, Sendable {
    /// The shared pool of lossless groups, or of all.
    public var shared = PoolStatistics()
    /// The shared pool of lossy groups, if it is separate.
    public var lossy = PoolStatistics()
    /// The headroom pool that groups share.
    public var headroom = PoolStatistics()
    /// The egress pool of lossy queues.
    public var egress = PoolStatistics()
  }

  /// What marking has counted on a queue.
  public struct MarkingStatistics: Equatable, Sendable {
    /// Marked here.
    public var marked = Traffic()
    /// Came in marked.
    public var arrivedCE: UInt64 = 0
    /// Chosen, but not ECN-capable, and let pass.
    public var notCapable: UInt64 = 0
    /// Chosen, not ECN-capable, and dropped by WRED.
    public var wredDrops: UInt64 = 0
  }

  /// What trimming has counted on a queue (SAI_QUEUE_STAT_TRIM_PACKETS and what is named after it).
  public struct TrimmingStatistics: Equatable, Sendable {
    /// Packets for this queue that were not admitted, and trimmed. They count as dropped too.
    public var trimmed: UInt64 = 0
    /// Trimmed packets that left from this queue.
    public var sent: UInt64 = 0
    /// Trimmed packets that this queue did not take either, or that were dropped in it.
    public var dropped: UInt64 = 0
  }

  /// What trimming has counted on a queue.
  ///
  /// Over all queues of a port, what was trimmed was sent, was dropped, or waits in the queue of trimmed packets.
  public func trimming(of queue: QueueID, on port: PortID) -> TrimmingStatistics {
    let counted = measured.queues.base[port.index * QueueID.count + queue.index]
    return TrimmingStatistics(
      trimmed: counted.trimmedPackets, sent: counted.trimmedSent, dropped: counted.trimmedDropped)
  }

  /// What a priority group has of the buffer now.
  public func use(of group: PriorityGroup, on port: PortID) -> GroupUse {
    groupUse(port.index * 8 + Int(group.rawValue))
  }

  /// The pools of the buffer.
  public var bufferStatistics: BufferStatistics {
    func pool(_ index: Int) -> PoolStatistics {
      let account = buffer.pools.base[index]
      return PoolStatistics(
        sizeBytes: UInt64(account.size) * buffer.cellBytes, usedBytes: UInt64(account.used) * buffer.cellBytes,
        peakBytes: UInt64(account.peak) * buffer.cellBytes)
    }
    if buffer.model == .hpcc {
      let account = buffer.simulator.sharedUsed.base[0]
      return BufferStatistics(
        shared: PoolStatistics(
          sizeBytes: buffer.simulator.shared, usedBytes: account.used, peakBytes: account.peak))
    }
    return BufferStatistics(
      shared: pool(0), lossy: pool(1), headroom: pool(Buffer.headroomPool), egress: pool(Buffer.egressPool))
  }

  /// What marking has counted on a queue.
  public func marking(of queue: QueueID, on port: PortID) -> MarkingStatistics {
    let counted = measured.queues.base[port.index * QueueID.count + queue.index]
    return MarkingStatistics(
      marked: Traffic(packets: counted.markedPackets, bytes: counted.markedBytes), arrivedCE: counted.arrivedCE,
      notCapable: counted.notCapable, wredDrops: counted.wredDrops)
  }

  /// Packets for a queue that the buffer did not admit.
  public func notAdmitted(to queue: QueueID, on port: PortID) -> UInt64 {
    measured.queues.base[port.index * QueueID.count + queue.index].droppedPackets
  }

  /// Most bytes that a group had of the shared pool and of headroom since this was last asked.
  public func takeIntervalPeaks(of group: PriorityGroup, on port: PortID) -> (shared: UInt64, headroom: UInt64) {
    let index = port.index * 8 + Int(group.rawValue)
    if buffer.model == .hpcc {
      let account = buffer.simulator.groups.base + index
      defer {
        account.pointee.intervalPeakIngress = account.pointee.ingress
        account.pointee.intervalPeakHeadroom = account.pointee.headroomUsed
      }
      return (account.pointee.intervalPeakIngress, account.pointee.intervalPeakHeadroom)
    }
    let account = buffer.groups.base + index
    defer {
      account.pointee.intervalPeakShared = account.pointee.sharedUsed
      account.pointee.intervalPeakHeadroom = account.pointee.headroomUsed
    }
    return (
      UInt64(account.pointee.intervalPeakShared) * buffer.cellBytes,
      UInt64(account.pointee.intervalPeakHeadroom) * buffer.cellBytes
    )
  }

  /// Most bytes of the shared pool or pools that were in use since this was last asked.
  public func takeSharedIntervalPeak() -> UInt64 {
    if buffer.model == .hpcc {
      let account = buffer.simulator.sharedUsed.base
      defer { account.pointee.intervalPeak = account.pointee.used }
      return account.pointee.intervalPeak
    }
    var sum: UInt64 = 0
    for index in 0..<2 {
      let account = buffer.pools.base + index
      sum += UInt64(account.pointee.intervalPeak) * buffer.cellBytes
      account.pointee.intervalPeak = account.pointee.used
    }
    return sum
  }

  /// Forgets all watermarks, those of intervals too: what is in use now counts from here on.
  public func resetWatermarks() {
    for index in 0..<buffer.pools.count {
      let pool = buffer.pools.base + index
      pool.pointee.intervalPeak = pool.pointee.used
      pool.pointee.peak = pool.pointee.used
    }
    for index in 0..<buffer.groups.count { buffer.groups.base[index].resetPeaks() }
    for index in 0..<buffer.simulator.groups.count { buffer.simulator.groups.base[index].resetPeaks() }
    let shared = buffer.simulator.sharedUsed.base
    shared.pointee.intervalPeak = shared.pointee.used
    shared.pointee.peak = shared.pointee.used
    for index in 0..<egress.queues.count {
      egress.queues.base[index].resetIntervalPeak()
      egress.queues.base[index].resetPeak()
    }
  }
}

// A peak is only looked at when an interval's peak is exceeded, so neither may be forgotten without the other.

extension GroupAccount {
  mutating func resetPeaks() {
    intervalPeakShared = sharedUsed
    peakShared = sharedUsed
    intervalPeakHeadroom = headroomUsed
    peakHeadroom = headroomUsed
  }
}

extension HPCCBuffer.Group {
  mutating func resetPeaks() {
    intervalPeakIngress = ingress
    peakIngress = ingress
    intervalPeakHeadroom = headroomUsed
    peakHeadroom = headroomUsed
  }
}
