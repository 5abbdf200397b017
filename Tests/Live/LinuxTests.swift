import Foundation
import TestSupport
import Testing

/// The same packets through penstock and through the Linux kernel come out the same, but for timing.
///
/// What is allowed to differ, all of it in ICMP messages that the router itself writes, because RFC 792, 1812 and 4443
/// leave it open (see compare_captures.py): the outer header's identification, Don't Fragment, type of service, flow
/// label and TTL, and in errors how much is quoted beyond the offending header and 8 bytes. Type, code, addresses, MTU,
/// pointer and the quoted header itself must agree. ARP, neighbour discovery and multicast listener reports of the
/// kernel's own accord are not compared.
@Suite(
  "The Linux kernel as the other switch", .serialized,
  .enabled(if: Oracle.has(Oracle.kernel), Oracle.lacks(Oracle.kernel)))
struct LinuxTests {
  @Test(
    "IPv4 and IPv6 routing: UDP, TCP, ICMP, options, extension headers, fragments, TTL 1, no route, too big, martians")
  func router() throws {
    let directory = try ScratchDirectory()
    try Oracle.run("router_cases.py", [directory.path])
    let (a, b) = (directory["a.pcap"], directory["b.pcap"])
    let inputs = ["--in", "a=\(a)", "--in", "b=\(b)", "--out", directory["linux"]]
    try Oracle.run("linux_router.py", [directory["router.yaml"]] + inputs, inNamespace: true)
    _ = try Oracle.replay(directory["router.yaml"], ["a": a, "b": b], to: directory["penstock"])
    for port in ["a", "b"] {
      let captures = [directory["linux/\(port).pcap"], directory["penstock/\(port).pcap"]]
      try Oracle.run("compare_captures.py", captures + ["--lenient-icmp", "--order"])
      #expect(try directory.capture("linux/\(port).pcap").count > 130)
    }
    let outputs = [directory["penstock/a.pcap"], directory["penstock/b.pcap"]]
    try Oracle.run("tshark_check.py", outputs)
    try Oracle.run("scapy_check.py", outputs)
  }

  @Test("bridging: flooding, learning, a station that moves, reserved addresses, every size")
  func bridge() throws {
    let directory = try ScratchDirectory()
    try Oracle.run("bridge_cases.py", [directory.path])
    let (a, b, c) = (directory["a.pcap"], directory["b.pcap"], directory["c.pcap"])
    let inputs = ["--in", "a=\(a)", "--in", "b=\(b)", "--in", "c=\(c)", "--out", directory["linux"]]
    try Oracle.run("linux_bridge.py", [directory["bridge.yaml"]] + inputs, inNamespace: true)
    _ = try Oracle.replay(directory["bridge.yaml"], ["a": a, "b": b, "c": c], to: directory["penstock"])
    for port in ["a", "b", "c"] {
      let captures = [directory["linux/\(port).pcap"], directory["penstock/\(port).pcap"]]
      try Oracle.run("compare_captures.py", captures + ["--exact", "--order"])
      #expect(try directory.capture("linux/\(port).pcap").count >= 20)
    }
  }
}

/// Captures that the tests make: hosts in network namespaces talk through the kernel, penstock replays what they sent,
/// and what leaves it is what they received.
@Suite(
  "Real traffic", .serialized, .enabled(if: Oracle.has(Oracle.hosts), Oracle.lacks(Oracle.hosts)))
struct RealTrafficTests {
  @Test("ping, traceroute, UDP and TCP between two hosts, bridged and routed", arguments: ["bridge", "router"])
  func conversations(through mode: String) throws {
    let directory = try ScratchDirectory()
    try Oracle.run("make_real_captures.py", [directory.path, "--through", mode, "--seconds", "0.5"], inNamespace: true)
    let sent = ["a": directory["a-sent.pcap"], "b": directory["b-sent.pcap"]]
    let json = try Oracle.replay(
      directory["config.yaml"], ["a": sent["a"] ?? "", "b": sent["b"] ?? ""], to: directory["out"])
    #expect(json.contains("\"errors\": []"))
    for host in ["a", "b"] {
      let (left, received) = (directory["out/\(host).pcap"], directory["\(host)-received.pcap"])
      let ignored = ["--ignore", "arp", "--ignore", "multicast-listener"]
      try Oracle.run("compare_captures.py", [left, received, "--lenient-icmp", "--order"] + ignored)
      #expect(try directory.capture("out/\(host).pcap").count > 200)
      // tshark finds the same conversations in what left as in what was received, and no segment sent again or lost.
      for view in ["conv,tcp", "conv,udp"] {
        let conversations = try Self.conversations(in: left, view)
        #expect(
          try conversations == Self.conversations(in: received, view) && conversations.count == 2, "\(host) \(view)")
      }
      let analysis = ["retransmission", "fast_retransmission", "out_of_order", "lost_segment", "duplicate_ack"]
      try Oracle.run(
        "tshark_check.py",
        [left] + analysis.flatMap { ["--expect", "tcp.analysis.\($0)=0"] })
    }
    try Oracle.run("scapy_check.py", [directory["out/a.pcap"], directory["out/b.pcap"]])
  }

  /// Addresses, ports, frames and bytes of each conversation, times left out.
  private static func conversations(in capture: String, _ view: String) throws -> Set<String> {
    let tshark = try #require(Program(named: "tshark"))
    let output = try tshark.run(["-n", "-r", capture, "-q", "-z", view]).output
    let lines = output.split(separator: "\n").filter { $0.contains("<->") }
    // The last two columns are when it began and how long it took.
    return Set(lines.map { $0.split(separator: " ").dropLast(2).joined(separator: " ") })
  }
}
