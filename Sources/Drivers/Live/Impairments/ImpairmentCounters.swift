/// What an impairment has done, in frames. Written by one worker; anyone may read it.
public struct ImpairmentCounters: Equatable, Sendable {
  /// Frames that came to it.
  public internal(set) var seen: UInt64 = 0
  /// Frames that it applies to.
  public internal(set) var matched: UInt64 = 0
  /// Frames lost.
  public internal(set) var lost: UInt64 = 0
  /// Frames with flipped bits.
  public internal(set) var corrupted: UInt64 = 0
  /// Copies made.
  public internal(set) var duplicated: UInt64 = 0
  /// Frames held back so that others overtake them.
  public internal(set) var reordered: UInt64 = 0
  /// Frames that left later than they came.
  public internal(set) var delayed: UInt64 = 0
  /// Frames dropped because too much waited in front of the narrower line.
  public internal(set) var queueDrops: UInt64 = 0
  /// Copies that could not be made because packet memory was used up.
  public internal(set) var missingCopies: UInt64 = 0

  /// All zero.
  public init() {}
}
