import CShims
import Glibc

/// Under which names DPDK knows an open device, and how it comes and goes.
struct DeviceIdentity {
  /// `vdev` or `pci`.
  let bus: String
  /// The device's name on the bus.
  let name: String
  /// Number of its port.
  let number: UInt16

  /// Creates the device, or takes it over.
  init(creating address: DeviceAddress, mtu: Int) throws(DeviceError) {
    try DeviceRequirements.check(address)
    // Drivers write into sockets of peers that may just have ended; that must not end this process.
    signal(SIGPIPE, SIG_IGN)
    switch address.target {
    case .pci(let location): (bus, name) = ("pci", location)
    case .ring(let ring):
      bus = "vdev"
      (name, number) = try RingPair.openEnd(of: ring, address)
      return
    default:
      bus = "vdev"
      name = Self.freeName(address.kind.driver ?? "net_")
    }
    var messages = [CChar](repeating: 0, count: 512)
    let arguments = address.driverArguments(mtu: mtu)
    let result = pst_device_add(bus, name, arguments, &messages, messages.count)
    guard result == 0 else {
      let text = String(decoding: messages.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw DeviceRequirements.explain(address, code: result, messages: text)
    }
    let found = pst_device_port(name)
    guard found >= 0 else {
      pst_device_remove(bus, name)
      throw DeviceError(address, "its driver made no port", "see `penstock devices` for what this machine offers")
    }
    number = UInt16(found)
  }

  /// Removes the device, or gives it back.
  func remove(_ address: DeviceAddress) {
    pst_device_remove(bus, name)
    switch address.target {
    case .ring(let ring): RingPair.freeIfUnused(ring)
    case .memif(let socket, .server, _), .vhost(let socket, .server):
      // Most drivers remove it themselves.
      if case .stale = SocketFile.state(of: socket) { unlink(socket) }
    default: break
    }
  }

  /// The first of `net_tap0`, `net_tap1` ... that no device has.
  private static func freeName(_ driver: String) -> String {
    var index = 0
    while pst_device_port("\(driver)\(index)") >= 0 { index += 1 }
    return "\(driver)\(index)"
  }
}

/// Two ports of this process, joined back to back by a ring in each direction.
enum RingPair {
  /// Opens the end that is free; the rings are made with the first.
  static func openEnd(of ring: String, _ address: DeviceAddress) throws(DeviceError) -> (String, UInt16) {
    for (end, other) in [("a", "b"), ("b", "a")] where pst_device_port(portName(ring, end)) < 0 {
      let size = UInt32(address.ring ?? DeviceAddress.usualRing)
      guard let rx = find(ringName(ring, other), size), let tx = find(ringName(ring, end), size) else {
        freeIfUnused(ring)
        throw DeviceError(address, "there is no memory for its rings", "ask for smaller ones")
      }
      let number = pst_device_add_ring(ring + end, rx, tx)
      guard number >= 0 else {
        freeIfUnused(ring)
        throw DeviceError(address, "it cannot be opened", code: number)
      }
      return (portName(ring, end), UInt16(number))
    }
    throw DeviceError(address, "both of its ends are open already", "give one ring to two ports, and no more")
  }

  /// Frees the rings, and the packets in them, once neither end is open.
  static func freeIfUnused(_ ring: String) {
    guard pst_device_port(portName(ring, "a")) < 0, pst_device_port(portName(ring, "b")) < 0 else { return }
    for end in ["a", "b"] {
      if let ring = pst_ring_find(ringName(ring, end)) { pst_ring_free(ring) }
    }
  }

  private static func find(_ name: String, _ size: UInt32) -> UnsafeMutableRawPointer? {
    pst_ring_find(name) ?? pst_ring_create(name, size)
  }

  /// The ring that an end sends into.
  private static func ringName(_ ring: String, _ end: String) -> String { "from_\(ring)_\(end)" }

  /// The name that DPDK gives the port.
  private static func portName(_ ring: String, _ end: String) -> String { "net_ring_\(ring)\(end)" }
}
