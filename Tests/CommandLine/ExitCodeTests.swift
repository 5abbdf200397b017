import Foundation
import TestSupport
import Testing

@Suite("Exit codes and messages")
struct ExitCodeTests {
  @Test("0: a replay writes a capture for each port and the report, and says nothing on standard error")
  func done() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.replay()
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(try fixture.outputs() == CommandFixture.allOutputs)
    #expect(outcome.output.contains("received 20 + originated 0 + replicated 0 = 20"))
    #expect(outcome.output.hasSuffix("Report: out/report.html\n"))
    #expect(try fixture.directory.capture("out/h2.pcap").count == 20)
    let report = try ReplayReport(try fixture.directory.text("out/report.json"))
    report.expectConserved()
    #expect(report.version == 2 && report.errors.isEmpty && report.totals.txPackets == 20)
  }

  @Test("0: a check prints every default and leaves nothing")
  func checked() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run("check", "leaf.yaml")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for word in ["leaf1", "h1", "25G", "10.0.2.1/24"] { #expect(outcome.output.contains(word), "\(word)") }
    #expect(try fixture.directory.files() == ["a.pcap", "leaf.yaml"])
  }

  @Test("1: a capture that breaks off is replayed up to there; the message and the report name the packet")
  func brokenCapture() throws {
    let fixture = try CommandFixture()
    try fixture.directory.write(Array(CaptureBytes().file(CommandFixture.frames(20)).dropLast(81)), to: "cut.pcap")
    let outcome = try fixture.replay("--in", "h1=cut.pcap")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: cut.pcap: broken at packet 19: truncated dump file"))
    #expect(outcome.output.contains("received 18 "))
    let report = try ReplayReport(try fixture.directory.text("out/report.json"))
    report.expectConserved()
    #expect(report.inputs.map(\.packets) == [18] && report.errors.count == 1)
    #expect(report.inputs[0].error?.hasPrefix("broken at packet 19") == true)
    #expect(try fixture.directory.capture("out/h2.pcap").count == 18)
  }

  @Test(
    "1: a capture that cannot be used stops the run, and no report stays, not even that of an earlier run",
    arguments: [
      ("missing.pcap", "missing.pcap: No such file or directory."), (".", ".: is a directory."),
      ("raw.pcap", "raw.pcap: link type 12 (raw IP) is not Ethernet."), ("pipe", "pipe: is not a regular file."),
      ("empty.pcap", "empty.pcap: truncated dump file"), ("leaf.yaml", "leaf.yaml: unknown file format."),
    ])
  func unusableCapture(name: String, message: String) throws {
    let fixture = try CommandFixture()
    try fixture.directory.write(CommandFixture.frames(1), CaptureBytes(linkType: 101), to: "raw.pcap")
    try fixture.directory.write("", to: "empty.pcap")
    mkfifo(fixture.directory["pipe"], 0o600)
    #expect(try fixture.replay().status == 0)
    let outcome = try fixture.replay("--in", "h1=a.pcap", "--in", "h2=\(name)")
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("error: \(message)"), "\(outcome.errors)")
    #expect(try fixture.outputs().allSatisfy { !$0.contains("report") && !$0.hasSuffix(".partial") })
  }

  @Test("1: --strict names the packet and what to do")
  func strict() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.replay("--strict", "--speed", "1000x")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: a.pcap: packet 2 arrives 6040 ps before the wire of port h1 is free."))
    #expect(try fixture.outputs().isEmpty)
  }

  @Test("1: an input that the output would overwrite is refused and kept")
  func overwrite() throws {
    let fixture = try CommandFixture()
    let bytes = try fixture.directory.read("a.pcap")
    try fixture.directory.write(bytes, to: "h2.pcap")
    let outcome = try fixture.run("replay", "leaf.yaml", "--in", "h1=h2.pcap", "--out", ".")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: h2.pcap: would be overwritten by the output."))
    #expect(try fixture.directory.read("h2.pcap") == bytes)
  }

  @Test(
    "2: all mistakes of a configuration are listed with line, key and remedy, and nothing is made",
    arguments: ["check", "replay"])
  func mistakes(command: String) throws {
    let fixture = try CommandFixture()
    let text = """
      switch: {name: leaf1, mac: "02:00:00:00:00:0g"}
      ports:
        - {name: h1, sped: 100G}
        - {name: h2, speed: 25Q}
      qos:
        queues:
          3: {ecn: {kmni: 100kB, kmax: 400kB, pmax: 120%}}

      """
    try fixture.directory.write(text, to: "leaf.yaml")
    let outcome = try command == "check" ? fixture.run("check", "leaf.yaml") : fixture.replay()
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    let lines = outcome.errors.split(separator: "\n")
    for (line, part) in [
      ("1", "switch.mac"), ("3", "unknown key `sped`, did you mean `speed`?"), ("4", "ports[1].speed"),
      ("7", "unknown key `kmni`, did you mean `kmin`?"), ("7", "pmax"),
    ] {
      #expect(lines.contains { $0.hasPrefix("leaf.yaml:\(line): ") && $0.contains(part) }, "\(part)\n\(outcome.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: fixture.directory["out"]))
  }

  @Test("2: a configuration that is not there is named")
  func noConfiguration() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.run("check", "none.yaml")
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.errors == "none.yaml: cannot read `none.yaml`: no such file or directory, check the path\n")
  }

  @Test(
    "64: what is wrong on the command line is said with what would be right",
    arguments: [
      (["--in", "h11=a.pcap"], "--in h11=a.pcap: no port is named `h11`, did you mean `h1`?"),
      (["--in", "spine=a.pcap"], "--in spine=a.pcap: no port is named `spine`, write `h1` or `h2`"),
      (["--in", "h1"], "--in h1: write PORT=VALUE."), (["--in", "=a.pcap"], "--in =a.pcap: write PORT=VALUE."),
      (["--in", "h1="], "--in h1=: nothing follows the =."),
      (["--speed", "fast"], "--speed fast: write a factor (2x, 0.5x), a rate (100G), or max."),
      (["--speed", "0x"], "--speed 0x: write a factor (2x, 0.5x), a rate (100G), or max."),
      (["--speed", "9k"], "--speed 9k: at least 10k."),
      (["--loop", "0"], "--loop 0: play the captures at least once."),
      (["--snap", "13"], "--snap 13: between 14 and 262144 bytes."),
      (["--start", "5"], "--start 5: write a time with its unit, such as 10ms or 2s."),
      (["--start", "2ms", "--until", "1ms"], "--until lies before --start: nothing would be replayed."),
      (["--filter", "h2=arp"], "--filter h2=...: no capture arrives on h2; add --in h2=FILE."),
      (
        ["--filter", "h1=arp", "--filter", "h1=ip"],
        "--filter h1=ip: h1 has a filter already; write one with `and` or `or`."
      ),
      (["--pause", "stop"], "--pause stop: write obey or ignore."),
      (
        ["--source-response", "late"],
        "--source-response late: write immediate, standard, or a time with its unit, such as 500ns."
      ),
      (
        ["--pause", "ignore", "--source-response", "standard"],
        "--source-response: has no meaning with --pause ignore."
      ),
      (["--pfc-log", ""], "--pfc-log: name a file."),
      (["--serialization", "ns"], "--serialization ns: write exact or truncate-ns."),
      (
        ["--packet-memory", "1"],
        "--packet-memory 1: write a size with its unit, such as 512MiB or 4GiB."
      ), (["--packet-memory", "1MiB"], "--packet-memory 1MiB: between 64MiB and 1TiB."),
      (["--out", ""], "--out: name a directory; the present one is `.`."),
      (["--sped", "2x"], "Unknown option '--sped'"),
      (["--loop", "two"], "The value 'two' is invalid for '--loop <n>'"),
    ])
  func wrongCommandLine(arguments: [String], message: String) throws {
    let fixture = try CommandFixture()
    var all = ["replay", "leaf.yaml"]
    if !arguments.contains("--in") { all += ["--in", "h1=a.pcap"] }
    if !arguments.contains("--out") { all += ["--out", "out"] }
    let outcome = try Program.penstock.run(all + arguments, directory: fixture.directory.path)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.lowercased().hasPrefix("error: \(message.lowercased())"), "\(outcome.errors)")
    #expect(outcome.errors.contains("penstock replay --help"))
    #expect(try fixture.directory.files() == ["a.pcap", "leaf.yaml"])
  }

  @Test("64: a replay of nothing, or into nowhere")
  func missingArguments() throws {
    let fixture = try CommandFixture()
    let noInput = try fixture.run("replay", "leaf.yaml", "--out", "out")
    #expect(noInput.status == 64 && noInput.errors.contains("Name at least one capture: --in PORT=FILE."))
    let noOutput = try fixture.run("replay", "leaf.yaml", "--in", "h1=a.pcap")
    #expect(noOutput.status == 64 && noOutput.errors.contains("--out <dir>"))
    #expect(try fixture.run("reply", "leaf.yaml").status == 64)
  }
}
