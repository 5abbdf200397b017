/// What callgrind counted, by address: `--dump-instr=yes --compress-strings=no --compress-pos=no`.
struct CallgrindProfile: Equatable {
  /// A call from one function to another, over the whole run.
  struct Call: Equatable {
    /// Address of the instruction that calls.
    var address: UInt64
    /// The function that is called.
    var callee: String
    /// Whether it lies in another file than the caller.
    var leaves: Bool
    /// How often.
    var count: UInt64
    /// Instructions of everything that happened within.
    var inclusive: UInt64
  }

  /// Instructions at each address of the program itself, with the function they belong to.
  private(set) var own: [UInt64: (function: String, count: UInt64)] = [:]
  /// Calls that the program itself made.
  private(set) var calls: [Call] = []
  /// How often each function was called from anywhere, by name.
  private(set) var entries: [String: UInt64] = [:]
  /// All instructions, those of libraries included.
  private(set) var total: UInt64 = 0

  static func == (left: Self, right: Self) -> Bool {
    left.calls == right.calls && left.entries == right.entries && left.total == right.total
      && left.own.mapValues(\.count) == right.own.mapValues(\.count)
  }

  /// Reads the text of a profile.
  ///
  /// Calls of a library that calls the program back, as the start of every program is, are left out of ``calls``: what
  /// happens within is the program's own.
  ///
  /// - Parameter object: how the name of the program ends, among the files whose code ran.
  init(_ text: String, object: String) throws(BenchmarkError) {
    var outside: [String: Set<String>] = [:]
    var returning: Set<String> = []
    var (file, function) = ("", "")
    var (calleeFile, callee): (String?, String) = (nil, "")
    var pending: UInt64?
    guard text.contains("positions: instr") else {
      throw BenchmarkError("callgrind's profile has no addresses; it was not made with --dump-instr=yes")
    }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        let value = String(parts[1])
        switch parts[0] {
        case "ob": file = value
        case "fn": function = value
        case "cob": calleeFile = value
        case "cfn": callee = value
        case "calls": pending = value.split(separator: " ").first.flatMap { UInt64($0) }
        default: break
        }
        continue
      }
      guard line.hasPrefix("0x") else { continue }
      let numbers = line.split(separator: " ")
      guard numbers.count >= 3, let address = UInt64(numbers[0].dropFirst(2), radix: 16),
        let cost = UInt64(numbers[numbers.count - 1])
      else { throw BenchmarkError("callgrind's profile has a line that is not understood: \(line)") }
      let isOwn = file.hasSuffix(object)
      if let count = pending {
        entries[callee, default: 0] += count
        if isOwn {
          calls.append(
            Call(
              address: address, callee: callee, leaves: calleeFile.map { !$0.hasSuffix(object) } ?? false,
              count: count, inclusive: cost))
        }
        if !isOwn {
          if calleeFile?.hasSuffix(object) == true { returning.insert(function) }
          if calleeFile?.hasSuffix(object) != true { outside[callee, default: []].insert(function) }
        }
        pending = nil
        calleeFile = nil
      } else {
        total += cost
        if isOwn { own[address, default: (function, 0)].count += cost }
      }
    }
    var waiting = Array(returning)
    while let one = waiting.popLast() {
      for caller in outside[one] ?? [] where returning.insert(caller).inserted { waiting.append(caller) }
    }
    calls.removeAll { $0.leaves && returning.contains($0.callee) }
  }
}
