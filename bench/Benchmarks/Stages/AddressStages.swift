import Foundation

/// Which stage each address of a program belongs to, from its debug information.
///
/// Stages are inlined into each other, but the debug information keeps for every instruction the chain of functions that
/// it was inlined through. The innermost function that belongs to one stage decides. What the optimiser has merged or
/// moved belongs to the place that the compiler wrote down for it.
struct AddressStages {
  private var stages: [UInt64: Stage] = [:]
  /// The innermost function of addresses without a stage, for messages.
  private(set) var unknown: [UInt64: String] = [:]

  /// The stage of an address; nil if its functions serve several.
  subscript(address: UInt64) -> Stage? { stages[address] }

  /// Asks llvm-symbolizer about addresses of a program with debug information.
  init(of addresses: some Collection<UInt64>, in program: String) throws {
    let tool = try Tool("llvm-symbolizer", package: "llvm")
    let sorted = addresses.sorted()
    let output = try tool.run(
      ["--obj=\(program)", "--inlines", "--no-demangle", "--relativenames"],
      input: sorted.map { "0x" + String($0, radix: 16) + "\n" }.joined())
    self.init(sorted, symbolized: output)
  }

  /// Reads what llvm-symbolizer says: for each address pairs of lines, function and place, and an empty line.
  init(_ addresses: [UInt64], symbolized text: String) {
    let blocks = text.components(separatedBy: "\n\n")
    for (address, block) in zip(addresses, blocks) {
      let lines = block.split(separator: "\n").map(String.init)
      let frames = stride(from: 0, to: lines.count - 1, by: 2).map {
        (lines[$0], AddressStages.file(in: lines[$0 + 1]))
      }
      if let stage = frames.lazy.compactMap({ Stage.of(file: $1, function: $0) }).first {
        stages[address] = stage
      } else if let innermost = frames.first {
        unknown[address] = innermost.0
      }
    }
  }

  /// The path in `path:line:column`.
  private static func file(in place: String) -> String {
    place.split(separator: ":").first.map(String.init) ?? ""
  }
}
