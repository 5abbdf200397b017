import Foundation
import TestSupport
import Testing

/// Switches of one process and the links between them. What happens, and what is expected, is in
/// Tests/Oracles/live_links.py.
@Suite("Links between live switches", .serialized)
struct LiveLinksTests {
  @Test(
    "a round trip is longer by the delays of the links, on one worker and on several; nothing is lost",
    .enabled(if: Oracle.has(Oracle.liveHosts), Oracle.lacks(Oracle.liveHosts)), arguments: ["", "0"])
  func delay(cpus: String) throws {
    let more = cpus.isEmpty ? [] : ["--cpus", cpus]
    let words = try Oracle.run("live_links.py", [Program.penstock.path, "delay"] + more, inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }

  @Test(
    "PFC crosses a link, and an incast behind it loses nothing",
    .enabled(
      if: Oracle.has(Oracle.devices + [.scapy]), Oracle.lacks(Oracle.devices + [.scapy])))
  func incast() throws {
    let words = try Oracle.run("live_links.py", [Program.penstock.path, "incast"], inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }
}
