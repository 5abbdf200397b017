import Foundation
import TestSupport
import Testing

@Suite("Where the output goes")
struct OutputDirectoryTests {
  @Test("directories above are made; a slash at the end changes nothing")
  func made() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run("replay", "leaf.yaml", "--in", "h1=a.pcap", "--out", "deep/er/out/")
    #expect(outcome.status == 0 && outcome.output.hasSuffix("Report: deep/er/out/report.html\n"))
    #expect(try fixture.directory.files(in: "deep/er/out") == CommandFixture.allOutputs)
  }

  @Test("a file in the place of the directory is named")
  func file() throws {
    let fixture = try CommandFixture()
    for out in ["a.pcap", "a.pcap/out"] {
      let outcome = try fixture.run("replay", "leaf.yaml", "--in", "h1=a.pcap", "--out", out)
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(
        outcome.errors.hasPrefix("error: a.pcap") && outcome.errors.contains("Not a directory"), "\(outcome.errors)")
    }
    #expect(try fixture.directory.files() == ["a.pcap", "leaf.yaml"])
  }

  @Test("a directory in the place of a capture or report is named, and no report is left")
  func directoryInPlace() throws {
    for name in ["h2.pcap", "report.json"] {
      let fixture = try CommandFixture()
      try FileManager.default.createDirectory(
        atPath: fixture.directory["out/\(name)/x"], withIntermediateDirectories: true)
      let outcome = try fixture.replay()
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("error: out/\(name): "), "\(outcome.errors)")
      let left = try fixture.outputs().filter { $0 != name }
      #expect(
        left.allSatisfy { !$0.contains("report") && !$0.hasSuffix(".partial") && !$0.hasSuffix(".tmp") }, "\(left)")
    }
  }

  @Test("a directory that may not be written to is named", .enabled(if: getuid() != 0, "root may write everywhere"))
  func noPermission() throws {
    let fixture = try CommandFixture()
    try FileManager.default.createDirectory(
      atPath: fixture.directory["out"], withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
    let outcome = try fixture.replay()
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: out/h1.pcap: Permission denied."), "\(outcome.errors)")
    #expect(try fixture.outputs().isEmpty)
  }

  @Test("a file system that is read-only is named", .enabled(if: PrivateMount.isPossible, PrivateMount.reason))
  func readOnly() throws {
    let fixture = try CommandFixture()
    let outcome = try PrivateMount.run(fixture, options: "size=1m", before: "mkdir out/sub && mount -o remount,ro out")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: out/"), "\(outcome.errors)")
    #expect(outcome.errors.contains("Read-only file system") && outcome.errors.contains("--out"))
    #expect(outcome.output == "sub\n")
  }

  @Test(
    "a disk that is full while captures are written: clear message, and nothing is left",
    .enabled(if: PrivateMount.isPossible, PrivateMount.reason), arguments: [[], ["--packets"]])
  func fullDisk(extra: [String]) throws {
    let fixture = try CommandFixture()
    // 9 MB of captures into 1 MB, many times over what is written at once.
    try fixture.directory.write(CommandFixture.frames(6000, length: 1500), to: "a.pcap")
    let outcome = try PrivateMount.run(fixture, options: "size=1m", arguments: extra)
    #expect(outcome.status == 1)
    // Whichever of capture and log is written first.
    let files = extra.isEmpty ? ["h2.pcap"] : ["h2.pcap", "packets.csv"]
    #expect(
      files.contains { outcome.errors.hasPrefix("error: out/\($0): No space left on device. Free space") },
      "\(outcome.errors)")
    #expect(outcome.output.isEmpty, "left: \(outcome.output)")
  }

  @Test(
    "a disk that fills up with the log of packets, and with the last bytes of the last capture",
    .enabled(if: PrivateMount.isPossible, PrivateMount.reason))
  func fullAtTheEnd() throws {
    let fixture = try CommandFixture()
    try fixture.directory.write(CommandFixture.frames(6000, length: 60), to: "a.pcap")
    // 456 kB of capture are written only when the file is closed.
    let capture = try PrivateMount.run(fixture, options: "size=300k")
    #expect(capture.status == 1)
    #expect(capture.errors.hasPrefix("error: out/h2.pcap: No space left on device."), "\(capture.errors)")
    #expect(capture.output.isEmpty, "left: \(capture.output)")
    // With a snap length the captures fit, and the log does not.
    let log = try PrivateMount.run(fixture, options: "size=300k", arguments: ["--packets", "--snap", "14"])
    #expect(log.status == 1)
    #expect(log.errors.hasPrefix("error: out/packets.csv: No space left on device. Free space"), "\(log.errors)")
    #expect(log.output.isEmpty, "left: \(log.output)")
  }

  @Test(
    "a disk that has no room for the report: captures are whole, and there is none of the report",
    .enabled(if: PrivateMount.isPossible, PrivateMount.reason))
  func noRoomForReport() throws {
    let fixture = try CommandFixture()
    let outcome = try PrivateMount.run(fixture, options: "size=16k")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: out/report."), "\(outcome.errors)")
    #expect(outcome.errors.contains("No space left on device"))
    #expect(outcome.output == "h1.pcap\nh2.pcap\n")
  }
}

/// Replays into a small file system of its own, in a mount namespace that vanishes with the run.
enum PrivateMount {
  static let isPossible = getuid() == 0 && Program(named: "unshare") != nil
  static let reason: Comment = "needs root and unshare to mount a small file system"

  /// Runs a replay; its output is what it left.
  static func run(
    _ fixture: CommandFixture, options: String, before: String = "true", arguments: [String] = []
  ) throws -> Program.Outcome {
    let extra = arguments.joined(separator: " ")
    let script = """
      mkdir -p out && mount -t tmpfs -o \(options) tmpfs out && \(before) || exit 99
      "$0" replay leaf.yaml --in h1=a.pcap --out out \(extra) > /dev/null
      status=$?
      ls -A out
      exit $status
      """
    return try fixture.shell(script, within: ["unshare", "-m"])
  }
}
