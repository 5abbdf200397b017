import Glibc

/// DPDK's drivers, which it loads from a directory when the environment starts.
public enum DeviceDrivers {
  /// The library of a driver.
  private static func library(of driver: String) -> String {
    // One library has the drivers for virtio on PCI and for virtio_user.
    driver == "net_virtio_user" ? "librte_net_virtio" : "librte_\(driver)"
  }

  /// The Debian package that holds a driver: `librte-net-tap23`.
  public static func package(of driver: String) -> String {
    library(of: driver).split(separator: "_").joined(separator: "-") + "23"
  }

  /// Whether a driver is installed.
  public static func isInstalled(_ driver: String) -> Bool {
    let name = library(of: driver) + ".so"
    return directories.contains { SystemFile.names(in: $0).contains { $0.hasPrefix(name) } }
  }

  /// All network drivers that are installed: `net_tap`.
  public static var installed: [String] {
    let files = directories.flatMap { SystemFile.names(in: $0) }
    let names = files.filter { $0.hasPrefix("librte_net_") }.compactMap { $0.split(separator: ".").first }
    return Set(names.map { String($0.dropFirst("librte_".count)) }).sorted()
  }

  /// Where Debian puts them.
  private static let directories = ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/dpdk/pmds-23.0" }
}
