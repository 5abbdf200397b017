/// The shared buffer when the run ended, and the most that was ever in use.
public struct BufferReport: Equatable, Sendable {
  /// Whose arithmetic decided: `asic` or `hpcc`.
  public var model: String
  /// All of it, in bytes.
  public var sizeBytes: UInt64
  /// The unit of allocation in bytes; 1 for `hpcc`, which counts bytes.
  public var cellBytes: UInt64
  /// The shared pool of lossless groups, or of all.
  public var shared: PoolReport
  /// The shared pool of lossy groups, if it is separate.
  public var lossy: PoolReport
  /// The headroom pool that groups share, if they do.
  public var headroom: PoolReport
  /// The egress pool of lossy queues.
  public var egress: PoolReport
  /// Occupancy over time.
  public var series: BufferSeries

  /// Creates a buffer; without pools an empty one.
  public init(
    model: String = "asic", sizeBytes: UInt64 = 0, cellBytes: UInt64 = 1, shared: PoolReport = PoolReport(),
    lossy: PoolReport = PoolReport(), headroom: PoolReport = PoolReport(), egress: PoolReport = PoolReport(),
    series: BufferSeries = BufferSeries()
  ) {
    self.model = model
    self.sizeBytes = sizeBytes
    self.cellBytes = cellBytes
    self.shared = shared
    self.lossy = lossy
    self.headroom = headroom
    self.egress = egress
    self.series = series
  }

  /// The pools with the names under which they are reported, in the order of the report.
  public var pools: [(name: String, pool: PoolReport)] {
    [("shared", shared), ("lossy", lossy), ("headroom", headroom), ("egress", egress)]
  }
}

/// One pool of the buffer, in bytes of whole cells. A pool that the configuration does not have is of size 0.
public struct PoolReport: Codable, Equatable, Sendable {
  /// All of it.
  public var sizeBytes: UInt64
  /// In use when the run ended.
  public var usedBytes: UInt64
  /// The most that was ever in use.
  public var peakBytes: UInt64

  /// Creates a pool; without arguments one that does not exist.
  public init(sizeBytes: UInt64 = 0, usedBytes: UInt64 = 0, peakBytes: UInt64 = 0) {
    self.sizeBytes = sizeBytes
    self.usedBytes = usedBytes
    self.peakBytes = peakBytes
  }

  enum CodingKeys: String, CodingKey {
    case sizeBytes = "size_bytes"
    case usedBytes = "used_bytes"
    case peakBytes = "peak_bytes"
  }
}

/// Occupancy of the buffer over time, bin by bin like ``PortSeries``.
public struct BufferSeries: Codable, Equatable, Sendable {
  /// The most bytes of the shared pool or pools that were in use during each bin.
  public let sharedBytes: [UInt64]

  /// Creates a series, dropping zeros at the end.
  public init(sharedBytes: [UInt64] = []) { self.sharedBytes = sharedBytes.withoutTrailingZeros }

  enum CodingKeys: String, CodingKey {
    case sharedBytes = "shared_bytes"
  }
}

/// What one priority group of one port has, and had at most, of the buffer. Bytes are those of whole cells.
public struct GroupReport: Codable, Equatable, Sendable {
  /// Whether it is defended by XOFF and headroom.
  public var isLossless: Bool
  /// Of the shared pool, when the run ended.
  public var sharedBytes: UInt64
  /// The most that it ever had of the shared pool.
  public var sharedPeakBytes: UInt64
  /// The most that it may have of the shared pool, when the run ended.
  public var limitBytes: UInt64
  /// Of headroom, when the run ended.
  public var headroomBytes: UInt64
  /// The most that it ever had of headroom.
  public var headroomPeakBytes: UInt64
  /// The most that it can have of headroom.
  public var headroomSizeBytes: UInt64
  /// Whether its neighbour was asked to stop, when the run ended.
  public var isXOFF: Bool
  /// Use over time.
  public var series: GroupSeries

