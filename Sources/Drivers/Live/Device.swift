import CShims
import Dataplane
import Glibc
import Wire

/// A device that is open: a DPDK port with one queue in each direction.
///
/// This is the control thread's side: opening, link, counters, closing. Workers receive and transmit with ``port``,
/// which is a plain value. The packets that a device receives into come from the ``PacketMemory`` that it was opened
/// with, so it is closed before that memory goes, and no worker may use ``port`` after ``stop()``.
public final class Device {
  /// What was opened.
  public let address: DeviceAddress
  /// What workers poll. Another one after ``reconnect()``.
  public var port: DevicePort { DevicePort(number: opened.identity.number) }
  /// The driver's name: `net_tap`, `net_ixgbe`.
  public var driver: String { opened.driver }
  /// Its MAC address; for a TAP, that of the kernel's side.
  public var mac: MACAddress { opened.mac }
  /// Packets that it can hold after it took them.
  public var holding: DeviceHolding { opened.holding }
  /// Whether pause frames that come in reach the switch, and the MAC itself makes none.
  public var flowControl: DeviceFlowControl { opened.flowControl }
  /// Largest IP packet that it was opened for.
  public let mtu: Int

  private let pool: DevicePool
  private var opened: OpenDevice
  private var state = State.configured

  private enum State { case configured, started, closed, awaitsPeer }

  /// Whether the link has been up since it was started, and since when it has been seen down.
  private var wasUp = false
  private var downSince: ContinuousClock.Instant?
  /// How long a link is left down before the device is taken from its driver: a thread of DPDK's may still be at work on
  /// what the peer left behind, and does not look whether the device is still there.
  private static let settling = Duration.milliseconds(100)
  /// How long a peer that has answered may take to agree: one of DPDK's threads carries that on.
  private static let agreement = Duration.seconds(2)

  /// Opens a device. It neither receives nor sends before ``start()``.
  ///
  /// The environment must have been started; for PCI devices with ``Environment/Options/live(memory:)``. From the first
  /// device on this process ignores SIGPIPE: peers may end at any time.
  ///
  /// - Parameters:
  ///   - mtu: largest IP packet, 68 to 9216 bytes.
  ///   - memory: where the packets come from that it receives.
  /// - Throws: ``DeviceError``; then nothing is left behind.
  public init(_ address: DeviceAddress, mtu: Int = 1500, memory: borrowing PacketMemory) throws(DeviceError) {
    guard mtu >= 68, let pool = memory.devicePool(capacity: DeviceAddress.frameBytes(mtu: mtu)) else {
      throw DeviceError(address, "an MTU of \(mtu) is out of range", "choose 68 to 9216")
    }
    opened = try OpenDevice(address, mtu: mtu, pool)
    self.address = address
    self.mtu = mtu
    self.pool = pool
  }

  deinit { close() }

  /// Lets it receive and send. One whose peer is not there yet starts all the same, with its link down.
  public func start() throws(DeviceError) {
    guard state == .configured else { return }
    let result = pst_device_start(port.number)
    if result != 0 {
      // Nobody listens on the socket: see ``reconnect()``.
      if address.reconnection == .restart { return }
      throw DeviceError(address, "it does not start", code: result)
    }
    state = .started
    // A TAP hands over what the kernel sends and needs no such mode. Drivers that do not know it see all frames anyway.
    if address.kind != .tap { _ = pst_device_set_promiscuous(port.number, 1) }
    if case .tap(let interface) = address.target {
      let result = pst_interface_set_mtu(interface, UInt32(mtu))
      guard result == 0 else { throw DeviceError(address, "the MTU of \(interface) cannot be set", code: result) }
    }
  }

  /// Ends receiving and sending; ``start()`` may follow. No worker may use ``port`` meanwhile.
  public func stop() {
    guard state == .started else { return }
    // The kernel would keep the mode of an interface. The only failures are those of devices that are gone.
    if address.kind != .tap { _ = pst_device_set_promiscuous(port.number, 0) }
    _ = pst_device_stop(port.number)
    state = .configured
  }

  /// Stops it and removes what opening it created: interface, socket, port. It cannot be used again.
  public func close() {
    stop()
    if state == .configured { opened.identity.remove(address) }
    state = .closed
  }

