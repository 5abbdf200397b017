/// A device that a port can be put on, as one string: a PCI address, or `KIND:MAIN[,key=value...]`.
///
/// docs/live-ports.md describes every kind. Reading a string touches nothing; ``Device`` opens what it names.
public struct DeviceAddress: Equatable, Sendable, CustomStringConvertible {
  /// What the string names.
  public enum Target: Equatable, Sendable {
    /// A PCI device, by its full address: `0000:01:00.0`.
    case pci(String)
    /// A TAP interface that is created and removed again.
    case tap(interface: String)
    /// An interface of the kernel, over packet sockets.
    case afPacket(interface: String)
    /// One queue of an interface of the kernel, over XDP sockets.
    case afXDP(interface: String, queue: Int)
    /// Shared memory with another process; both sides give the same number.
    case memif(socket: String, role: SocketRole, id: UInt32)
    /// The host's side of a virtio device.
    case vhost(socket: String, role: SocketRole)
    /// The guest's side of a virtio device, as the client of a socket: as a server, DPDK's driver would stop the process
    /// until a client comes.
    case virtioUser(socket: String)
    /// One of the two ends of a pair within this process.
    case ring(name: String)
    /// A capture to receive, a capture to send into, or both.
    case pcap(input: String?, output: String?, isEndless: Bool)
    /// Takes everything; delivers nothing, or frames of zeros of this size without end.
    case null(frame: Int?)
  }

  /// Who makes the socket and waits on it.
  public enum SocketRole: String, Equatable, Sendable, CaseIterable {
    /// This process.
    case server
    /// The process at the other end.
    case client
  }

  /// What the string names.
  public let target: Target
  /// Packets in the ring between us and the device, if the string says so.
  public let ring: Int?
  /// The string.
  public let description: String

  /// Reads an address.
  ///
  /// - Throws: ``DeviceAddressError`` with the mistake and what to write instead.
  public init(_ text: String) throws(DeviceAddressError) {
    description = text
    var parser = try DeviceAddressParser(text)
    target = try parser.target()
    ring = try parser.ring(of: target)
    try parser.finish()
  }
}

extension DeviceAddress {
  /// One end of a link between ports of this process. Nobody can write it: it comes from a file with links.
  init(_ link: LivePlan.Link) {
    description = "link:\(link.peer)"
    target = .ring(name: "link\(link.number)")
    ring = LivePlan.Link.ring
  }

  /// The kinds of devices, as they are written.
  public enum Kind: String, Equatable, Sendable, CaseIterable {
    /// A network interface on the PCI bus.
    case pci
    /// A TAP interface.
    case tap
    /// An interface of the kernel, over packet sockets.
    case afPacket = "af_packet"
    /// An interface of the kernel, over XDP sockets.
    case afXDP = "af_xdp"
    /// Shared memory with another process.
    case memif
    /// The host's side of a virtio device.
    case vhost
    /// The guest's side of a virtio device.
    case virtioUser = "virtio_user"
    /// A pair of ports within this process.
    case ring
    /// Captures.
    case pcap
    /// Nothing.
    case null
  }

  /// The kind of the device.
  public var kind: Kind {
    switch target {
    case .pci: .pci
    case .tap: .tap
    case .afPacket: .afPacket
    case .afXDP: .afXDP
    case .memif: .memif
    case .vhost: .vhost
    case .virtioUser: .virtioUser
    case .ring: .ring
    case .pcap: .pcap
    case .null: .null
    }
  }
}

extension DeviceAddress {
  /// What only so many ports can have at a time, by a name of its own; nil for devices without such a limit.
  public var resource: (name: String, ports: Int)? {
    switch target {
    case .pci(let location): (location, 1)
    case .tap(let interface), .afPacket(let interface): (interface, 1)
    case .afXDP(let interface, let queue): ("\(interface),queue=\(queue)", 1)
    case .memif(let socket, let role, let id): ("memif:\(socket),role=\(role.rawValue),id=\(id)", 1)
    case .vhost(let socket, _): ("vhost:\(socket)", 1)
    case .virtioUser(let socket): ("virtio_user:\(socket)", 1)
    case .ring(let name): ("ring:\(name)", 2)
    case .pcap(_, let output, _): output.map { ($0, 1) }
    case .null: nil
    }
  }
}

extension DeviceAddress.Kind {
  /// How an address of this kind is written.
  public var syntax: String {
    switch self {
    case .pci: "0000:01:00.0[,ring=N]"
    case .tap: "tap:NAME"
    case .afPacket: "af_packet:IFACE"
    case .afXDP: "af_xdp:IFACE[,queue=N]"
    case .memif: "memif:SOCKET[,role=server|client][,id=N][,ring=N]"
    case .vhost: "vhost:SOCKET[,role=server|client]"
    case .virtioUser: "virtio_user:SOCKET[,ring=N]"
    case .ring: "ring:NAME[,ring=N]"
    case .pcap: "pcap:in=FILE,out=FILE[,endless]"
    case .null: "null:[SIZE]"
    }
  }

  /// The keys that may follow.
  var keys: [String] {
    switch self {
    case .pci, .virtioUser, .ring: ["ring"]
    case .tap, .afPacket, .null: []
    case .afXDP: ["queue"]
    case .memif: ["role", "id", "ring"]
    case .vhost: ["role"]
    case .pcap: ["in", "out", "endless"]
    }
  }

  /// DPDK's driver for it; nil where the device decides.
  public var driver: String? {
    switch self {
    case .pci: nil
    case .tap: "net_tap"
    case .afPacket: "net_af_packet"
    case .afXDP: "net_af_xdp"
    case .memif: "net_memif"
    case .vhost: "net_vhost"
    case .virtioUser: "net_virtio_user"
    case .ring: "net_ring"
    case .pcap: "net_pcap"
    case .null: "net_null"
    }
  }
}

/// What is wrong with a device address.
public struct DeviceAddressError: Error, Equatable, CustomStringConvertible {
  /// The address.
  public let address: String
  /// What is wrong.
  public let problem: String
  /// What to write instead.
  public let remedy: String

  /// Address, problem and remedy in one line.
  public var description: String { "device `\(address)`: \(problem); \(remedy)" }
}
