import Control

/// Two runs side by side: what became faster or slower beyond noise.
public struct Comparison: Equatable, Sendable {
  /// What became of a row.
  public enum Verdict: String, Equatable, Sendable {
    /// Faster, beyond noise.
    case faster
    /// Slower, beyond noise.
    case slower
    /// No difference that noise could not make.
    case same = "within noise"
  }

  /// A row that both runs have.
  public struct Line: Equatable, Sendable {
    /// What it is: suite, workload, subject.
    public var name: String
    /// Nanoseconds a packet of the old run.
    public var old: Spread
    /// Nanoseconds a packet of the new run.
    public var new: Spread
    /// Speed of the new run divided by that of the old one.
    public var ratio: Double
    /// The same, each divided by the calibration loop beside it; nil if one has none.
    public var calibratedRatio: Double?
    /// What became of it.
    public var verdict: Verdict
  }

  /// Rows that both have, in the order of the new run.
  public let lines: [Line]
  /// Rows that only the old run has.
  public let gone: Int
  /// Rows that only the new run has.
  public let added: Int
  /// Set if the runs come from different machines: then the ratios say as much about these.
  public let machines: String?

  /// Differences below this, as a part of one, are never beyond noise.
  public static let threshold = 0.03

  /// Compares two runs.
  public init(old: BenchmarkResults, new: BenchmarkResults) {
    let before = Dictionary(old.rows.map { ($0.identity, $0) }) { first, _ in first }
    lines = new.rows.compactMap { row in before[row.identity].flatMap { Comparison.line($0, row) } }
    let names = Set(new.rows.map(\.identity))
    gone = old.rows.count { !names.contains($0.identity) }
    added = new.rows.count { before[$0.identity] == nil }
    machines = old.machine.cpu == new.machine.cpu ? nil : "\(old.machine.cpu) before, \(new.machine.cpu) now"
  }

  /// How many rows came to a verdict.
  public func count(_ verdict: Verdict) -> Int { lines.count { $0.verdict == verdict } }

  private static func line(_ old: BenchmarkRow, _ new: BenchmarkRow) -> Line? {
    guard let before = old.nanoseconds, let after = new.nanoseconds, before.min > 0, after.min > 0 else { return nil }
    let ratio = before.median / after.median
    var verdict = verdict(before, after)
    var calibratedRatio: Double?
    if let slow = old.calibrationMedian, let fast = new.calibrationMedian, slow > 0, fast > 0 {
      let (left, right) = (before.inUnits(of: slow), after.inUnits(of: fast))
      calibratedRatio = left.median / right.median
      // A machine that became slower is no fault of the program; a loop of arithmetic does not know how slow memory is.
      // So both must agree.
      if Comparison.verdict(left, right) != verdict { verdict = .same }
    }
    return Line(
      name: "\(new.suite), \(new.workload), \(new.title)", old: before, new: after, ratio: ratio,
      calibratedRatio: calibratedRatio, verdict: verdict)
  }

  /// Beyond noise: no round of one was as good as any round of the other, and the medians differ by more than a little.
  static func verdict(_ old: Spread, _ new: Spread) -> Verdict {
    if new.max < old.min, new.median < old.median * (1 - threshold) { return .faster }
    if new.min > old.max, new.median > old.median * (1 + threshold) { return .slower }
    return .same
  }
}

extension Spread {
  /// The same in units of `unit`.
  func inUnits(of unit: Double) -> Spread { Spread(min: min / unit, median: median / unit, max: max / unit) }
}

extension Comparison {
  /// One sentence with all counts.
  public var summary: String {
    var text =
      "\(lines.count) rows in both: \(count(.faster)) faster, \(count(.slower)) slower, \(count(.same)) within noise"
    if gone > 0 { text += "; \(gone) only before" }
    if added > 0 { text += "; \(added) only now" }
    if let machines { text += "; other machine (\(machines)), so that ratios are of machines, too" }
    return text
  }

  /// The comparison as an aligned table, with a line break at the end.
  public func text(isColoured: Bool) -> String {
    var table = TextTable([
      ("what", .left), ("ns before", .right), ("ns now", .right), ("speed", .right), ("calibrated", .right),
      ("", .left),
    ])
    for line in lines {
      let style: TextTable.Style =
        switch line.verdict {
        case .faster: .green
        case .slower: .red
        case .same: .dim
        }
      table.append([
        TextTable.Cell(line.name), TextTable.Cell(BenchmarkNumbers.text(line.old.median)),
        TextTable.Cell(BenchmarkNumbers.text(line.new.median)),
        TextTable.Cell(BenchmarkNumbers.text(line.ratio) + "x"),
        TextTable.Cell(line.calibratedRatio.map { BenchmarkNumbers.text($0) + "x" } ?? "-"),
        TextTable.Cell(line.verdict.rawValue, style),
      ])
    }
    return TextTable.Style.bold.apply("compared with before", isColoured: isColoured) + "\n"
      + (lines.isEmpty ? "" : table.text(isColoured: isColoured)) + TextTable.printable(summary) + "\n"
  }
}
