/// The congestion marking of one queue, compiled: integers only, and random numbers of its own, so that what one queue
/// marks does not depend on the traffic of another.
struct QueueMarking {
  private let kmin: UInt64
  private let kmax: UInt64
  /// Probability per byte above `kmin`, in units of 2^-63.
  private let slope: UInt64
  private let isStep: Bool
  let marksAtEnqueue: Bool
  let dropsNotCapable: Bool
  /// Whether packets that cannot be marked are looked at when they come.
  var judgesNotCapable: Bool { marksAtEnqueue || dropsNotCapable }
  private var random: RandomNumbers

  /// - Parameter profile: nil never marks.
  init(_ profile: ECNProfile?, isLossless: Bool, seed: UInt64) {
    kmin = profile?.kmin.bytes ?? .max
    kmax = profile?.kmax.bytes ?? .max
    isStep = kmin == kmax
    let ppm = UInt64(profile?.pmax.partsPerMillion ?? 0)
    let scaled = ppm.multipliedFullWidth(by: 1 << 63)
    let range = (kmax - kmin).multipliedFullWidth(by: 1_000_000)
    slope = isStep || range.high != 0 ? 0 : QueueMarking.divide(scaled, by: range.low)
    marksAtEnqueue = profile?.moment == .enqueue
    dropsNotCapable = profile.map { $0.dropsNotCapable && !isLossless } ?? false
    random = RandomNumbers(seed: seed)
  }

  private static func divide(_ dividend: (high: UInt64, low: UInt64), by divisor: UInt64) -> UInt64 {
    // A range of less than a byte cannot be: the quotient fits, for pmax is at most 1 and the divisor at least 10^6.
    divisor > dividend.high ? divisor.dividingFullWidth(dividend).quotient : .max >> 1
  }

  /// Whether a packet is marked, the queue being `bytes` long: never up to Kmin, always above Kmax, between them with
  /// Pmax x (bytes - Kmin) / (Kmax - Kmin).
  ///
  /// Cost: a comparison below Kmin; above, a multiplication and a random number.
  @inline(__always)
  mutating func decides(_ bytes: UInt64) -> Bool {
    if bytes <= kmin { return false }
    if bytes > kmax { return true }
    return random.next() &>> 1 < (bytes &- kmin) &* slope
  }
}
