import CShims
import Dataplane
import Foundation

/// The machine that results come from: what a reader must know before comparing them with others.
public struct MachineFacts: Codable, Equatable, Sendable {
  /// The model of its CPU, as the kernel names it.
  public var cpu: String
  /// CPUs that the process may use.
  public var cores: Int
  /// Ticks of the time stamp counter in a second.
  public var ticksPerSecond: Double
  /// The kernel's release.
  public var kernel: String
  /// DPDK's version.
  public var dpdk: String
  /// Whether packets lie in hugepages.
  public var hugepages: Bool
  /// The governor of the CPU's frequency; `none` if the kernel has none, as in most virtual machines.
  public var governor: String
  /// Whether a hypervisor is below the kernel.
  public var isVirtual: Bool
  /// The CPU that measured threads are pinned to; nil: none.
  public var pinnedTo: Int?
  /// The niceness of measured threads, -20 where allowed.
  public var niceness: Int
  /// Whether the session's scheduling group was raised too.
  public var groupRaised: Bool
  /// When the run began, in seconds since 1970.
  public var began: Double

  enum CodingKeys: String, CodingKey {
    case cpu, cores, kernel, dpdk, hugepages, governor, niceness, began
    case ticksPerSecond = "ticks_per_second"
    case isVirtual = "virtual"
    case pinnedTo = "pinned_to"
    case groupRaised = "group_raised"
  }
}

extension MachineFacts {
  /// Looks at this machine. The packet environment has been started.
  public static func ofThisMachine(_ core: MeasuringCore) -> MachineFacts {
    let processors = text("/proc/cpuinfo")
    let governor = text("/sys/devices/system/cpu/cpu\(core.cpu ?? 0)/cpufreq/scaling_governor")
    return MachineFacts(
      cpu: value(of: "model name", in: processors) ?? value(of: "CPU part", in: processors) ?? "unknown",
      cores: Environment.allowedCPUs.count, ticksPerSecond: Double(pst_ticks_per_second()),
      kernel: text("/proc/sys/kernel/osrelease"), dpdk: Environment.dpdkVersion,
      hugepages: Environment.hasHugepages, governor: governor.isEmpty ? "none" : governor,
      isVirtual: value(of: "flags", in: processors)?.split(separator: " ").contains("hypervisor") ?? false,
      pinnedTo: core.cpu, niceness: core.niceness, groupRaised: core.isGroupRaised,
      began: Date().timeIntervalSince1970.rounded())
  }

  /// What stands behind `key` in a file of lines `key : value`.
  static func value(of key: String, in text: String) -> String? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, parts[0] == key { return parts[1] }
    }
    return nil
  }

  private static func text(_ path: String) -> String {
    let data = FileManager.default.contents(atPath: path) ?? Data()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