  /// Whether the link is down and only ``reconnect()`` can bring it up again: the clients of memif and virtio_user, whose
  /// drivers do not look for a peer that is gone.
  ///
  /// It is to be asked again and again: only a link that stays down is given up.
  public var needsReconnection: Bool {
    guard state != .closed, address.reconnection != .byDriver else { return false }
    // Nobody was there: no thread is at work on it.
    guard state == .started else { return true }
    if link.isUp {
      (wasUp, downSince) = (true, nil)
      return false
    }
    let now = ContinuousClock.now
    guard let since = downSince else {
      downSince = now
      return false
    }
    let mayStillAgree = !wasUp && address.reconnection == .restart
    return now - since >= (mayStillAgree ? Device.agreement : Device.settling)
  }

  /// Looks for the peer again, once. No worker may use ``port`` meanwhile, and afterwards it can be another one.
  ///
  /// - Throws: ``DeviceError`` if nobody is there; the device stays as it is, and this may be tried again.
  public func reconnect() throws(DeviceError) {
    guard needsReconnection else { return }
    (wasUp, downSince) = (false, nil)
    switch address.reconnection {
    case .byDriver: return
    case .restart: stop()
    case .reopening:
      try DeviceRequirements.check(address)
      close()
      state = .awaitsPeer
      opened = try OpenDevice(address, mtu: mtu, pool)
      state = .configured
    }
    try start()
  }

  /// Whether something is at the other end, and how fast.
  public var link: DeviceLink {
    guard state == .started else { return DeviceLink(isUp: false, speed: nil) }
    // The driver asks by name, and finds nothing once the interface has been moved to another namespace or renamed.
    if case .tap(let interface) = address.target, if_nametoindex(interface) == 0 {
      return DeviceLink(isUp: true, speed: nil)
    }
    // These drivers never look, and report the link up for ever.
    if let interface = address.kernelInterface, HostInterface(named: interface)?.isRunning != true {
      return DeviceLink(isUp: false, speed: nil)
    }
    var (isUp, megabits) = (Int32(0), UInt32(0))
    guard pst_device_link(port.number, &isUp, &megabits) >= 0 else { return DeviceLink(isUp: false, speed: nil) }
    // Without hardware the drivers make a speed up; those that do not know it say 0 or all ones.
    let isKnown = address.kind == .pci && megabits != 0 && megabits != .max
    return DeviceLink(isUp: isUp != 0, speed: isKnown ? BitRate(bitsPerSecond: UInt64(megabits) * 1_000_000) : nil)
  }

  /// What the device itself has counted since it was opened.
  public var counters: DeviceCounters {
    var raw = pst_device_counters()
    guard state == .started || state == .configured, pst_device_counters_read(port.number, &raw) == 0 else {
      return DeviceCounters()
    }
    return DeviceCounters(
      rxPackets: raw.rx_packets, rxBytes: raw.rx_bytes, rxMissed: raw.rx_missed, rxErrors: raw.rx_errors,
      rxNoMemory: raw.rx_no_memory, txPackets: raw.tx_packets, txBytes: raw.tx_bytes, txErrors: raw.tx_errors)
  }
}

/// Whether something is at the other end of a device.
public struct DeviceLink: Equatable, Sendable {
  /// Whether frames can pass. A peer that is gone takes the link down.
  public var isUp: Bool
  /// The speed of the device, if it has one; the emulated speed of a port is configured.
  public var speed: BitRate?
}

/// Who handles the MAC control frames of a device.
public enum DeviceFlowControl: String, Equatable, Sendable {
  /// There is no MAC that would: all frames reach the switch.
  case none = "no MAC"
  /// The MAC was told to make none, to obey none, and to pass them on.
  case off
  /// The MAC cannot be told: it may swallow pause frames and obey them itself.
  case unknown = "the MAC's own"
}

/// What a device counts.
public struct DeviceCounters: Equatable, Sendable {
  /// Frames received.
  public var rxPackets: UInt64 = 0
  /// Their bytes, as the driver counts them.
  public var rxBytes: UInt64 = 0
  /// Frames that arrived and found no room in the device.
  public var rxMissed: UInt64 = 0
  /// Frames that arrived broken.
  public var rxErrors: UInt64 = 0
  /// Frames that arrived when packet memory was used up.
  public var rxNoMemory: UInt64 = 0
  /// Frames sent.
  public var txPackets: UInt64 = 0
  /// Their bytes.
  public var txBytes: UInt64 = 0
  /// Frames that could not be sent.
  public var txErrors: UInt64 = 0
}
