extension SwitchSnapshot {
  /// Packets and their bytes, without check sequence and preamble.
  public struct Traffic: Codable, Equatable, Sendable {
    /// Packets.
    public var packets: UInt64 = 0
    /// Bytes.
    public var bytes: UInt64 = 0
  }

  /// One port.
  public struct Port: Codable, Equatable, Sendable {
    /// The name in the configuration.
    public var name: String
    /// Emulated line rate.
    public var speedBitsPerSecond: UInt64
    /// Largest IP packet in bytes.
    public var mtu: Int
    /// `routed`, `access` or `trunk`.
    public var role: String
    /// Whether the switch uses the port: it is wanted up, and its link is up.
    public var isUp: Bool
    /// Device, link and what the driver counts.
    public var driver: PortFacts
    /// What arrived.
    public var rx: Traffic
    /// What left.
    public var tx: Traffic
    /// Packets that ended in the switch, having come in here.
    public var consumedPackets: UInt64
    /// Packets that wait in its queues.
    public var waitingPackets: UInt64
    /// Packets dropped on its account, by reason; reasons that did not occur are absent.
    public var drops: [String: UInt64]
    /// MAC control frames, which are in no other counter.
    public var macControl: MACControl

    /// Packets dropped for any reason.
    public var droppedPackets: UInt64 { drops.values.reduce(0, +) }
  }

  /// MAC control frames of a port.
  public struct MACControl: Codable, Equatable, Sendable {
    /// PFC and PAUSE frames received, obeyed or not.
    public var rxPauseFrames: UInt64 = 0
    /// PFC and PAUSE frames sent.
    public var txPauseFrames: UInt64 = 0
    /// Link-level PAUSE frames received with a time.
    public var linkRxXoff: UInt64 = 0
    /// Link-level PAUSE frames received with time zero.
    public var linkRxXon: UInt64 = 0
    /// Link-level PAUSE frames sent with a time.
    public var linkTxXoff: UInt64 = 0
    /// Link-level PAUSE frames sent with time zero.
    public var linkTxXon: UInt64 = 0
    /// Others, which are ignored.
    public var rxOtherFrames: UInt64 = 0
  }

  /// Flow control of one priority of one port.
  public struct Priority: Codable, Equatable, Sendable {
    /// The port's name.
    public var port: String
    /// The priority.
    public var priority: Int
    /// Whether it is paused by the neighbour now.
    public var isPaused: Bool
    /// Whether the neighbour is asked to stop now.
    public var asksForPause: Bool
    /// XOFFs received.
    public var rxXoff: UInt64
    /// XONs received.
    public var rxXon: UInt64
    /// XOFFs sent.
    public var txXoff: UInt64
    /// XONs sent.
    public var txXon: UInt64
    /// Sum of the times received, in quanta of 512 bit times.
    public var rxQuanta: UInt64
    /// How often it was paused.
    public var pauses: UInt64
    /// For how long it was paused.
    public var pausedSeconds: Double
  }
}
