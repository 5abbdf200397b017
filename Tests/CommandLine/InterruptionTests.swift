import Foundation
import TestSupport
import Testing

@Suite("A replay that is told to end")
struct InterruptionTests {
  /// Starts a replay that would take for ever, and waits until it has begun.
  private func start(_ fixture: CommandFixture, prefix: String = "exec") throws -> (Process, Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "\(prefix) \"$0\" replay leaf.yaml --in h1=a.pcap --out out --loop 1000000000 --packets",
      Program.penstock.path,
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: fixture.directory.path)
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.runWithSignals()
    let deadline = Date() + 30
    while try !fixture.outputs().contains("packets.csv.partial"), Date() < deadline { usleep(20_000) }
    return (process, errors)
  }

  @Test("it removes what is unfinished and ends by that signal", arguments: [SIGINT, SIGTERM, SIGHUP])
  func cleansUp(signal: Int32) throws {
    let fixture = try CommandFixture()
    #expect(try fixture.replay().status == 0)
    let (process, errors) = try start(fixture)
    #expect(try fixture.outputs() == ["h1.pcap.partial", "h2.pcap.partial", "packets.csv.partial"])
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
    let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text == "error: stopped before the end; nothing was left behind\n")
    #expect(try fixture.outputs().isEmpty)
  }

  @Test("told again it ends at once; what it could not remove is called .partial, and the next run replaces it")
  func insisted() throws {
    let fixture = try CommandFixture()
    let (process, _) = try start(fixture)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try fixture.outputs() == ["h1.pcap.partial", "h2.pcap.partial", "packets.csv.partial"])
    #expect(try fixture.replay("--packets").status == 0)
    #expect(try fixture.outputs() == (CommandFixture.allOutputs + ["packets.csv"]).sorted())
  }

  @Test("a signal that was ignored when it began stays ignored")
  func ignored() throws {
    let fixture = try CommandFixture()
    let (process, _) = try start(fixture, prefix: "trap '' HUP; exec")
    kill(process.processIdentifier, SIGHUP)
    usleep(500_000)
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationStatus == SIGTERM)
    let left = try fixture.outputs()
    #expect(left.isEmpty, "\(left)")
  }
}
