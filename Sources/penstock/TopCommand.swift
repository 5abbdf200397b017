import ArgumentParser
import Control
import Glibc

struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Watch a running switch: live rates, queues and pauses.",
    discussion: """
      On a terminal the screen is redrawn in place until q or Ctrl-C; otherwise lines are printed. PAUSES names the \
      priorities that the neighbour has stopped (rx), those that it is asked to stop (tx), and the part of the time that \
      a priority was paused.
      """)

  @Option(help: ArgumentHelp("Time between two looks.", valueName: "seconds"))
  var interval = 1.0

  @Option(help: ArgumentHelp("End after so many looks.", valueName: "n"))
  var iterations: Int?

  @Flag(help: "Look once, over one interval, and end.")
  var once = false

  @OptionGroup var control: ControlOptions

  func validate() throws {
    guard (0.05...3600).contains(interval) else {
      throw ValidationError("--interval \(interval): write 0.05 to 3600 seconds.")
    }
    if let iterations, iterations < 1 { throw ValidationError("--iterations \(iterations): write 1 or more.") }
    if once, iterations != nil { throw ValidationError("--once: leave --iterations out.") }
  }

  func run() throws {
    try control.withSwitch { client, name in
      var earlier = try client.snapshot(of: name, parts: TopScreen.parts)
      let signals = EndSignals()
      let display = try LiveDisplay(isWanted: !once)
      // Whatever happens, the terminal is as it was before anything else is said on it.
      defer {
        display.close()
        signals.release()
      }
      var left = once ? 1 : iterations ?? .max
      while left > 0, display.wait(interval, until: { signals.areWaiting }) {
        let later = try client.snapshot(of: name, parts: TopScreen.parts)
        try display.show(TopScreen(from: earlier, to: later, isColoured: Terminal.isColoured))
        earlier = later
        left -= 1
      }
    }
  }
}
