import Dataplane

/// The command line of testpmd.
struct TestpmdArguments {
  /// Its devices in the order of their numbers: `net_null0,no-rx=1`.
  var devices: [String]
  /// How it forwards: `io`, `macswap`, `5tswap`.
  var mode: String
  /// The CPU that forwards.
  var worker: Int
  /// The CPU for everything else.
  var control: Int
  /// Whether its packets lie in hugepages.
  var hasHugepages: Bool
  /// Packets that it has.
  var packets = 16_384
  /// The largest IP packet; nil: as the devices like it.
  var mtu: Int?

  /// Ports are paired: 0 with 1, 2 with 3.
  var words: [String] {
    var words = ["--no-pci", "--lcores=0@\(control),1@\(worker)"]
    // Without a hugepage memory has its size from the start, and all of it is touched.
    words += hasHugepages ? ["--in-memory", "--single-file-segments"] : ["--no-huge", "-m", "\(megabytes)"]
    words += devices.map { "--vdev=\($0)" }
    words += ["--", "--nb-cores=1", "--forward-mode=\(mode)", "--auto-start", "--no-flush-rx"]
    words += ["--port-topology=paired", "--total-num-mbufs=\(packets)"]
    // Frames of jumbo size stay in one piece.
    if let mtu { words += ["--max-pkt-len=\(mtu + 18)", "--mbuf-size=\(max(2176, mtu + 18 + 128))"] }
    // Anything else would end when its input does; it has none.
    return words + ["--stats-period=3600"]
  }

  private var megabytes: Int { 128 + packets * (max(2176, (mtu ?? 0) + 146) + 256) * 3 / 2 / (1 << 20) }
}

/// Where packets of measured programs lie: as penstock itself decides.
enum PeerMemory {
  /// Whether a DPDK program that is started now gets hugepages.
  static var hasHugepages: Bool {
    HugepageSize.installed.reduce(UInt64(0)) { $0 + $1.freeBytes } >= Environment.Hugepages.needed.bytes
  }
}
