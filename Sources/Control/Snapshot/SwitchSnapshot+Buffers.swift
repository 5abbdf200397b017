extension SwitchSnapshot {
  /// The shared buffer. Bytes are whole cells.
  public struct Buffers: Codable, Equatable, Sendable {
    /// `asic` or `hpcc`.
    public var model: String
    /// All of it.
    public var sizeBytes: UInt64
    /// Bytes of a cell.
    public var cellBytes: UInt64
    /// The pools: `shared`, and `lossy`, `headroom` and `egress` where the configuration has them.
    public var pools: [Pool]
    /// The ingress priority groups, by port and number.
    public var groups: [Group]
  }

  /// One pool of the buffer.
  public struct Pool: Codable, Equatable, Sendable {
    /// Which one.
    public var name: String
    /// All of it.
    public var sizeBytes: UInt64
    /// What is in use.
    public var usedBytes: UInt64
    /// Most that was in use since watermarks were last reset.
    public var peakBytes: UInt64
  }

  /// What one priority group has of the buffer.
  public struct Group: Codable, Equatable, Sendable {
    /// The port's name.
    public var port: String
    /// The group's number.
    public var group: Int
    /// Whether it is defended by XOFF.
    public var isLossless: Bool
    /// Whether the neighbour is asked to stop on its account.
    public var isXoff: Bool
    /// What it has of its reserve.
    public var reservedBytes: UInt64
    /// What it has of the shared pool.
    public var sharedBytes: UInt64
    /// Most that it had of the shared pool since watermarks were last reset.
    public var sharedPeakBytes: UInt64
    /// What it may have of the shared pool now.
    public var limitBytes: UInt64
    /// What it has of headroom.
    public var headroomBytes: UInt64
    /// Most that it had of headroom since watermarks were last reset.
    public var headroomPeakBytes: UInt64
    /// The headroom that it can have.
    public var headroomSizeBytes: UInt64

    /// Whether it ever held anything.
    public var isUsed: Bool { reservedBytes + sharedPeakBytes + headroomPeakBytes > 0 }
  }
}
