import Dataplane
import Wire

/// A small network: switches, links with delay, hosts, and what they send.
public struct FabricConfiguration: Equatable, Sendable {
  /// Its name, in reports.
  public var name = "fabric"
  /// What random choices of the traffic are derived from.
  public var seed: UInt64 = 1
  /// When virtual time ends; nil: when everything that was sent has arrived or was dropped.
  public var until: Picoseconds?
  /// The switches. Neighbours across links and hosts are known to them without being configured.
  public var switches: [SwitchConfiguration] = []
  /// Cables between switches.
  public var links: [FabricLink] = []
  /// Hosts, each on a port of its own.
  public var hosts: [FabricHost] = []
  /// Names of the entries that flows belong to.
  public var traffic: [String] = []
  /// What is sent.
  public var flows: [FabricFlow] = []
  /// What happens to links, in any order.
  public var events: [FabricEvent] = []

  /// An empty network.
  public init() {}
}

/// A port of one of the switches of a network.
public struct FabricPort: Equatable, Hashable, Sendable {
  /// Index of the switch.
  public var device: Int
  /// Its port.
  public var port: PortID

  /// Names a port.
  public init(_ device: Int, _ port: PortID) {
    self.device = device
    self.port = port
  }
}

/// A cable between two ports of the same speed.
public struct FabricLink: Equatable, Sendable {
  /// One end.
  public var a: FabricPort
  /// The other end.
  public var b: FabricPort
  /// Time that a bit takes from one end to the other. The headroom of both ports is computed from it.
  public var delay: Picoseconds

  /// A cable.
  public init(_ a: FabricPort, _ b: FabricPort, delay: Picoseconds) {
    self.a = a
    self.b = b
    self.delay = delay
  }
}

/// A host: sends its flows in turn, and obeys pause frames with a queue for each flow, as a NIC does.
public struct FabricHost: Equatable, Sendable {
  /// Its name, in reports.
  public var name: String
  /// The port that it is on, whose speed is the host's.
  public var port: FabricPort
  /// Time that a bit takes to the switch.
  public var delay: Picoseconds
  /// Its address.
  public var address: IPv4Address
  /// Its MAC address.
  public var mac: MACAddress
  /// How long after an XOFF it stops.
  public var response = PauseResponse.immediate

  /// A host that stops at once.
  public init(name: String, port: FabricPort, delay: Picoseconds, address: IPv4Address, mac: MACAddress) {
    self.name = name
    self.port = port
    self.delay = delay
    self.address = address
    self.mac = mac
  }
}

/// What a flow's frames are.
public enum FabricFrameKind: String, Equatable, Sendable, CaseIterable {
  /// RoCEv2 SEND Only, of a queue pair of its own.
  case roce
  /// UDP.
  case udp
}

/// Frames of one size from one host to another.
public struct FabricFlow: Equatable, Sendable {
  /// Index into ``FabricConfiguration/traffic``.
  public var entry = 0
  /// Index of the host that sends.
  public var source: Int
  /// Index of the host that receives.
  public var destination: Int
  /// What the frames are.
  public var kind = FabricFrameKind.roce
  /// Bytes of a frame without check sequence.
  public var length: Int
  /// Frames; ``UInt64/max`` with a ``stop``.
  public var frames: UInt64
  /// When the first may start.
  public var start = Picoseconds.zero
  /// From then on none starts.
  public var stop: Picoseconds?
  /// How the frames are spaced.
  public var pace = FlowPace.backToBack
  /// DSCP, which says which pauses stop the flow too.
  public var dscp: UInt8 = 0
  /// ECN field.
  public var ecn: UInt8 = 0
  /// UDP source port.
  public var sourcePort: UInt16 = 49_152
  /// UDP destination port, of ``FabricFrameKind/udp``.
  public var destinationPort: UInt16 = 9
  /// Destination queue pair, of ``FabricFrameKind/roce``.
  public var queuePair: UInt32 = 1

  /// A flow of RoCEv2 that sends back to back from the beginning.
  public init(from source: Int, to destination: Int, length: Int, frames: UInt64) {
    self.source = source
    self.destination = destination
    self.length = length
    self.frames = frames
  }
}

/// What happens to a link at a moment.
public struct FabricEvent: Equatable, Sendable {
  /// What happens.
  public enum Change: Equatable, Sendable {
    /// It carries so much in each direction, and not what its ports could send; nil: all of it again.
    case rate(BitRate?)
    /// The ports at both ends go down, or come up again.
    case state(isUp: Bool)
  }

  /// When.
  public var at: Picoseconds
  /// Index of the link.
  public var link: Int
  /// What.
  public var change: Change

  /// An event.
  public init(at: Picoseconds, link: Int, _ change: Change) {
    self.at = at
    self.link = link
    self.change = change
  }
}
