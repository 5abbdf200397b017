import Foundation
import TestSupport
import Testing

/// `penstock send` against tcpdump and the kernel's bridge, in a network namespace of its own.
@Suite(
  "Sending into the kernel", .serialized, .enabled(if: Oracle.has(Oracle.hosts), Oracle.lacks(Oracle.hosts)))
struct SendTests {
  private static let count = 400

  /// Frames 250 us apart, every one different.
  private static let frames = (0..<count).map { number in
    var frame = Frame(
      from: "10.0.1.2", to: "10.0.2.2", sourceMAC: 0x0200_0000_0A01)
    frame.destinationMAC = 0x0200_0000_0B01
    frame.identification = UInt16(number)
    return StampedFrame(
      at: 1_700_000_000_000_000_000 + UInt64(number) * 250_000,
      frame.udp(1000, 2000, (0..<UInt8(number % 200)).map { $0 }, size: 60))
  }

  /// Runs commands in a namespace with tcpdump on an interface; `$0` is penstock.
  private func run(
    _ setup: String, listen interface: String, _ command: String, in directory: ScratchDirectory
  ) throws -> Program.Outcome {
    try directory.write(Self.frames, to: "in.pcap")
    let script = """
      set -e
      sysctl -qw net.ipv6.conf.default.disable_ipv6=1
      \(setup)
      { \(command); } >out.json 2>err.txt & sender=$!
      wait_for() { for i in $(seq 100); do if eval "$1"; then return 0; fi; sleep 0.05; done; return 1; }
      wait_for "ip link show \(interface) >/dev/null 2>&1"
      ip link set \(interface) up
      tcpdump -i \(interface) -Q in -U -s 0 --time-stamp-precision=nano -w seen.pcap udp 2>tcpdump.txt & dump=$!
      wait_for "grep -q listening tcpdump.txt"
      touch ready
      status=0; wait $sender || status=$?
      sleep 0.3
      kill -INT $dump 2>/dev/null || true; wait $dump || true
      cat out.json; cat err.txt >&2
      exit $status
      """
    return try Program(path: "/usr/bin/env").run(
      ["unshare", "-n", "/bin/sh", "-c", script, Program.penstock.path], directory: directory.path, limit: 60)
  }

  private func expectAll(_ directory: ScratchDirectory) throws {
    let seen = try directory.capture("seen.pcap")
    #expect(seen.map(\.bytes) == Self.frames.map(\.bytes))
    // Frames are never early, so the whole takes at least as long as the capture, but for the jitter of one stamp.
    let (first, last) = (try #require(seen.first), try #require(seen.last))
    let length = UInt64(Self.count - 1) * 250_000
    #expect(last.stamp - first.stamp > length - 20_000_000 && last.stamp - first.stamp < length + 500_000_000)
  }

  @Test(
    "through the kernel's bridge over packet sockets: nothing is lost, changed or reordered, and tcpdump saw the same")
  func bridge() throws {
    let directory = try ScratchDirectory()
    let setup = """
      ip link add left0 type veth peer name left1
      ip link add right0 type veth peer name right1
      ip link add bridge0 type bridge
      for i in left1 right1; do ip link set $i master bridge0; done
      for i in left0 left1 right0 right1 bridge0; do ip link set $i up; done
      sleep 0.2
      """
    let command =
      "while [ ! -e ready ]; do sleep 0.05; done; $0 send in.pcap --device af_packet:left0 --receive af_packet:right0 --json"
    let outcome = try run(setup, listen: "right0", command, in: directory)
    #expect(outcome.status == 0, "\(outcome.errors)")
    try expectAll(directory)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let returned = try #require(report["returned"] as? [String: Any])
    for (key, value) in [("frames", Self.count), ("lost", 0), ("reordered", 0), ("duplicated", 0), ("ambiguous", 0)] {
      #expect(returned[key] as? Int == value, "\(key)")
    }
    let latency = try #require(returned["latency"] as? [String: Any])
    #expect(latency["count"] as? Int == Self.count && (latency["p50Ns"] as? Double ?? 0) > 0)
  }

  @Test("into a TAP that it makes: tcpdump sees frames in order, and the TAP is gone afterwards")
  func tap() throws {
    let directory = try ScratchDirectory()
    let command = "$0 send in.pcap --device tap:gen0 --rate 4kpps --loop 10; ! ip link show gen0 2>/dev/null"
    let outcome = try run("true", listen: "gen0", command, in: directory)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let seen = try directory.capture("seen.pcap")
    // tcpdump misses what passed before it listened, what the kernel had not handed to it when the TAP went, and now and
    // then a frame when the machine is busy; that nothing is lost is shown by counting above. What it saw is unchanged
    // and in order: one step back would be nearly a whole round forward, and there are ten rounds in all.
    #expect(seen.count > 2 * Self.count)
    let numbers = seen.map { frame in Self.frames.firstIndex { $0.bytes == frame.bytes } }
    #expect(!numbers.contains(nil))
    let steps = zip(numbers, numbers.dropFirst()).map { (($1 ?? 0) - ($0 ?? 0) + Self.count - 1) % Self.count + 1 }
    #expect(steps.reduce(0, +) < 10 * Self.count)
  }
}
