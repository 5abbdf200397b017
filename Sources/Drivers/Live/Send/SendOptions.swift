import Dataplane

/// What to send into a live network, and how.
public struct SendOptions: Sendable {
  /// A pcap or pcapng file.
  public var path: String
  /// A libpcap filter expression; packets that it does not match are left out.
  public var filter: String?
  /// Where the frames go.
  public var device: DeviceAddress
  /// Where they come back; nil: nobody looks. May be the same device.
  public var receiver: DeviceAddress?
  /// When each frame is due.
  public var pace = SendPace.factor(numerator: 1, denominator: 1)
  /// How often the capture is sent.
  public var loops: UInt64 = 1
  /// Whether PFC and PAUSE frames that come in on the device hold frames back.
  public var obeysPause = false
  /// Rate of the line, for the length of pauses; nil: what the device says.
  public var lineRate: BitRate?
  /// Priority of a frame by its DSCP: 64 entries. A VLAN tag's own priority comes first.
  public var priorities = QoSConfiguration.roce.dscpToTrafficClass.map(\.rawValue)
  /// How long to wait for frames to come back after the last was sent, and after which a frame counts as lost.
  public var patience = Picoseconds.seconds(1)
  /// What the frames of the capture may take in memory.
  public var memory = ByteCount(1 << 30)
  /// CPUs for the threads that send and that receive; nil: the last ones that this process may use.
  public var cpus: [Int]?

  /// Sends a capture with its own spacing.
  public init(path: String, device: DeviceAddress) {
    self.path = path
    self.device = device
  }
}

/// When each frame is due.
public enum SendPace: Equatable, Sendable {
  /// At the capture's own spacing, divided by a factor.
  case factor(numerator: UInt64, denominator: UInt64)
  /// So that the line carries a rate, Ethernet's overhead included.
  case bits(BitRate)
  /// So many packets a second.
  case packets(UInt64)
  /// As soon as the device takes it.
  case unlimited
}

/// Frames could not be sent.
public enum SendError: Error, CustomStringConvertible {
  /// The capture cannot be used.
  case capture(CaptureError)
  /// A device cannot be used.
  case device(DeviceError)
  /// There is not enough memory, or no thread.
  case resources(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .capture(let error): error.description
    case .device(let error): error.description
    case .resources(let text): text
    }
  }
}
