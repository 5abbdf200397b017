import CShims
import Dataplane
import Wire

/// Many switches, links with delay and hosts in one virtual time: one tick is a picosecond.
///
/// Frames are handed from switch to switch without being copied: all take them from one memory. Events are handled in the
/// order of their ticks; at equal ticks arrivals come first, by link, then what happens to links, then what hosts start to
/// send, then departures, by switch and port. So the result is a function of configuration and seed.
public struct Fabric: ~Copyable {
  /// Ticks of the clock of all switches.
  public static let ticksPerSecond: UInt64 = 1_000_000_000_000
  /// The last tick of virtual time: 200 days. Beyond 213 days ticks would wrap.
  static let horizon = Tick(200 * 86_400 * ticksPerSecond)
  /// Nothing has moved for so long, although frames wait: nothing will. Twice what the watchdog takes is added.
  static let stallTicks = ticksPerSecond
  /// How long control goes on after the last frame has arrived.
  static let graceTicks = ticksPerSecond / 1000

  /// What it was built from.
  public let configuration: FabricConfiguration
  /// Keeps every observation in ``hops``.
  package var recordsHops = false
  /// What happened to frames in switches, in order.
  package internal(set) var hops: [FabricHop] = []

  let switches: FlatTable<Switch>
  /// Two of each link, from a to b and back, then two of each host, to the switch and from it.
  let channels: FabricChannels
  let hosts: FlatTable<FabricHostState>
  let events: EventTree
  let memory: PacketMemory
  /// By switch: slot of its first port.
  let firstPort: [Int]
  /// By switch and port: the channel that leaves by it, or -1.
  let uplinks: [Int]
  /// By switch and port: the switch.
  let deviceOfPort: [Int]
  let script: [FabricEvent]
  let wholeMemory: Int
  let stallTicks: UInt64
  var scriptPosition = 0
  var burst: PacketBurst
  var templates: [FrameTemplate]
  var records: [FabricFlowResult]
  /// By flow: when each frame started.
  var sentTicks: [[UInt64]]
  let latencies: FlatTable<TickHistogram>
  var series: [TimeSeries]
  var dropCounts: [UInt64] = Array(repeating: 0, count: 256)
  var strayFrames: UInt64 = 0
  var misdirectedFrames: UInt64 = 0
  /// Frames of hosts that were sent and have not ended; below zero where switches made copies.
  var outstanding = 0
  /// Frames of hosts on links.
  var flying = 0
  var lastArrival = Tick.zero
  var lastProgress = Tick.zero
  /// Set once everything has arrived: when virtual time ends.
  var graceEnd = Tick.never

  /// Builds a network.
  ///
  /// - Throws: ``FabricError`` with every problem, or if there is no memory.
  public init(_ configuration: FabricConfiguration) throws(FabricError) {
    let problems = configuration.problems()
    guard problems.isEmpty else { throw .configuration(problems) }
    let prepared = configuration.prepared()
    let memory = try Fabric.makeMemory()
    let wholeMemory = memory.available
    let switches = try Fabric.makeSwitches(prepared, memory)
    // From here on nothing fails: a struct of this kind is made whole or not at all.
    self.wholeMemory = wholeMemory
    self.switches = switches
    self.memory = memory
    burst = PacketBurst()
    channels = FabricChannels(Fabric.channels(configuration))
    hosts = FlatTable(count: configuration.hosts.count) { FabricHostState(configuration, host: $0) }
    var next = channels.count + 1 + configuration.hosts.count
    var firstPort: [Int] = []
    for device in prepared {
      firstPort.append(next)
      next += device.ports.count
    }
    self.firstPort = firstPort
    events = EventTree(slots: next)
    let base = channels.count + 1 + configuration.hosts.count
    uplinks = Fabric.uplinks(configuration, firstPort: firstPort.map { $0 - base }, count: next - base)
    deviceOfPort = prepared.enumerated().flatMap { index, device in device.ports.map { _ in index } }
    script = configuration.events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
    templates = configuration.flows.map { Fabric.template(of: $0, in: configuration) }
    records = configuration.flows.map { _ in FabricFlowResult() }
    sentTicks = configuration.flows.map { _ in [] }
    latencies = FlatTable(count: configuration.traffic.count) { _ in TickHistogram() }
    series = prepared.map { TimeSeries($0) }
    let watchdogs = prepared.compactMap { device -> UInt64? in
      device.watchdog.map { $0.detection.count + ($0.restoration ?? .zero).count }
    }
    stallTicks = Fabric.stallTicks + 2 * (watchdogs.max() ?? 0)
    self.configuration = configuration
  }

  private static func makeMemory() throws(FabricError) -> PacketMemory {
    do {
      return try PacketMemory(counts: (16_384, 1024, 256), limits: (1 << 24, 8192, 1024))
    } catch {
      throw .memory(error.message)
    }
  }

  private static func makeSwitches(
    _ configurations: [SwitchConfiguration], _ memory: borrowing PacketMemory
  ) throws(FabricError) -> FlatTable<Switch> {
    try FlatTable(count: configurations.count) { index throws(FabricError) in
      try makeSwitch(configurations[index], memory.shared())
    }
  }

  private static func makeSwitch(
    _ configuration: SwitchConfiguration, _ memory: consuming PacketMemory
  ) throws(FabricError) -> Switch {
    do throws(SwitchError) {
      var device = try Switch(configuration, memory: memory, ticksPerSecond: ticksPerSecond)
      device.recordsEndings = true
      device.recordsPauseEvents = true
      return device
    } catch {
      throw .device(configuration.name, error)
    }
  }

  /// True if all packet memory is back: nothing is in a queue, on a link, or lost.
  public var isEmpty: Bool { memory.available == wholeMemory }

  /// The number of switches.
  public var switchCount: Int { switches.count }

  /// Lends out a switch, for its counters.
  public func withSwitch<Value>(_ index: Int, _ body: (borrowing Switch) throws -> Value) rethrows -> Value {
    precondition(index >= 0 && index < switches.count, "no such switch")
    return try body(switches.base[index])
  }
}

/// A network could not be built, or not be run to its end.
public enum FabricError: Error, CustomStringConvertible {
  /// The configuration is wrong.
  case configuration([FabricProblem])
  /// A switch could not be built.
  case device(String, SwitchError)
  /// There is no memory for packets.
  case memory(String)
  /// It would go on for longer than virtual time does.
  case duration
  /// The caller of ``Fabric/run(progress:)`` wanted no more.
  case stopped

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .configuration(let problems): problems.map(\.description).joined(separator: "\n")
    case .device(let name, let error): "switch \(name): \(error)"
    case .memory(let message): "packet memory: \(message)"
    case .duration: "the run would last more than 200 days of virtual time; say when it ends with `until`"
    case .stopped: "stopped before the end"
    }
  }
}
