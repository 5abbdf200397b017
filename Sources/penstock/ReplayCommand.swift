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
    var configuration = loaded.configuration
    if let seed { configuration.ecmp.seed = seed }
    let options = try options(loaded)
    let writer = ReportWriter(directory: out)
    do {
      try makeDirectory(out)
      try writer.discardPrevious()
      let memory = try PacketMemory()
      var device = try Switch(configuration, memory: memory, ticksPerSecond: 1_000_000_000_000)
      device.routesForeignMAC = anyMAC
      var replay = try Replay(device, options)
      let result = try replay.run { packets, fraction in
        if Terminal.showsProgress { Terminal.progress(fraction, "\(packets) packets") }
        return true
      }
      if Terminal.showsProgress { Terminal.clearProgress() }
      let report = Report(of: replay.device, result, loops: loop, notices: loaded.notices)
      try writer.write(report)
      if json {
        print(try report.json(), terminator: "")
      } else {
        print(ReportSummary(report, isColoured: Terminal.isColoured).text(), terminator: "")
        print("Report: \(out)/report.html")
      }
      for error in report.errors { Terminal.complain("error: \(error)") }
      if !report.isConserved { Terminal.complain("error: packets were lost in the accounts; please report this") }
      if !report.errors.isEmpty || !report.isConserved { throw ExitCode(1) }
    } catch let code as ExitCode {
      throw code
    } catch {
      if Terminal.showsProgress { Terminal.clearProgress() }
      Terminal.complain("error: \(error)")
      throw ExitCode(1)
    }
  }

  private func options(_ loaded: LoadedConfiguration) throws -> ReplayOptions {
    var options = ReplayOptions()
    guard !inputs.isEmpty else { throw ValidationError("Name at least one capture: --in PORT=FILE.") }
    var expressions: [PortID: String] = [:]
    for filter in filters {
      let (port, expression) = try assignment(filter, option: "--filter", loaded)
      expressions[port] = expression
    }
    for input in inputs {
      let (port, path) = try assignment(input, option: "--in", loaded)
      options.inputs.append(ReplayInput(port: port, path: path, filter: expressions[port]))
    }
    for port in expressions.keys where !options.inputs.contains(where: { $0.port == port }) {
      let name = loaded.configuration.ports[port.index].name
      throw ValidationError("--filter \(name)=...: no capture arrives on \(name); add --in \(name)=FILE.")
    }
    options.speed = try replaySpeed()
    guard loop >= 1 else { throw ValidationError("--loop \(loop): play the captures at least once.") }
    guard snap >= 14, snap <= 262_144 else { throw ValidationError("--snap \(snap): between 14 and 262144 bytes.") }
    options.loops = loop
    options.snapLength = snap
    if let start { options.start = try time(start, option: "--start") }
    if let until { options.until = try time(until, option: "--until") }
    if let until = options.until, until < options.start {
      throw ValidationError("--until lies before --start: nothing would be replayed.")
    }
    options.isStrict = strict
    options.outputDirectory = out
    options.writesPacketLog = packets
    return options
  }

  private func assignment(
    _ text: String, option: String, _ loaded: LoadedConfiguration
  ) throws -> (PortID, String) {
    guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
      throw ValidationError("\(option) \(text): write PORT=VALUE.")
    }
    let name = String(text[..<separator])
    let value = String(text[text.index(after: separator)...])
    guard !value.isEmpty else { throw ValidationError("\(option) \(text): nothing follows the =.") }
    guard let port = loaded.portIndex(named: name) else {
      throw ValidationError("\(option) \(text): no port is named \(name)\(loaded.portSuggestion(for: name)).")
    }
    return (PortID(port), value)
  }

  private func replaySpeed() throws -> ReplaySpeed {
    if speed == "max" { return .lineRate }
    if speed.hasSuffix("x"), let (numerator, denominator) = Quantities.factor(speed.dropLast()) {
      return .factor(numerator: numerator, denominator: denominator)
    }
    if let rate = try? Quantities.rate(speed), rate.bitsPerSecond > 0 { return .rate(rate) }
    throw ValidationError("--speed \(speed): write a factor (2x, 0.5x), a rate (100G), or max.")
  }

  private func time(_ text: String, option: String) throws -> Picoseconds {
    do {
      return try Quantities.time(text)
    } catch {
      throw ValidationError("\(option) \(text): write a time with its unit, such as 10ms or 2s.")
    }
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

/// Makes a directory and those above it.
private func makeDirectory(_ path: String) throws {
  var made = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
    if mkdir(made, 0o777) != 0, errno != EEXIST {
      throw ReportWriteError(path: made, problem: "cannot be created", code: errno)
    }
  }
}
