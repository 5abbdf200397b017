import Benchmarks
import Control
import Glibc

/// The packet path alone, for tools that count.
///
///     penstock-bench path LEVEL BURSTS        bursts of 32 frames of 64 B through the switch; prints how many packets
///     penstock-bench time LEVEL WINDOWS       ns a packet, source and sink included: least, median of windows of a few ms
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
      var path = try CountedPath(level)
      print(path.run(bursts: bursts))
    case ("time", 3):
      guard let level = FeatureLevel(rawValue: arguments[1]), let windows = Int(arguments[2]), windows > 0 else {
        return usage()
      }
      var path = try CountedPath(level)
      let times = path.time(windows: windows)
      print(times[0], times[windows / 2])
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
    complain("usage: penstock-bench path LEVEL BURSTS | time LEVEL WINDOWS | check BUDGET | update BUDGET COMPILER")
    exit(64)
  }

  private static func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
