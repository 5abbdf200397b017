import ArgumentParser
import Control
import Dataplane
import Drivers
import Glibc

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Send captures through the switch in exact virtual time.",
    discussion: """
      Every packet of the captures arrives at its port at the time of its stamp. DIR then holds one nanosecond capture \
      per port of exactly what left it, report.json and report.html. The result is a function of captures, \
      configuration and seed: it is the same on every machine, and in whichever order the inputs are named.
      """)

  @Argument(help: "The configuration (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var config: String

  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("A capture and the port it arrives on; may be repeated.", valueName: "port=file"),
    completion: .file(extensions: ["pcap", "pcapng"]))
  var inputs: [String] = []

  @Option(help: ArgumentHelp("Where to write; made if it does not exist.", valueName: "dir"), completion: .directory)
  var out: String

  @Option(
    help: ArgumentHelp(
      "Offered load: a factor (2x), a constant rate per input (100G), or max for line rate.", valueName: "speed"))
  var speed: String = "1x"

  @Option(help: ArgumentHelp("How often to play the captures.", valueName: "n"))
  var loop: UInt64 = 1

  @Option(help: ArgumentHelp("Leave out packets before this time after the first (10ms).", valueName: "time"))
  var start: String?

  @Option(help: ArgumentHelp("Leave out packets after this time after the first (2s).", valueName: "time"))
  var until: String?

  @Option(help: ArgumentHelp("Keep only so many bytes of each frame in the output.", valueName: "n"))
  var snap: Int = 262_144

  @Option(
    help: ArgumentHelp(
      "Whether the senders behind the ports obey the switch's pause frames: obey or ignore.", valueName: "what"))
  var pause: String = "obey"

  @Option(
    name: .customLong("source-response"),
    help: ArgumentHelp(
      "How long after an XOFF a sender stops: immediate, standard (IEEE 802.3), or a time (500ns).",
      valueName: "time"))
  var sourceResponse: String = "immediate"

  @Option(
    name: .customLong("pfc-log"),
    help: ArgumentHelp("List every XOFF and XON with its cause in a CSV file.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var pauseLog: String?

  @Option(
    help: ArgumentHelp(
      "Time of a frame on the wire: exact, or truncate-ns as simulators with a nanosecond clock have it.",
      valueName: "how"))
  var serialization: String?

  @Option(
    name: .customLong("packet-memory"),
    help: ArgumentHelp("Most memory that packets may take (4GiB).", valueName: "size"))
  var packetMemory: String?

  @Option(help: ArgumentHelp("Seed of every random choice; replaces ecmp.seed.", valueName: "n"))
  var seed: UInt64?

  @Option(
    name: .customLong("filter"),
    help: ArgumentHelp(
      "Take only packets of a port's captures that match (see pcap-filter(7)); may be repeated.",
      valueName: "port=expression"))
  var filters: [String] = []

  @Flag(help: "Refuse input that is faster than its port, instead of serialising it at line rate.")
  var strict = false

  @Flag(
    name: .customLong("any-mac"),
    help: "Route frames on routed ports whatever MAC address they are sent to: for captures of other networks.")
  var anyMAC = false

  @Flag(help: "Write DIR/packets.csv too: one line per packet, with its times in picoseconds.")
  var packets = false

  @Flag(help: "Print the report as JSON instead of the summary.")
  var json = false

  func run() throws {
    let loaded = try loadConfiguration(config)
    let options: ReplayOptions
    do {
      options = try self.options(loaded)
    } catch let error as ValidationError {
      Terminal.complain("error: \(error.message)\nSee `penstock replay --help`.")
      throw ExitCode(64)
    }
    let signals = EndSignals()
    try signals.guarding {
      let report = try replay(loaded, options, signals)
      // All files are whole.
      signals.release()
      if json {
        try Terminal.say(try report.json())
      } else {
        let summary = ReportSummary(report, isColoured: Terminal.isColoured).text()
        try Terminal.say("\(summary)Report: \(out.hasSuffix("/") ? out : out + "/")report.html\n")
      }
      for error in report.errors { Terminal.complain("error: \(error)") }
      if !report.isConserved { Terminal.complain("error: packets were lost in the accounts; please report this") }
      if !report.errors.isEmpty || !report.isConserved { throw ExitCode(1) }
    }
  }

  /// Carries the replay out and writes all files.
  private func replay(_ loaded: LoadedConfiguration, _ options: ReplayOptions, _ signals: EndSignals) throws -> Report {
    var configuration = loaded.configuration
    if let seed { configuration.ecmp.seed = seed }
    if let chosen = try chosenSerialization() { configuration.serialization = chosen }
    let writer = ReportWriter(directory: out)
    try makeDirectory(out)
    try writer.discardPrevious()
    let plan = PacketMemoryPlan(configuration, budget: try packetMemoryBudget())
    var device = try Switch(configuration, memory: try plan.memory(), ticksPerSecond: 1_000_000_000_000)
    device.routesForeignMAC = anyMAC
    var replay = try Replay(device, options)
    let result = try replay.run { packets, fraction in
      if Terminal.showsProgress { Terminal.progress(fraction, "\(packets) packets") }
      return !signals.areWaiting
    }
    if Terminal.showsProgress { Terminal.clearProgress() }
    let notices = loaded.notices + (plan.notice.map { [$0] } ?? [])
    let report = Report(of: replay.device, result, loops: loop, notices: notices)
    try writer.write(report)
    return report
  }
}

/// Loads a configuration, or lists its mistakes and exits with 2.
func loadConfiguration(_ path: String) throws -> LoadedConfiguration {
  do {
    return try ConfigurationLoader().load(path: path)
  } catch {
    Terminal.complain("\(error)")
    throw ExitCode(2)
  }
}

/// Loads a configuration of one switch or of several, or lists its mistakes and exits with 2.
func loadConfigurations(_ path: String) throws -> [LoadedConfiguration] {
  do {
    return try ConfigurationLoader().loadAll(path: path)
  } catch {
    Terminal.complain("\(error)")
    throw ExitCode(2)
  }
}

/// Makes a directory and those above it.
func makeDirectory(_ path: String) throws {
  var made = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
    if mkdir(made, 0o777) != 0, errno != EEXIST {
      throw ReportWriteError(path: made, problem: "cannot be created", code: errno)
    }
  }
}
