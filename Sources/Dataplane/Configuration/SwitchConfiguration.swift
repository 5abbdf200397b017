import Wire

/// Everything that decides how a switch behaves, with every default filled in.
///
/// A plain value: it is read from YAML by `Control`, printed by `penstock check`, and compiled into flat tables
/// when a switch is created or reloaded. Nothing in the packet path looks at it.
public struct SwitchConfiguration: Equatable, Sendable {
  /// The switch's name, in reports.
  public var name = "switch"
  /// The switch's number: node id in telemetry, and part of the ECMP seed.
  public var id: UInt32 = 1
  /// Source address of every frame that the switch routes or originates.
  public var mac = MACAddress(bits: 0x0200_0000_0001)
  /// When a frame may start to leave.
  public var forwardingMode = ForwardingMode.storeAndForward
  /// Added to every packet between its arrival and the moment it may leave.
  public var pipelineLatency = Picoseconds.zero
  /// The ports; a ``PortID`` is an index into this array.
  public var ports: [PortConfiguration] = []
  /// The slice that each port belongs to, from 0, in a live run with several workers; empty: there is one slice. Virtual
  /// time has one slice, whatever this says.
  public var owners: [Int] = []
  /// How many slices there are even if no port belongs to the last of them.
  public var leastSlices = 1
  /// Ports that a live run has room for, those that it begins with included; nil: some more than those.
  public var maxPorts: Int?
  /// Routed VLAN interfaces. VLANs that are only bridged need no entry.
  public var vlans: [VLANConfiguration] = []
  /// Neighbours that need no ARP or ND.
  public var neighbors: [NeighborConfiguration] = []
  /// Forwarding database entries that neither age nor move.
  public var staticMACs: [StaticMACConfiguration] = []
  /// How long a learned MAC address stays without being heard of. Neighbours stay: in a capture, hosts that know the
  /// switch have no reason to speak ARP again.
  public var macAgeing = Picoseconds.seconds(300)
  /// Next-hop groups; routes refer to them by index.
  public var nextHopGroups: [NextHopGroupConfiguration] = []
  /// Routes beyond the connected subnets.
  public var routes: [RouteConfiguration] = []
  /// How a member of a next-hop group is chosen.
  public var ecmp = ECMPConfiguration()
  /// Classification, queues and scheduling.
  public var qos = QoSConfiguration()
  /// The shared buffer.
  public var buffer = BufferConfiguration()
  /// How the switch stops its neighbours, and how it is stopped by them.
  public var pause = PauseConfiguration()
  /// The watchdog that finds queues stopped for ever; nil: none.
  public var watchdog: WatchdogConfiguration?
  /// How exactly the time is known that a frame takes on a wire.
  public var serialization = Serialization.exact
  /// What every random choice is derived from, together with port and queue.
  public var seed: UInt64 = 1
  /// Access rules, first match wins; no match permits.
  public var acl: [ACLRule] = []
  /// What the switch says about the packets that pass it; nil: nothing.
  public var telemetry: TelemetryConfiguration?
  /// ICMP errors sent per second at most, over the whole switch; 0 sends none.
  public var icmpRatePerSecond: UInt64 = 100

  /// An empty switch.
  public init() {}
}

/// When a frame may start to leave.
public enum ForwardingMode: String, Equatable, Sendable, CaseIterable {
  /// After its last bit has arrived.
  case storeAndForward = "store-and-forward"
  /// After its first 64 bytes have arrived, unless the egress port is faster than the ingress port.
  case cutThrough = "cut-through"
  /// At once, in the order of forwarding: ports have no queues, no rates and no buffer, and nothing is paused or marked.
  case direct
}

