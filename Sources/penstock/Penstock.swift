import ArgumentParser

/// The command line. Exit codes: 0 done; 1 the run failed, or an input could be read in part only; 2 the configuration
/// is wrong; 64 the command line is wrong.
@main
struct Penstock: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A software switch for lossless Ethernet: real packets, exactly timed queues.",
    discussion: """
      Exit codes: 0 done; 1 the run failed, or an input could be read in part only; 2 the configuration is wrong; \
      64 the command line is wrong.

      Shell completions: penstock --generate-completion-script bash (or zsh, fish).
      """,
    version: "penstock 0.1.0",
    subcommands: [
      CheckCommand.self, ReplayCommand.self, FabricCommand.self, RunCommand.self, DevicesCommand.self, SendCommand.self,
      ConformanceCommand.self, BenchGroupCommand.self, ShowCommand.self, TopCommand.self, ReloadCommand.self,
      PortCommand.self,
      WeightCommand.self, ImpairCommand.self, CaptureCommand.self, ResetWatermarksCommand.self,
      CollectCommand.self, FlowsCommand.self, PathsCommand.self,
    ])
}
