import CShims
import Wire

/// A switch: a pure state machine that is told what arrived and what time it is.
///
/// It owns no thread, no socket and no clock. A driver calls ``receive(_:on:at:)`` for what arrived, asks
/// ``nextDeadline(_:)`` when a port could next send, and calls ``transmit(_:at:into:)`` then. The same calls serve live
/// ports (the tick is a TSC cycle) and virtual time (the tick is a picosecond).
///
/// Nothing between receive and transmit allocates, counts references or locks.
public struct Switch: ~Copyable {
  // Properties are destroyed in the order of their declaration: queued packets go back before their memory goes.
  let egress: EgressPorts
  let buffer: Buffer
  let pauses: PauseStates
  let slices: SliceState
  let trimmer: Trimmer
  let telemetry: Telemetry
  var tables: CompiledTables
  let measured: Measurements
  let scratch: SwitchScratch
  /// Where its packets come from; drivers take theirs here too.
  public let memory: PacketMemory
  /// What the switch was built from, or what was last put in its place.
  public internal(set) var configuration: SwitchConfiguration
  /// Ticks of the driving clock per second.
  public let ticksPerSecond: UInt64

  let mac: MACAddress
  let mode: ForwardingMode
  let pipelineTicks: UInt64
  let overhead: Int
  var classifier: Classifier
  var errorLimit: ErrorLimit
  var counters: SwitchCounters
  var touchedCount: Int
  /// How many packets ended since ``forgetEndings()`` was last called.
  public internal(set) var endingCount: Int
  /// Whether endings are kept.
  public var recordsEndings: Bool
  /// How many flow control events there were since ``forgetPauseEvents()`` was last called.
  public internal(set) var pauseEventCount: Int
  /// Whether flow control events are kept.
  public var recordsPauseEvents: Bool
  /// Routes every frame that arrives on a routed port, whatever MAC address it is sent to. For captures whose hosts
  /// spoke to another router.
  public var routesForeignMAC: Bool

  /// Builds a switch, or a slice of one.
  ///
  /// - Parameters:
  ///   - memory: must hold all packets that can be in the switch and its driver at a time.
  ///   - ticksPerSecond: 10^12 in virtual time.
  ///   - slice: the part of the switch that this is; all slices have the same configuration.
  public init(
    _ configuration: SwitchConfiguration, memory: consuming PacketMemory, ticksPerSecond: UInt64,
    slice: Slice = .whole
  ) throws(SwitchError) {
    try BufferLayout.check(configuration, slice)
    let tables = try CompiledTables(configuration, ticksPerSecond: ticksPerSecond)
    let portCount = configuration.ports.count
    self.tables = tables
    egress = EgressPorts(configuration, slice, ticksPerSecond: ticksPerSecond)
    buffer = Buffer(configuration, slice)
    slices = SliceState(slice, portCount: portCount)
    pauses = PauseStates(configuration, ticksPerSecond: ticksPerSecond)
    trimmer = Trimmer(configuration)
    telemetry = Telemetry(configuration, slice, ticksPerSecond: ticksPerSecond)
    measured = Measurements(portCount: portCount)
    scratch = SwitchScratch(portCount: portCount)
    self.memory = memory
    self.configuration = configuration
    self.ticksPerSecond = ticksPerSecond
    mac = configuration.mac
    mode = configuration.forwardingMode
    pipelineTicks = configuration.pipelineLatency.ticks(perSecond: ticksPerSecond)
    overhead = configuration.qos.overhead
    classifier = Classifier(configuration.qos)
    errorLimit = ErrorLimit(
      perSecond: slice.share(of: configuration.icmpRatePerSecond), ticksPerSecond: ticksPerSecond)
    counters = SwitchCounters()
    touchedCount = 0
    endingCount = 0
    recordsEndings = false
    pauseEventCount = 0
    recordsPauseEvents = false
    routesForeignMAC = false
  }

  /// Notes a neighbour's MAC address, as if it had been heard of by ARP or ND.
  public func learnNeighbor(_ address: IPAddress, on port: PortID, mac: MACAddress, at now: Tick) {
    learnNeighbor(interface: port.index, address: address, mac: mac, at: now)
  }
}
