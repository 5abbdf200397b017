import Foundation
import TestSupport
import Testing

/// Linux hosts that talk through `penstock run`. What they do, and what is expected, is in Tests/Oracles/live_switch.py.
@Suite("A live switch", .serialized, .enabled(if: Oracle.has(Oracle.liveHosts), Oracle.lacks(Oracle.liveHosts)))
struct LiveSwitchTests {
  @Test(
    "hosts talk, TCP slows down for marks, XOFF stops one priority, reloads lose nothing, two workers are one switch, a killed switch starts again",
    arguments: ["traffic", "ecn", "pause", "reload", "workers", "restart"])
  func scenario(name: String) throws {
    let words = try Oracle.run("live_switch.py", [Program.penstock.path, name], inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }
}
