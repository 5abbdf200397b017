import CShims
import Dataplane
import Glibc

/// The CPU on which measured threads run, and how much of it they get.
public struct MeasuringCore: Sendable {
  /// The CPU; nil if there is only one, which is nobody's alone.
  public let cpu: Int?
  /// The niceness that this process reached: -20 where that is allowed.
  public let niceness: Int
  /// Whether the scheduling group of this session was raised too: without it niceness counts only within the session.
  public let isGroupRaised: Bool
  private let nicenessBefore: Int
  private let groupBefore: Int

  /// Takes the last CPU that this process may use, away from interrupts, which prefer the first, and raises the priority
  /// of the process as far as it may. Programs that it starts inherit that.
  public init() {
    let allowed = Environment.allowedCPUs
    cpu = allowed.count > 1 ? allowed.last : nil
    nicenessBefore = MeasuringCore.niceness
    groupBefore = MeasuringCore.groupNiceness
    MeasuringCore.setNiceness(-20)
    niceness = MeasuringCore.niceness
    isGroupRaised = MeasuringCore.setGroupNiceness(-20)
  }

  /// Gives process and session the priority back that they had.
  public func restore() {
    MeasuringCore.setNiceness(nicenessBefore)
    if isGroupRaised { _ = MeasuringCore.setGroupNiceness(groupBefore) }
  }

  /// Runs `body` on the CPU, and says how long it took and what part of that it did not have the CPU for.
  ///
  /// Only the calling thread is moved, and only for that time: threads and programs started later go where they like.
  public func time(_ body: () throws -> Void) rethrows -> Timing {
    var before: [UInt64] = [0, 0]
    pst_allowed_cpus(&before)
    if let cpu {
      var own: [UInt64] = [0, 0]
      own[cpu / 64] = 1 << UInt64(cpu % 64)
      _ = pst_allow_cpus(own)
    }
    defer { _ = pst_allow_cpus(before) }
    let usedBefore = MeasuringCore.nanoseconds(CLOCK_THREAD_CPUTIME_ID)
    let begin = MeasuringCore.nanoseconds(CLOCK_MONOTONIC)
    let ticks = pst_ticks()
    try body()
    let cycles = pst_ticks() &- ticks
    let elapsed = MeasuringCore.nanoseconds(CLOCK_MONOTONIC) - begin
    let used = MeasuringCore.nanoseconds(CLOCK_THREAD_CPUTIME_ID) - usedBefore
    return Timing(nanoseconds: elapsed, cycles: Double(cycles), away: elapsed > 0 ? max(0, 1 - used / elapsed) : 0)
  }

  /// How long something took.
  public struct Timing: Sendable {
    /// Nanoseconds by the clock on the wall.
    public var nanoseconds: Double
    /// Ticks of the time stamp counter.
    public var cycles: Double
    /// The part of the time for which the thread did not have the CPU, 0 to 1.
    public var away: Double
  }

  private static func nanoseconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  private static var niceness: Int { Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)) }

  private static func setNiceness(_ value: Int) {
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(value))
  }

  private static let group = "/proc/self/autogroup"

  /// What the kernel says: `/autogroup-17 nice 0`; 0 if it has no such groups.
  private static var groupNiceness: Int {
    guard let file = fopen(group, "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 > 31 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: " ").last.flatMap { Int($0) } ?? 0
  }

  private static func setGroupNiceness(_ value: Int) -> Bool {
    guard let file = fopen(group, "we") else { return false }
    let isWritten = fputs("\(value)", file) >= 0
    return fclose(file) == 0 && isWritten
  }
}
