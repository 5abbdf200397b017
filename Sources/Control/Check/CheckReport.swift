/// Everything `penstock check` says about a configuration: each setting with its default, and each number that is
/// computed from it.
///
/// Encodes to JSON with ``json()``, where names have underscores (`latency_ps`), and to text with
/// ``text(style:)``.
public struct CheckReport: Codable, Equatable, Sendable {
  /// Version of this format.
  public var version = 1
  /// The configuration's file.
  public var file: String
  /// Name, number and behaviour of the switch.
  public var `switch`: Device
  /// The ports in their order.
  public var ports: [Port]
  /// Routed VLAN interfaces.
  public var vlans: [VLAN]
  /// Static neighbours.
  public var neighbors: [Neighbor]
  /// Static MAC addresses.
  public var macs: [StaticMAC]
  /// How many routes there are.
  public var routes: RouteCount
  /// Next-hop groups in their order.
  public var nextHopGroups: [NextHopGroup]
  /// How members of groups are chosen.
  public var ecmp: ECMP
  /// The classification maps.
  public var qos: QoS
  /// The shared buffer.
  public var buffer: Buffer
  /// Pause frames.
  public var pause: Pause
  /// The watchdog, if there is one.
  public var watchdog: Watchdog?
  /// What `penstock run` does to frames between devices and ports; nil: nothing.
  public var impairments: [Impairment]?
  /// The workers of `penstock run` with their ports; absent: one for all.
  public var workers: [WorkerPlan]?
  /// What the switch says about packets; absent: nothing.
  public var telemetry: Telemetry?
  /// Access rules in their order.
  public var acl: [Rule]
  /// ICMP errors per second.
  public var icmpRate: UInt64
  /// What is right but worth knowing.
  public var notices: [String]

  /// The switch as a whole.
  public struct Device: Codable, Equatable, Sendable {
    /// Name and number.
    public var name: String, id: UInt32
    /// Source address of what it routes.
    public var mac: String
    /// `store-and-forward`, `cut-through` or `direct`.
    public var mode: String
    /// Fixed latency.
    public var latencyPs: UInt64
    /// Ageing of learned addresses.
    public var macAgeingPs: UInt64
    /// Bytes that the largest frame counts for in a queue's quantum.
    public var largestFrameBytes: Int
    /// What every random choice is derived from.
    public var seed: UInt64
    /// Ports that a live run has room for; absent if no port has a device.
    public var maxPorts: Int?
  }

