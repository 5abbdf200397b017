import ArgumentParser

struct BenchGroupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure: what this machine can do, and benchmarking procedures of RFCs.",
    discussion: "`penstock bench capacity` means `penstock bench suites capacity`; see `penstock bench suites --help`.",
    subcommands: [BenchCommand.self, RFC2544Command.self, RFC8239Command.self],
    defaultSubcommand: BenchCommand.self)
}
