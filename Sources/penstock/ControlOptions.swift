import ArgumentParser
import Control

/// Which running switch a command speaks to.
struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The control socket. By default what PENSTOCK_SOCKET names, or the only one that answers in /run/penstock, "
        + "$XDG_RUNTIME_DIR/penstock or /tmp/penstock-UID.", valueName: "path"), completion: .file())
  var socket: String?

  @Option(
    name: .customLong("switch"),
    help: ArgumentHelp("The switch, if the process runs more than one.", valueName: "name"))
  var name: String?

  /// Calls `body` with a client and the name of the switch. What goes wrong is told, with the exit code for it.
  func withSwitch(_ body: (ControlClient, String) throws -> Void) throws {
    do {
      let client = try ControlClient.find(socket)
      try body(client, try client.switchName(name))
    } catch let error as ControlClientError {
      Terminal.complain("error: \(PrintableText.clean(error.description))")
      throw ControlOptions.exitCode(error)
    } catch let error as ReportWriteError {
      Terminal.complain("error: \(error)")
      throw ExitCode(1)
    }
  }

  /// 64 for a name that does not exist or a value that cannot be, 2 for a wrong configuration, otherwise 1.
  static func exitCode(_ error: ControlClientError) -> ExitCode {
    guard case .refused(let reason) = error else { return ExitCode(1) }
    switch reason.kind {
    case .invalid, .notFound: return ExitCode(64)
    case .unprocessable: return ExitCode(2)
    case .conflict, .failed, .unsupported, .unavailable: return ExitCode(1)
    }
  }
}
