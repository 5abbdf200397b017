import ArgumentParser
import Control
import Foundation

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Change the configuration of a running switch while packets flow.",
    discussion: """
      Without FILE the switch reads its own file again. A wrong configuration changes nothing.

      Exit codes: 0 done, or nothing differs; 1 it failed; 2 the configuration is wrong; 64 the command line is wrong.
      """)

  @Argument(help: "The configuration (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Flag(help: "Only print what would change.")
  var diff = false

  @Option(
    name: .customLong("rollback-after"),
    help: ArgumentHelp(
      "Take the change back after this time (30s) unless `reload --confirm` comes.", valueName: "time"),
    transform: TimeArgument.parse)
  var rollbackAfter: TimeArgument?

  @Flag(help: "Keep the configuration that is on trial.")
  var confirm = false

  @OptionGroup var control: ControlOptions

  func validate() throws {
    if confirm, file != nil || diff || rollbackAfter != nil {
      throw ValidationError("--confirm: keeps what is in force; leave out file, --diff and --rollback-after.")
    }
    if diff, rollbackAfter != nil { throw ValidationError("--rollback-after: has no meaning with --diff.") }
    if let rollbackAfter, rollbackAfter.span == .zero || rollbackAfter.span > .seconds(86_400) {
      throw ValidationError("--rollback-after: more than nothing, such as 30s, and up to a day.")
    }
  }

  func run() throws {
    let request = try request()
    try control.withSwitch { client, name in
      if confirm {
        try client.confirmReload(of: name)
        return try Terminal.say("The configuration stays.\n")
      }
      let report = try client.reload(request, of: name)
      for notice in report.notices { Terminal.complain("notice: \(PrintableText.clean(notice))") }
      var text = report.changes.map { "  \(PrintableText.clean($0))\n" }.joined()
      if report.changes.isEmpty {
        text = "Nothing differs.\n"
      } else {
        text = (report.isApplied ? "Changed:\n" : "Would change:\n") + text
      }
      if let seconds = report.rollbackAfterSeconds {
        text += "Taken back in \(Int(seconds.rounded())) s unless you run `penstock reload --confirm`.\n"
      }
      try Terminal.say(text)
    }
  }

  private func request() throws -> ReloadRequest {
    let seconds = rollbackAfter?.seconds
    guard let file else { return ReloadRequest(isDryRun: diff, rollbackAfterSeconds: seconds) }
    do {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      // The process that runs the switch works in another directory.
      let path = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
      return ReloadRequest(text: text, path: path, isDryRun: diff, rollbackAfterSeconds: seconds)
    } catch {
      Terminal.complain("error: \(file): cannot be read as UTF-8 text; name a file that this user may read.")
      throw ExitCode(2)
    }
  }
}
