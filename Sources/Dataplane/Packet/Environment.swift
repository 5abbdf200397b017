import CShims
import Glibc

/// DPDK's environment of this process: packet memory, and what devices need.
///
/// It exists once per process and until its end, so the first start decides. It leaves no file behind, however the
/// process ends, and any number of processes can have one at the same time.
public enum Environment {
  /// What an environment is started with.
  public struct Options: Equatable, Sendable {
    /// What all packets, route tables and hash tables of the process may take. Without hugepages this is address
    /// space, which takes memory only where it is used.
    public var memory: ByteCount
    /// Whether packets lie in hugepages.
    public var hugepages: Hugepages
    /// Whether PCI devices can be opened. None is touched before it is.
    public var findsPCIDevices: Bool

    /// Neither hugepages nor PCI devices, by default: what a run in virtual time needs.
    public init(
      memory: ByteCount = Environment.usualMemory, hugepages: Hugepages = .never, findsPCIDevices: Bool = false
    ) {
      self.memory = memory
      self.hugepages = hugepages
      self.findsPCIDevices = findsPCIDevices
    }

    /// What a run on devices needs: hugepages if enough of them are free, and PCI devices when they are asked for.
    public static func live(memory: ByteCount = Environment.usualMemory) -> Options {
      Options(memory: memory, hugepages: .ifEnough, findsPCIDevices: true)
    }
  }

  /// Whether packets lie in hugepages.
  public enum Hugepages: String, Equatable, Sendable {
    /// In ordinary pages: needs no preparation and no root, and misses the TLB more often.
    case never
    /// In hugepages if ``needed`` bytes of them are free, else in ordinary ones.
    case ifEnough
    /// In hugepages; the start fails without.
    case always

    /// Bytes of free hugepages that are enough: the usual number of packets and what the tables of a few switches take.
    public static let needed = ByteCount(512 << 20)
  }

  /// Address space for packets and tables of all switches of an ordinary process: 2 GiB. What is not used takes no
  /// memory, but for 12 bytes a kilobyte of bookkeeping.
  public static let usualMemory = ByteCount(2048 << 20)

  /// Starts the environment; does nothing if there is one.
  ///
  /// - Throws: ``EnvironmentError``; DPDK cannot try again in the same process.
  public static func start(_ options: Options = Options()) throws(EnvironmentError) {
    let free = HugepageSize.installed.reduce(UInt64(0)) { $0 + $1.freeBytes }
    let arguments = try arguments(options, freeHugepageBytes: free, cpus: allowedCPUs)
    let pointers = arguments.map { strdup($0) }
    defer { pointers.forEach { Glibc.free($0) } }
    var message = [CChar](repeating: 0, count: 256)
    let list = pointers.map { UnsafePointer($0) } + [nil]
    let result = pst_environment_start(list, UInt32(arguments.count), &message, message.count)
    guard result == 0 else {
      let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw EnvironmentError(message: "\(reason); give the process more memory, or ask for less")
    }
  }

  /// Whether packets lie in hugepages; false before the start.
  public static var hasHugepages: Bool { pst_environment_has_hugepages() != 0 }

  /// The version of DPDK that is linked: `22.11.11`.
  public static var dpdkVersion: String { String(cString: pst_dpdk_version()) }

  /// The arguments of `rte_eal_init`.
  static func arguments(
    _ options: Options, freeHugepageBytes: UInt64, cpus: [Int]
  ) throws(EnvironmentError) -> [String] {
    let isEnough = freeHugepageBytes >= Hugepages.needed.bytes
    if options.hugepages == .always, !isEnough {
      throw EnvironmentError(
        message: "\(freeHugepageBytes >> 20) MiB of hugepages are free and \(Hugepages.needed.bytes >> 20) are needed; "
          + "reserve them: sysctl vm.nr_hugepages=\(Hugepages.needed.bytes >> 21)")
    }
    var arguments = ["penstock", "--no-telemetry", "--log-level=3"]
    if options.hugepages != .never, isEnough {
      // Anonymous memory: no file in hugetlbfs survives a crash. In few pieces: a virtio device shares it with its peer,
      // and the protocol has room for eight.
      arguments += ["--in-memory", "--single-file-segments"]
    } else {
      arguments += ["--no-huge", "--no-shconf", "-m", "\(max(1, options.memory.bytes >> 20))"]
    }
    // Without an address that exists in the list of the allowed ones, the environment itself takes no device over.
    arguments += options.findsPCIDevices ? ["-a", "fffe:ff:1f.7"] : ["--no-pci"]
    // EAL pins the thread that starts it to the CPUs it is given: give it all that this thread may use.
    return arguments + ["--lcores=0@(\(cpus.map { "\($0)" }.joined(separator: ",")))"]
  }

  /// The CPUs that this thread may run on, by the limit of DPDK the first 128.
  public static var allowedCPUs: [Int] {
    var masks: [UInt64] = [0, 0]
    pst_allowed_cpus(&masks)
    let cpus = (0..<128).filter { masks[$0 / 64] & (1 << UInt64($0 % 64)) != 0 }
    return cpus.isEmpty ? [0] : cpus
  }
}

/// Hugepages of one size, as the kernel counts them.
public struct HugepageSize: Equatable, Sendable {
  /// Bytes of one page.
  public var pageBytes: UInt64
  /// Pages that are reserved.
  public var total: UInt64
  /// Reserved pages that nobody uses.
  public var free: UInt64
  /// Bytes that nobody uses.
  public var freeBytes: UInt64 { pageBytes * free }

  /// All sizes of this machine.
  public static var installed: [HugepageSize] {
    let root = "/sys/kernel/mm/hugepages"
    return [2048, 1_048_576, 16384, 32768, 64, 524_288].compactMap { kilobytes in
      guard let total = number("\(root)/hugepages-\(kilobytes)kB/nr_hugepages"),
        let free = number("\(root)/hugepages-\(kilobytes)kB/free_hugepages")
      else { return nil }
      return HugepageSize(pageBytes: UInt64(kilobytes) << 10, total: total, free: free)
    }
  }

  private static func number(_ path: String) -> UInt64? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 32)
    guard fgets(&buffer, 32, file) != nil else { return nil }
    return UInt64(String(decoding: buffer.prefix { $0 > 32 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}

/// The environment did not start.
public struct EnvironmentError: Error, Equatable, CustomStringConvertible {
  /// What went wrong and what to do.
  public let message: String
  /// What went wrong and what to do.
  public var description: String { "packet environment: \(message)" }
}