/// One port.
public struct PortConfiguration: Equatable, Sendable {
  /// Unique name, in reports and on the command line.
  public var name: String
  /// Line rate, 10M to 1.6T.
  public var speed: BitRate
  /// The device that a live run puts it on, as `Drivers` reads it; nil for a port of replays only.
  public var device: String?
  /// Length of the cable, for headroom.
  public var cable = CableLength(millimetres: 5000)
  /// Largest IP packet, 68 to 9216 bytes. A frame may be 14 bytes larger, 22 with two VLAN tags.
  public var mtu = 9216
  /// False for a port that is down: it neither receives nor sends, and next-hop groups do without it.
  public var isUp = true
  /// True for a place of a running switch that has no port; see ``vacant``.
  public var isVacant = false
  /// Routed or bridged.
  public var role = PortRole.routed(addresses: [])
  /// What the traffic class is taken from.
  public var trust = Trust.dscp
  /// The traffic class of what carries no trusted field.
  public var trafficClass = TrafficClass(0)
  /// Limits everything the port sends, below its line rate.
  public var shaper: Shaper?
  /// Eight entries, by queue number.
  public var queues: [QueueConfiguration] = Array(repeating: QueueConfiguration(), count: QueueID.count)

  /// A routed port without addresses.
  public init(name: String, speed: BitRate) {
    self.name = name
    self.speed = speed
  }
}

/// What a port does with a frame that is not for the switch itself.
public enum PortRole: Equatable, Sendable {
  /// Routes it, if it is addressed to the switch's MAC. The addresses are the switch's own, with their subnets.
  case routed(addresses: [IPPrefix])
  /// Bridges it in one VLAN; tagged frames of that VLAN are accepted too.
  case access(VLANID)
  /// Bridges it in the VLAN of its tag; untagged frames belong to the native VLAN, or are dropped without one.
  case trunk(allowed: [VLANID], native: VLANID?)
}

/// A routed VLAN interface.
public struct VLANConfiguration: Equatable, Sendable {
  /// The VLAN.
  public var id: VLANID
  /// A name for reports; may be empty.
  public var name: String
  /// The switch's own addresses in it, with their subnets.
  public var addresses: [IPPrefix]
  /// Largest IP packet.
  public var mtu: Int

  /// A routed VLAN interface.
  public init(id: VLANID, name: String = "", addresses: [IPPrefix] = [], mtu: Int = 9216) {
    self.id = id
    self.name = name
    self.addresses = addresses
    self.mtu = mtu
  }
}

/// Where an adjacent address is reached.
public enum InterfaceReference: Equatable, Hashable, Sendable {
  /// A routed port.
  case port(PortID)
  /// A routed VLAN interface.
  case vlan(VLANID)
}

/// A neighbour whose MAC address is configured.
public struct NeighborConfiguration: Equatable, Sendable {
  /// The interface it is on.
  public var interface: InterfaceReference
  /// Its IP address.
  public var address: IPAddress
  /// Its MAC address.
  public var mac: MACAddress

  /// A static neighbour.
  public init(interface: InterfaceReference, address: IPAddress, mac: MACAddress) {
    self.interface = interface
    self.address = address
    self.mac = mac
  }
}

/// A forwarding database entry that neither ages nor moves.
public struct StaticMACConfiguration: Equatable, Sendable {
  /// The VLAN.
  public var vlan: VLANID
  /// The station.
  public var mac: MACAddress
  /// Where it is.
  public var port: PortID

  /// A static entry.
  public init(vlan: VLANID, mac: MACAddress, port: PortID) {
    self.vlan = vlan
    self.mac = mac
    self.port = port
  }
}

/// A route: a destination prefix and where it leads.
public struct RouteConfiguration: Equatable, Sendable {
  /// The destination, host bits clear.
  public var prefix: IPPrefix
  /// Index into ``SwitchConfiguration/nextHopGroups``, or ``discard``.
  public var group: Int

  /// The group number of a route that drops what matches it.
  public static let discard = -1

  /// A route.
  public init(prefix: IPPrefix, group: Int) {
    self.prefix = prefix
    self.group = group
  }
}

