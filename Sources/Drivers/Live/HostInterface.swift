import CShims
import Glibc

/// A network interface of the kernel's, in the network namespace of this process.
public struct HostInterface: Equatable, Sendable {
  /// Its name.
  public let name: String
  /// The kernel's driver: `veth`, `tun`, `ixgbe`; empty if it has none that says so.
  public let driver: String
  /// Largest IP packet that the kernel sends or takes on it.
  public let mtu: Int
  /// Whether it is set up (`ip link set NAME up`).
  public let isUp: Bool
  /// Whether it also has a carrier.
  public let isRunning: Bool
  /// Whether it leads to this machine itself.
  public let isLoopback: Bool
  /// Whether it joins frames that it receives to larger ones (GRO, LRO).
  public let joinsFrames: Bool
  /// Whether it sends what the kernel left without checksum or in one large piece: a receiver that is no network card
  /// then gets it like that.
  public let sendsUnfinished: Bool

  /// The interface of a name; nil if there is none.
  public init?(named name: String) {
    var info = pst_interface_info()
    guard pst_interface_read(name, &info) == 0 else { return nil }
    self.name = name
    driver = withUnsafeBytes(of: info.driver) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    mtu = Int(info.mtu)
    isUp = info.flags & UInt32(IFF_UP) != 0
    isRunning = isUp && info.flags & UInt32(IFF_RUNNING) != 0
    isLoopback = info.flags & UInt32(IFF_LOOPBACK) != 0
    joinsFrames = info.joins_received != 0
    sendsUnfinished = info.leaves_checksums != 0
  }

  /// All of them, in the kernel's order.
  public static var all: [HostInterface] {
    guard let list = if_nameindex() else { return [] }
    defer { if_freenameindex(list) }
    var interfaces: [HostInterface] = []
    var place = list
    while let name = place.pointee.if_name {
      if let interface = HostInterface(named: String(cString: name)) { interfaces.append(interface) }
      place += 1
    }
    return interfaces
  }

  /// What a port on it should know, each with what to do.
  ///
  /// - Parameters:
  ///   - mtu: largest IP packet of the port.
  public func notices(mtu: Int) -> [String] {
    var notices: [String] = []
    if !isUp {
      notices.append("\(name) is down; `ip link set \(name) up`")
    } else if !isRunning {
      notices.append("\(name) has no carrier; connect its other end, or set that up")
    }
    if self.mtu < mtu {
      notices.append(
        "\(name) has an MTU of \(self.mtu) and the port one of \(mtu): larger frames are lost; "
          + "`ip link set \(name) mtu \(mtu)`, or `mtu: \(self.mtu)` for the port")
    }
    if joinsFrames {
      notices.append(
        "\(name) joins received frames, which then are larger than the MTU; `ethtool -K \(name) gro off lro off`")
    }
    if driver == "veth" {
      notices.append(
        "hosts behind a veth leave checksums and segmentation to a network card that is not there; at its other end: "
          + "`ethtool -K IFACE tx off tso off gso off`")
    }
    return notices
  }
}
