import ArgumentParser
import Control

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate a configuration and print everything that follows from it.",
    discussion: """
      Prints the effective configuration with every default, and every computed number: serialisation times, DWRR \
      quanta, buckets and achieved shares of next-hop groups. All mistakes are listed, each with its line and remedy.
      """)

  @Argument(help: "The configuration (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var config: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let report = NetworkReport(try loadConfigurations(config))
    do {
      if json {
        try Terminal.say(try report.json() + "\n")
      } else {
        try Terminal.say(report.text(style: Terminal.isColoured ? .bold : .plain))
      }
    } catch {
      Terminal.complain("error: \(error)")
      throw ExitCode(1)
    }
  }
}
