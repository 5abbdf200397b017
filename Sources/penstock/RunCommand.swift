import ArgumentParser
import Control
import Dataplane
import Drivers
import Glibc

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Put the switch on live ports.",
    discussion: """
      Every port of the configuration names its device: `device: tap:h1`, `device: af_packet:eth1` and others \
      (penstock devices). It runs until SIGINT or SIGTERM: then it takes nothing more in, sends what is queued, removes \
      what it created, and prints what it has counted. A second signal ends it at once.

      Most devices need root, or the capabilities that `penstock devices` names.
      """)

  @Argument(
    help: "Configurations (YAML): of a switch each, or of several switches and the links between them.",
    completion: .file(extensions: ["yaml", "yml"]))
  var configs: [String]

  @Option(
    help: ArgumentHelp(
      "What a worker does when nothing comes: adaptive (it naps for 50 us at a time) or busy (a whole CPU, and the least "
        + "latency).", valueName: "how"))
  var poll: String = PollMode.adaptive.rawValue

  @Option(
    help: ArgumentHelp("CPUs for workers, like 1,2; all but the first by default.", valueName: "list"))
  var cpus: String?

  @Option(
    help: ArgumentHelp(
      "Where it answers penstock show and others; none: nowhere. By default in /run/penstock or the user's own place.",
      valueName: "path"))
  var socket: String?

  @Option(help: ArgumentHelp("Answer over TCP as well (127.0.0.1:9470); needs --token-file.", valueName: "address"))
  var listen: String?

  @Option(
    name: .customLong("token-file"),
    help: ArgumentHelp("A file with the token that requests over TCP must bring.", valueName: "file"),
    completion: .file())
  var tokenFile: String?

  @Option(help: ArgumentHelp("End by itself after this time (10s).", valueName: "time"), transform: TimeArgument.parse)
  var duration: TimeArgument?

  @Flag(help: "Print the counters at the end as JSON.")
  var json = false

  func run() throws {
    let loaded = try loadSwitches()
    let options: LiveRun.Options
    do {
      options = try self.options()
    } catch let error as ValidationError {
      Terminal.complain("error: \(error.message)\nSee `penstock run --help`.")
      throw ExitCode(64)
    }
    for notice in loaded.flatMap(\.notices) { Terminal.complain("note: \(notice)") }
    let signals = EndSignals(reloadsOnHangup: true)
    try signals.guarding {
      let links = loaded.flatMap(\.links.values).map(\.link).max().map { $0 + 1 } ?? 0
      let states = (0..<links).map { _ in LinkState() }
      let live = try LiveRun(loaded.map { LivePlan($0, states: states) }, options)
      defer { live.close() }
      let controls = zip(live.switches, loaded).map { LiveControl($0, in: live, $1) }
      let server = try self.server(controls)
      try LiveSession(live, controls, signals).run(for: duration?.seconds, server)
      try conclude(live, controls)
      signals.release()
    }
  }

  /// All switches of all files. Links are numbered across files.
  private func loadSwitches() throws -> [LoadedConfiguration] {
    var all: [LoadedConfiguration] = []
    for config in configs {
      let first = all.flatMap(\.links.values).map(\.link).max().map { $0 + 1 } ?? 0
      for var loaded in try loadConfigurations(config) {
        for name in loaded.links.keys { loaded.links[name]?.link += first }
        all.append(loaded)
      }
    }
    let names = all.map(\.configuration.name)
    if let twin = names.first(where: { name in names.count { $0 == name } > 1 }) {
      Terminal.complain("error: two switches are named `\(twin)`; give each its own `switch.name`")
      throw ExitCode(2)
    }
    return all
  }

  /// Prints what was counted.
  private func conclude(_ live: LiveRun, _ controls: [LiveControl]) throws {
    if json {
      for control in controls { try Terminal.say(try control.snapshot(of: [.ports, .queues, .pfc], ports: []).json()) }
    } else {
      try Terminal.say(LiveSummary(live, isColoured: Terminal.isColoured).text())
    }
    for each in live.switches where !each.totals.isConserved {
      Terminal.complain("error: packets were lost in the accounts of \(each.name); please report this")
      throw ExitCode(1)
    }
  }

  /// What answers `show`, `top`, Prometheus and others.
  private func server(_ controls: [LiveControl]) throws -> (any ControlServer)? {
    if socket == "none", listen == nil { return nil }
    let path = try socket ?? ControlSocket.path(for: controls.first?.name ?? "penstock")
    let address = try listen.map { try TCPAddress($0) }
    return SocketServer(controls, ControlServerOptions(socketPath: path, tcp: address, tokenFile: tokenFile))
  }

  private func options() throws -> LiveRun.Options {
    guard !configs.isEmpty else { throw ValidationError("no configuration; name one, like leaf.yaml") }
    var options = LiveRun.Options()
    guard let mode = PollMode(rawValue: poll) else {
      throw ValidationError("--poll \(poll): write adaptive or busy")
    }
    options.poll = mode
    if let cpus {
      options.cpus = try cpus.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let cpu = Int(part), cpu >= 0 else { throw ValidationError("--cpus \(cpus): write numbers, like 1,2") }
        return cpu
      }
    }
    return options
  }
}
