import Glibc

/// A right of root's that a process can have without being root (capabilities(7)).
public enum Capability: Int, Equatable, Sendable, CaseIterable {
  /// CAP_NET_ADMIN: make interfaces, change them.
  case networkAdministration = 12
  /// CAP_NET_RAW: packet sockets.
  case rawSockets = 13
  /// CAP_IPC_LOCK: lock any amount of memory, as hardware that reads it wants.
  case lockedMemory = 14
  /// CAP_SYS_ADMIN: find XDP programs by their numbers, as libxdp does.
  case systemAdministration = 21
  /// CAP_BPF: load programs for XDP.
  case programs = 39

  /// Its name in setcap(8).
  public var name: String {
    switch self {
    case .networkAdministration: "cap_net_admin"
    case .rawSockets: "cap_net_raw"
    case .lockedMemory: "cap_ipc_lock"
    case .systemAdministration: "cap_sys_admin"
    case .programs: "cap_bpf"
    }
  }

  /// Whether this process has it now.
  public var isHeld: Bool { Capability.effective & (1 << UInt64(rawValue)) != 0 }

  /// The set of this process, as the kernel prints it; empty if it does not.
  private static var effective: UInt64 {
    let lines = SystemFile.text("/proc/self/status")?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix("CapEff:") }
    return line.flatMap { UInt64($0.dropFirst(7).filter(\.isHexDigit), radix: 16) } ?? 0
  }
}
