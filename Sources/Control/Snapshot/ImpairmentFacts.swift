/// What the impairments of one direction of a port have done.
public struct ImpairmentFacts: Codable, Equatable, Sendable {
  /// One impairment of the list.
  public struct Entry: Codable, Equatable, Sendable {
    /// Packets that came to it.
    public var seenPackets: UInt64 = 0
    /// Packets that it applies to.
    public var matchedPackets: UInt64 = 0
    /// Packets lost.
    public var lostPackets: UInt64 = 0
    /// Packets with flipped bits.
    public var corruptedPackets: UInt64 = 0
    /// Copies made.
    public var duplicatedPackets: UInt64 = 0
    /// Packets held back so that others overtake them.
    public var reorderedPackets: UInt64 = 0
    /// Packets that left later than they came.
    public var delayedPackets: UInt64 = 0
    /// Packets dropped because too much waited in front of the narrower line.
    public var queueDroppedPackets: UInt64 = 0
    /// Copies that could not be made because packet memory was used up.
    public var notCopiedPackets: UInt64 = 0

    /// The counters by the names that metrics and tables have for them.
    var named: [(name: String, packets: UInt64)] {
      [
        ("seen", seenPackets), ("matched", matchedPackets), ("lost", lostPackets), ("corrupted", corruptedPackets),
        ("duplicated", duplicatedPackets), ("reordered", reorderedPackets), ("delayed", delayedPackets),
        ("queue_dropped", queueDroppedPackets), ("not_copied", notCopiedPackets),
      ]
    }
  }

  /// `ingress` or `egress`.
  public var direction: String
  /// Packets that are held now.
  public var heldPackets: UInt64
  /// Packets dropped because the memory for held ones was full.
  public var overflowDroppedPackets: UInt64
  /// The impairments of the direction, in the order of the configuration.
  public var entries: [Entry]

  /// Puts the facts together.
  public init(direction: String, heldPackets: UInt64 = 0, overflowDroppedPackets: UInt64 = 0, entries: [Entry]) {
    self.direction = direction
    self.heldPackets = heldPackets
    self.overflowDroppedPackets = overflowDroppedPackets
    self.entries = entries
  }
}
