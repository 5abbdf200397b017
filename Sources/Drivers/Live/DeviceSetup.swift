import CShims
import Dataplane
import Wire

/// A DPDK port that can be started, and what was learnt about it on the way.
struct OpenDevice {
  let identity: DeviceIdentity
  let driver: String
  let mac: MACAddress
  let holding: DeviceHolding
  let flowControl: DeviceFlowControl

  init(_ address: DeviceAddress, mtu: Int, _ pool: DevicePool) throws(DeviceError) {
    identity = try DeviceIdentity(creating: address, mtu: mtu)
    let setup = DeviceSetup(address: address, number: identity.number)
    do {
      let info = try setup.describe()
      try setup.configure(info, mtu: mtu)
      holding = try setup.addQueues(pool)
      flowControl = setup.takeFlowControl()
      driver = withUnsafeBytes(of: info.driver) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      mac = setup.mac()
    } catch {
      identity.remove(address)
      throw error
    }
  }
}

/// The steps from a DPDK port that exists to one that can be started.
struct DeviceSetup {
  let address: DeviceAddress
  let number: UInt16

  func describe() throws(DeviceError) -> pst_device_info {
    var info = pst_device_info()
    let result = pst_device_describe(number, &info)
    guard result == 0 else { throw DeviceError(address, "its driver does not describe it", code: result) }
    return info
  }

  /// One queue each way, and frames of the MTU.
  func configure(_ info: pst_device_info, mtu: Int) throws(DeviceError) {
    // Drivers count what is in front of the IP packet with or without VLAN tags; what the two limits of this one differ
    // in is what it counts.
    let isWhole = info.max_mtu > 0 && info.max_mtu < UInt16.max && info.max_frame != .max
    let overhead = isWhole && info.max_frame > info.max_mtu ? Int(info.max_frame - info.max_mtu) : 18
    let limit = info.max_frame == .max ? Int(UInt16.max) : Int(info.max_frame) - overhead
    if address.hasTrueFrameLimit, mtu > limit {
      throw DeviceError(
        address, "it takes IP packets of at most \(limit) bytes, and the port has an MTU of \(mtu)",
        "set `mtu: \(limit)` or less")
    }
    let result = pst_device_configure(number, 1, 1, UInt32(min(mtu, limit)))
    guard result == 0 else { throw DeviceError(address, "it cannot be configured", code: result) }
  }

  /// Adds the queues; returns what the device may hold.
  func addQueues(_ pool: DevicePool) throws(DeviceError) -> DeviceHolding {
    var (rx, tx) = (UInt16(DeviceAddress.usualReceiveRing), UInt16(DeviceAddress.usualTransmitRing))
    switch address.kind {
    case .pci: tx = UInt16(address.ring ?? DeviceAddress.usualTransmitRing)
    case .tap:
      // Each descriptor is a packet that waits to be filled; frames are read one at a time.
      rx = 32
    case .afXDP: tx = rx
    case .memif, .virtioUser, .ring:
      rx = UInt16(address.ring ?? DeviceAddress.usualRing)
      tx = rx
    case .afPacket, .vhost, .pcap, .null: break
    }
    _ = pst_device_adjust_rings(number, &rx, &tx)
    var result = pst_device_set_rx_queue(number, 0, rx, pool.pool)
    guard result == 0 else { throw DeviceError(address, "its receive queue cannot be set up", code: result) }
    result = pst_device_set_tx_queue(number, 0, tx)
    guard result == 0 else { throw DeviceError(address, "its transmit queue cannot be set up", code: result) }
    return address.kind == .pci ? .ring(Int(tx)) : address.heldPackets
  }

  /// Keeps the MAC from handling pause frames.
  func takeFlowControl() -> DeviceFlowControl {
    guard address.kind == .pci else { return .none }
    return pst_device_disable_flow_control(number) == 0 ? .off : .unknown
  }

  func mac() -> MACAddress {
    var bytes: (UInt64, UInt64) = (0, 0)
    return withUnsafeMutableBytes(of: &bytes) { bytes in
      guard let base = bytes.baseAddress else { return MACAddress(bits: 0) }
      _ = pst_device_mac(number, base.assumingMemoryBound(to: UInt8.self))
      return MACAddress(at: base)
    }
  }
}
