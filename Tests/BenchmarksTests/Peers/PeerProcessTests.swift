import Foundation
import Testing

@testable import Benchmarks

/// Programs that are started, and what is left of them: nothing.
@Suite(.serialized)
struct PeerProcessTests {
  @Test func aCommandSaysWhatItSaidWhenItFails() throws {
    let site = try PeerSite()
    #expect(try site.run(["/bin/sh", "-c", "echo out; echo err >&2"]) == "out\nerr\n")
    #expect { try site.run(["/bin/sh", "-c", "echo why >&2; exit 3"]) } throws: { "\($0)".contains("why") }
    #expect(throws: BenchmarkError.self) { try site.run(["/no/such/program"]) }
  }

  @Test func aProgramHasASessionOfItsOwnAndNoInput() throws {
    let site = try PeerSite()
    let process = try site.start("cat", ["/bin/sh", "-c", "cat; exec sleep 100"])
    #expect(getsid(process.pid) == process.pid)
    #expect(!process.hasEnded)
    process.end()
    #expect(process.hasEnded)
    #expect(kill(process.pid, 0) != 0)
  }

  @Test func aStoppedProgramTakesNoTime() throws {
    let site = try PeerSite()
    let process = try site.start("loop", ["/bin/sh", "-c", "while :; do :; done"])
    func used() -> UInt64 { process.processorNanoseconds().values.reduce(0, +) }
    try process.wait(10, for: "it ran") { used() > 1_000_000 }
    process.pause()
    // The signal has arrived once the kernel says so.
    try process.wait(10, for: "it was stopped") {
      let status = try String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
      return status.contains("T (stopped)")
    }
    let before = used()
    usleep(50_000)
    #expect(used() == before)
    process.resume()
    try process.wait(10, for: "it went on") { used() > before }
    // Also one that is stopped ends.
    process.pause()
    process.end()
    #expect(process.hasEnded)
  }

  @Test func whoDoesNotWantToEndIsKilled() throws {
    let site = try PeerSite()
    let process = try site.start("stubborn", ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"])
    try process.wait(10, for: "it was ready") { process.lastWords.contains("ready") }
    process.end(within: 0.2)
    #expect(process.hasEnded)
  }

  @Test func waitingEndsWithTheProgramAndSaysWhatItSaid() throws {
    let site = try PeerSite()
    let process = try site.start("short", ["/bin/sh", "-c", "echo cannot do that"])
    #expect {
      try process.wait(10, for: "it worked") { false }
    } throws: {
      "\($0)".contains("short ended before it worked") && "\($0)".contains("cannot do that")
    }
  }

  @Test func aSiteLeavesNothingAndSweepsWhatOthersLeft() throws {
    let parent = FileManager.default.temporaryDirectory.path + "/penstock-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: parent) }
    // A process that has ended, whose number nobody has again so soon.
    let gone = Process()
    gone.executableURL = URL(fileURLWithPath: "/bin/true")
    try gone.run()
    gone.waitUntilExit()
    let left = "\(parent)/penstock-peers-\(gone.processIdentifier)-abcdef"
    let other = "\(parent)/penstock-peers-1-abcdef"
    for path in [left, other] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    let site = try PeerSite(in: parent)
    #expect(!FileManager.default.fileExists(atPath: left))
    // Its process is there.
    #expect(FileManager.default.fileExists(atPath: other))
    let process = try site.start("sleep", ["/bin/sleep", "100"])
    site.close()
    #expect(process.hasEnded)
    #expect(try FileManager.default.contentsOfDirectory(atPath: parent) == ["penstock-peers-1-abcdef"])
  }
}
