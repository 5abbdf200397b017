import Foundation
import TestSupport
import Testing

/// Linux hosts that talk through `penstock run`. What they do, and what is expected, is in
/// Tests/Oracles/live_switch.py, live_testpmd.py and live_incast.py.
@Suite("A live switch", .serialized, .enabled(if: Oracle.has(Oracle.liveHosts), Oracle.lacks(Oracle.liveHosts)))
struct LiveSwitchTests {
  @Test(
    "hosts talk, TCP slows down for marks, XOFF stops one priority, reloads lose nothing, two workers are one switch, a killed switch starts again",
    arguments: ["traffic", "ecn", "pause", "reload", "workers", "restart"])
  func scenario(name: String) throws {
    let words = try Oracle.run("live_switch.py", [Program.penstock.path, name], inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }

  @Test(
    "testpmd returns every frame over shared memory, unchanged",
    .enabled(if: Oracle.has(Oracle.testpmd), Oracle.lacks(Oracle.testpmd)), arguments: ["memif", "vhost"])
  func testpmd(kind: String) throws {
    let words = try Oracle.run("live_testpmd.py", [Program.penstock.path, kind], inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }

  @Test(
    "an incast loses nothing if senders obey PFC, and something otherwise; the watchdog ends a storm",
    .enabled(if: Oracle.has([.scapy]), Oracle.lacks([.scapy])), arguments: ["pfc", "deaf", "lossy", "storm"])
  func incast(scenario: String) throws {
    let words = try Oracle.run("live_incast.py", [Program.penstock.path, scenario], inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }
}
