import Foundation
import TestSupport
import Testing

private let needs = Oracle.devices + [.tshark]

/// `penstock capture` on a running switch between two hosts in namespaces, read by tshark.
@Suite(
  "Captures of a running switch", .serialized, .enabled(if: Oracle.has(needs), Oracle.lacks(needs)))
struct CaptureLiveTests {
  private static let configuration = """
    switch: {name: leaf1}
    ports:
      - {name: h1, speed: 1G, mtu: 1500, device: "tap:ph1", address: 10.0.1.1/24}
      - {name: h2, speed: 1G, mtu: 1500, device: "tap:ph2", address: 10.0.2.1/24}
    """

  /// Two hosts on TAPs of a switch; `$0` is penstock.
  private static let setup = """
    set -e
    unshare -n sleep 60 & one=$!
    unshare -n sleep 60 & two=$!
    $0 run leaf.yaml --socket s.sock --duration 60s >run.txt 2>run.err & switch=$!
    trap 'kill -9 $one $two $switch 2>/dev/null || true' EXIT
    export PENSTOCK_SOCKET=s.sock
    wait_for() { for i in $(seq 200); do if eval "$1"; then return 0; fi; sleep 0.02; done; echo "no: $1" >&2; return 1; }
    host() { pid=$1; shift; nsenter -t $pid -n "$@"; }
    for pid in $one $two; do
      wait_for "[ $(readlink /proc/self/ns/net) != \\$(readlink /proc/$pid/ns/net) ]"
      host $pid sysctl -qw net.ipv6.conf.default.disable_ipv6=1
    done
    wait_for "ip link show ph2 >/dev/null 2>&1"
    wait_for "$0 show ports >/dev/null 2>&1"
    attach() {
      ip link set $2 netns $1
      host $1 ip addr add 10.0.$3.2/24 dev $2
      host $1 ip link set $2 up
      host $1 ip route add default via 10.0.$3.1
    }
    attach $one ph1 1
    attach $two ph2 2
    wait_for "host $one ping -c 1 -W 0.2 10.0.2.2 >/dev/null"
    capture() { name=$1; shift; env --default-signal=INT $0 capture "$@" -w $name.pcapng >$name.txt 2>$name.err & }

    """

  private func run(_ script: String, in directory: ScratchDirectory) throws {
    try directory.write(Self.configuration, to: "leaf.yaml")
    let outcome = try Program(path: "/usr/bin/env").run(
      ["unshare", "-n", "/bin/sh", "-c", Self.setup + script, Program.penstock.path], directory: directory.path,
      limit: 50)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\((try? directory.text("run.err")) ?? "")")
  }

  private func rows(_ path: String, filter: String, _ fields: [String]) throws -> [[String]] {
    let tshark = try #require(Program(named: "tshark"))
    let outcome = try tshark.run(["-n", "-r", path, "-Y", filter, "-T", "fields"] + fields.flatMap { ["-e", $0] })
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test("both directions of a ping, and the reason of what is dropped")
  func ping() throws {
    let directory = try ScratchDirectory()
    let script = """
      capture all h1; all=$!
      wait_for "grep -q capturing all.err"
      # A port has one capture at a time, and a path that holds something else stays as it is.
      ! $0 capture h1 -w other.pcapng 2>conflict.err
      ! $0 capture h2 -w leaf.yaml 2>path.err
      host $one ping -c 3 -i 0.05 10.0.2.2 >/dev/null
      ! host $one ping -c 2 -i 0.05 -W 1 192.0.2.1 >/dev/null
      kill -INT $all; wait $all
      $0 capture h1 --count 1 --duration 20ms -w short.pcapng >short.txt
      """
    try run(script, in: directory)
    let fields = ["frame.packet_flags_direction", "icmp.type", "ip.src", "ip.ttl", "frame.comment"]
    let (inbound, outbound) = ("0x00000001", "0x00000002")
    let pinged = try rows(directory["all.pcapng"], filter: "icmp && ip.addr == 10.0.2.2", fields)
    let exchange = [
      [inbound, "8", "10.0.1.2", "64", ""], [outbound, "0", "10.0.2.2", "63", ""],
    ]
    #expect(pinged == exchange + exchange + exchange, "\(pinged)")
    let lost = try rows(directory["all.pcapng"], filter: "icmp && ip.dst == 192.0.2.1", fields)
    let drop = [inbound, "8", "10.0.1.2", "64", "dropped: no-route"]
    // The switch says so to the host, and quotes what it dropped.
    let notice = [outbound, "3,8", "10.0.1.1,10.0.1.2", "64,64", ""]
    #expect(lost == [drop, notice, drop, notice], "\(lost)")
    let told = try directory.text("all.txt")
    let count = try rows(directory["all.pcapng"], filter: "frame", ["frame.number"]).count
    #expect(told == "\(count) packets written to \(directory["all.pcapng"]), 0 missed\n")
    #expect(try directory.text("conflict.err").contains("is under way on port h1"))
    #expect(try directory.text("path.err").contains("leaf.yaml exists and is no capture; choose another name"))
    #expect(try directory.text("leaf.yaml") == Self.configuration)
  }

  @Test("only what matches, until the count is reached; and a file that is complete when the switch is stopped")
  func matching() throws {
    let directory = try ScratchDirectory()
    let script = """
      capture marked h2 --direction out --queue 3 --match "dscp: 26" --snap 60 --count 2 --duration 10s --json; marked=$!
      capture drops h1 --drops; drops=$!
      wait_for "grep -q capturing marked.err && grep -q capturing drops.err"
      host $one ping -c 2 -i 0.05 10.0.2.2 >/dev/null
      host $one ping -Q 0x68 -c 3 -i 0.05 10.0.2.2 >/dev/null
      wait $marked
      ! host $one ping -c 1 -W 0.2 192.0.2.1 >/dev/null
      kill -TERM $switch; wait $switch || true
      wait $drops || true
      """
    try run(script, in: directory)
    let fields = ["frame.packet_flags_direction", "ip.dsfield.dscp", "icmp.seq", "frame.len", "frame.cap_len"]
    let marked = try rows(directory["marked.pcapng"], filter: "frame", fields)
    #expect(
      marked == [["0x00000002", "26", "1", "98", "60"], ["0x00000002", "26", "2", "98", "60"]], "\(marked)")
    let status = try JSONSerialization.jsonObject(with: Data(try directory.text("marked.txt").utf8)) as? [String: Any]
    #expect(status?["state"] as? String == "complete" && status?["packets"] as? Int == 2, "\(status ?? [:])")
    #expect(
      try rows(directory["drops.pcapng"], filter: "frame", ["ip.dst", "frame.comment"])
        == [["192.0.2.1", "dropped: no-route"]])
  }
}
