import Foundation

/// Counts instructions with callgrind: the same to the digit, whatever else the machine does.
public enum StageCounter {
  /// Runs a program under callgrind that calls ``CountedPath/run(_:bursts:)`` and prints what that returns.
  ///
  /// Needs valgrind, objcopy and llvm-symbolizer, and a program with its debug information. Cost: some 10 s for 16,000
  /// packets.
  ///
  /// - Parameters:
  ///   - program: the executable, and what to call it with.
  public static func count(_ program: String, _ arguments: [String]) throws -> StageCounts {
    let valgrind = try Tool("valgrind", package: "valgrind")
    let objcopy = try Tool("objcopy", package: "binutils")
    let directory = try TemporaryDirectory()
    // valgrind 3.19 cannot read the debug information of Swift 6.3, and refuses the whole program for it.
    let copy = directory.path + "/counted"
    _ = try objcopy.run(["--strip-debug", program, copy])
    let output = directory.path + "/profile"
    let said = try valgrind.run(
      [
        "--tool=callgrind", "--callgrind-out-file=\(output)", "--dump-instr=yes", "--compress-strings=no",
        "--compress-pos=no", "--toggle-collect=*11MemoryBenchV*run*6bursts*", copy,
      ] + arguments)
    guard let packets = said.split(separator: "\n").last.flatMap({ UInt64($0) }), packets > 0 else {
      throw BenchmarkError("\(program): did not say how many packets it handled")
    }
    let text = String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    let profile = try CallgrindProfile(text, object: "/counted")
    guard profile.total > 0 else {
      throw BenchmarkError("\(program): callgrind saw none of its packet path; was it stripped?")
    }
    let addresses = Set(profile.own.keys).union(profile.calls.map(\.address))
    return StageCounts(profile, try AddressStages(of: addresses, in: program), packets: packets)
  }
}
