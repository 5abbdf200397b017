import Synchronization

/// Whether the ports at both ends of a link are wanted up: it is up if they are.
public final class LinkState: Sendable {
  private let first = Atomic<Bool>(true)
  private let second = Atomic<Bool>(true)

  /// A link between two ports.
  public init() {}

  /// One end, as its switch sees it.
  struct End: Sendable {
    let state: LinkState
    let isFirst: Bool

    /// Says whether the own port is wanted up.
    func announce(isEnabled: Bool) {
      if isFirst {
        state.first.store(isEnabled, ordering: .relaxed)
      } else {
        state.second.store(isEnabled, ordering: .relaxed)
      }
    }

    /// Whether the port at the other end is wanted up.
    var isPeerEnabled: Bool {
      isFirst ? state.second.load(ordering: .relaxed) : state.first.load(ordering: .relaxed)
    }
  }
}
