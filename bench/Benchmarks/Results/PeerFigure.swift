/// What another program did with the same packets in the same rounds.
public struct PeerFigure: Codable, Equatable, Sendable {
  /// Its name and what it did: `testpmd 5tswap`.
  public var name: String
  /// Its version, as it says itself; empty if it does not.
  public var version: String
  /// Million packets a second, over the rounds.
  public var mpps: Spread
  /// Ours divided by its: the packets a second of neighbouring rounds. Its median is the ratio that counts.
  public var ratio: Spread
  /// Its latency, if it was measured.
  public var latency: LatencyQuantiles?

  /// Compares rounds that ran next to each other: `ours[i]` with `theirs[i]`.
  ///
  /// Nil if there is no pair, or if a round of either moved nothing.
  public init?(name: String, version: String, ours: [Sample], theirs: [Sample]) {
    let pairs = zip(ours, theirs).map { ($0.nanosecondsPerPacket, $1.nanosecondsPerPacket) }
    guard pairs.allSatisfy({ $0.0.isFinite && $0.1.isFinite && $0.0 > 0 && $0.1 > 0 }),
      let mpps = Spread(pairs.map { 1000 / $0.1 }), let ratio = Spread(pairs.map { $0.1 / $0.0 })
    else { return nil }
    self.name = name
    self.version = version
    self.mpps = mpps
    self.ratio = ratio
    latency = theirs.last?.latency
  }
}

/// Another program that could not take part.
public struct AbsentPeer: Codable, Equatable, Sendable {
  /// Its name.
  public var name: String
  /// Why, and what would help: `not installed: apt install dpdk`.
  public var reason: String

  /// A program that could not take part.
  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}
