import ArgumentParser
import Benchmarks
import Control
import Foundation

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suites",
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

  @Option(
    help: ArgumentHelp("Show results that --json wrote, instead of measuring.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var from: String?

  func validate() throws {
    do {
      _ = try Suites.named(suites)
    } catch {
      throw ValidationError("\(error).")
    }
    if let rounds, !(Interleaver.leastRounds...1000).contains(rounds) {
      throw ValidationError("--rounds \(rounds): from \(Interleaver.leastRounds) to 1000 rounds.")
    }
  }

  func run() throws {
    if let level = counted.flatMap({ FeatureLevel(rawValue: $0) }) {
      var path = try CountedPath(level)
      return try Terminal.say("\(path.run(bursts: 500))\n")
    }
    if list { return try Terminal.say(Suites.all.map { "\($0.name): \($0.summary)\n" }.joined()) }
    let signals = EndSignals()
    try signals.guarding {
      // Before minutes are spent on measuring.
      let old = try compare.map { try BenchmarkResults(contentsOf: $0) }
      if let pcap { _ = try Workload.capture(pcap) }
      for path in [json, html].compactMap({ $0 }) { try TextFile.check(path) }
      var failures: [String] = []
      let results = try from.map { try BenchmarkResults(contentsOf: $0) } ?? measure(signals, &failures)
      let comparison = old.map { Comparison(old: $0, new: results) }
      if let json { try TextFile.write(results.jsonLines(), to: json) }
      if let html { try TextFile.write(BenchmarkHTML(results, comparison: comparison).page(), to: html) }
      signals.release()
      try Terminal.say(results.text(isColoured: Terminal.isColoured))
      if let comparison { try Terminal.say("\n" + comparison.text(isColoured: Terminal.isColoured)) }
      failures.forEach { Terminal.complain("error: \($0)") }
      if !failures.isEmpty { throw ExitCode(1) }
    }
  }

  /// Somebody asked the program to end.
  private struct Interruption: Error {}

  /// Measures. A suite that fails leaves the others and its own rows so far alone.
  private func measure(_ signals: EndSignals, _ failures: inout [String]) throws -> BenchmarkResults {
    var options = quick ? BenchmarkOptions.quick : BenchmarkOptions()
    options.rounds = rounds ?? options.rounds
    options.capture = pcap
    let run = try BenchmarkRun(options) { text in
      if Terminal.showsProgress { Terminal.activity(text) }
      if signals.areWaiting { throw Interruption() }
    }
    defer {
      run.end()
      if Terminal.showsProgress { Terminal.clearProgress() }
    }
    for suite in try Suites.named(suites) {
      do {
        try suite.measure(run)
      } catch is Interruption {
        run.end()
        signals.release()
      } catch {
        failures.append("\(suite.name): \(error)")
      }
    }
    return run.results
  }
}