  /// Creates a group; without arguments a lossy one without traffic.
  public init(
    isLossless: Bool = false, sharedBytes: UInt64 = 0, sharedPeakBytes: UInt64 = 0, limitBytes: UInt64 = 0,
    headroomBytes: UInt64 = 0, headroomPeakBytes: UInt64 = 0, headroomSizeBytes: UInt64 = 0, isXOFF: Bool = false,
    series: GroupSeries = GroupSeries()
  ) {
    self.isLossless = isLossless
    self.sharedBytes = sharedBytes
    self.sharedPeakBytes = sharedPeakBytes
    self.limitBytes = limitBytes
    self.headroomBytes = headroomBytes
    self.headroomPeakBytes = headroomPeakBytes
    self.headroomSizeBytes = headroomSizeBytes
    self.isXOFF = isXOFF
    self.series = series
  }

  /// Whether it ever had anything of the shared pool or of headroom.
  public var isUsed: Bool { sharedPeakBytes > 0 || headroomPeakBytes > 0 }

  enum CodingKeys: String, CodingKey {
    case isLossless = "lossless"
    case sharedBytes = "shared_bytes"
    case sharedPeakBytes = "shared_peak_bytes"
    case limitBytes = "limit_bytes"
    case headroomBytes = "headroom_bytes"
    case headroomPeakBytes = "headroom_peak_bytes"
    case headroomSizeBytes = "headroom_size_bytes"
    case isXOFF = "xoff"
    case series
  }
}

/// What a priority group had of the buffer over time, bin by bin like ``PortSeries``.
public struct GroupSeries: Codable, Equatable, Sendable {
  /// The most bytes that it had of the shared pool during each bin.
  public let sharedBytes: [UInt64]
  /// The most bytes that it had of headroom during each bin.
  public let headroomBytes: [UInt64]
  /// What it was allowed of the shared pool at the end of each bin.
  public let limitBytes: [UInt64]

  /// Creates a series, dropping zeros at the end.
  public init(sharedBytes: [UInt64] = [], headroomBytes: [UInt64] = [], limitBytes: [UInt64] = []) {
    self.sharedBytes = sharedBytes.withoutTrailingZeros
    self.headroomBytes = headroomBytes.withoutTrailingZeros
    self.limitBytes = limitBytes.withoutTrailingZeros
  }

  enum CodingKeys: String, CodingKey {
    case sharedBytes = "shared_bytes"
    case headroomBytes = "headroom_bytes"
    case limitBytes = "limit_bytes"
  }
}

extension BufferReport: Codable {
  enum CodingKeys: String, CodingKey {
    case model
    case sizeBytes = "size_bytes"
    case cellBytes = "cell_bytes"
    case pools, series
  }

  enum PoolKeys: String, CodingKey {
    case shared, lossy, headroom, egress
  }

  /// Writes the buffer with its pools as an object by name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(sizeBytes, forKey: .sizeBytes)
    try container.encode(cellBytes, forKey: .cellBytes)
    var pools = container.nestedContainer(keyedBy: PoolKeys.self, forKey: .pools)
    try pools.encode(shared, forKey: .shared)
    try pools.encode(lossy, forKey: .lossy)
    try pools.encode(headroom, forKey: .headroom)
    try pools.encode(egress, forKey: .egress)
    try container.encode(series, forKey: .series)
  }

  /// Reads a buffer.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let pools = try container.nestedContainer(keyedBy: PoolKeys.self, forKey: .pools)
    self.init(
      model: try container.decode(String.self, forKey: .model),
      sizeBytes: try container.decode(UInt64.self, forKey: .sizeBytes),
      cellBytes: try container.decode(UInt64.self, forKey: .cellBytes),
      shared: try pools.decode(PoolReport.self, forKey: .shared),
      lossy: try pools.decode(PoolReport.self, forKey: .lossy),
      headroom: try pools.decode(PoolReport.self, forKey: .headroom),
      egress: try pools.decode(PoolReport.self, forKey: .egress),
      series: try container.decode(BufferSeries.self, forKey: .series))
  }
}
