import Foundation
import TestSupport
import Testing

/// Frames rewritten by penstock, read by tshark and scapy: nothing malformed, every checksum right, and the ICRC, which
/// covers what a switch must leave alone, still valid.
@Suite("Output dissected by others", .enabled(if: Oracle.has(Oracle.files), Oracle.lacks(Oracle.files)))
struct DissectionTests {
  private static let examples = Program.packageDirectory + "/examples"
  private static let leafPorts = ["h1", "h2", "h3", "b1", "b2", "s1", "s2"]

  /// Replays all captures of the leaf with another configuration.
  private func replayLeaf(_ directory: ScratchDirectory, adding lines: String = "") throws -> [String] {
    let text = try String(contentsOfFile: Self.examples + "/leaf.yaml", encoding: .utf8) + lines
    let configuration = try directory.write(text, to: "leaf.yaml")
    let inputs = Self.leafPorts.flatMap { ["--in", "\($0)=\(Self.examples)/captures/\($0).pcap"] }
    let outcome = try Program.penstock.run(["replay", configuration, "--out", directory["out"]] + inputs)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return Self.leafPorts.map { directory["out/\($0).pcap"] }
  }

  /// The sum of what scapy_check.py found right of a kind.
  private func right(_ kind: String, in output: String) -> Int {
    output.matches(of: /(\d+) ([A-Za-z]+)/).filter { $0.2 == kind }.compactMap { Int($0.1) }.reduce(0, +)
  }

  @Test("the judges themselves find the faults of damaged captures")
  func judges() throws {
    try Oracle.run("test_oracles.py", ["Judges"])
  }

  @Test("the leaf's example: routed, bridged, tagged, cut, answered by ICMP, ARP and ND")
  func leaf() throws {
    let directory = try ScratchDirectory()
    let outputs = try replayLeaf(directory)
    let counts = [
      // Three packets without a route, three whose TTL ran out, a solicitation from each spine; h1, h2 and h3 ask for
      // their gateway, and b1 for b2, which answers itself. LLDP and PFC end in the switch.
      "icmp.type == 3=3", "icmp.type == 11=3", "icmpv6.type == 136=2", "arp.opcode == 2=4", "lldp=0", "macc=0",
    ]
    try Oracle.run("tshark_check.py", outputs + counts.flatMap { ["--expect", $0] })
    let scapy = try Oracle.run("scapy_check.py", outputs)
    #expect(right("ICRCs", in: scapy) > 5000 && right("checksums", in: scapy) > 6000)
  }

  @Test("another DSCP changes the IP checksum and not the ICRC")
  func remarked() throws {
    let directory = try ScratchDirectory()
    let outputs = try replayLeaf(directory, adding: "\nacl:\n  - {action: {remark: 34}, protocol: udp, dscp: 26}\n")
    let filter = "infiniband && ip.dsfield.dscp == 26 || infiniband && ipv6.tclass.dscp == 26"
    try Oracle.run("tshark_check.py", outputs + ["--expect", "\(filter)=0"])
    let scapy = try Oracle.run("scapy_check.py", outputs)
    #expect(right("ICRCs", in: scapy) > 5000)
  }

  @Test("real soft-RoCE through a bridge leaves byte for byte as it came")
  func softRoCEBridged() throws {
    let directory = try ScratchDirectory()
    let (a, b) = (Self.examples + "/captures/host-a.pcap", Self.examples + "/captures/host-b.pcap")
    _ = try Oracle.replay(Self.examples + "/bridge.yaml", ["a": a, "b": b], to: directory["out"])
    try Oracle.run("compare_captures.py", [a, directory["out/b.pcap"], "--exact", "--order"])
    try Oracle.run("compare_captures.py", [b, directory["out/a.pcap"], "--exact", "--order"])
    let outputs = [directory["out/a.pcap"], directory["out/b.pcap"]]
    try Oracle.run("tshark_check.py", outputs + ["--expect", "infiniband=1417"])
    #expect(right("ICRCs", in: try Oracle.run("scapy_check.py", outputs)) == 1417)
  }

  @Test("real soft-RoCE through a router: new MAC addresses, TTL and DSCP, and the ICRC of Linux still holds")
  func softRoCERouted() throws {
    let directory = try ScratchDirectory()
    let configuration = try directory.write(
      """
      switch: {name: router, id: 1, mac: "02:00:00:00:00:01"}
      ports:
        - {name: a, speed: 25G, address: 10.9.0.0/31}
        - {name: b, speed: 25G, address: 10.9.0.3/31}
      neighbors:
        - {port: a, address: 10.9.0.1, mac: "52:54:00:00:00:0a"}
        - {port: b, address: 10.9.0.2, mac: "52:54:00:00:00:0b"}
      acl:
        - {action: {remark: 40}, protocol: udp, destination-port: 4791}

      """, to: "router.yaml")
    let inputs = (Self.examples + "/captures/host-a.pcap", Self.examples + "/captures/host-b.pcap")
    _ = try Oracle.replay(configuration, ["a": inputs.0, "b": inputs.1], to: directory["out"], ["--any-mac"])
    let outputs = [directory["out/a.pcap"], directory["out/b.pcap"]]
    try Oracle.run(
      "tshark_check.py",
      outputs + [
        "--expect", "infiniband && ip.ttl == 63 && ip.dsfield.dscp == 40 && eth.src == 02:00:00:00:00:01=1417",
        "--expect", "infiniband=1417", "--expect", "tcp.analysis.retransmission=0",
      ])
    #expect(right("ICRCs", in: try Oracle.run("scapy_check.py", outputs)) == 1417)
  }
}
