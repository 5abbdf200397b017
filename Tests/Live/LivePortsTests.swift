import Foundation
import TestSupport
import Testing

/// Ports that come to a live switch and leave it. What happens, and what is expected, is in Tests/Oracles/live_ports.py.
@Suite(
  "Ports of a live switch that come and go", .serialized,
  .enabled(if: Oracle.has(Oracle.devices), Oracle.lacks(Oracle.devices)))
struct LivePortsTests {
  @Test("hosts on other ports lose nothing, the place of a port is as good as new", arguments: [1, 2])
  func ports(workers: Int) throws {
    let words = try Oracle.run("live_ports.py", [Program.penstock.path, "\(workers)"], inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }
}
