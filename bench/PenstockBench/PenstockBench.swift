import Benchmarks
import Control
import Glibc

/// The packet path alone, for tools that count.
///
///     penstock-bench path LEVEL BURSTS        bursts of 32 frames of 64 B through the switch; prints how many packets
///     penstock-bench check BUDGET             instructions by stage against a budget; exit 1 if they differ
///     penstock-bench update BUDGET COMPILER   writes the budget that the present instructions need
@main
struct PenstockBench {
  /// Levels that a budget is kept for: everything on, with empty and with full queues.
  private static let levels: [FeatureLevel] = [.lossless, .busy]
  private static let bursts = 1000

  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      complain("\(error)")
      exit(2)
    }
  }

  private static func run(_ arguments: [String]) throws {
    switch (arguments.first, arguments.count) {
    case ("path", 3):
      guard let level = FeatureLevel(rawValue: arguments[1]), let bursts = Int(arguments[2]), bursts > 0 else {
        return usage()
      }
      print(try CountedPath.run(level, bursts: bursts))
    case ("check", 2):
      let budget = try StageBudget(contentsOf: arguments[1])
      var findings: [StageBudget.Finding] = []
      for (level, counts) in try count() { findings += budget.check(level, counts) }
      for finding in findings { complain("\(finding)") }
      if !findings.isEmpty { exit(1) }
      print("instructions of all stages are within 3 % of \(arguments[1])")
    case ("update", 3):
      try TextFile.write(StageBudget(compiler: arguments[2], count()).json(), to: arguments[1])
    default: usage()
    }
  }

  /// Counts the instructions of this program, and prints them.
  private static func count() throws -> [(FeatureLevel, StageCounts)] {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(0, readlink("/proc/self/exe", &path, path.count - 1))
    let program = String(decoding: path.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return try levels.map { level in
      let counts = try StageCounter.count(program, ["path", level.rawValue, "\(bursts)"])
      print(counts.text(title: "64 B, \(level.title)"))
      return (level, counts)
    }
  }

  private static func usage() {
    complain("usage: penstock-bench path LEVEL BURSTS | check BUDGET | update BUDGET COMPILER")
    exit(64)
  }

  private static func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
