/// How much of a pool an account may have, compiled: 2^n of what is free, or a constant.
struct Limit {
  /// Cells, whatever is free.
  private let base: UInt32
  /// 2^n in 256ths; 0 for a constant.
  private let factor: UInt32

  init(_ threshold: BufferThreshold, cell: UInt64) {
    switch threshold {
    case .dynamic(let exponent):
      base = 0
      factor = 1 << UInt32(max(0, min(15, exponent + 8)))
    case .fixed(let bytes):
      base = bytes.bytes == 0 ? .max : UInt32(clamping: bytes.bytes / cell)
      factor = 0
    }
  }

  /// The limit in cells while `free` cells of the pool are free.
  @inline(__always)
  func cells(free: UInt32) -> UInt64 { UInt64(base) &+ ((UInt64(free) &* UInt64(factor)) &>> 8) }
}

/// A pool of cells.
struct PoolAccount {
  /// Another one when ports come or go.
  var size: UInt32
  var used: UInt32 = 0
  var peak: UInt32 = 0
  var intervalPeak: UInt32 = 0

  init(size: UInt64) { self.size = UInt32(clamping: size) }

  @inline(__always)
  var free: UInt32 { size &- used }

  @inline(__always)
  mutating func take(_ cells: UInt32) {
    used &+= cells
    if used > intervalPeak {
      intervalPeak = used
      if used > peak { peak = used }
    }
  }
}

/// What one priority group of one port has, in cells: one cache line.
struct GroupAccount {
  var reserveUsed: UInt32 = 0
  var sharedUsed: UInt32 = 0
  var headroomUsed: UInt32 = 0
  let reserve: UInt32
  let headroom: UInt32
  let xon: UInt32
  let xonOffset: UInt32
  let pool: UInt8
  let isLossless: Bool
  /// The group or its port has cells set aside.
  let hasReserve: Bool
  /// The neighbour has been asked to stop, or is about to be.
  var isXOFF = false
  /// Dropped, because the queue that its priority means is in a storm.
  var isStormed = false { didSet { isUsual = !hasReserve && !isStormed } }
  /// Neither has it reserves nor is it stormed.
  private(set) var isUsual: Bool
  let limit: Limit
  var peakShared: UInt32 = 0
  var intervalPeakShared: UInt32 = 0
  var peakHeadroom: UInt32 = 0
  var intervalPeakHeadroom: UInt32 = 0
  private let padding: UInt32 = 0

  init(_ layout: BufferLayout.Group, portReserveCells: UInt64, cell: UInt64) {
    reserve = UInt32(clamping: layout.reserveCells)
    hasReserve = layout.reserveCells + portReserveCells > 0
    isUsual = !hasReserve
    headroom = UInt32(clamping: layout.headroomCells)
    xon = UInt32(clamping: layout.xonCells)
    xonOffset = UInt32(clamping: layout.xonOffsetCells)
    pool = UInt8(layout.pool)
    isLossless = layout.isLossless
    limit = Limit(layout.threshold, cell: cell)
  }

  @inline(__always)
  mutating func takeShared(_ cells: UInt32) {
    sharedUsed &+= cells
    if sharedUsed > intervalPeakShared {
      intervalPeakShared = sharedUsed
      if sharedUsed > peakShared { peakShared = sharedUsed }
    }
  }

  @inline(__always)
  mutating func takeHeadroom(_ cells: UInt32) {
    headroomUsed &+= cells
    if headroomUsed > intervalPeakHeadroom {
      intervalPeakHeadroom = headroomUsed
      if headroomUsed > peakHeadroom { peakHeadroom = headroomUsed }
    }
  }

  /// False if ``updateXOFF(free:)`` certainly finds nothing for an account with no headroom in use and `shared` cells of
  /// the shared pool, of which `free` are free.
  @inline(always)
  func mayChange(shared: UInt32, free: UInt32) -> Bool {
    isLossless && (isXOFF || UInt64(shared) > limit.cells(free: free))
  }

  /// What the account says about its neighbour while `free` cells of its pool are free: stop when shared use is above
  /// the limit or headroom is in use; go on when shared use is well below and headroom empty
  /// (SAI_BUFFER_PROFILE_ATTR_XON_TH, _XON_OFFSET_TH).
  @inline(__always)
  mutating func updateXOFF(free: UInt32) -> PauseChange {
    let limit = self.limit.cells(free: free)
    if !isXOFF {
      if headroomUsed == 0, UInt64(sharedUsed) <= limit { return .none }
      isXOFF = true
      return .xoff
    }
    guard headroomUsed == 0 else { return .none }
    let goal = limit > UInt64(xonOffset) ? limit &- UInt64(xonOffset) : 0
    guard UInt64(sharedUsed) <= max(UInt64(xon), goal) else { return .none }
    isXOFF = false
    return .xon
  }
}

/// What a change of an account means for its neighbour.
enum PauseChange {
  case none
  case xoff
  case xon
}

/// What all groups of a port have of the port's reserve.
struct PortReserve {
  let size: UInt32
  var used: UInt32 = 0
}

/// What one queue has at egress, in cells. Queues that are lossless are not limited.
struct QueueAccount {
  var reserveUsed: UInt32 = 0
  var sharedUsed: UInt32 = 0
  let reserve: UInt32
  let isLossless: Bool
  let limit: Limit
}
