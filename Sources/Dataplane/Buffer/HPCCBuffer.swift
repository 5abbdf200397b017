/// The switch buffer of the HPCC simulator (ns-3), decision for decision, in bytes: no cells, no pools.
///
/// What it does differently from ``BufferModel/asic``: reserve, limit and headroom of a group are one sequence in which
/// headroom drains first whatever packet leaves; queue 0 is not accounted for, and neither are packets that the switch
/// makes; nothing is dropped at egress; and XON is looked at only when a packet of the group leaves.
struct HPCCBuffer: ~Copyable {
  /// One priority group of one port.
  struct Group {
    var ingress: UInt64 = 0
    var headroomUsed: UInt64 = 0
    var isXOFF = false
    var peakIngress: UInt64 = 0
    var intervalPeakIngress: UInt64 = 0
    var peakHeadroom: UInt64 = 0
    var intervalPeakHeadroom: UInt64 = 0
  }

  /// At port x 8 + group.
  let groups: FlatTable<Group>
  /// By port.
  let headroom: FlatTable<UInt64>
  let shift: FlatTable<UInt64>
  /// What groups have beyond their reserve: one element.
  let sharedUsed: FlatTable<PoolAccount64>
  private let reserve: UInt64
  private let resumeOffset: UInt64
  /// Buffer without headroom and reserves.
  let shared: UInt64

  init(_ configuration: SwitchConfiguration) {
    let layout = HPCCLayout(configuration)
    let isUsed = configuration.buffer.model == .hpcc
    groups = FlatTable(repeating: Group(), count: isUsed ? configuration.ports.count * 8 : 0)
    headroom = FlatTable(isUsed ? layout.headroom : [])
    shift = FlatTable(isUsed ? layout.shift : [])
    sharedUsed = FlatTable(repeating: PoolAccount64(), count: 1)
    reserve = configuration.buffer.hpcc.reserve.bytes
    resumeOffset = configuration.buffer.hpcc.resumeOffset.bytes
    shared = layout.shared
  }

  /// Limit of what a group has beyond its reserve.
  @inline(__always)
  func limit(group: Int) -> UInt64 {
    let used = sharedUsed.base[0].used
    // The original subtracts unsigned and wraps here; a limit of zero is what it means.
    return (shared > used ? shared &- used : 0) &>> shift.base[group &>> 3]
  }

  /// What `bytes` of a group take of the shared buffer.
  @inline(__always)
  func beyondReserve(_ bytes: UInt64) -> UInt64 { bytes > reserve ? bytes &- reserve : 0 }

  /// Charges a packet of `bytes`. False: it is refused.
  func admit(_ bytes: UInt64, group: Int) -> Bool {
    let account = groups.base + group
    let limit = self.limit(group: group)
    if account.pointee.headroomUsed &+ bytes > headroom.base[group &>> 3],
      bytes &+ beyondReserve(account.pointee.ingress) > limit
    {
      return false
    }
    let sum = account.pointee.ingress &+ bytes
    if sum <= reserve {
      account.pointee.ingress = sum
    } else if sum &- reserve > limit {
      account.pointee.headroomUsed &+= bytes
      account.pointee.intervalPeakHeadroom = max(account.pointee.intervalPeakHeadroom, account.pointee.headroomUsed)
      account.pointee.peakHeadroom = max(account.pointee.peakHeadroom, account.pointee.headroomUsed)
    } else {
      account.pointee.ingress = sum
      sharedUsed.base[0].take(min(bytes, sum &- reserve))
    }
    account.pointee.intervalPeakIngress = max(account.pointee.intervalPeakIngress, account.pointee.ingress)
    account.pointee.peakIngress = max(account.pointee.peakIngress, account.pointee.ingress)
    return true
  }

  /// Refunds a packet of `bytes`: headroom first, then what is beyond the reserve.
  func release(_ bytes: UInt64, group: Int) {
    let account = groups.base + group
    let fromHeadroom = min(account.pointee.headroomUsed, bytes)
    let rest = bytes &- fromHeadroom
    let fromShared = min(rest, beyondReserve(account.pointee.ingress))
    account.pointee.headroomUsed &-= fromHeadroom
    account.pointee.ingress &-= rest
    sharedUsed.base[0].used &-= fromShared
  }

  /// After a packet came: XOFF if headroom is in use or the limit is reached.
  func pauseChangeAfterArrival(group: Int) -> PauseChange {
    let account = groups.base + group
    guard !account.pointee.isXOFF else { return .none }
    guard account.pointee.headroomUsed > 0 || beyondReserve(account.pointee.ingress) >= limit(group: group) else {
      return .none
    }
    account.pointee.isXOFF = true
    return .xoff
  }

  /// After a packet left: XON if headroom is empty and use is `resumeOffset` below the limit.
  func pauseChangeAfterDeparture(group: Int) -> PauseChange {
    let account = groups.base + group
    guard account.pointee.isXOFF, account.pointee.headroomUsed == 0 else { return .none }
    let used = beyondReserve(account.pointee.ingress)
    guard used == 0 || used &+ resumeOffset <= limit(group: group) else { return .none }
    account.pointee.isXOFF = false
    return .xon
  }
}

/// A pool in bytes.
struct PoolAccount64 {
  var used: UInt64 = 0
  var peak: UInt64 = 0
  var intervalPeak: UInt64 = 0

  @inline(__always)
  mutating func take(_ bytes: UInt64) {
    used &+= bytes
    if used > intervalPeak {
      intervalPeak = used
      if used > peak { peak = used }
    }
  }
}

/// The numbers that the simulator's model derives from ports and buffer.
public struct HPCCLayout: Equatable, Sendable {
  /// By port: headroom of each of its groups in bytes.
  public var headroom: [UInt64] = []
  /// By port: the limit is the free buffer divided by 2 to this power.
  public var shift: [UInt64] = []
  /// Bytes of the buffer without headroom and reserves, each counted once for a port.
  public var shared: UInt64
  /// By how many bytes headroom and reserves exceed the buffer.
  public var excess: UInt64

  /// Derives them.
  public init(_ configuration: SwitchConfiguration) {
    let parameters = configuration.buffer.hpcc
    let slowest = configuration.ports.map(\.speed).min() ?? BitRate(bitsPerSecond: 1)
    let nicRate = max(1, (parameters.nicRate ?? slowest).bitsPerSecond)
    for port in configuration.ports {
      headroom.append(Self.bandwidthDelay(of: port) * parameters.headroomFactor)
      var shift = parameters.shift
      var rate = port.speed.bitsPerSecond
      while rate > nicRate, shift > 0 {
        rate /= 2
        shift -= 1
      }
      self.shift.append(UInt64(max(0, shift)))
    }
    let aside = headroom.reduce(0, +) + parameters.reserve.bytes * UInt64(configuration.ports.count)
    let size = configuration.buffer.size.bytes
    shared = size > aside ? size - aside : 0
    excess = aside > size ? aside - size : 0
  }

  /// Bandwidth of a port times the one-way delay of its cable, in bytes: the unit of headroom.
  public static func bandwidthDelay(of port: PortConfiguration) -> UInt64 {
    // In whole nanoseconds of delay, as the original's integer division has it: rate x delay / 8e9.
    let product = port.speed.bitsPerSecond.multipliedFullWidth(by: port.cable.delay.count / 1000)
    return UInt64(8_000_000_000).dividingFullWidth(product).quotient
  }
}
