extension SwitchSnapshot {
  /// One set of weighted next hops.
  public struct NextHopGroup: Codable, Equatable, Sendable {
    /// The prefix that it was configured for; with several, the first.
    public var prefix: String
    /// How many routes lead to it.
    public var routes: UInt64
    /// The members.
    public var members: [NextHop]
  }

  /// One member of a next-hop group.
  public struct NextHop: Codable, Equatable, Sendable {
    /// The neighbour's address.
    public var address: String
    /// The interface that it is on: a port, or `vlan10`.
    public var interface: String
    /// Its weight; 0: drained.
    public var weight: UInt32
    /// The share of the flows that its weight asks for, 0 to 1.
    public var wantedShare: Double
    /// The share of the flows that it has now, 0 to 1.
    public var achievedShare: Double
    /// Whether its port is up; that of a VLAN always is.
    public var isUp: Bool
    /// What went its way.
    public var tx: Traffic
  }

  /// A route beyond the connected subnets.
  public struct Route: Codable, Equatable, Sendable {
    /// The destination.
    public var prefix: String
    /// Addresses of the next hops; empty for one that drops.
    public var via: [String]
  }

  /// A station of a bridged VLAN.
  public struct Station: Codable, Equatable, Sendable {
    /// The VLAN.
    public var vlan: UInt16
    /// The address, with colons.
    public var mac: String
    /// The port that it is on.
    public var port: String
    /// Whether it is configured, and not learned.
    public var isStatic: Bool
    /// Seconds since it was last heard of; nil for a configured one.
    public var ageSeconds: Double?
  }

  /// A neighbour of a routed interface.
  public struct Neighbor: Codable, Equatable, Sendable {
    /// The interface: a port, or `vlan10`.
    public var interface: String
    /// The IP address.
    public var address: String
    /// The MAC address, with colons; nil while it is asked for.
    public var mac: String?
    /// Whether it is configured, and not learned.
    public var isStatic: Bool
    /// Seconds since it was last heard of; nil for a configured one, or one that never answered.
    public var ageSeconds: Double?
  }
}
