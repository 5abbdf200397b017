import ArgumentParser
import Conformance
import Control
import Dataplane
import Drivers
import Wire

struct RFC2544Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rfc2544",
    abstract: "Throughput, latency, loss, bursts and recovery as of RFC 2544.",
    discussion: """
      One stream from a port of CONFIG to another, in exact virtual time. Without CONFIG: the leaf of `penstock \
      conformance`. With --device and --receive: live, through whatever is between two devices of this machine.

      Exit codes: 0 done; 1 it failed; 2 the configuration is wrong; 64 the command line is wrong.
      """)

  @OptionGroup var procedure: ProcedureArguments

  @Option(help: ArgumentHelp("The port that frames come in on; by default the first.", valueName: "port"))
  var from: String?

  @Option(help: ArgumentHelp("The port that they leave by; by default the second.", valueName: "port"))
  var to: String?

  @Option(help: ArgumentHelp("Live: where frames are sent (memif:..., af_packet:IFACE ...).", valueName: "device"))
  var device: String?

  @Option(help: ArgumentHelp("Live: where they come back.", valueName: "device"))
  var receive: String?

  @Option(help: ArgumentHelp("Live: the rate that is the line's (10G).", valueName: "rate"))
  var line: String?

  @Option(
    name: .customLong("to-mac"), help: ArgumentHelp("Live: the MAC address that frames are for.", valueName: "mac"))
  var destinationMAC: String?

  @Option(name: .customLong("from-ip"), help: ArgumentHelp("Live: their source (198.18.1.2).", valueName: "address"))
  var source: String?

  @Option(
    name: .customLong("to-ip"), help: ArgumentHelp("Live: their destination (198.19.1.2).", valueName: "address"))
  var destination: String?

  func validate() throws {
    if (from == nil) != (to == nil) { throw ValidationError("--from and --to: name both ports, or neither.") }
    let live = [device, receive, line]
    guard live.allSatisfy({ $0 == nil }) || live.allSatisfy({ $0 != nil }) else {
      throw ValidationError("live procedures need --device, --receive and --line.")
    }
    if device == nil, [destinationMAC, source, destination].contains(where: { $0 != nil }) {
      throw ValidationError("--to-mac, --from-ip and --to-ip: are for live procedures; give --device as well.")
    }
    if device != nil, procedure.config != nil || from != nil {
      throw ValidationError("--device: what is measured is live; leave the configuration and ports out.")
    }
    _ = try tester()
  }

  /// What is measured live, if that is asked for.
  private func tester() throws -> LiveTester? {
    guard let device, let receive, let line else { return nil }
    guard let rate = try? Quantities.rate(line), rate.bitsPerSecond >= 1_000_000 else {
      throw ValidationError("--line \(line): write a rate of at least 1M, such as 10G.")
    }
    var addresses = LiveTester.Addresses()
    if let destinationMAC {
      guard let mac = MACAddress(destinationMAC) else {
        throw ValidationError("--to-mac \(destinationMAC): write a MAC address, such as 02:00:00:00:00:01.")
      }
      addresses.destinationMAC = mac
    }
    addresses.source = try address(source, "--from-ip") ?? addresses.source
    addresses.destination = try address(destination, "--to-ip") ?? addresses.destination
    do {
      return LiveTester(
        sender: try DeviceAddress(device), receiver: try DeviceAddress(receive), line: rate, addresses)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private func address(_ text: String?, _ option: String) throws -> IPv4Address? {
    guard let text else { return nil }
    guard let address = IPv4Address(text) else {
      throw ValidationError("\(option) \(text): write an IPv4 address, such as 198.18.1.2.")
    }
    return address
  }

  func run() throws {
    if let tester = try tester() {
      return try procedure.run { _, options in try RFC2544(tester, options).run() }
    }
    try procedure.run { configuration, options in
      let device = try VirtualDevice(configuration, ports: [from, to].compactMap { $0 })
      return try RFC2544(device, options).run()
    }
  }
}

struct RFC8239Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rfc8239",
    abstract: "Line rate, buffering, microbursts, head-of-line blocking, incast as of RFC 8239; PFC response.",
    discussion: """
      Ports of one rate of CONFIG, in exact virtual time. Without CONFIG: the leaf of `penstock conformance`.

      Exit codes: 0 done; 1 it failed; 2 the configuration is wrong; 64 the command line is wrong.
      """)

  @OptionGroup var procedure: ProcedureArguments

  @Option(
    help: ArgumentHelp("Only these ports (h1,h2,h3); by default those of the rate that most have.", valueName: "list"))
  var ports: String?

  func run() throws {
    try procedure.run { configuration, options in
      let names = ports.map { $0.split(separator: ",").map(String.init) } ?? []
      return try RFC8239(try VirtualDevice(configuration, ports: names), options).run()
    }
  }
}

/// What both procedures are told.
struct ProcedureArguments: ParsableArguments {
  @Argument(help: "The configuration (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    help: ArgumentHelp("Frame sizes with check sequence; by default 64 to 1518 as of RFC 2544.", valueName: "list"))
  var frames: String?

  @Option(help: ArgumentHelp("Frames of a trial; the longer, the less the buffer hides.", valueName: "number"))
  var trial: UInt64 = ProcedureOptions().trial

  @Option(help: ArgumentHelp("Frames of a million that may be lost without counting as loss.", valueName: "number"))
  var loss: UInt64 = 0

  @Option(help: ArgumentHelp("Write the report as JSON to this file too.", valueName: "file"), completion: .file())
  var json: String?

  @Option(
    help: ArgumentHelp("Write the report as an HTML page to this file too.", valueName: "file"), completion: .file())
  var html: String?

  func validate() throws {
    guard (100...10_000_000).contains(trial) else {
      throw ValidationError("--trial \(trial): from 100 to 10000000 frames.")
    }
    guard loss < 1_000_000 else { throw ValidationError("--loss \(loss): less than 1000000.") }
    _ = try sizes()
  }

  /// Loads the configuration, carries a procedure out, and writes its report.
  func run(_ body: (SwitchConfiguration, ProcedureOptions) throws -> ProcedureReport) throws {
    let configuration = try config.map(loadConfiguration)?.configuration ?? .conformanceLeaf
    let signals = EndSignals()
    var options = ProcedureOptions()
    if let sizes = try sizes() { options.frames = sizes }
    options.trial = trial
    options.tolerance = loss
    options.progress = { text in
      if Terminal.showsProgress { Terminal.activity(text) }
      if signals.areWaiting { throw ExitCode(1) }
    }
    try signals.guarding(code: { $0 is ProcedureError || $0 is SwitchError ? 2 : 1 }) {
      let report = try body(configuration, options)
      if Terminal.showsProgress { Terminal.clearProgress() }
      if let json { try TextFile.write(try report.json(), to: json) }
      if let html { try TextFile.write(ProcedureHTML(report).page(), to: html) }
      signals.release()
      try Terminal.say(report.text(isColoured: Terminal.isColoured))
    }
  }

  private func sizes() throws -> [Int]? {
    guard let frames else { return nil }
    return try frames.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let size = Int(part), (64...9600).contains(size) else {
        throw ValidationError("--frames \(frames): write sizes from 64 to 9600, like 64,512,1518.")
      }
      return size
    }
  }
}
