/// A next-hop group, and how well the traffic followed its weights.
public struct NextHopGroupReport: Codable, Equatable, Sendable {
  /// The first prefix that uses the group.
  public var prefix: String
  /// How many prefixes use it.
  public var prefixes: UInt64
  /// The members, in the order of the configuration.
  public var via: [NextHopReport]

  /// Creates a group.
  public init(prefix: String, prefixes: UInt64 = 1, via: [NextHopReport]) {
    self.prefix = prefix
    self.prefixes = prefixes
    self.via = via
  }

  /// Packets sent through the group.
  public var packets: UInt64 { via.reduce(0) { $0 + $1.packets } }
  /// The sum of all weights.
  public var weight: UInt64 { via.reduce(0) { $0 + $1.weight } }

  /// The share that the weights ask for `member` to have, from 0 to 1; 0 when all weights are 0.
  public func wantedShare(of member: NextHopReport) -> Double {
    weight == 0 ? 0 : Double(member.weight) / Double(weight)
  }
}

/// One member of a next-hop group.
public struct NextHopReport: Codable, Equatable, Sendable {
  /// The neighbour's address.
  public var address: String
  /// The egress port; empty while the next hop is not resolved.
  public var port: String
  /// The configured weight; 0 is drained.
  public var weight: UInt64
  /// The part of the group's buckets that the member owns, from 0 to 1.
  public var achievedShare: Double
  /// The part of the group's packets that it carried, from 0 to 1; nil when there were none.
  public var share: Double?
  /// Packets that it carried.
  public var packets: UInt64
  /// Their bytes.
  public var bytes: UInt64

  /// Creates a member.
  public init(
    address: String, port: String, weight: UInt64, achievedShare: Double, share: Double? = nil, packets: UInt64 = 0,
    bytes: UInt64 = 0
  ) {
    self.address = address
    self.port = port
    self.weight = weight
    self.achievedShare = achievedShare
    self.share = share
    self.packets = packets
    self.bytes = bytes
  }

  enum CodingKeys: String, CodingKey {
    case address, port, weight
    case achievedShare = "achieved_share"
    case share, packets, bytes
  }

  /// Writes the member; `share` is written as null when nil.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(address, forKey: .address)
    try container.encode(port, forKey: .port)
    try container.encode(weight, forKey: .weight)
    try container.encode(achievedShare, forKey: .achievedShare)
    try container.encode(share, forKey: .share)
    try container.encode(packets, forKey: .packets)
    try container.encode(bytes, forKey: .bytes)
  }
}
