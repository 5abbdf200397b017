import ArgumentParser
import Control
import Dataplane
import Drivers

struct SendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send",
    abstract: "Play a capture into a live network, and measure what comes back.",
    discussion: """
      Each frame is handed to the device when it is due, by a thread that does nothing else; how late that was is measured \
      and printed. With --receive, frames that come back are known by what switches leave alone (addresses and everything \
      behind the IP header), so nothing is written into them.

      Exit codes: 0 all was sent; 1 it was not, or the capture is broken; 64 the command line is wrong.
      """)

  @Argument(help: "A pcap or pcapng file.", completion: .file(extensions: ["pcap", "pcapng"]))
  var capture: String

  @Option(help: ArgumentHelp("Where to send (tap:NAME, af_packet:IFACE, a PCI address ...).", valueName: "device"))
  var device: String

  @Option(help: ArgumentHelp("Where frames come back; may be the same device.", valueName: "device"))
  var receive: String?

  @Option(help: ArgumentHelp("The capture's own spacing, divided by a factor (2x, 0.5x).", valueName: "factor"))
  var speed: String?

  @Option(
    help: ArgumentHelp(
      "A constant rate instead: packets (5Mpps), bits on the wire (10G), or max for no pacing.", valueName: "rate"))
  var rate: String?

  @Option(help: ArgumentHelp("How often to send the capture.", valueName: "n"))
  var loop: UInt64 = 1

  @Option(help: ArgumentHelp("Send only packets that match (see pcap-filter(7)).", valueName: "expression"))
  var filter: String?

  @Flag(name: .customLong("obey-pfc"), help: "Stop for PFC and PAUSE frames that come in on the device.")
  var obeysPause = false

  @Option(help: ArgumentHelp("Rate of the line, for the length of pauses (10G).", valueName: "rate"))
  var line: String?

  @Option(help: ArgumentHelp("How long to wait for frames to come back (1s).", valueName: "time"))
  var wait: String = "1s"

  @Option(help: ArgumentHelp("What the frames may take in memory (1GiB).", valueName: "size"))
  var memory: String = "1GiB"

  @Option(help: ArgumentHelp("CPUs for sending and receiving (1 or 1,2).", valueName: "list"))
  var cpu: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let options: SendOptions
    do {
      options = try self.options()
    } catch let error as ValidationError {
      Terminal.complain("error: \(error.message)\nSee `penstock send --help`.")
      throw ExitCode(64)
    }
    let signals = EndSignals()
    try signals.guarding {
      let report = try send(options, signals)
      try Terminal.say(json ? try report.json() : report.text())
      signals.release()
      if !report.isComplete || report.sent.frames < report.sent.planned { throw ExitCode(1) }
    }
  }

  /// Sends; the devices are closed when this returns.
  private func send(_ options: SendOptions, _ signals: EndSignals) throws -> SendReport {
    let run = try LiveSend(options)
    if !json { Terminal.complain("clock: \(run.clockName)") }
    if !run.waitForLink(.seconds(2)) {
      Terminal.complain("warning: the link is down; what is sent may be lost")
    }
    let result = try run.run { progress in
      if Terminal.showsProgress {
        let fraction = progress.planned == 0 ? 1 : Double(progress.sent) / Double(progress.planned)
        Terminal.progress(min(1, fraction), "\(progress.sent) frames sent, \(progress.returned) back")
      }
      return !signals.areWaiting
    }
    if Terminal.showsProgress { Terminal.clearProgress() }
    if result.isBlocked {
      Terminal.complain(
        "error: `\(device)` took nothing for 10 s; see that its link is up and that somebody reads at its end")
    }
    if let error = result.captureError { Terminal.complain("error: \(error)") }
    let report = SendReport(result, options, clock: run.clockName, lineRate: run.lineRate)
    if result.captureError != nil {
      try Terminal.say(json ? try report.json() : report.text())
      throw ExitCode(1)
    }
    return report
  }

  private func options() throws -> SendOptions {
    var options = SendOptions(path: capture, device: try address(device, option: "--device"))
    options.receiver = try receive.map { try address($0, option: "--receive") }
    options.filter = filter
    options.pace = try pace()
    guard loop >= 1 else { throw ValidationError("--loop \(loop): send the capture at least once.") }
    options.loops = loop
    options.obeysPause = obeysPause
    if let line {
      guard let rate = try? Quantities.rate(line), rate.bitsPerSecond >= 1_000_000 else {
        throw ValidationError("--line \(line): write a rate of at least 1M, such as 10G.")
      }
      options.lineRate = rate
    }
    guard let patience = try? Quantities.time(wait), patience <= .seconds(3600) else {
      throw ValidationError("--wait \(wait): write a time with its unit up to 3600s, such as 500ms.")
    }
    options.patience = patience
    guard let size = try? Quantities.size(memory), size.bytes >= 1 << 20, size.bytes <= 1 << 40 else {
      throw ValidationError("--memory \(memory): write a size from 1MiB to 1TiB, such as 4GiB.")
    }
    options.memory = size
    options.cpus = try cpus()
    return options
  }

  private func address(_ text: String, option: String) throws -> DeviceAddress {
    do {
      return try DeviceAddress(text)
    } catch {
      throw ValidationError("\(option): \(error)")
    }
  }

  private func pace() throws -> SendPace {
    guard let rate else {
      let speed = speed ?? "1x"
      guard speed.hasSuffix("x"), let (numerator, denominator) = Quantities.factor(speed.dropLast()) else {
        throw ValidationError("--speed \(speed): write a factor, such as 2x or 0.5x; constant rates are --rate's.")
      }
      return .factor(numerator: numerator, denominator: denominator)
    }
    guard speed == nil else { throw ValidationError("--rate \(rate): has no meaning with --speed; keep one of them.") }
    if rate == "max" { return .unlimited }
    if rate.hasSuffix("pps") {
      do {
        return .packets(try Quantities.packetRate(rate))
      } catch {
        throw ValidationError("--rate \(rate): \(error.problem), \(error.remedy).")
      }
    }
    guard let bits = try? Quantities.rate(rate), bits.bitsPerSecond >= 10_000 else {
      throw ValidationError("--rate \(rate): write packets (5Mpps), bits on the wire from 10k on (10G), or max.")
    }
    return .bits(bits)
  }

  private func cpus() throws -> [Int]? {
    guard let cpu else { return nil }
    let numbers = cpu.split(separator: ",", omittingEmptySubsequences: false).map { Quantities.integer($0) }
    guard numbers.count <= 2, numbers.allSatisfy({ ($0 ?? .max) < 1024 }) else {
      throw ValidationError("--cpu \(cpu): write one or two numbers of CPUs, such as 1,2.")
    }
    return numbers.compactMap { $0.map { Int($0) } }
  }
}
