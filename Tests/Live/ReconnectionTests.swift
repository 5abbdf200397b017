import Foundation
import TestSupport
import Testing

/// A memif client whose server comes and goes. What happens is in Tests/Oracles/live_reconnect.py.
@Suite("Peers that come and go", .serialized)
struct ReconnectionTests {
  @Test(
    "a memif client lives through servers that are killed while both agree",
    .enabled(if: Oracle.has([.unshare, .namespaces]), Oracle.lacks([.unshare, .namespaces])))
  func killedServers() throws {
    let words = try Oracle.run("live_reconnect.py", [Program.penstock.path, "--kills", "20"], inNamespace: true)
    #expect(words.contains("ok "), "\(words)")
  }
}
