import Glibc

/// A device on the PCI bus, as the kernel describes it.
public struct PCIDevice: Equatable, Sendable {
  /// Its full address: `0000:01:00.0`.
  public let address: String
  /// Vendor and device number: `8086:10fb`.
  public let identifier: String
  /// The driver that is bound to it; nil for none.
  public let driver: String?
  /// The interface that the kernel has on it, if it has one.
  public let interface: String?
  /// Whether it is a network controller: class 02.
  public let isNetworkController: Bool
  /// Whether an IOMMU keeps it to the memory that it may use.
  public let hasIOMMU: Bool

  private static let root = "/sys/bus/pci/devices"

  /// The device at an address; nil if there is none.
  public init?(at address: String) {
    let path = "\(Self.root)/\(address)"
    guard let vendor = SystemFile.text("\(path)/vendor"), let device = SystemFile.text("\(path)/device") else {
      return nil
    }
    self.address = address
    identifier = "\(vendor.dropFirst(2)):\(device.dropFirst(2))"
    driver = SystemFile.linkName("\(path)/driver")
    let interfaces = SystemFile.names(in: "\(path)/net")
    // Behind a virtio device, the interface belongs to a device of its own.
    let virtual = SystemFile.names(in: path).filter { $0.hasPrefix("virtio") }
      .flatMap { SystemFile.names(in: "\(path)/\($0)/net") }
    interface = (interfaces + virtual).first
    isNetworkController = SystemFile.text("\(path)/class")?.hasPrefix("0x02") ?? false
    hasIOMMU = SystemFile.linkName("\(path)/iommu_group") != nil
  }

  /// Whether DPDK can take it over as it is: it is bound to a driver that hands it out, or to one that DPDK shares the
  /// device with.
  public var isReady: Bool {
    guard let driver else { return false }
    return ["vfio-pci", "uio_pci_generic", "igb_uio", "mlx4_core", "mlx5_core"].contains(driver)
  }

  /// Whether the kernel has an IOMMU in use.
  public static var hasAnyIOMMU: Bool { !SystemFile.names(in: "/sys/kernel/iommu_groups").isEmpty }

  /// The network controllers of this machine.
  public static var networkControllers: [PCIDevice] {
    SystemFile.names(in: root).compactMap(PCIDevice.init(at:)).filter(\.isNetworkController)
  }
}
