import Dataplane
import Drivers
import Glibc

/// What a machine offers to live ports.
public struct MachineReport: Encodable, Equatable, Sendable {
  /// Hugepages of one size.
  public struct Hugepages: Encodable, Equatable, Sendable {
    /// Bytes of a page.
    public var pageBytes: UInt64
    /// Pages that are reserved.
    public var total: UInt64
    /// Reserved pages that nobody uses.
    public var free: UInt64

    enum CodingKeys: String, CodingKey {
      case pageBytes = "page_bytes"
      case total, free
    }
  }

  /// One interface of the kernel's.
  public struct Interface: Encodable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// `up`, `no carrier` or `down`.
    public var state: String
    /// Largest IP packet.
    public var mtu: Int
    /// The kernel's driver; empty if it says none.
    public var driver: String
    /// Addresses that open it; empty if none does.
    public var devices: [String]
    /// What a port on it should know.
    public var notices: [String]
  }

  /// One network controller.
  public struct Controller: Encodable, Equatable, Sendable {
    /// Its PCI address.
    public var address: String
    /// Vendor and device number.
    public var identifier: String
    /// The driver that is bound to it.
    public var driver: String?
    /// The kernel's interface on it.
    public var interface: String?
    /// Whether DPDK can take it over as it is.
    public var ready: Bool
    /// Whether an IOMMU watches over it.
    public var iommu: Bool
  }

  /// One kind of device.
  public struct Kind: Encodable, Equatable, Sendable {
    /// Its name.
    public var kind: String
    /// How an address is written.
    public var syntax: String
    /// DPDK's driver; nil where the device decides.
    public var driver: String?
    /// What keeps this process from opening one, and what to do; nil: nothing.
    public var obstacle: String?
  }

  /// DPDK's version.
  public var dpdk: String
  /// Whether this process is root.
  public var root: Bool
  /// The capabilities that devices need and that this process has.
  public var capabilities: [String]
  /// CPUs that this process may use.
  public var cpus: Int
  /// Hugepages by size.
  public var hugepages: [Hugepages]
  /// Whether a live run takes hugepages.
  public var usesHugepages: Bool
  /// Whether the kernel has an IOMMU in use.
  public var iommu: Bool
  /// DPDK's network drivers that are installed.
  public var drivers: [String]
  /// The kinds of devices.
  public var kinds: [Kind]
  /// Interfaces of the kernel's.
  public var interfaces: [Interface]
  /// Network controllers on the PCI bus.
  public var controllers: [Controller]

  enum CodingKeys: String, CodingKey {
    case dpdk, root, capabilities, cpus, hugepages
    case usesHugepages = "uses_hugepages"
    case iommu, drivers, kinds, interfaces, controllers
  }

  /// The report as JSON.
  ///
  /// - Throws: never for this type; the encoder could.
  public func json() throws -> String { try OrderedJSON.encode(self) }
}

extension MachineReport {
  /// Looks at this machine. Opens and changes nothing.
  public static func ofThisMachine() -> MachineReport {
    let sizes = HugepageSize.installed
    return MachineReport(
      dpdk: Environment.dpdkVersion, root: getuid() == 0,
      capabilities: Capability.allCases.filter(\.isHeld).map(\.name), cpus: Environment.allowedCPUs.count,
      hugepages: sizes.map { Hugepages(pageBytes: $0.pageBytes, total: $0.total, free: $0.free) },
      usesHugepages: sizes.reduce(UInt64(0)) { $0 + $1.freeBytes } >= Environment.Hugepages.needed.bytes,
      iommu: PCIDevice.hasAnyIOMMU, drivers: DeviceDrivers.installed,
      kinds: DeviceAddress.Kind.allCases.map { Kind($0) },
      interfaces: HostInterface.all.map { Interface($0) },
      controllers: PCIDevice.networkControllers.map {
        Controller(
          address: $0.address, identifier: $0.identifier, driver: $0.driver, interface: $0.interface,
          ready: $0.isReady, iommu: $0.hasIOMMU)
      })
  }
}

extension MachineReport.Kind {
  init(_ kind: DeviceAddress.Kind) {
    self.kind = kind.rawValue
    syntax = kind.syntax
    driver = kind.driver
    obstacle = kind.obstacle
  }
}

extension MachineReport.Interface {
  init(_ interface: HostInterface) {
    name = interface.name
    state = !interface.isUp ? "down" : interface.isRunning ? "up" : "no carrier"
    mtu = interface.mtu
    driver = interface.driver
    let kinds: [DeviceAddress.Kind] = interface.isLoopback ? [] : [.afPacket, .afXDP]
    devices = kinds.filter { $0.obstacle == nil }.map { "\($0.rawValue):\(interface.name)" }
    notices = interface.isLoopback ? [] : interface.notices(mtu: interface.mtu)
  }
}
