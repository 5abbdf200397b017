import Dataplane
import TestSupport
import Testing
import Wire

extension TestConfiguration {
  /// A switch with every kind of port: r1 and r2 are routed (10.0.*i*.1/24, fd00:*i*::1/64), a1 and a2 are access ports
  /// of VLAN 10, c1 and c2 of VLAN 20, t1 is a trunk of both without native VLAN, t2 one with native VLAN 10.
  ///
  /// Both VLANs have a routed interface (10.0.10.1/24, fd00:10::1/64 and 20 likewise). Behind each interface *n* the
  /// host 10.0.*n*.2, fd00:*n*::2 is a static neighbour at ``hostMAC(_:)`` of *n*.
  static func campus() -> SwitchConfiguration {
    var campus = SwitchConfiguration()
    campus.name = "campus"
    campus.mac = mac
    campus.qos = roceClasses()
    let both = [VLANID(10), VLANID(20)]
    campus.ports = [
      routedPort("r1", 100, ["10.0.1.1/24", "fd00:1::1/64"]), routedPort("r2", 100, ["10.0.2.1/24", "fd00:2::1/64"]),
      bridgedPort("a1", 100, .access(VLANID(10))), bridgedPort("a2", 100, .access(VLANID(10))),
      bridgedPort("t1", 100, .trunk(allowed: both, native: nil)),
      bridgedPort("t2", 100, .trunk(allowed: both, native: VLANID(10))),
      bridgedPort("c1", 100, .access(VLANID(20))), bridgedPort("c2", 100, .access(VLANID(20))),
    ]
    campus.vlans = [10, 20].map { number in
      VLANConfiguration(
        id: VLANID(number),
        addresses: ["10.0.\(number).1/24", "fd00:\(number)::1/64"].compactMap { IPPrefix($0) })
    }
    for number in [1, 2, 10, 20] {
      for address in ["10.0.\(number).2", "fd00:\(number)::2"] {
        let interface: InterfaceReference = number < 10 ? .port(PortID(number - 1)) : .vlan(VLANID(number))
        campus.neighbors.append(
          NeighborConfiguration(
            interface: interface, address: self.address(address), mac: MACAddress(bits: hostMAC(number))))
      }
    }
    return campus
  }
}

extension VirtualSwitch {
  /// Sends one frame when all wires are free, and hands out all that leaves because of it.
  mutating func exchange(
    _ frame: [UInt8], on port: String, wireLength: Int? = nil
  ) -> [Departure] {
    send(frame, on: port, at: now + 1_000_000, wireLength: wireLength)
    return run()
  }

  /// How many packets that the switch made itself were dropped for a reason, on account of no port.
  func dropsWithoutPort(_ reason: DropReason) -> UInt64 {
    device.dropsWithoutPort.first { $0.reason == reason }?.packets ?? 0
  }

  /// All drops on account of a port, as text, for comparisons that tell everything.
  func allDrops(on name: String) -> [String] {
    device.drops(on: port(name)).map { "\($0.reason.name): \($0.packets)" }
  }
}

extension Frame {
  /// A frame of 60 bytes between stations that carries no IP: EtherType 0x88B5 is for experiments (IEEE 802).
  static func layer2(from source: UInt64, to destination: UInt64, tags: [Tag] = [], size: Int = 60) -> [UInt8] {
    var frame = Frame(source: [], destination: [], sourceMAC: source, destinationMAC: destination)
    frame.tags = tags
    return frame.ethernet(0x88B5, [0xA5, 0x5A, UInt8(truncatingIfNeeded: source)], size: size)
  }

  /// Station *n*'s MAC address, unknown to every configuration.
  static func station(_ number: Int) -> UInt64 { 0x0200_0000_AA00 | UInt64(number) }

  /// A frame from the host behind interface `from` of the campus to the one behind `to`.
  static func campus(from: Int, to: Int, isIPv6: Bool = false) -> Frame {
    isIPv6
      ? Frame(from: "fd00:\(from)::2", to: "fd00:\(to)::2", sourceMAC: TestConfiguration.hostMAC(from))
      : Frame(from: "10.0.\(from).2", to: "10.0.\(to).2", sourceMAC: TestConfiguration.hostMAC(from))
  }

  /// What becomes of a frame without tags that is routed: new addresses, one hop less, and a checksum computed anew.
  static func routed(_ frame: [UInt8], to destination: UInt64, from source: UInt64 = Frame.switchMAC) -> [UInt8] {
    var frame = frame
    frame.replaceSubrange(0..<6, with: octets(destination, count: 6))
    frame.replaceSubrange(6..<12, with: octets(source, count: 6))
    if frame[14] >> 4 == 6 {
      frame[14 + 7] -= 1
      return frame
    }
    frame[14 + 8] -= 1
    frame.replaceSubrange(24..<26, with: [0, 0])
    let header = Array(frame[14..<14 + 4 * Int(frame[14] & 15)])
    frame.replaceSubrange(24..<26, with: octets(UInt64(checksum(header)), count: 2))
    return frame
  }

  /// A frame without the tag behind its addresses.
  static func untagged(_ frame: [UInt8]) -> [UInt8] { Array(frame[..<12] + frame[16...]) }

  /// A frame with a C-tag behind its addresses.
  static func tagged(_ frame: [UInt8], control: UInt16) -> [UInt8] {
    Array(frame[..<12] + [0x81, 0x00] + octets(UInt64(control), count: 2) + frame[12...])
  }
}
