/// The shared buffer: how much there is, what is set aside, and how much of the rest anybody may have.
///
/// `size` is divided into reserves of priority groups and ports, headroom, and what is left: the shared pools.
public struct BufferConfiguration: Equatable, Sendable {
  /// Whose arithmetic decides.
  public var model = BufferModel.asic
  /// All of it.
  public var size = ByteCount(32_000_000)
  /// The unit of allocation: a packet occupies whole cells.
  public var cell = ByteCount(256)
  /// Sizes of separate shared pools; nil: one pool for all, of what reserves and headroom leave.
  public var pools: SharedPools?
  /// Priority groups that are defended by XOFF.
  public var lossless = PriorityGroupProfile(threshold: .dynamic(log2Alpha: -3))
  /// All other priority groups.
  public var lossy = PriorityGroupProfile(threshold: .dynamic(log2Alpha: 0))
  /// Set aside for all priority groups of a port together; used after a group's own reserve.
  public var portReserve = ByteCount(0)
  /// Headroom of a lossless priority group, most of it that a group can have of a shared headroom pool: computed from
  /// ``headroomParameters`` when nil.
  public var headroom: ByteCount?
  /// Size of one headroom pool that all groups share; nil: each group has its headroom for itself.
  public var sharedHeadroom: ByteCount?
  /// What computed headroom is computed from, beside speed, cable and MTU of the port.
  public var headroomParameters = HeadroomParameters()
  /// Egress accounts of lossy queues. Those of lossless queues are not limited, or PFC would never protect them.
  public var egress = EgressBufferConfiguration()
  /// What happens to a packet of a lossy queue that is not admitted; nil: it is dropped.
  public var trim: TrimConfiguration?
  /// Parameters of ``BufferModel/hpcc``.
  public var hpcc = HPCCParameters()

  /// The defaults.
  public init() {}
}

/// Whose arithmetic decides about admission, XOFF and XON.
public enum BufferModel: String, Equatable, Sendable, CaseIterable {
  /// A switch ASIC as SAI describes it: cells, reserves, dynamic thresholds, headroom.
  case asic
  /// The switch of the HPCC simulator (ns-3), for comparison with published results.
  case hpcc
}

/// Sizes of two separate shared pools.
public struct SharedPools: Equatable, Sendable {
  /// For lossless priority groups.
  public var lossless: ByteCount
  /// For lossy priority groups.
  public var lossy: ByteCount

  /// Two pools.
  public init(lossless: ByteCount, lossy: ByteCount) {
    self.lossless = lossless
    self.lossy = lossy
  }
}

/// How much of a shared pool one account may have.
public enum BufferThreshold: Equatable, Sendable {
  /// 2^n times what is free of the pool, n from -8 to 7 (SAI_BUFFER_PROFILE_ATTR_SHARED_DYNAMIC_TH).
  case dynamic(log2Alpha: Int)
  /// A fixed number of bytes; 0: no limit (SAI_BUFFER_PROFILE_ATTR_SHARED_STATIC_TH).
  case fixed(ByteCount)
}

/// What a priority group may have.
public struct PriorityGroupProfile: Equatable, Sendable {
  /// Set aside for each group, used before anything shared.
  public var reserve: ByteCount
  /// Limit of what it has of the shared pool.
  public var threshold: BufferThreshold
  /// XON is due when shared use has fallen to this, whatever the limit. Lossless groups only.
  public var xon: ByteCount
  /// XON is due when shared use has fallen this far below the limit. Lossless groups only.
  public var xonOffset: ByteCount

  /// A profile.
  public init(
    reserve: ByteCount = ByteCount(0), threshold: BufferThreshold, xon: ByteCount = ByteCount(0),
    xonOffset: ByteCount = ByteCount(4608)
  ) {
    self.reserve = reserve
    self.threshold = threshold
    self.xon = xon
    self.xonOffset = xonOffset
  }
}

/// Egress accounts of lossy queues.
public struct EgressBufferConfiguration: Equatable, Sendable {
  /// Set aside for each lossy queue.
  public var reserve = ByteCount(0)
  /// Limit of what a lossy queue has of the egress pool.
  public var threshold = BufferThreshold.dynamic(log2Alpha: 0)
  /// Size of the egress pool; nil: that of the shared pool for lossy groups.
  public var size: ByteCount?

  /// The defaults.
  public init() {}
}

/// What computed headroom is computed from, beside speed, cable and MTU of the port.
public struct HeadroomParameters: Equatable, Sendable {
  /// Share of packets of 64 bytes in lossless traffic, which fill cells badly: 0 to 100 percent.
  public var smallPacketPercent: UInt64 = 100
  /// Largest lossless packet in bytes; nil: the port's MTU.
  public var losslessMTU: UInt64?
  /// Delay of a gearbox, in bytes at the port's rate.
  public var gearbox = ByteCount(0)
  /// Delay of MAC and PHY, in bytes at the port's rate.
  public var macPhy = ByteCount(0)
  /// How late the neighbour may stop, in pause quanta; nil: what IEEE 802.3 allows at the port's rate.
  public var responseQuanta: UInt64?

  /// The defaults.
  public init() {}
}

/// Trimming: a packet that is not admitted is cut and sent on in another queue, so that its receiver learns of the loss.
public struct TrimConfiguration: Equatable, Sendable {
  /// Bytes of the frame that are kept, 64 to 1024.
  public var size = 128
  /// DSCP of trimmed packets, which also tells that a packet has been trimmed before.
  public var dscp: UInt8
  /// Queue of trimmed packets.
  public var queue: QueueID
  /// Queues whose packets are trimmed, a bit each; lossless ones never are.
  public var queues: UInt8 = 0xFF

  /// Trims to 128 bytes.
  public init(dscp: UInt8, queue: QueueID) {
    self.dscp = dscp
    self.queue = queue
  }
}

/// Parameters of the HPCC simulator's switch.
public struct HPCCParameters: Equatable, Sendable {
  /// Set aside for each priority group; counted once for each port.
  public var reserve = ByteCount(4096)
  /// How far below the limit XON is due.
  public var resumeOffset = ByteCount(3072)
  /// Limit of a group: free buffer divided by 2 to this power, on a port of `nicRate`.
  public var shift = 3
  /// Rate at which `shift` holds; it is one less for each doubling. Nil: the rate of the slowest port.
  public var nicRate: BitRate?
  /// Headroom of a port in units of its bandwidth times the one-way delay of its cable.
  public var headroomFactor: UInt64 = 3

  /// The published values.
  public init() {}
}
