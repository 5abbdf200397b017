/// A pair of devices between which live switches are measured: where packets come in, and where they leave.
enum LivePlace: String, CaseIterable, Sendable {
  /// Interfaces of the kernel's, over packet sockets.
  case afPacket = "af_packet on veth"
  /// TAP interfaces.
  case tap = "TAP"
  /// Memory that is shared with another process.
  case memif
  /// The host's side of virtio devices.
  case vhost

  /// Whether it takes network namespaces, and with them root.
  var needsNetwork: Bool { self == .afPacket || self == .tap }

  /// The devices as penstock is told.
  func penstock(in directory: String) -> [String] {
    switch self {
    case .afPacket: ["af_packet:d0", "af_packet:d1"]
    case .tap: ["tap:d0", "tap:d1"]
    case .memif: (0...1).map { "memif:\(directory)/m\($0)" }
    case .vhost: (0...1).map { "vhost:\(directory)/v\($0)" }
    }
  }

  /// The same devices as testpmd is told, with the sizes that penstock chooses.
  func testpmd(in directory: String) -> [String] {
    (0...1).map { index in
      switch self {
      case .afPacket: LivePlace.packetSocket(index, on: "d\(index)")
      case .tap: "net_tap\(index),iface=d\(index)"
      case .memif: "net_memif\(index),role=server,id=0,socket=\(directory)/m\(index),socket-abstract=no"
      case .vhost: "net_vhost\(index),iface=\(directory)/v\(index),queues=1,client=0"
      }
    }
  }

  /// The devices at the other ends, for testpmd as source and sink.
  func ends(in directory: String) -> [String] {
    (0...1).map { index in
      switch self {
      case .afPacket: LivePlace.packetSocket(index, on: "g\(index)")
      case .tap: LivePlace.packetSocket(index, on: "d\(index)")
      case .memif:
        "net_memif\(index),role=client,id=0,socket=\(directory)/m\(index),socket-abstract=no,bsize=2048,rsize=8"
      case .vhost: "net_virtio_user\(index),path=\(directory)/v\(index),queues=1,queue_size=256"
      }
    }
  }

  private static func packetSocket(_ index: Int, on interface: String) -> String {
    "net_af_packet\(index),iface=\(interface),qpairs=1,framesz=2048,blocksz=4096,framecnt=512"
  }
}
