import ArgumentParser
import Control
import Glibc

extension SwitchSnapshot.Part: ExpressibleByArgument {}

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print what a running switch has counted, and what it holds.",
    discussion: """
      SUBJECT is one of \(SwitchSnapshot.Part.allCases.map(\.rawValue).joined(separator: ", ")).
      """)

  @Argument(help: "What to print.")
  var subject: SwitchSnapshot.Part

  @Argument(help: ArgumentHelp("Only of these ports.", valueName: "port"))
  var ports: [String] = []

  @Flag(help: "Print JSON; with --watch one line a time.")
  var json = false

  @Flag(help: "List queues, priorities and priority groups that were never used too.")
  var all = false

  @Option(
    defaultAsFlag: 1,
    help: ArgumentHelp("Print again every so many seconds until interrupted.", valueName: "seconds"))
  var watch: Double?

  @OptionGroup var control: ControlOptions

  func validate() throws {
    if let watch, !(0.05...86_400).contains(watch) {
      throw ValidationError("--watch \(watch): write 0.05 to 86400 seconds.")
    }
    if !ports.isEmpty, !subject.isByPort {
      throw ValidationError("\(ports[0]): \(subject.rawValue) do not belong to ports; leave the port out.")
    }
  }

  func run() throws {
    try control.withSwitch { client, name in
      let isRedrawn = watch != nil && !json && isatty(STDOUT_FILENO) == 1
      var isFirst = true
      while true {
        let snapshot = try client.snapshot(of: name, parts: [subject], ports: ports)
        if json {
          try Terminal.say(try ControlJSON.encode(snapshot, isPretty: watch == nil))
        } else {
          let text = ShowText(snapshot, showsAll: all, isColoured: Terminal.isColoured).text(subject)
          // Home first and erased after: a screen that is erased first flickers.
          try Terminal.say((isRedrawn ? "\u{1B}[H\u{1B}[J" : isFirst ? "" : "\n") + text)
        }
        guard let watch else { return }
        isFirst = false
        usleep(UInt32(watch * 1e6))
      }
    }
  }
}