  /// One port.
  public struct Port: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Line rate in bits per second.
    public var speedBps: UInt64
    /// The device of a live run.
    public var device: String?
    /// Cable in millimetres.
    public var cableMm: UInt64
    /// Largest IP packet.
    public var mtu: Int
    /// False if it is down.
    public var up: Bool
    /// `routed`, `access` or `trunk`.
    public var role: String
    /// Addresses of a routed port.
    public var addresses: [String]
    /// VLANs of a bridged port.
    public var vlans: [UInt16]
    /// VLAN of untagged frames.
    public var nativeVlan: UInt16?
    /// `dscp`, `pcp` or `port`.
    public var trust: String
    /// Class of what carries no trusted field.
    public var trafficClass: UInt8
    /// Limit on everything it sends.
    public var shaper: Rate?
    /// Time on the wire of a 64-byte frame.
    public var smallestFrame: SerializationTime
    /// Time on the wire of an untagged frame with an IP packet of the MTU.
    public var largestFrame: SerializationTime
    /// Eight queues.
    public var queues: [Queue]
  }

  /// One queue of a port.
  public struct Queue: Codable, Equatable, Sendable {
    /// Its number.
    public var queue: Int
    /// `strict` or `dwrr`.
    public var schedule: String
    /// DWRR weight.
    public var weight: Int?
    /// Bytes per DWRR round.
    public var quantumBytes: Int?
    /// Share among the port's DWRR queues while all of them are busy.
    public var share: Double?
    /// Defended by PFC.
    public var lossless: Bool
    /// Congestion marking.
    public var ecn: ECN?
    /// Served first up to this rate.
    public var minimum: Rate?
    /// Not served beyond this rate.
    public var maximum: Rate?
  }

  /// A rate with a burst.
  public struct Rate: Codable, Equatable, Sendable {
    /// Bits per second.
    public var rateBps: UInt64
    /// Bytes.
    public var burstBytes: UInt64
  }

  /// A marking profile.
  public struct ECN: Codable, Equatable, Sendable {
    /// Queue lengths in bytes.
    public var kminBytes: UInt64, kmaxBytes: UInt64
    /// Probability at the upper one.
    public var pmax: Double
    /// `dequeue` or `enqueue`.
    public var at: String
    /// Whether what cannot be marked is dropped.
    public var drop: Bool
  }

  /// A routed VLAN interface.
  public struct VLAN: Codable, Equatable, Sendable {
    /// Number, name and largest IP packet.
    public var id: UInt16, name: String, mtu: Int
    /// Its addresses.
    public var addresses: [String]
    /// Ports that carry it.
    public var ports: [String]
  }

  /// A static neighbour.
  public struct Neighbor: Codable, Equatable, Sendable {
    /// Interface, address and station.
    public var interface: String, address: String, mac: String
  }

  /// A static MAC address.
  public struct StaticMAC: Codable, Equatable, Sendable {
    /// VLAN, station and port.
    public var vlan: UInt16, mac: String, port: String
  }

  /// Numbers of routes.
  public struct RouteCount: Codable, Equatable, Sendable {
    /// All, those of each version, and those that drop.
    public var total: Int, ipv4: Int, ipv6: Int, discard: Int
  }

  /// A next-hop group.
  public struct NextHopGroup: Codable, Equatable, Sendable {
    /// The prefix it was written for; with several, the first.
    public var prefix: String
    /// How many routes use it.
    public var routes: Int
    /// Entries of its table.
    public var buckets: Int
    /// The largest relative error of a share.
    public var worstError: Double
    /// Its members.
    public var via: [NextHop]
  }

  /// A member of a next-hop group.
  public struct NextHop: Codable, Equatable, Sendable {
    /// Neighbour and interface.
    public var address: String, interface: String
    /// Configured weight.
    public var weight: UInt32
    /// Entries it gets.
    public var buckets: Int
    /// The share that the weight asks for, and the share of the entries.
    public var wantedShare: Double, achievedShare: Double
    /// `achieved / wanted - 1`; 0 for a drained one.
    public var error: Double
  }

  /// Choice of members.
  public struct ECMP: Codable, Equatable, Sendable {
    /// `hash`, `round-robin` or `flowlet`.
    public var mode: String
    /// What distinguishes flows.
    public var fields: [String]
    /// Mixed into the hash.
    public var seed: UInt64
    /// Idle time after which a flowlet may move.
    public var flowletGapPs: UInt64
  }

  /// Classification.
  public struct QoS: Codable, Equatable, Sendable {
    /// What ports trust unless they say otherwise.
    public var trust: String
    /// 64 classes.
    public var dscp: [UInt8]
    /// 8 classes.
    public var pcp: [UInt8]
    /// 8 queues.
    public var trafficClassToQueue: [UInt8]
    /// 8 priority groups.
    public var trafficClassToPriorityGroup: [UInt8]
    /// 8 queues.
    public var pfcPriorityToQueue: [UInt8]
    /// 8 priority groups.
    public var pfcPriorityToPriorityGroup: [UInt8]
    /// Bytes added to a frame by schedulers and shapers.
    public var overheadBytes: Int
  }

  /// An access rule.
  public struct Rule: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// What it does: `permit`, `deny`, `remark 8`, `mirror s1`.
    public var action: String
    /// What it matches: `source 10.0.0.0/8`; `everything` without a condition.
    public var match: String
  }
}
