/// What DPDK is told about a device.
extension DeviceAddress {
  /// Bytes of a frame, two VLAN tags included, that an IP packet of `mtu` bytes can be in.
  public static func frameBytes(mtu: Int) -> Int { mtu + 22 }

  /// Packets in a ring between us and a device, unless the address says something else.
  static let usualRing = 256
  /// Packets that wait for a NIC to send them, unless the address says something else. Small, because what is in there
  /// no pause frame stops any more: 64 frames of 1500 bytes are 8 us at 100 Gb/s.
  static let usualTransmitRing = 64
  /// Packets that a NIC can receive between two polls.
  static let usualReceiveRing = 1024

  /// The arguments of the device's driver.
  func driverArguments(mtu: Int) -> String {
    let isLarge = Self.frameBytes(mtu: mtu) > SharedRing.smallFrame
    switch target {
    case .pci, .ring: return ""
    case .tap(let interface): return "iface=\(interface)"
    case .afPacket(let interface):
      // Blocks are whole pages and whole frames.
      let (frame, block) = isLarge ? (SharedRing.largeFrame, SharedRing.largeFrame * 32) : (2048, 4096)
      return "iface=\(interface),qpairs=1,framesz=\(frame),blocksz=\(block),framecnt=512"
    case .afXDP(let interface, let queue): return "iface=\(interface),start_queue=\(queue),queue_count=1"
    case .memif(let socket, let role, let id):
      let size = isLarge ? SharedRing.largeFrame : 2048
      let logarithm = (ring ?? Self.usualRing).trailingZeroBitCount
      return
        "role=\(role.rawValue),id=\(id),socket=\(socket),socket-abstract=no,bsize=\(size),rsize=\(logarithm)"
    case .vhost(let socket, let role): return "iface=\(socket),queues=1,client=\(role == .client ? 1 : 0)"
    case .virtioUser(let socket):
      return "path=\(socket),queues=1,queue_size=\(ring ?? Self.usualRing)"
    case .pcap(let input, let output, let isEndless):
      var arguments: [String] = []
      if let input { arguments.append("rx_pcap=\(input)") }
      if let output { arguments.append("tx_pcap=\(output)") }
      if isEndless { arguments.append("infinite_rx=1") }
      return arguments.joined(separator: ",")
    case .null(let frame): return frame.map { "size=\($0)" } ?? "no-rx=1"
    }
  }

  /// Packets that the device can hold after it took them, and that nobody can call back.
  var heldPackets: DeviceHolding {
    switch target {
    case .pci: .ring(ring ?? Self.usualTransmitRing)
    case .tap, .afPacket, .pcap, .null: .nothing
    case .afXDP: .ring(Self.usualReceiveRing)
    case .memif(_, .client, _), .virtioUser, .ring: .ring(ring ?? Self.usualRing)
    case .memif(_, .server, _), .vhost: .peer
    }
  }

  /// The interface of the kernel's whose link is that of the device, if its driver does not know.
  var kernelInterface: String? {
    switch target {
    case .afPacket(let interface), .afXDP(let interface, _): interface
    case .pci, .tap, .memif, .vhost, .virtioUser, .ring, .pcap, .null: nil
    }
  }

  /// Whether the driver's own limit for frames means something. Others report the size of an ordinary frame and take
  /// larger ones all the same.
  var hasTrueFrameLimit: Bool {
    switch kind {
    // The driver of TAPs receives larger frames, and never sends them.
    case .pci, .tap, .afXDP, .virtioUser: true
    case .afPacket, .memif, .vhost, .ring, .pcap, .null: false
    }
  }
}

extension DeviceAddress {
  /// What it takes to find a peer again that was gone.
  var reconnection: DeviceReconnection {
    switch target {
    case .memif(_, .client, _): .restart
    case .virtioUser: .reopening
    default: .byDriver
    }
  }
}

/// What it takes to find a peer again that was gone.
enum DeviceReconnection {
  /// Nothing: the driver or the kernel sees to it.
  case byDriver
  /// The device must be stopped and started.
  case restart
  /// The device must be closed and opened.
  case reopening
}

/// Sizes of the buffers in memory that is shared with the kernel or another process.
private enum SharedRing {
  /// The largest frame that a buffer of 2048 bytes holds behind the kernel's own header.
  static let smallFrame = 1900
  /// The largest frame that a packet holds.
  static let largeFrame = 9600
}

/// How many packets a device holds that it has taken and not sent.
public enum DeviceHolding: Equatable, Sendable {
  /// None: they are gone when it takes them.
  case nothing
  /// At most a ring of so many.
  case ring(Int)
  /// At most a ring whose size the other side chooses.
  case peer
}
