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

  /// A plan.
  public init(
    _ configuration: SwitchConfiguration, impairments: [[ImpairmentSettings]] = [], workers: [WorkerSettings] = []
  ) {
    self.configuration = configuration
    self.impairments = impairments
    self.workers = workers
  }

  func impairments(of port: Int) -> [ImpairmentSettings] {
    impairments.indices.contains(port) ? impairments[port] : []
  }
}

/// A switch on live ports, as control threads know it.
///
/// Any thread may call it. Calls that change something wait for the workers, each of which looks every round, some
/// microseconds when it is busy and ``Worker`` naps of 50 us when it is not.
public final class LiveSwitch: Sendable {
  /// What a port has outside of the switch.
  public struct PortStatus: Sendable {
    /// The device, as it was configured.
    public var device: String
    /// Its DPDK driver.
    public var driver: String
    /// Its MAC address; for a TAP, that of the kernel's side.
    public var mac: MACAddress
    /// Whether something is at its other end, and its speed.
    public var link: DeviceLink
    /// Whether the port is wanted up.
    public var isEnabled: Bool
    /// Who handles MAC control frames.
    public var flowControl: DeviceFlowControl
    /// Packets that the device can hold after it took them.
    public var holding: DeviceHolding
    /// What the device counts.
    public var counters: DeviceCounters
    /// What the driver counts.
    public var driverCounters: LivePortCounters
    /// Ticks by which frames went to the device later than the emulated wire would have begun them.
    public var pacing: LatencySnapshot
    /// Ticks from a pause frame to the last data frame that went to the device after it.
    public var pauseReaction: LatencySnapshot
    /// What came in pieces.
    public var faults: DeviceFaults
    /// Packets that the switch has sent and the device has not taken.
    public var staged: Int
  }

  /// Its name.
  public let name: String
  /// Names of its ports, in the order of the configuration.
  public let portNames: [String]
  /// The slice of each port.
  public let owners: [Int]
  /// How many slices it has: one for each of its workers.
  public var sliceCount: Int { slices.count }

