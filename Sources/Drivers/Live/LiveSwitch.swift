import CShims
import Dataplane
import Synchronization
import Wire

/// A switch that is to be put on live ports.
public struct LivePlan: Sendable {
  /// The switch; every port must have a device.
  public var configuration: SwitchConfiguration
  /// What happens to frames between devices and ports, by port.
  public var impairments: [[ImpairmentSettings]]
  /// Names and CPUs of the workers, one for each slice; empty: they have none of their own.
  public var workers: [WorkerSettings]
  /// Names of ports that any worker may have: nobody said which.
  public var freePorts: Set<String>
  /// Ports that are ends of links, by name.
  public var links: [String: Link] = [:]

  /// A plan.
  public init(
    _ configuration: SwitchConfiguration, impairments: [[ImpairmentSettings]] = [], workers: [WorkerSettings] = [],
    freePorts: Set<String> = []
  ) {
    self.configuration = configuration
    self.impairments = impairments
    self.workers = workers
    self.freePorts = freePorts
  }

  /// One end of a link to another switch of the run.
  public struct Link: Sendable {
    /// Tells links of a run apart.
    public var number: Int
    /// The port at the other end, `spine1/p1`.
    public var peer: String
    /// Propagation delay, each way.
    public var delay: Picoseconds
    /// What both ends know of each other; the same at both.
    public var state: LinkState
    /// Whether this is the first end of the link.
    public var isFirst: Bool

    /// An end.
    public init(number: Int, peer: String, delay: Picoseconds, state: LinkState, isFirst: Bool) {
      self.number = number
      self.peer = peer
      self.delay = delay
      self.state = state
      self.isFirst = isFirst
    }

    /// Frames between two workers, which each takes when it comes to it: what one sends while the other is off its CPU for
    /// some milliseconds.
    static let ring = 4096

    var end: LinkState.End { LinkState.End(state: state, isFirst: isFirst) }
  }

  func impairments(of port: Int) -> [ImpairmentSettings] {
    impairments.indices.contains(port) ? impairments[port] : []
  }
}

/// A switch on live ports, as control threads know it.
///
/// Any thread may call it. Calls that change something wait for the workers, each of which looks every round, some
/// microseconds when it is busy and ``Worker`` naps of 50 us when it is not.
///
/// A ``PortID`` is a place, which a port has as long as it is there.
public final class LiveSwitch: Sendable {
  /// Its name.
  public let name: String
  /// How many ports it has room for.
  public let placeCount: Int
  /// How many slices it has: one for each of its workers.
  public var sliceCount: Int { slices.count }

  let slices: [LiveSlice]
  let seed: UInt64
  private let links: SliceLinks?
  let ports: Mutex<LivePorts>
  // Held while tables are exchanged or looked at.
  let tables = Mutex(())
  // Held while impairments are replaced, or their counters are read, and while ports go.
  let impairmentLists = Mutex(())
  // Held while something is done to ports or tables that takes several steps.
  let changes = Mutex(())

  /// Builds the switch and opens the devices of its ports; none receives before ``start()``.
  ///
  /// - Parameters:
  ///   - plan: every port must have a device.
  ///   - memory: where its packets come from.
  ///   - homes: for each slice, where its unit goes, and how to reach its worker.
  init(
    _ plan: LivePlan, memory: consuming PacketMemory,
    homes: [(unit: UnsafeMutablePointer<WorkerUnit>, mailbox: Mailbox)]
  ) throws {
    let count = plan.configuration.placeCount
    let configuration = plan.configuration.placed(at: Array(plan.configuration.ports.indices), of: count)
    let addresses = try plan.configuration.ports.map { try plan.device(of: $0) }
    let links = homes.count > 1 ? try SliceLinks(slices: homes.count, ports: count) : nil
    let devices = UnsafeMutablePointer<Switch>.allocate(capacity: homes.count)
    var made = 0
    var opened: [LiveDevice] = []
    // One epoch for all slices: the same tick is the same time of day.
    let epoch = LiveClock.captureClock.nanoseconds(at: .zero)
    do {
      while made < homes.count {
        (devices + made).initialize(
          to: try Switch(
            configuration, memory: memory.shared(), ticksPerSecond: LiveClock.ticksPerSecond,
            slice: homes.count == 1 ? .whole : Slice(made, of: configuration)))
        (devices + made).pointee.setTelemetryEpoch(nanoseconds: epoch)
        made += 1
      }
      for (address, port) in zip(addresses, plan.configuration.ports) {
        opened.append(try LiveDevice(address, mtu: port.mtu, of: SharedMemory(pointer: devices)))
      }
    } catch {
      opened.forEach { $0.close() }
      links?.free()
      devices.deinitialize(count: made)
      devices.deallocate()
      throw error
    }
    for (number, home) in homes.enumerated() {
      home.unit.initialize(
        to: WorkerUnit(
          device: devices + number, number: number, links: links?.links(of: number) ?? [], placeCount: count))
    }
    var ports = LivePorts(places: count)
    for (place, device) in opened.enumerated() {
      let owner = homes.count == 1 ? 0 : configuration.owners[place]
      let port = plan.port(place, at: place, of: configuration, device.port)
      homes[owner].unit.pointee.ports.add(port.pointer)
      let entry = LivePorts.Entry(
        name: configuration.ports[place].name, owner: owner, device: device, port: port,
        link: plan.links[configuration.ports[place].name]?.end)
      ports.add(entry, at: place, isEnabled: configuration.ports[place].isUp)
    }
    name = configuration.name
    placeCount = count
    seed = configuration.seed
    self.links = links
    slices = homes.enumerated().map { number, home in
      LiveSlice(
        device: SharedMemory(pointer: devices + number), unit: SharedMemory(pointer: home.unit), mailbox: home.mailbox)
    }
    self.ports = Mutex(ports)
  }

