import Foundation
import TestSupport
import Testing

@Suite("What the program prints")
struct PresentationTests {
  @Test("--json prints report.json byte for byte, and nothing else")
  func json() throws {
    let fixture = try CommandFixture()
    let outcome = try fixture.replay("--json")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output == (try fixture.directory.text("out/report.json")))
    try ReplayReport(outcome.output).expectConserved()
    let check = try fixture.run("check", "leaf.yaml", "--json")
    let parsed = try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [String: Any]
    #expect(check.status == 0 && parsed?.isEmpty == false)
  }

  @Test("results that cannot be printed are an error, with the report in place")
  func outputLost() throws {
    let fixture = try CommandFixture()
    for arguments in [
      "replay leaf.yaml --in h1=a.pcap --out out", "replay leaf.yaml --in h1=a.pcap --out out --json",
      "check leaf.yaml", "check leaf.yaml --json",
    ] {
      let outcome = try fixture.shell("exec \"$0\" \(arguments) > /dev/full")
      #expect(outcome.status == 1, "\(arguments)")
      #expect(outcome.errors.hasPrefix("error: standard output: cannot be written: No space left on device."))
    }
    #expect(try fixture.outputs() == CommandFixture.allOutputs)
  }

  @Test(
    "help names every command and option",
    arguments: [
      (["--help"], ["check", "replay", "Exit codes", "--version"]), (["check", "--help"], ["<config>", "--json"]),
      (["help", "check"], ["<config>", "--json"]),
      (
        ["replay", "--help"],
        [
          "--in", "--out", "--speed", "--loop", "--start", "--until", "--snap", "--seed", "--filter", "--strict",
          "--any-mac", "--packets", "--json",
        ]
      ),
    ])
  func help(arguments: [String], words: [String]) throws {
    let outcome = try Program.penstock.run(arguments)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for word in words { #expect(outcome.output.contains(word), "\(word)") }
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test("the version is one line")
  func version() throws {
    let outcome = try Program.penstock.run(["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /penstock \d+\.\d+\.\d+\n/) != nil)
  }

  @Test("completion scripts know the commands and options; bash accepts its own", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) throws {
    let outcome = try Program.penstock.run(["--generate-completion-script", shell])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for word in ["check", "replay", "speed", "until"] { #expect(outcome.output.contains(word), "\(word)") }
    guard shell == "bash" else { return }
    let directory = try ScratchDirectory()
    let script = try directory.write(outcome.output, to: "script")
    #expect(try Program(path: "/usr/bin/env").run(["bash", "-n", script]).status == 0)
  }

  @Test("no colour and no progress where there is no terminal")
  func plain() throws {
    let fixture = try CommandFixture()
    for outcome in [try fixture.replay(), try fixture.run("check", "leaf.yaml")] {
      #expect(!outcome.output.contains("\u{1B}") && !outcome.errors.contains("\u{1B}"))
      #expect(!outcome.output.contains("\r") && outcome.errors.isEmpty)
    }
  }

  @Test(
    "colour and a progress bar on a terminal, unless NO_COLOR or TERM=dumb object",
    .enabled(if: Program(named: "script") != nil, "needs script(1) for a terminal"))
  func terminal() throws {
    let fixture = try CommandFixture()
    func typescript(_ environment: [String: String?]) throws -> String {
      let command = "'\(Program.penstock.path)' replay leaf.yaml --in h1=a.pcap --out out"
      let script = try #require(Program(named: "script"))
      let outcome = try script.run(
        ["-qec", command, "/dev/null"], environment: environment, directory: fixture.directory.path)
      #expect(outcome.status == 0)
      return outcome.output
    }
    let colour = "\u{1B}[1m"
    let coloured = try typescript(["NO_COLOR": nil, "TERM": "xterm"])
    #expect(coloured.contains(colour) && coloured.contains("] 100 % 20 packets"))
    #expect(try typescript(["NO_COLOR": "", "TERM": "xterm"]).contains(colour))
    #expect(try !typescript(["NO_COLOR": "1", "TERM": "xterm"]).contains(colour))
    #expect(try !typescript(["NO_COLOR": nil, "TERM": "dumb"]).contains(colour))
  }
}
