/// What a collector has counted since it began.
public struct CollectorCounters: Codable, Equatable, Sendable {
  /// Datagrams of reports.
  public var datagrams: UInt64 = 0
  /// Their octets, from the group header on.
  public var octets: UInt64 = 0
  /// Frames of captures that were neither reports nor packets with telemetry.
  public var otherFrames: UInt64 = 0
  /// Packets with INT or IOAM in captures.
  public var telemetryPackets: UInt64 = 0
  /// Reports.
  public var reports: UInt64 = 0
  /// Reports of a sink or a node that holds the stack of INT-MD.
  public var stackReports: UInt64 = 0
  /// Reports of one hop: INT-MX, INT-XD.
  public var postcards: UInt64 = 0
  /// Reports of drops.
  public var dropReports: UInt64 = 0
  /// Reports of congested queues.
  public var congestionReports: UInt64 = 0
  /// Reports of packets with an IOAM trace.
  public var traceReports: UInt64 = 0
  /// Datagrams with a group header that is cut off or of another version.
  public var malformedGroups: UInt64 = 0
  /// Reports that are cut off or contradict themselves; what follows them in the datagram is not read.
  public var malformedReports: UInt64 = 0
  /// Reports of kinds that are not defined.
  public var unknownReports: UInt64 = 0
  /// Reports whose metadata ends before what its bitmap promises.
  public var shortMetadata: UInt64 = 0
  /// Packets whose INT or IOAM contradicts itself.
  public var malformedTelemetry: UInt64 = 0
  /// Packets of which part of the telemetry was cut off.
  public var cutTelemetry: UInt64 = 0
  /// Reports without a packet that could be recognised.
  public var unknownPackets: UInt64 = 0
  /// Paths with more hops than are kept.
  public var longPaths: UInt64 = 0
  /// Hops that were told of.
  public var hops: UInt64 = 0
  /// Changes of paths.
  public var pathChanges: UInt64 = 0
  /// Time stamps that could not be, and were replaced.
  public var implausibleTimes: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
