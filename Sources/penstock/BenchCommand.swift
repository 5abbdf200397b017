import ArgumentParser
import Benchmarks
import Control
import Foundation

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure what this machine can do with the switch, beside other programs where they are installed.",
    discussion: """
      Without SUITE all usual suites run. Absolute numbers move with the machine; what counts are ratios within one run.

      Exit codes: 0 done; 1 something failed; 64 the command line is wrong.
      """)

  @Argument(help: ArgumentHelp("A suite; see --list.", valueName: "suite"))
  var suites: [String] = []

  @Flag(help: "List the suites instead of running them.")
  var list = false

  @Option(help: ArgumentHelp("Write the results as JSON lines to this file.", valueName: "file"), completion: .file())
  var json: String?

  @Option(help: ArgumentHelp("Write the results as an HTML page to this file.", valueName: "file"), completion: .file())
  var html: String?

  @Option(
    help: ArgumentHelp("Compare with results of an earlier run.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var compare: String?

  @Flag(help: "Measure for a shorter time: all usual suites within 5 minutes.")
  var quick = false

  @Option(help: ArgumentHelp("How often everything takes its turn, 3 to 1000.", valueName: "number"))
  var rounds: Int?

  @Option(
    help: ArgumentHelp("Measure with the frames of this capture.", valueName: "file"),
    completion: .file(extensions: ["pcap", "pcapng"]))
  var pcap: String?

  @Option(
    help: ArgumentHelp("Count packets through the switch at this level, for callgrind.", visibility: .private))
  var counted: String?

  func validate() throws {
    if let rounds, !(Interleaver.leastRounds...1000).contains(rounds) {
      throw ValidationError("--rounds \(rounds): from \(Interleaver.leastRounds) to 1000 rounds.")
    }
  }

  func run() throws {
    if let level = counted.flatMap({ FeatureLevel(rawValue: $0) }) {
      return try Terminal.say("\(CountedPath.run(level, bursts: 500))\n")
    }
    if list { return try Terminal.say(Suites.all.map { "\($0.name): \($0.summary)\n" }.joined()) }
    let chosen: [any Suite]
    do {
      chosen = try Suites.named(suites)
    } catch {
      Terminal.complain("error: \(error)")
      throw ExitCode(64)
    }
    var options = BenchmarkOptions()
    options.isQuick = quick
    options.rounds = rounds ?? (quick ? Interleaver.leastRounds : 5)
    options.capture = pcap
    let signals = EndSignals()
    try signals.guarding {
      let old = try compare.map { try BenchmarkResults(contentsOf: $0) }
      let run = try BenchmarkRun(options) { text in
        if Terminal.showsProgress { Terminal.activity(text) }
        if signals.areWaiting { throw ExitCode(1) }
      }
      for suite in chosen { try suite.measure(run) }
      if Terminal.showsProgress { Terminal.clearProgress() }
      let comparison = old.map { Comparison(old: $0, new: run.results) }
      if let json { try TextFile.write(run.results.jsonLines(), to: json) }
      if let html { try TextFile.write(BenchmarkHTML(run.results, comparison: comparison).page(), to: html) }
      signals.release()
      try Terminal.say(run.results.text(isColoured: Terminal.isColoured))
      if let comparison { try Terminal.say("\n" + comparison.text(isColoured: Terminal.isColoured)) }
    }
  }
}
