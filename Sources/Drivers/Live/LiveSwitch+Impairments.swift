import Dataplane
import Synchronization

extension LiveSwitch {
  /// What the impairments of one direction of a port have done.
  public struct ImpairmentStatus: Equatable, Sendable {
    /// The way of the frames.
    public var direction: ImpairmentDirection
    /// What each has done, in the order of the configuration.
    public var counters: [ImpairmentCounters]
    /// Packets that are held now.
    public var held: Int
    /// Packets that were dropped because the memory for held ones was full.
    public var overflowed: UInt64
  }

  /// Replaces the impairments of a port, in both directions. What they hold leaves at its time.
  public func setImpairments(of port: PortID, _ settings: [ImpairmentSettings]) {
    impairmentLists.withLock { _ in
      change(port) { port in
        port.ingress.replace(settings)
        port.egress.replace(settings)
      }
    }
  }

  /// What the impairments of a port have done, of directions that have some or still hold packets.
  public func impairments(of port: PortID) -> [ImpairmentStatus] {
    // The lists stay what they are while the lock is held, and so does the port; counters are plain memory that the
    // worker writes.
    impairmentLists.withLock { _ in
      guard let port = entry(port)?.port.pointer else { return [] }
      return [
        ImpairmentStatus(.ingress, port.pointee.ingress), ImpairmentStatus(.egress, port.pointee.egress),
      ].filter { !$0.counters.isEmpty || $0.held > 0 || $0.overflowed > 0 }
    }
  }
}

extension LiveSwitch.ImpairmentStatus {
  init(_ direction: ImpairmentDirection, _ impairments: borrowing PortImpairments) {
    self.direction = direction
    counters = impairments.settings.indices.map { impairments.counters(of: $0) }
    held = impairments.heldCount
    overflowed = impairments.lineDrops
  }
}
