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
  /// What the switch was built from.
  public let configuration: SwitchConfiguration
  /// Where its packets come from; drivers take theirs here too.
  public let memory: PacketMemory
  /// Ticks of the driving clock per second.
  public let ticksPerSecond: UInt64

  let mac: MACAddress
  let mode: ForwardingMode
  let pipelineTicks: UInt64
  let overhead: Int
  let ports: FlatTable<Port>
  let queues: FlatTable<EgressQueue>
  let shapers: FlatTable<QueueShapers>
  let classifier: Classifier
  let interfaces: InterfaceTable
  let vlans: VLANTable
  let routes: RouteTable
  let neighbors: NeighborTable
  var stations: ForwardingDatabase
  var groups: NextHopGroups
  let accessList: AccessList
  var errorLimit: ErrorLimit

  let portCounters: FlatTable<PortCounters>
  let queueCounters: FlatTable<QueueCounters>
  let latencies: FlatTable<LatencyHistogram>
  private let latencyBuckets: FlatTable<UInt64>
  var counters = SwitchCounters()
  /// Routes every frame that arrives on a routed port, whatever MAC address it is sent to. For captures whose hosts
  /// spoke to another router.
  public var routesForeignMAC = false

  // Scratch memory of one burst: destinations to look up, and what was found.
  let lookupKeys: FlatTable<UInt32>
  let lookupResults: FlatTable<UInt64>
  // Ports that got something to send since the driver last asked.
  let touchedPorts: FlatTable<UInt16>
  var touchedCount = 0
  // Ends of packets other than transmission, for drivers that follow each packet.
  let endings: FlatTable<PacketEnding>
  /// How many packets ended since ``forgetEndings()`` was last called.
  public internal(set) var endingCount = 0
  /// Whether endings are kept.
  public var recordsEndings = false

  /// Builds a switch.
  ///
  /// - Parameters:
  ///   - memory: must hold all packets that can be in the switch and its driver at a time.
  ///   - ticksPerSecond: 10^12 in virtual time.
  public init(
    _ configuration: SwitchConfiguration, memory: consuming PacketMemory, ticksPerSecond: UInt64
  ) throws(SwitchError) {
    let portCount = configuration.ports.count
    guard portCount <= 512 else { throw .tooManyPorts(portCount) }
    let interfaces = InterfaceTable(configuration)
    let neighbors = try NeighborTable(capacity: max(4096, 2 * configuration.neighbors.count))
    let routes = try Switch.compileRoutes(configuration, interfaces)
    let groups = try Switch.compileNeighbors(configuration, interfaces, neighbors, ticksPerSecond: ticksPerSecond)
    let accessList = try AccessList(configuration.acl)
    var stations = try ForwardingDatabase(
      capacity: 65_536, ageingTicks: configuration.macAgeing.ticks(perSecond: ticksPerSecond))
    for entry in configuration.staticMACs {
      stations.addStatic(vlan: entry.vlan.rawValue, mac: entry.mac, port: entry.port)
    }

    self.configuration = configuration
    self.memory = memory
    self.ticksPerSecond = ticksPerSecond
    mac = configuration.mac
    mode = configuration.forwardingMode
    pipelineTicks = configuration.pipelineLatency.ticks(perSecond: ticksPerSecond)
    overhead = configuration.qos.overhead
    classifier = Classifier(configuration.qos)
    vlans = VLANTable(configuration)
    self.interfaces = interfaces
    self.routes = routes
    self.neighbors = neighbors
    self.stations = stations
    self.groups = groups
    self.accessList = accessList
    errorLimit = ErrorLimit(perSecond: configuration.icmpRatePerSecond, ticksPerSecond: ticksPerSecond)

    let isTimed = pipelineTicks != 0 || mode == .cutThrough
    ports = FlatTable(
      configuration.ports.map { Port($0, isTimed: isTimed, ticksPerSecond: ticksPerSecond) })
    let queueCount = portCount * QueueID.count
    queues = FlatTable(repeating: EgressQueue(), count: queueCount)
    shapers = FlatTable(repeating: QueueShapers(), count: queueCount)
    let largestFrame = DWRRQuanta.largestFrame(of: configuration)
    for (index, port) in configuration.ports.enumerated() {
      let quanta = DWRRQuanta.quanta(for: port.queues, largestFrame: largestFrame)
      for (queue, entry) in port.queues.enumerated() {
        let position = index * QueueID.count + queue
        queues.base[position].quantum = Int64(quanta[queue])
        shapers.base[position].minimum = entry.minimumRate.map { ShaperState($0, ticksPerSecond: ticksPerSecond) }
        shapers.base[position].maximum = entry.maximumRate.map { ShaperState($0, ticksPerSecond: ticksPerSecond) }
      }
    }

    portCounters = FlatTable(repeating: PortCounters(), count: portCount)
    queueCounters = FlatTable(repeating: QueueCounters(), count: queueCount)
    latencyBuckets = FlatTable(zeroed: queueCount * LatencyHistogram.bucketCount)
    let base = latencyBuckets.base
    latencies = FlatTable(
      (0..<queueCount).map { LatencyHistogram(buckets: base + $0 * LatencyHistogram.bucketCount) })
    lookupKeys = FlatTable(repeating: 0, count: PacketBurst.capacity)
    lookupResults = FlatTable(repeating: 0, count: PacketBurst.capacity)
    touchedPorts = FlatTable(repeating: 0, count: portCount)
    endings = FlatTable(repeating: PacketEnding(), count: Switch.endingCapacity)
    for (index, port) in configuration.ports.enumerated() where !port.isUp {
      self.groups.setPort(PortID(index), isUp: false)
    }
  }

  deinit {
    for index in 0..<queues.count {
      while let packet = queues.base[index].pop() { PacketMemory.free(packet) }
    }
  }

  /// Takes a port up or down between bursts. Next-hop groups do without a port that is down; what waits in its queues
  /// stays there.
  public mutating func setPort(_ port: PortID, isUp: Bool) {
    guard ports.base[port.index].isUp != isUp else { return }
    ports.base[port.index].isUp = isUp
    groups.setPort(port, isUp: isUp)
    if isUp { touch(port) }
  }

  /// Notes a neighbour's MAC address, as if it had been heard of by ARP or ND.
  public func learnNeighbor(_ address: IPAddress, on port: PortID, mac: MACAddress, at now: Tick) {
    neighbors.learn(interface: port.index, address: address, mac: mac, at: now)
  }
}