/// A set of weighted next hops.
public struct NextHopGroupConfiguration: Equatable, Sendable {
  /// The prefix it was configured for; with several, the first.
  public var prefix: IPPrefix
  /// The members, in the order written.
  public var members: [NextHopConfiguration]

  /// A set of weighted next hops.
  public init(prefix: IPPrefix, members: [NextHopConfiguration]) {
    self.prefix = prefix
    self.members = members
  }
}

/// One member of a next-hop group.
public struct NextHopConfiguration: Equatable, Hashable, Sendable {
  /// The neighbour, in a connected subnet.
  public var address: IPAddress
  /// The interface whose subnet holds the address.
  public var interface: InterfaceReference
  /// Its share relative to the other members, 0 to 65535; 0 drains it.
  public var weight: UInt32

  /// A member.
  public init(address: IPAddress, interface: InterfaceReference, weight: UInt32 = 1) {
    self.address = address
    self.interface = interface
    self.weight = weight
  }
}

/// How a member of a next-hop group is chosen.
public struct ECMPConfiguration: Equatable, Sendable {
  /// Per flow, per packet or per flowlet.
  public var mode = ECMPMode.hash
  /// What distinguishes flows.
  public var fields: ECMPFields = .usual
  /// Mixed into the hash together with the switch's id.
  public var seed: UInt64 = 0
  /// Idle time after which a flowlet may move.
  public var flowletGap = Picoseconds.microseconds(50)

  /// Hashing on addresses, protocol and ports.
  public init() {}
}

/// How a member of a next-hop group is chosen.
public enum ECMPMode: String, Equatable, Sendable, CaseIterable {
  /// By the hash of the flow.
  case hash
  /// The next in turn for each packet, in proportion to the weights.
  case roundRobin = "round-robin"
  /// By the hash, and anew after each pause of the flow.
  case flowlet
}

/// A set of header fields.
@frozen
public struct ECMPFields: OptionSet, Equatable, Sendable {
  /// One bit a field.
  public let rawValue: UInt16
  /// A set from its bits.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// IP source address.
  @inlinable public static var sourceAddress: ECMPFields { ECMPFields(rawValue: 1) }
  /// IP destination address.
  @inlinable public static var destinationAddress: ECMPFields { ECMPFields(rawValue: 2) }
  /// IP protocol.
  @inlinable public static var ipProtocol: ECMPFields { ECMPFields(rawValue: 4) }
  /// TCP or UDP source port; not of fragments.
  @inlinable public static var sourcePort: ECMPFields { ECMPFields(rawValue: 8) }
  /// TCP or UDP destination port; not of fragments.
  @inlinable public static var destinationPort: ECMPFields { ECMPFields(rawValue: 16) }
  /// IPv6 flow label.
  @inlinable public static var flowLabel: ECMPFields { ECMPFields(rawValue: 32) }
  /// Destination queue pair of RoCEv2; not of fragments.
  @inlinable public static var roceQP: ECMPFields { ECMPFields(rawValue: 64) }
  /// VLAN identifier.
  @inlinable public static var vlan: ECMPFields { ECMPFields(rawValue: 128) }
  /// The selected fields of the packet inside VXLAN, instead of the outer ones.
  @inlinable public static var inner: ECMPFields { ECMPFields(rawValue: 256) }

  /// Addresses, protocol and ports.
  public static let usual: ECMPFields = [
    .sourceAddress, .destinationAddress, .ipProtocol, .sourcePort, .destinationPort,
  ]

  /// The names used in configurations, in the order of the bits.
  public static let names: [(name: String, field: ECMPFields)] = [
    ("source-address", .sourceAddress), ("destination-address", .destinationAddress), ("protocol", .ipProtocol),
    ("source-port", .sourcePort), ("destination-port", .destinationPort), ("flow-label", .flowLabel),
    ("roce-qp", .roceQP), ("vlan", .vlan), ("inner", .inner),
  ]
}
