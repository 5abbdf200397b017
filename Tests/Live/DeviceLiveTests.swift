import Foundation
import TestSupport
import Testing

/// Devices with something at the other end: hosts in network namespaces, testpmd, a process that is killed. What is
/// sent, and how it is compared, is in Tests/Oracles/live_devices.py.
@Suite("Devices with peers", .serialized, .enabled(if: Oracle.has(Oracle.devices), Oracle.lacks(Oracle.devices)))
struct DeviceLiveTests {
  private static func exchange(_ kind: String, _ options: String...) throws {
    let wire = URL(fileURLWithPath: Program.penstock.path).deletingLastPathComponent()
      .appendingPathComponent("device-wire").path
    let words = try Oracle.run("live_devices.py", [wire, kind] + options, inNamespace: true)
    let frames = words.split(separator: " ").compactMap { Int($0) }
    #expect(frames.contains { $0 > 1000 }, "\(words)")
    #expect(words.split(separator: "\n").allSatisfy { $0.contains("0 joined, 0 oversize") }, "\(words)")
  }

  @Test(
    "frames of every length arrive byte for byte, hosts ping and talk TCP",
    arguments: ["tap", "af_packet", "af_xdp", "memif", "vhost"])
  func frames(kind: String) throws { try Self.exchange(kind) }

  @Test("hosts on a TAP may keep their offloads: the kernel finishes what it sends into it")
  func offloads() throws { try Self.exchange("tap", "--offloads") }

  @Test("jumbo frames", arguments: ["af_packet", "memif", "vhost"])
  func jumbo(kind: String) throws { try Self.exchange(kind, "--mtu", "9000") }

  @Test("either side is killed and comes back", arguments: ["tap", "af_packet", "af_xdp", "memif", "vhost"])
  func killed(kind: String) throws { try Self.exchange(kind, "--kill") }

  @Test(
    "DPDK's testpmd at the other end", .enabled(if: Oracle.has(Oracle.testpmd), Oracle.lacks(Oracle.testpmd)),
    arguments: ["memif", "vhost"])
  func testpmd(kind: String) throws { try Self.exchange(kind, "--testpmd") }
}
