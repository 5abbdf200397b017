import Dataplane
import Wire

extension LiveSwitch {
  /// What a port has outside of the switch.
  public struct PortStatus: Sendable {
    /// Its place.
    public var id: PortID
    /// Its name.
    public var name: String
    /// The slice whose worker moves its packets.
    public var owner: Int
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
    /// Ticks from when a frame was taken from the device that it came by to when this one was handed it.
    public var transit: LatencySnapshot
    /// Ticks from a pause frame to the last data frame that went to the device after it.
    public var pauseReaction: LatencySnapshot
    /// What came in pieces.
    public var faults: DeviceFaults
    /// Packets that the switch has sent and the device has not taken.
    public var staged: Int
  }

  /// All ports, by their places.
  var entries: [LivePorts.Entry] { ports.withLock { $0.entries.compactMap { $0 } } }

  /// The port at a place; nil: there is none.
  func entry(_ port: PortID) -> LivePorts.Entry? {
    ports.withLock { $0.entries.indices.contains(port.index) ? $0.entries[port.index] : nil }
  }

  /// Names of the ports there are, by their places.
  public var portNames: [String] { entries.map(\.name) }

  /// A name for every place, empty where there is no port.
  public var namesByPlace: [String] { ports.withLock { $0.entries.map { $0?.name ?? "" } } }

  /// The port of a name.
  public func port(named name: String) -> PortID? { ports.withLock { $0.place(of: name) }.map { PortID($0) } }

  /// What the ports have outside of the switch, by their places.
  public var portStatus: [PortStatus] {
    // A port stays while the lock is held.
    ports.withLock { ports in
      ports.entries.enumerated().compactMap { place, entry in
        guard let entry else { return nil }
        var device = entry.device.status
        device.link.isUp = device.link.isUp && entry.isPeerEnabled
        let port = entry.port.pointer
        return PortStatus(
          id: PortID(place), name: entry.name, owner: entry.owner, device: entry.device.address.description,
          driver: device.driver, mac: device.mac, link: device.link, isEnabled: ports.states.isEnabled(place),
          flowControl: device.flowControl, holding: device.holding, counters: device.counters,
          driverCounters: port.pointee.counters, pacing: port.pointee.pacing.snapshot,
          transit: port.pointee.transit.snapshot,
          pauseReaction: port.pointee.pauseReaction.snapshot, faults: port.pointee.faults,
          staged: max(0, port.pointee.staged.count - port.pointee.taken))
      }
    }
  }
}
