import ArgumentParser
import Collector
import Control
import Drivers

/// Where `flows` and `paths` read from.
struct CollectorSourceOptions: ParsableArguments {
  @Argument(
    help: "A file of `penstock collect --store`, or a capture. By default the running collector is asked.",
    completion: .file())
  var file: String?

  @Option(
    help: ArgumentHelp(
      "The socket of a collector. By default the only one that answers in /run/penstock, $XDG_RUNTIME_DIR/penstock or "
        + "/tmp/penstock-UID.", valueName: "path"), completion: .file())
  var socket: String?

  @Option(help: ArgumentHelp("Rows of a table at most.", valueName: "n"))
  var limit: Int = 20

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var collection: CollectOptions

  /// Reads flows and changes of paths, and prints what `body` makes of them.
  func print(_ body: (CollectorSnapshot) throws -> String) throws {
    do {
      guard limit > 0 else { throw ValidationError("--limit \(limit): write 1 or more.") }
      let options = try collection.options()
      let source = try file.map { try CollectorSource.file($0) } ?? CollectorSource.running(socket)
      // A table says how many more there are.
      let snapshot = try source.flows(options, limit: json ? limit : CollectorSourceOptions.most)
      try Terminal.say(try body(snapshot))
    } catch let error as ValidationError {
      Terminal.complain("error: \(error.message)")
      throw ExitCode(64)
    } catch let error as ControlClientError {
      Terminal.complain("error: \(PrintableText.clean(error.description))")
      throw ControlOptions.exitCode(error)
    } catch let error as StoreError {
      Terminal.complain("error: \(PrintableText.clean(error.description))")
      throw ExitCode(1)
    } catch let error as CaptureError {
      Terminal.complain("error: \(PrintableText.clean(error.description))")
      throw ExitCode(1)
    } catch let error as ReportWriteError {
      Terminal.complain("error: \(error)")
      throw ExitCode(1)
    }
  }

  private static let most = 100_000
}

struct FlowsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flows",
    abstract: "Print the flows that a collector knows, with their paths.",
    discussion:
      "The latest come first. Exit codes: 0 done; 1 nobody answers, or it failed; 64 the command line is wrong.")

  @OptionGroup var source: CollectorSourceOptions

  func run() throws {
    try source.print { snapshot in
      if source.json { return try ControlJSON.encode(snapshot.flows, isPretty: true) }
      return CollectorText(snapshot, isColoured: Terminal.isColoured, limit: source.limit).flowTable()
    }
  }
}

struct PathsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paths",
    abstract: "Print the paths that flows take, and how they have changed.",
    discussion: """
      A path is its nodes with the interfaces in and out; `...` says that there may be more hops. Those with most bytes \
      come first. Exit codes: 0 done; 1 nobody answers, or it failed; 64 the command line is wrong.
      """)

  @OptionGroup var source: CollectorSourceOptions

  /// What `--json` prints.
  private struct Answer: Encodable {
    var paths: [PathEntry]
    var pathChanges: [PathChangeEntry]
  }

  func run() throws {
    try source.print { snapshot in
      if source.json {
        let answer = Answer(paths: PathEntry.paths(of: snapshot.flows), pathChanges: snapshot.pathChanges)
        return try ControlJSON.encode(answer, isPretty: true)
      }
      return CollectorText(snapshot, isColoured: Terminal.isColoured, limit: source.limit).pathTable()
    }
  }
}
