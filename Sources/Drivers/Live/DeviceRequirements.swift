import CShims
import Dataplane
import Glibc

/// What must be so before a device can be opened: looked at first, so that the message says what to do, and before
/// anything is touched.
enum DeviceRequirements {
  static func check(_ address: DeviceAddress) throws(DeviceError) {
    switch address.target {
    case .pci(let location): try checkPCI(location, address)
    case .tap(let interface):
      try need(.networkAdministration, to: "make a TAP interface", address)
      guard access("/dev/net/tun", R_OK | W_OK) == 0 else {
        throw DeviceError(
          address, "/dev/net/tun cannot be opened",
          "load the kernel's module `tun`, or give the container the device /dev/net/tun")
      }
      guard if_nametoindex(interface) == 0 else {
        throw DeviceError(
          address, "an interface named \(interface) exists already",
          "choose another name, remove it (`ip link del \(interface)`), or open it with `af_packet:\(interface)`")
      }
    case .afPacket(let interface):
      try need(.rawSockets, to: "open packet sockets", address)
      // DPDK sets the interface's MAC address at the start, to what it is.
      try need(.networkAdministration, to: "set an interface up", address)
      try needInterface(interface, address)
    case .afXDP(let interface, _):
      try need(.networkAdministration, to: "attach an XDP program", address)
      try need(.rawSockets, to: "open XDP sockets", address)
      // libxdp finds its program by number, for which CAP_BPF is not enough.
      try need(.systemAdministration, to: "find XDP programs", address)
      try needInterface(interface, address)
    case .memif(let socket, let role, _):
      try role == .server ? clear(socket, isShared: true, address) : needDirectory(of: socket, address)
    case .vhost(let socket, let role):
      try role == .server ? clear(socket, isShared: false, address) : needDirectory(of: socket, address)
    case .virtioUser(let socket):
      guard case .listening = SocketFile.state(of: socket) else {
        throw DeviceError(
          address, "nobody listens on \(socket)", "start the other side first: a `vhost:` device, or a virtual switch")
      }
    case .pcap(let input, let output, _):
      if let input, access(input, R_OK) != 0 {
        throw DeviceError(
          address, "\(input) cannot be read: \(String(cString: strerror(errno)))", "name a capture that you may read")
      }
      if let output { try needDirectory(of: output, address) }
    case .ring, .null: break
    }
  }

  /// What keeps this process from opening any device of a kind, and what to do; nil: nothing.
  static func obstacle(to kind: DeviceAddress.Kind) -> String? {
    if let driver = kind.driver, !DeviceDrivers.isInstalled(driver) {
      return "install the package `\(DeviceDrivers.package(of: driver))`"
    }
    let needed: [Capability]
    switch kind {
    case .tap: needed = [.networkAdministration]
    case .afPacket: needed = [.networkAdministration, .rawSockets]
    case .afXDP: needed = [.networkAdministration, .rawSockets, .systemAdministration]
    case .pci, .memif, .vhost, .virtioUser, .ring, .pcap, .null: needed = []
    }
    let missing = needed.filter { !$0.isHeld }.map(\.name)
    if !missing.isEmpty { return "needs root, or \(missing.joined(separator: " and "))" }
    if kind == .tap, access("/dev/net/tun", R_OK | W_OK) != 0 { return "needs /dev/net/tun: `modprobe tun`" }
    if kind == .pci {
      let isAnyReady = PCIDevice.networkControllers.contains(where: \.isReady)
      if !isAnyReady { return "no network controller is bound to vfio-pci" }
      if HugepageSize.installed.reduce(UInt64(0), { $0 + $1.freeBytes }) < Environment.Hugepages.needed.bytes {
        return "needs hugepages: `sysctl vm.nr_hugepages=\(Environment.Hugepages.needed.bytes >> 21)`"
      }
    }
    return nil
  }

  /// What DPDK's refusal means.
  static func explain(_ address: DeviceAddress, code: Int32, messages: String) -> DeviceError {
    if let driver = address.kind.driver, !DeviceDrivers.isInstalled(driver) {
      return DeviceError(
        address, "DPDK's driver \(driver) is not installed",
        "install the package `\(DeviceDrivers.package(of: driver))`")
    }
    if messages.contains("PACKET_FANOUT") {
      // Drawn from the numbers of process and interface, and the same for two of them now and then.
      return DeviceError(
        address, "the number that DPDK gave to its packet sockets belongs to another process", "start penstock again")
    }
    return DeviceError(address, "it cannot be opened", code: code, messages: messages)
  }

  private static func need(
    _ capability: Capability, to purpose: String, _ address: DeviceAddress
  ) throws(DeviceError) {
    guard !capability.isHeld else { return }
    throw DeviceError(
      address, "this process may not \(purpose)", "run it as root, or give it \(capability.name) (see setcap(8))")
  }

  private static func needInterface(_ interface: String, _ address: DeviceAddress) throws(DeviceError) {
    guard if_nametoindex(interface) == 0 else { return }
    throw DeviceError(
      address, "there is no interface named \(interface) in this network namespace",
      "see `ip link`; run penstock in the namespace of the interface")
  }

  private static func needDirectory(of path: String, _ address: DeviceAddress) throws(DeviceError) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(directory, W_OK | X_OK) != 0 else { return }
    throw DeviceError(
      address, "the directory \(directory) cannot be used: \(String(cString: strerror(errno)))",
      "make it: `mkdir -p \(directory)`, or name one that you may write to")
  }

  /// Removes a socket that a killed process has left.
  private static func clear(_ socket: String, isShared: Bool, _ address: DeviceAddress) throws(DeviceError) {
    try needDirectory(of: socket, address)
    switch SocketFile.state(of: socket) {
    case .absent: return
    case .stale:
      guard unlink(socket) == 0 || errno == ENOENT else {
        throw DeviceError(address, "\(socket) is left from a process that ended and cannot be removed", "remove it")
      }
    case .listening(let process):
      // Several memifs of one process share a socket.
      if isShared, process == getpid() { return }
      throw DeviceError(
        address, "\(process.map { "process \($0)" } ?? "another process") listens on \(socket) already",
        "end it, name another socket, or be the client: `role=client`")
    case .forbidden: throw DeviceError(address, "\(socket) is another user's socket", "remove it, or name another one")
    case .other: throw DeviceError(address, "\(socket) exists and is no socket", "name another path")
    }
  }

  private static func checkPCI(_ location: String, _ address: DeviceAddress) throws(DeviceError) {
    guard let device = PCIDevice(at: location) else {
      throw DeviceError(address, "there is no PCI device at \(location)", "see `lspci -D`")
    }
    guard device.isNetworkController else {
      throw DeviceError(address, "it is no network controller", "see `penstock devices` for those of this machine")
    }
    guard device.isReady else {
      let driver = device.driver.map { "the kernel's driver \($0) has it" } ?? "no driver is bound to it"
      throw DeviceError(
        address, driver, "give it to DPDK: `modprobe vfio-pci` and `dpdk-devbind.py --bind=vfio-pci \(location)`")
    }
    guard Environment.hasHugepages else {
      throw DeviceError(
        address, "hardware needs packets in hugepages, and there are none",
        "reserve them before the start: `sysctl vm.nr_hugepages=\(Environment.Hugepages.needed.bytes >> 21)`")
    }
  }
}

extension DeviceAddress.Kind {
  /// What keeps this process from opening any device of this kind, and what to do; nil: nothing.
  public var obstacle: String? { DeviceRequirements.obstacle(to: self) }
}
