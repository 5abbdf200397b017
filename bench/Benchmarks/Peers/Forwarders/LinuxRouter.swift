import Foundation

/// The kernel's own routing between network namespaces: weighted multipath over four veths, with static neighbours.
///
/// Receive packet steering puts it on the measured CPU; what comes before is the source's, which sends with AF_PACKET.
struct LinuxRouter: Forwarder {
  var name: String { "Linux routing, veth" }

  var absence: AbsentPeer? {
    if Testpmd.absence != nil { return AbsentPeer(name: name, reason: "its source is testpmd: apt install dpdk-dev") }
    if SystemProgram("ip") == nil { return AbsentPeer(name: name, reason: "not installed: apt install iproute2") }
    if SystemProgram("unshare") == nil {
      return AbsentPeer(name: name, reason: "not installed: apt install util-linux")
    }
    return geteuid() == 0 ? nil : AbsentPeer(name: name, reason: "network namespaces need root: sudo")
  }

  private static let outputs = 1...4

  func start(_ job: ForwardingJob, on site: PeerSite) throws -> RunningForwarder {
    let source = try NetworkNamespace(on: site)
    let router = try NetworkNamespace(on: site)
    let sink = try NetworkNamespace(on: site)
    try source.connect("out", to: router, "in")
    for port in LinuxRouter.outputs { try router.connect("s\(port)", to: sink, "r\(port)") }
    try router.run(LinuxRouter.script(job))
    let generator = try TestpmdProcess(
      "the source of \(name)",
      TestpmdArguments(
        devices: [
          "net_pcap0,rx_pcap=\(job.capture),infinite_rx=1",
          "net_af_packet0,iface=out,blocksz=\(job.workload.frames.largest > 1900 ? 327_680 : 4096),framesz="
            + "\(job.workload.frames.largest > 1900 ? 10_240 : 2048),framecnt=512",
        ], mode: "io", worker: job.control, control: job.control, hasHugepages: PeerMemory.hasHugepages,
        packets: max(16_384, job.workload.frames.count + 4096),
        mtu: job.workload.frames.largest > 2048 ? 9216 : nil), in: source, on: site)
    let count: () -> UInt64 = { sink.received().filter { $0.key.hasPrefix("r") }.values.reduce(0, +) }
    try generator.process.wait(20, for: "the kernel forwarded anything") { count() > 0 }
    return RunningForwarder(
      name: name, version: try router.run("uname -r").trimmingCharacters(in: .whitespacesAndNewlines),
      hasHugepages: nil, processes: [generator.process], worker: nil, count: count)
  }

  /// The shell script that makes a namespace a router.
  static func script(_ job: ForwardingJob) -> String {
    let mask = String(job.cpus.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }, radix: 16)
    var lines = [
      "echo 1 > /proc/sys/net/ipv4/ip_forward",
      "echo 1 > /proc/sys/net/ipv4/fib_multipath_hash_policy",
      "echo \(mask) > /sys/class/net/in/queues/rx-0/rps_cpus",
      // What the workload is addressed to.
      "ip link set in address 02:00:00:00:00:01",
      "ip address add 10.0.0.1/24 dev in",
      "ip route add 10.0.0.0/8 dev in",
    ]
    var hops = ""
    for port in outputs {
      lines.append("ip address add 10.128.\(4 * port).1/22 dev s\(port)")
      lines.append(
        "ip neighbor add 10.128.\(4 * port).2 lladdr 02:00:00:01:00:0\(port - 1) dev s\(port) nud permanent")
      hops += " nexthop via 10.128.\(4 * port).2 dev s\(port) weight \(5 - port)"
    }
    return (lines + job.workload.routes.map { "ip route add \($0)\(hops)" }).joined(separator: "\n")
  }
}
