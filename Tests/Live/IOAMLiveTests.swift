import TestSupport
import Testing

/// Kernels and switches as nodes of one IOAM domain. What is expected is in Tests/Oracles/live_ioam.py.
@Suite(
  "IOAM among Linux kernels", .serialized, .enabled(if: Oracle.has(Oracle.kernel), Oracle.lacks(Oracle.kernel)))
struct IOAMLiveTests {
  @Test("each node of a row writes its own data into the same packet", arguments: ["KPK", "PKP"])
  func row(nodes: String) throws {
    let words = try Oracle.run("live_ioam.py", [Program.penstock.path, nodes], inNamespace: true)
    #expect(words.contains("ok ") && !words.contains("FAULT"), "\(words)")
  }
}
