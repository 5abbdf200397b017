import Dataplane

/// What only the driver of a live switch knows: its clock, devices and workers.
public struct DriverFacts: Equatable, Sendable {
  /// The switch's clock now; never earlier than what the switch has been told.
  public var now: Tick
  /// Seconds since the switch began to run.
  public var uptimeSeconds: Double
  /// Facts of the ports, by their places; vacant places have some too.
  public var ports: [PortFacts]
  /// The workers that serve the switch.
  public var workers: [WorkerFacts]
  /// The running configuration as the user wrote it, YAML.
  public var configurationText: String
  /// The file that it came from.
  public var configurationPath: String

  /// Puts the facts together.
  public init(
    now: Tick, uptimeSeconds: Double, ports: [PortFacts], workers: [WorkerFacts] = [],
    configurationText: String = "", configurationPath: String = ""
  ) {
    self.now = now
    self.uptimeSeconds = uptimeSeconds
    self.ports = ports
    self.workers = workers
    self.configurationText = configurationText
    self.configurationPath = configurationPath
  }
}

/// What the driver knows of one port.
public struct PortFacts: Codable, Equatable, Sendable {
  /// The device as the configuration names it: `af_packet:veth0`.
  public var device: String
  /// The driver that serves it: `net_af_packet`.
  public var driver: String
  /// The device's own MAC address, with colons; empty if it has none.
  public var mac: String
  /// What an administrator wants.
  public var isAdminUp: Bool
  /// Whether the other end is there.
  public var isLinkUp: Bool
  /// Whether the device passes MAC control frames up, so that PFC of the neighbour is obeyed.
  public var passesPauseFrames: Bool
  /// Packets that the switch has handed out and the device has not yet taken.
  public var backlogPackets: UInt64
  /// How far departures were from the moment that the emulated line rate asks for; nil if it is not measured.
  public var pacing: ErrorSummary?
  /// From when a frame was taken from the device that it came by to when this device was handed it: all that the switch
  /// adds to a frame's way, waiting and lateness of its workers included; nil if it is not measured.
  public var rxToTx: ErrorSummary?
  /// From the arrival of an XOFF to the last data frame after it; nil if none was measured.
  public var pauseReaction: ErrorSummary?
  /// The device's own counters by the names that its driver gives them.
  public var counters: [String: UInt64]
  /// What impairments have done, of directions that have some.
  public var impairments: [ImpairmentFacts]

  /// Puts the facts together.
  public init(
    device: String, driver: String, mac: String = "", isAdminUp: Bool = true, isLinkUp: Bool = true,
    passesPauseFrames: Bool = true, backlogPackets: UInt64 = 0, pacing: ErrorSummary? = nil,
    rxToTx: ErrorSummary? = nil, pauseReaction: ErrorSummary? = nil, counters: [String: UInt64] = [:],
    impairments: [ImpairmentFacts] = []
  ) {
    self.device = device
    self.driver = driver
    self.mac = mac
    self.isAdminUp = isAdminUp
    self.isLinkUp = isLinkUp
    self.passesPauseFrames = passesPauseFrames
    self.backlogPackets = backlogPackets
    self.pacing = pacing
    self.rxToTx = rxToTx
    self.pauseReaction = pauseReaction
    self.counters = counters
    self.impairments = impairments
  }
}

/// A distribution of times in five numbers.
public struct ErrorSummary: Codable, Equatable, Sendable {
  /// How many were measured.
  public var count: UInt64
  /// Half of them are not longer, in nanoseconds.
  public var p50Nanoseconds: Double
  /// 99 % of them are not longer, in nanoseconds.
  public var p99Nanoseconds: Double
  /// 99.9 % of them are not longer, in nanoseconds.
  public var p999Nanoseconds: Double
  /// The longest, in nanoseconds.
  public var maxNanoseconds: Double

  /// Puts a summary together.
  public init(
    count: UInt64, p50Nanoseconds: Double, p99Nanoseconds: Double, p999Nanoseconds: Double, maxNanoseconds: Double
  ) {
    self.count = count
    self.p50Nanoseconds = p50Nanoseconds
    self.p99Nanoseconds = p99Nanoseconds
    self.p999Nanoseconds = p999Nanoseconds
    self.maxNanoseconds = maxNanoseconds
  }

  /// Sums up a histogram of ticks; nil if it is empty.
  public init?(_ histogram: LatencySnapshot, ticksPerSecond: UInt64) {
    guard histogram.count > 0 else { return nil }
    let scale = 1e9 / Double(ticksPerSecond)
    self.init(
      count: histogram.count, p50Nanoseconds: Double(histogram.percentile(0.5)) * scale,
      p99Nanoseconds: Double(histogram.percentile(0.99)) * scale,
      p999Nanoseconds: Double(histogram.percentile(0.999)) * scale,
      maxNanoseconds: Double(histogram.maximumTicks) * scale)
  }
}

/// One worker thread.
public struct WorkerFacts: Codable, Equatable, Sendable {
  /// Its number.
  public var worker: Int
  /// The CPU that it is pinned to; -1: none.
  public var cpu: Int
  /// The names of the ports that it polls.
  public var ports: [String]
  /// Rounds over its ports.
  public var polls: UInt64
  /// Rounds that found something to do.
  public var busyPolls: UInt64
  /// How often it slept, with adaptive polling.
  public var sleeps: UInt64

  /// Puts the facts together.
  public init(worker: Int, cpu: Int, ports: [String], polls: UInt64, busyPolls: UInt64, sleeps: UInt64) {
    self.worker = worker
    self.cpu = cpu
    self.ports = ports
    self.polls = polls
    self.busyPolls = busyPolls
    self.sleeps = sleeps
  }
}