  /// Lets all devices receive and send. Ports are down until their link is seen to be up.
  func start() throws {
    for entry in entries { try entry.device.start() }
    watchLinks()
  }

  /// Closes the devices and frees everything. The workers have ended.
  func close() {
    ports.withLock { ports in
      for entry in ports.entries.compactMap({ $0 }) {
        entry.device.close()
        entry.port.pointer.deinitialize(count: 1)
        entry.port.pointer.deallocate()
      }
      ports = LivePorts(places: 0)
    }
    for slice in slices { slice.unit.pointer.deinitialize(count: 1) }
    links?.free()
    slices[0].device.pointer.deinitialize(count: slices.count)
    slices[0].device.pointer.deallocate()
  }

  /// Looks at each slice of the switch while it runs. Whatever is called must only read flat memory.
  public func read<Result: Sendable>(_ body: (borrowing Switch) throws -> Result) rethrows -> [Result] {
    try tables.withLock { _ in try slices.map { try body($0.device.pointer.pointee) } }
  }

  /// What all slices have counted together.
  public var totals: Switch.Totals { Switch.Totals(slices: read { $0.totals }) }

  /// Changes something in every slice of the switch, between two rounds of its worker.
  public func change(_ body: @escaping @Sendable (inout Switch, Tick) -> Void) {
    tables.withLock { _ in
      for slice in slices { slice.mailbox.post { body(&slice.device.pointer.pointee, LiveClock.now) } }
    }
  }

  /// Has something done to a port outside of the switch, by the worker that owns it. Nothing if there is no such port;
  /// the caller sees to it that it stays.
  func change(_ port: PortID, _ body: @escaping @Sendable (inout LivePort) -> Void) {
    guard let entry = entry(port) else { return }
    slices[entry.owner].mailbox.post { body(&entry.port.pointer.pointee) }
  }

  /// Wants a port up or down. It is up if it is wanted up and its link is up.
  public func setPort(_ port: PortID, isUp: Bool) {
    ports.withLock { $0.states.enable(port.index, isUp) }
    watchLinks()
  }

  /// Takes ports down whose peer is gone or that are not wanted any more, and up that have one again.
  func watchLinks() {
    // The lock is held until the worker knows: of two who see a link differently, the later one has the last word.
    ports.withLock { ports in
      for change in ports.changes() {
        apply(PortID(change.port), isUp: change.isUp, owner: ports.entries[change.port]?.owner ?? 0)
      }
    }
  }

  /// Looks once for the peers of devices that do not do so themselves. Their ports are down meanwhile.
  func reconnect() {
    // Ports that come or go have their devices opened and closed by those who see to that.
    changes.withLockIfAvailable { _ in
      for place in 0..<placeCount {
        guard let device = entry(PortID(place))?.device, device.needsReconnection else { continue }
        change(PortID(place)) { $0.isAttached = false }
        device.reconnect()
        let port = device.port
        change(PortID(place)) {
          $0.device = port
          $0.isAttached = true
        }
      }
    }
  }

  private func apply(_ port: PortID, isUp: Bool, owner: Int) {
    let others = slices.indices.filter { $0 != owner }
    // The owner knows first when a port is up, and last when it is down: others hand it nothing that it drops.
    for number in isUp ? [owner] + others : others + [owner] {
      let slice = slices[number]
      slice.mailbox.post {
        let now = LiveClock.now
        slice.device.pointer.pointee.setPort(port, isUp: isUp, at: now)
        guard !isUp, number == owner else { return }
        slice.unit.pointer.pointee.discardStaged(port)
        slice.device.pointer.pointee.discardQueued(on: port, at: now)
      }
    }
  }
}

/// A slice of a live switch: the switch itself, what its worker has around it, and how to reach that worker.
struct LiveSlice: Sendable {
  let device: SharedMemory<Switch>
  let unit: SharedMemory<WorkerUnit>
  let mailbox: Mailbox
}

extension LivePlan {
  /// The device that a port is on.
  func device(of port: PortConfiguration) throws -> DeviceAddress {
    if let link = links[port.name] { return DeviceAddress(link) }
    guard let device = port.device else {
      throw LiveError("port \(port.name) has no device; write `device: tap:\(port.name)` or another (penstock devices)")
    }
    return try DeviceAddress(device)
  }

  /// A port for a place: the one of this number in the plan.
  func port(
    _ number: Int, at place: Int, of configuration: SwitchConfiguration, _ device: DevicePort
  ) -> SharedMemory<LivePort> {
    let port = configuration.ports[place]
    let line = LinkLine(
      links[port.name], speed: port.speed, isCutThrough: configuration.forwardingMode == .cutThrough)
    return LivePort.make(PortID(place), device, impairments(of: number), seed: configuration.seed, line)
  }
}
