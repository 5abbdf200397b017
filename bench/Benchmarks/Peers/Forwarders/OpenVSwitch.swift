import Foundation
import Wire

/// Open vSwitch with DPDK: a userspace bridge that routes all IPv4 over a weighted group, with hashes that it computes
/// (`dp_hash`), new MAC addresses and a TTL that is one less. Its caches are set to what is best for thousands of flows.
struct OpenVSwitch: Forwarder {
  var name: String { "OVS-DPDK weighted group" }

  private static let daemon = "/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk"
  private static let schema = "/usr/share/openvswitch/vswitch.ovsschema"
  private static let package = "openvswitch-switch-dpdk"

  var absence: AbsentPeer? {
    let parts = ["ovs-vsctl", "ovs-ofctl", "ovsdb-server", "ovsdb-tool", OpenVSwitch.daemon]
    return parts.allSatisfy { SystemProgram($0) != nil }
      ? nil : AbsentPeer(name: "OVS-DPDK", reason: "not installed: apt install \(OpenVSwitch.package)")
  }

  func start(_ job: ForwardingJob, on site: PeerSite) throws -> RunningForwarder {
    let directory = try site.makeDirectory()
    let database = try startDatabase(in: directory, on: site)
    let isHuge = PeerMemory.hasHugepages
    let settings = OpenVSwitch.settings(job, hasHugepages: isHuge)
    try control(["--no-wait", "init"], in: directory, on: site)
    try control(["--no-wait", "set", "Open_vSwitch", "."] + settings, in: directory, on: site)
    let place = PeerProcess.Place(
      cpus: Array(Set(job.cpus + [job.control])).sorted(), environment: environment(directory))
    let process = try site.start(
      name, [OpenVSwitch.daemon, "unix:\(directory)/db", "--unixctl=\(directory)/ctl"], in: place)
    let telemetry = try DPDKTelemetry.connect(to: process, in: directory)
    try control(["--timeout=20"] + OpenVSwitch.bridge(job.capture), in: directory, on: site)
    let flows = try SystemProgram.required("ovs-ofctl", package: OpenVSwitch.package).path
    for command in OpenVSwitch.flows {
      let words = [flows, "-O", "OpenFlow15", command[0], "unix:\(directory)/br0.mgmt"] + command.dropFirst()
      try site.run(words, in: .init(environment: environment(directory)))
    }
    // Ports are numbered in the order in which they were added. If the group works, something leaves by each.
    try process.wait(20, for: "every port of its group sent anything") {
      OpenVSwitch.outputs.allSatisfy { telemetry.port($0)?.sent ?? 0 > 0 }
    }
    return RunningForwarder(
      name: name, version: try version(on: site), hasHugepages: isHuge, processes: [process, database],
      worker: process,
      count: {
        try OpenVSwitch.outputs.reduce(0) { sum, port in
          guard let counters = telemetry.port(port) else {
            throw BenchmarkError("OVS does not say what it has counted. It said:\n\(process.lastWords)")
          }
          return sum + counters.sent
        }
      })
  }

  private static let outputs = 1...4

  private func startDatabase(in directory: String, on site: PeerSite) throws -> PeerProcess {
    let tool = try SystemProgram.required("ovsdb-tool", package: OpenVSwitch.package).path
    let server = try SystemProgram.required("ovsdb-server", package: OpenVSwitch.package).path
    try site.run([tool, "create", "\(directory)/conf.db", OpenVSwitch.schema])
    let database = try site.start(
      "ovsdb-server",
      [server, "\(directory)/conf.db", "--remote=punix:\(directory)/db", "--unixctl=\(directory)/db.ctl"],
      in: .init(environment: environment(directory)))
    try database.wait(10, for: "its socket was there") {
      FileManager.default.fileExists(atPath: "\(directory)/db")
    }
    return database
  }

  private func environment(_ directory: String) -> [String: String] {
    [
      "RUNTIME_DIRECTORY": directory, "OVS_RUNDIR": directory, "OVS_LOGDIR": directory, "OVS_DBDIR": directory,
      "OVS_SYSCONFDIR": directory,
    ]
  }

  private func control(_ words: [String], in directory: String, on site: PeerSite) throws {
    let program = try SystemProgram.required("ovs-vsctl", package: OpenVSwitch.package).path
    try site.run(
      [program, "--db=unix:\(directory)/db"] + words, in: .init(environment: environment(directory)))
  }

  /// What Open vSwitch is told before it starts.
  static func settings(_ job: ForwardingJob, hasHugepages: Bool) -> [String] {
    func mask(_ cpus: [Int]) -> String { "0x" + String(cpus.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }, radix: 16) }
    // Without hugepages it needs the old allocator, which touches all of its memory at once.
    let memory = hasHugepages ? "" : "--legacy-mem --no-huge -m 1024 "
    return [
      "other_config:dpdk-init=true", "other_config:pmd-cpu-mask=\(mask(job.cpus))",
      "other_config:dpdk-lcore-mask=\(mask([job.control]))", "other_config:dpdk-extra=\(memory)--no-pci",
      "other_config:smc-enable=true", "other_config:emc-insert-inv-prob=0",
    ]
  }

  /// The words that make a bridge with an input and four outputs.
  static func bridge(_ capture: String) -> [String] {
    var words = ["add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "protocols=OpenFlow15"]
    let input = "net_pcap0,rx_pcap=\(capture),infinite_rx=1"
    for (name, device) in [("in", input)] + outputs.map({ ("s\($0)", "net_null\($0),no-rx=1") }) {
      words += ["--", "add-port", "br0", name, "--", "set", "interface", name, "type=dpdk"]
      words.append("options:dpdk-devargs=\"\(device)\"")
    }
    return words
  }

  /// The commands that make it route: weights 4, 3, 2 and 1, as the switch that it is compared with.
  static var flows: [[String]] {
    let own = "02:00:00:00:00:01"
    let buckets = outputs.map { port in
      "bucket=weight:\(5 - port),actions=set_field:02:00:00:01:00:0\(port - 1)->eth_dst,"
        + "set_field:\(own)->eth_src,dec_ttl,output:s\(port)"
    }
    let group = "group_id=1,type=select,selection_method=dp_hash," + buckets.joined(separator: ",")
    return [["del-flows"], ["add-group", group], ["add-flow", "in_port=in,ip,actions=group:1"]]
  }

  private func version(on site: PeerSite) throws -> String {
    OpenVSwitch.version(in: try site.run([OpenVSwitch.daemon, "--version"]))
  }

  /// The version in what `--version` prints.
  static func version(in text: String) -> String {
    let words = text.split(separator: "\n").first?.split(separator: " ") ?? []
    return words.last.map { "OVS \($0)" } ?? ""
  }
}
