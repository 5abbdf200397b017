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

  /// A plan.
  public init(_ configuration: SwitchConfiguration, impairments: [[ImpairmentSettings]] = []) {
    self.configuration = configuration
    self.impairments = impairments
  }

  func impairments(of port: Int) -> [ImpairmentSettings] {
    impairments.indices.contains(port) ? impairments[port] : []
  }
}

/// A switch on live ports, as control threads know it.
///
/// Any thread may call it. Calls that change something wait for the worker, which looks every round, some microseconds
/// when it is busy and ``Worker`` naps of 50 us when it is not.
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
  let device: SharedMemory<Switch>
  let unit: SharedMemory<WorkerUnit>
  let mailbox: Mailbox
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
  init(
    _ plan: LivePlan, memory: consuming PacketMemory, unit: UnsafeMutablePointer<WorkerUnit>, mailbox: Mailbox
  ) throws {
    let configuration = plan.configuration
    let addresses = try configuration.ports.map { port in
      guard let text = port.device else {
        throw LiveError(
          "port \(port.name) has no device; write `device: tap:\(port.name)` or another (penstock devices)")
      }
      return try DeviceAddress(text)
    }
    let device = UnsafeMutablePointer<Switch>.allocate(capacity: 1)
    do {
      device.initialize(
        to: try Switch(configuration, memory: memory, ticksPerSecond: LiveClock.ticksPerSecond))
    } catch {
      device.deallocate()
      throw error
    }
    name = configuration.name
    portNames = configuration.ports.map(\.name)
    self.device = SharedMemory(pointer: device)
    self.unit = SharedMemory(pointer: unit)
    self.mailbox = mailbox
    let control = Mutex(LiveDevices(states: PortStates(isEnabled: configuration.ports.map(\.isUp))))
    let shared = self.device
    let ports: [DevicePort]
    do {
      ports = try control.withLock { control in
        try control.open(addresses, configuration.ports, memory: shared.pointer.pointee.memory)
        return control.devices.map(\.port)
      }
    } catch {
      device.deinitialize(count: 1)
      device.deallocate()
      throw error
    }
    self.control = control
    unit.initialize(
      to: WorkerUnit(
        device: device,
        ports: FlatTable(count: ports.count) {
          LivePort(
            port: PortID($0), device: ports[$0], impairments: plan.impairments(of: $0), seed: configuration.seed)
        }))
  }

  /// Lets all devices receive and send. Ports are down until their link is seen to be up.
  func start() throws {
    try control.withLock { control in
      for device in control.devices { try device.start() }
    }
    watchLinks()
  }

  /// Closes the devices and frees everything. The worker has ended.
  func close() {
    control.withLock { control in
      control.devices.forEach { $0.close() }
      control.devices = []
    }
    unit.pointer.deinitialize(count: 1)
    device.pointer.deinitialize(count: 1)
    device.pointer.deallocate()
  }

  /// Looks at the switch while it runs. Whatever is called must only read flat memory.
  public func read<Result>(_ body: (borrowing Switch) throws -> Result) rethrows -> Result {
    try tables.withLock { _ in try body(device.pointer.pointee) }
  }

  /// Changes something in the switch, between two rounds of its worker.
  public func change(_ body: @escaping @Sendable (inout Switch, Tick) -> Void) {
    let device = device
    tables.withLock { _ in mailbox.post { body(&device.pointer.pointee, LiveClock.now) } }
  }

  /// Puts tables in place of those in use, between two rounds of the worker, and frees the old ones here.
  func exchangeTables(_ make: (borrowing Switch) throws -> Switch.Generation) throws {
    try tables.withLock { _ in
      let generation = UnsafeMutablePointer<Switch.Generation>.allocate(capacity: 1)
      defer { generation.deallocate() }
      generation.initialize(to: try make(device.pointer.pointee))
      defer { generation.deinitialize(count: 1) }
      let (device, shared) = (device, SharedMemory(pointer: generation))
      mailbox.post { device.pointer.pointee.exchange(&shared.pointer.pointee, at: LiveClock.now) }
    }
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
    let unit = unit
    for index in portNames.indices {
      guard control.withLock({ $0.devices.indices.contains(index) && $0.devices[index].needsReconnection }) else {
        continue
      }
      mailbox.post { unit.pointer.pointee.ports.base[index].isAttached = false }
      let device = control.withLock { control in
        // Nobody is there yet: it is tried again.
        try? control.devices[index].reconnect()
        return control.devices[index].port
      }
      mailbox.post {
        unit.pointer.pointee.ports.base[index].device = device
        unit.pointer.pointee.ports.base[index].isAttached = true
      }
    }
  }

  private func apply(_ port: PortID, isUp: Bool) {
    let (device, unit) = (device, unit)
    mailbox.post {
      let now = LiveClock.now
      device.pointer.pointee.setPort(port, isUp: isUp, at: now)
      guard !isUp else { return }
      unit.pointer.pointee.discardStaged(port)
      device.pointer.pointee.discardQueued(on: port, at: now)
    }
  }

  /// What its ports have outside of the switch.
  public var ports: [PortStatus] {
    control.withLock { control in
      control.devices.indices.map { index in
        let device = control.devices[index]
        let port = unit.pointer.pointee.ports.base + index
        return PortStatus(
          device: device.address.description, driver: device.driver, mac: device.mac,
          link: device.link,
          isEnabled: control.states.isEnabled[index], flowControl: device.flowControl, holding: device.holding,
          counters: device.counters, driverCounters: port.pointee.counters, pacing: port.pointee.pacing.snapshot,
          pauseReaction: port.pointee.pauseReaction.snapshot, faults: port.pointee.faults,
          staged: max(0, port.pointee.staged.count - port.pointee.taken))
      }
    }
  }
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
