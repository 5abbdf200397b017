/// A congestion marking profile: WRED on the instantaneous length of a queue in bytes, which marks packets that can be
/// marked (RFC 3168) and may drop the others.
public struct ECNProfile: Equatable, Sendable {
  /// Up to this queue length nothing is marked.
  public var kmin: ByteCount
  /// Beyond this queue length everything is marked.
  public var kmax: ByteCount
  /// Probability at `kmax`, growing linearly from `kmin`.
  public var pmax: Probability
  /// Which queue length counts.
  public var moment = MarkingMoment.dequeue
  /// Whether a lossy queue drops, with the same probability at enqueue, what cannot be marked.
  public var dropsNotCapable = false

  /// A profile that marks at dequeue and drops nothing.
  public init(kmin: ByteCount, kmax: ByteCount, pmax: Probability) {
    self.kmin = kmin
    self.kmax = kmax
    self.pmax = pmax
  }
}

/// When a packet is marked, and by which queue length.
public enum MarkingMoment: String, Equatable, Sendable, CaseIterable {
  /// When it leaves, by the bytes it leaves behind.
  case dequeue
  /// When it comes, by the bytes it finds.
  case enqueue
}
