/// How in-band telemetry is announced in packets, and what its numbers mean.
public struct TelemetryFormat: Equatable, Sendable {
  /// The UDP destination port that announces INT (it has no assigned one).
  public var intPort: UInt16 = 51_000
  /// The DSCP that announces INT in TCP and UDP packets with their own ports, 0 to 63; nil: none does.
  public var intDSCP: UInt8?
  /// The UDP port that reports are sent to.
  public var reportPort: UInt16 = 32_766
  /// Nanoseconds in a unit of hop latency and of time stamps.
  public var nanosecondsPerUnit: UInt64 = 1
  /// Bytes in a unit of queue and buffer occupancy.
  public var bytesPerUnit: UInt64 = 1

  /// What the fraction of IOAM's time stamps counts.
  public var ioamFraction = Fraction.microseconds

  /// Units of a fraction of a second (RFC 9197 section 5).
  public enum Fraction: String, CaseIterable, Sendable {
    /// POSIX time, which Linux writes.
    case microseconds
    /// Truncated PTP time.
    case nanoseconds

    var unitsPerSecond: UInt32 { self == .microseconds ? 1_000_000 : 1_000_000_000 }
  }

  /// What Penstock itself sends.
  public init() {}
}
