import Benchmarks

/// The packet path alone, for callgrind: `penstock-bench LEVEL BURSTS` sends bursts of 32 frames of 64 B through the
/// switch in memory, and prints how many packets that were.
@main
struct PenstockBench {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let level = FeatureLevel.allCases.first { $0.rawValue == arguments.first ?? "" } ?? .lossless
    let bursts = arguments.dropFirst().first.flatMap { Int($0) } ?? 500
    print(try CountedPath.run(level, bursts: bursts))
  }
}
