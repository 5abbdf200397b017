import Dataplane
import Synchronization
import Wire

/// The device of a live port, for control threads: one at a time has it.
final class LiveDevice: Sendable {
  /// What it was opened as.
  let address: DeviceAddress
  private let device: Mutex<Device?>

  /// Opens a device; see ``Device/init(_:mtu:memory:)``.
  ///
  /// - Parameter owner: the switch whose packet memory it receives into.
  init(_ address: DeviceAddress, mtu: Int, of owner: SharedMemory<Switch>) throws(DeviceError) {
    self.address = address
    device = Mutex(nil)
    try device.withLock { device throws(DeviceError) in
      device = try Device(address, mtu: mtu, memory: owner.pointer.pointee.memory)
    }
  }

  /// What workers poll.
  var port: DevicePort { device.withLock { $0?.port ?? DevicePort(number: .max) } }

  /// Whether something is at the other end.
  var isLinked: Bool { device.withLock { $0?.link.isUp ?? false } }

  /// Whether only ``reconnect()`` can bring the link up again.
  var needsReconnection: Bool { device.withLock { $0?.needsReconnection ?? false } }

  /// Lets it receive and send.
  func start() throws(DeviceError) { try device.withLock { device throws(DeviceError) in try device?.start() } }

  /// Looks once for the peer. Nobody is there yet: it is tried again.
  func reconnect() { device.withLock { device in try? device?.reconnect() } }

  /// Closes it and removes what it created.
  func close() {
    device.withLock { device in
      device?.close()
      device = nil
    }
  }

  /// What it is and what it counts.
  var status: Status {
    device.withLock { device in
      Status(
        driver: device?.driver ?? "", mac: device?.mac ?? MACAddress(bits: 0),
        link: device?.link ?? DeviceLink(isUp: false, speed: nil), flowControl: device?.flowControl ?? .none,
        holding: device?.holding ?? .nothing, counters: device?.counters ?? DeviceCounters())
    }
  }

  /// What a device says of itself.
  struct Status: Sendable {
    var driver: String
    var mac: MACAddress
    var link: DeviceLink
    var flowControl: DeviceFlowControl
    var holding: DeviceHolding
    var counters: DeviceCounters
  }
}
