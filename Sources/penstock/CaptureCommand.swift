import ArgumentParser
import Control
import Foundation

extension CaptureRequest.Direction: ExpressibleByArgument {}

struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Write packets of a port of a running switch into a pcapng file.",
    discussion: """
      Stamps are in nanoseconds; packets carry direction and queue, and dropped ones the reason as a comment. It ends \
      with --count, --duration or Ctrl-C. The process of the switch writes the file, on its host and with its rights.
      """)

  @Argument(help: ArgumentHelp("The port.", valueName: "port"))
  var port: String

  @Option(name: [.customShort("w"), .customLong("write")], help: "The file.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("in, out or both.", valueName: "way"))
  var direction: CaptureRequest.Direction = .both

  @Option(help: ArgumentHelp("Only what leaves this queue.", valueName: "number"))
  var queue: UInt64?

  @Flag(help: "Only what comes in and is dropped.")
  var drops = false

  @Option(help: ArgumentHelp("Only what matches, as of impairments: \"dscp: 26\".", valueName: "match"))
  var match: String?

  @Option(help: ArgumentHelp("Bytes of each frame to keep.", valueName: "bytes"))
  var snap: UInt64?

  @Option(help: ArgumentHelp("End after so many packets.", valueName: "packets"))
  var count: UInt64?

  @Option(help: ArgumentHelp("End after this time (10s).", valueName: "time"), transform: TimeArgument.parse)
  var duration: TimeArgument?

  @Flag(help: "Print what became of it as JSON.")
  var json = false

  @OptionGroup var control: ControlOptions

  /// How often the switch is asked, in microseconds.
  private static let period: UInt32 = 50_000

  func validate() throws {
    if file.isEmpty || file == "-" { throw ValidationError("-w \(file): the switch writes the file; name one.") }
  }

  func run() throws {
    let request = try request()
    let signals = EndSignals()
    try control.withSwitch { client, name in
      var status = try start(client, name, request)
      Terminal.complain("capturing on \(port) into \(PrintableText.clean(status.path)); Ctrl-C ends it")
      while status.isRunning {
        usleep(Self.period)
        status = try next(client, name, status, isToStop: signals.areWaiting)
      }
      try conclude(status)
    }
  }

  /// What cannot be captured is a mistake of the command line.
  private func start(_ client: ControlClient, _ name: String, _ request: CaptureRequest) throws -> CaptureStatus {
    do {
      return try client.startCapture(of: port, of: name, request)
    } catch {
      guard case .refused(let reason) = error, reason.kind == .unprocessable else { throw error }
      Terminal.complain("error: \(PrintableText.clean(reason.description))")
      throw ExitCode(64)
    }
  }

  /// Asks how it is getting on, or ends it.
  private func next(
    _ client: ControlClient, _ name: String, _ status: CaptureStatus, isToStop: Bool
  ) throws -> CaptureStatus {
    do {
      if isToStop { return try client.stopCapture(of: port, of: name, id: status.id) }
      return try client.captureStatus(of: port, of: name, id: status.id)
    } catch {
      guard case .unreachable = error else { throw error }
      // A switch that stops completes its files first.
      Terminal.complain(
        "error: the switch does not answer any more; if it was stopped the file is complete, with "
          + "\(status.packets) packets or more")
      throw ExitCode(1)
    }
  }

  private func conclude(_ status: CaptureStatus) throws {
    if json {
      try Terminal.say(try ControlJSON.encode(status, isPretty: true))
    } else {
      let packets = status.packets == 1 ? "1 packet" : "\(status.packets) packets"
      try Terminal.say("\(packets) written to \(PrintableText.clean(status.path)), \(status.missedPackets) missed\n")
    }
    switch status.state {
    case .none, .running, .stopped, .complete, .expired: return
    case .abandoned: Terminal.complain("error: the capture ended early: this command did not ask in time")
    case .ended: Terminal.complain("note: the switch was stopped, and the capture with it")
    case .failed: Terminal.complain("error: \(PrintableText.clean(status.error))")
    }
    throw ExitCode(1)
  }

  private func request() throws -> CaptureRequest {
    // The process that runs the switch works in another directory.
    let path = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
    var request = CaptureRequest(path: path)
    request.direction = direction
    request.queue = queue
    request.isDropsOnly = drops ? true : nil
    request.match = match
    request.snapBytes = snap
    request.packetLimit = count
    request.durationSeconds = duration?.seconds
    return request
  }
}
