import Dataplane
import Wire

/// Which frames something applies to: all conditions that are set must hold. Without any, every frame matches.
public struct TrafficMatch: Equatable, Sendable {
  /// DSCP values, 0 to 63, of which the IP header carries one; empty: any frame.
  public var dscp: Set<UInt8> = []
  /// RoCE opcodes, of which the base transport header carries one; empty: any frame.
  public var opcodes: Set<UInt8> = []
  /// Destination queue pairs of RoCE, 24 bits, of which the frame carries one; empty: any frame.
  public var queuePairs: Set<UInt32> = []
  /// Packet sequence numbers of RoCE; nil: any frame.
  public var sequence: SequenceRange?
  /// PFC and PAUSE frames only. Excludes every other condition: those frames carry no IP header.
  public var isPauseOnly = false

  /// Every frame.
  public static let all = TrafficMatch()

  /// Every frame.
  public init() {}

  /// Queue pairs that can be listed.
  public static let queuePairLimit = 8

  /// Whether every frame matches.
  public var isAll: Bool { self == .all }
}

/// Sequence numbers of 24 bits from the first to the last, both included. A last one below the first wraps around.
public struct SequenceRange: Equatable, Sendable {
  /// The first number, 0 to 16777215.
  public var first: UInt32
  /// The last number, 0 to 16777215.
  public var last: UInt32

  /// A range; bits above the low 24 do not count.
  public init(_ first: UInt32, _ last: UInt32) {
    self.first = first & 0xFF_FFFF
    self.last = last & 0xFF_FFFF
  }
}