  let slices: [LiveSlice]
  /// By port: its place in the unit of its slice.
  private let places: [Int]
  private let links: SliceLinks?
  private let control: Mutex<LiveDevices>
  // Held while tables are exchanged or looked at.
  private let tables = Mutex(())
  // Held while impairments are replaced or their counters are read.
  let impairmentLists = Mutex(())

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
    let configuration = plan.configuration
    let addresses = try configuration.ports.map { port in
      guard let text = port.device else {
        throw LiveError(
          "port \(port.name) has no device; write `device: tap:\(port.name)` or another (penstock devices)")
      }
      return try DeviceAddress(text)
    }
    let links = homes.count > 1 ? try SliceLinks(slices: homes.count, ports: configuration.ports.count) : nil
    let devices = UnsafeMutablePointer<Switch>.allocate(capacity: homes.count)
    var made = 0
    // One epoch for all slices: the same tick is the same time of day.
    let epoch = LiveClock.captureClock.nanoseconds(at: .zero)
    func free() {
      links?.free()
      devices.deinitialize(count: made)
      devices.deallocate()
    }
    do {
      while made < homes.count {
        (devices + made).initialize(
          to: try Switch(
            configuration, memory: memory.shared(), ticksPerSecond: LiveClock.ticksPerSecond,
            slice: homes.count == 1 ? .whole : Slice(made, of: configuration)))
        (devices + made).pointee.setTelemetryEpoch(nanoseconds: epoch)
        made += 1
      }
    } catch {
      free()
      throw error
    }
    let control = Mutex(LiveDevices(states: PortStates(isEnabled: configuration.ports.map(\.isUp))))
    let shared = SharedMemory(pointer: devices)
    let ports: [DevicePort]
    do {
      ports = try control.withLock { control in
        try control.open(addresses, configuration.ports, memory: shared.pointer.pointee.memory)
        return control.devices.map(\.port)
      }
    } catch {
      free()
      throw error
    }
    let owners = homes.count == 1 ? ports.map { _ in 0 } : configuration.owners
    var places = ports.map { _ in 0 }
    for slice in homes.indices {
      let own = ports.indices.filter { owners[$0] == slice }
      for (place, port) in own.enumerated() { places[port] = place }
      homes[slice].unit.initialize(
        to: WorkerUnit(
          device: devices + slice,
          ports: FlatTable(count: own.count) {
            LivePort(
              port: PortID(own[$0]), device: ports[own[$0]], impairments: plan.impairments(of: own[$0]),
              seed: configuration.seed)
          }, number: slice, links: links?.links(of: slice) ?? [], portCount: ports.count))
    }
    name = configuration.name
    portNames = configuration.ports.map(\.name)
    self.owners = owners
    self.places = places
    self.links = links
    slices = homes.enumerated().map { number, home in
      LiveSlice(
        device: SharedMemory(pointer: devices + number), unit: SharedMemory(pointer: home.unit), mailbox: home.mailbox)
    }
    self.control = control
  }

  /// Lets all devices receive and send. Ports are down until their link is seen to be up.
  func start() throws {
    try control.withLock { control in
      for device in control.devices { try device.start() }
    }
    watchLinks()
  }

  /// Closes the devices and frees everything. The workers have ended.
  func close() {
    control.withLock { control in
      control.devices.forEach { $0.close() }
      control.devices = []
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

  /// Puts tables in place of those in use, in each slice between two rounds of its worker, and frees the old ones here.
  /// All are made before the first is put in place.
  func exchangeTables(_ make: (borrowing Switch) throws -> Switch.Generation) throws {
    try tables.withLock { _ in
      let generations = try FlatTable<Switch.Generation>(count: slices.count) { index throws in
        try make(slices[index].device.pointer.pointee)
      }
      for (index, slice) in slices.enumerated() {
        let generation = SharedMemory(pointer: generations.base + index)
        slice.mailbox.post { slice.device.pointer.pointee.exchange(&generation.pointer.pointee, at: LiveClock.now) }
      }
    }
  }

  /// Has something done to a port outside of the switch, by the worker that owns it.
  func change(_ port: PortID, _ body: @escaping @Sendable (inout LivePort) -> Void) {
    let (slice, place) = (slices[owners[port.index]], places[port.index])
    slice.mailbox.post { body(&slice.unit.pointer.pointee.ports.base[place]) }
  }

  /// A port outside of the switch, in memory that its worker writes.
  func livePort(_ port: PortID) -> UnsafeMutablePointer<LivePort> {
    slices[owners[port.index]].unit.pointer.pointee.ports.base + places[port.index]
  }

  /// The port of a name.
  public func port(named name: String) -> PortID? { portNames.firstIndex(of: name).map { PortID($0) } }

  /// Wants a port up or down. It is up if it is wanted up and its link is up.
  public func setPort(_ port: PortID, isUp: Bool) {
    control.withLock { $0.states.isEnabled[port.index] = isUp }
    watchLinks()
  }

  /// Wants all ports up or down.
  func setPorts(isUp: [Bool]) {
    control.withLock { $0.states.isEnabled = isUp }
    watchLinks()
  }

  /// Takes ports down whose peer is gone or that are not wanted any more, and up that have one again.
  func watchLinks() {
    // The lock is held until the worker knows: of two who see a link differently, the later one has the last word.
    control.withLock { control in
      let changes = control.states.changes(links: control.devices.map(\.link.isUp))
      for change in changes { apply(PortID(change.port), isUp: change.isUp) }
    }
  }

  /// Looks once for the peers of devices that do not do so themselves. Their ports are down meanwhile.
  func reconnect() {
    for index in portNames.indices {
      guard control.withLock({ $0.devices.indices.contains(index) && $0.devices[index].needsReconnection }) else {
        continue
      }
      change(PortID(index)) { $0.isAttached = false }
      let device = control.withLock { control in
        // Nobody is there yet: it is tried again.
        try? control.devices[index].reconnect()
        return control.devices[index].port
      }
      change(PortID(index)) { port in
        port.device = device
        port.isAttached = true
      }
    }
  }

  private func apply(_ port: PortID, isUp: Bool) {
    let owner = owners[port.index]
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

  /// What its ports have outside of the switch.
  public var ports: [PortStatus] {
    control.withLock { control in
      control.devices.indices.map { index in
        let device = control.devices[index]
        let port = livePort(PortID(index))
        return PortStatus(
          device: device.address.description, driver: device.driver, mac: device.mac,
          link: device.link, isEnabled: control.states.isEnabled[index], flowControl: device.flowControl,
          holding: device.holding,
          counters: device.counters, driverCounters: port.pointee.counters, pacing: port.pointee.pacing.snapshot,
          pauseReaction: port.pointee.pauseReaction.snapshot, faults: port.pointee.faults,
          staged: max(0, port.pointee.staged.count - port.pointee.taken))
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

/// The devices of a switch, for control threads.
private struct LiveDevices {
  var devices: [Device] = []
  var states: PortStates

  /// Opens the devices of all ports, or none.
  mutating func open(
    _ addresses: [DeviceAddress], _ ports: [PortConfiguration], memory: borrowing PacketMemory
  ) throws(DeviceError) {
    do throws(DeviceError) {
      for (address, port) in zip(addresses, ports) {
        devices.append(try Device(address, mtu: port.mtu, memory: memory))
      }
    } catch {
      devices.forEach { $0.close() }
      throw error
    }
  }
}
