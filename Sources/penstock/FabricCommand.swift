import ArgumentParser
import Control
import Dataplane
import Drivers

struct FabricCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fabric",
    abstract: "Run a small network of switches, links and hosts in exact virtual time.",
    discussion: """
      FILE names switches, the links between them, hosts, and what they send. The result is a function of FILE and seed, \
      to the picosecond. With --out DIR: report.json, report.html, and a report of each switch in DIR/SWITCH.

      Exit codes: 0 done; 1 frames were lost in the accounts, or a file could not be written; 2 the configuration is \
      wrong; 64 the command line is wrong.
      """)

  @Argument(help: "The network (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: ArgumentHelp("Seed of the traffic; replaces the file's.", valueName: "n"))
  var seed: UInt64?

  @Option(help: ArgumentHelp("Where to write; made if it does not exist.", valueName: "dir"), completion: .directory)
  var out: String?

  @Flag(help: "Print the report as JSON instead of the summary.")
  var json = false

  @Flag(help: "Validate the file, and do no more.")
  var check = false

  func run() throws {
    let loaded = try load()
    if check { return try Terminal.say("\(file): \(Self.inventory(loaded.configuration))\n") }
    let signals = EndSignals()
    try signals.guarding(code: { $0 is FabricError ? 2 : 1 }) {
      let report = try run(loaded, signals)
      signals.release()
      if json {
        try Terminal.say(try report.json())
      } else {
        try Terminal.say(FabricSummary(report, isColoured: Terminal.isColoured).text())
        if let out { try Terminal.say("Report: \(Self.path(out, "report.html"))\n") }
      }
      if !report.totals.isConserved {
        Terminal.complain("error: frames were lost in the accounts; please report this")
        throw ExitCode(1)
      }
    }
  }

  private func run(_ loaded: LoadedFabric, _ signals: EndSignals) throws -> FabricReport {
    var configuration = loaded.configuration
    if let seed { configuration.seed = seed }
    configuration.drawEntropy()
    if let out { try makeDirectory(out) }
    var fabric = try Fabric(configuration)
    let result = try fabric.run { frames, fraction in
      if Terminal.showsProgress {
        if let fraction {
          Terminal.progress(fraction, "\(frames) frames")
        } else {
          Terminal.activity("\(frames) frames")
        }
      }
      return !signals.areWaiting
    }
    if Terminal.showsProgress { Terminal.clearProgress() }
    let report = FabricReport(of: fabric, result, notices: loaded.notices)
    guard let out else { return report }
    for index in 0..<fabric.switchCount {
      let directory = Self.path(out, configuration.switches[index].name)
      try makeDirectory(directory)
      try fabric.withSwitch(index) { device in
        try ReportWriter(directory: directory).write(
          Report(of: device, result.replayResult(of: index), loops: 0, notices: []))
      }
    }
    try TextFile.write(try report.json(), to: Self.path(out, "report.json"))
    try TextFile.write(try FabricHTML(report).page(), to: Self.path(out, "report.html"))
    return report
  }

  private func load() throws -> LoadedFabric {
    do {
      return try FabricLoader().load(path: file)
    } catch {
      Terminal.complain("\(error)")
      throw ExitCode(2)
    }
  }

  private static func inventory(_ configuration: FabricConfiguration) -> String {
    "\(configuration.switches.count) switches, \(configuration.links.count) links, \(configuration.hosts.count) hosts, "
      + "\(configuration.flows.count) flows: no mistake found"
  }

  private static func path(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }
}
