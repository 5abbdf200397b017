import Control
import Foundation

/// How many instructions each stage may take for a packet: a promise that continuous integration checks.
public struct StageBudget: Codable, Equatable, Sendable {
  /// How far a count may lie from the budget, as a part of it.
  public static let tolerance = 0.03
  /// What a stage may differ by in any case: rounding, and the slow path that one packet in many takes.
  static let slack = 2.0

  /// The compiler that the numbers belong to; another one makes other instructions.
  public var compiler: String
  /// By the name of a level of features: by the name of a stage, instructions a packet.
  public var levels: [String: [String: Double]]

  /// A budget by its values.
  public init(compiler: String, levels: [String: [String: Double]]) {
    self.compiler = compiler
    self.levels = levels
  }

  /// A budget that measured counts just meet.
  public init(compiler: String, _ counts: [(FeatureLevel, StageCounts)]) {
    self.compiler = compiler
    levels = [:]
    for (level, count) in counts {
      var stages: [String: Double] = ["total": (count.total * 10).rounded() / 10]
      for stage in Stage.ofTheSwitch {
        let value = ((count.perPacket[stage] ?? 0) * 10).rounded() / 10
        if value > 0 { stages[stage.rawValue] = value }
      }
      levels[level.rawValue] = stages
    }
  }

  /// Something that does not agree with the budget.
  public struct Finding: Equatable, Sendable, CustomStringConvertible {
    /// The level of features.
    public var level: String
    /// A stage, or `total`.
    public var stage: String
    /// What the budget says.
    public var budget: Double
    /// What was counted.
    public var counted: Double

    /// Whether it costs more than it may.
    public var isOver: Bool { counted > budget }

    /// What is wrong and what to do.
    public var description: String {
      let change = budget > 0 ? String(format: " (%+.1f %%)", (counted / budget - 1) * 100) : ""
      let numbers = String(format: "%.1f instructions a packet, budget %.1f", counted, budget) + change
      let advice =
        isOver
        ? "make it cheaper, or, if it is worth that, raise the budget in this change: bench/check-budget --update"
        : "good: keep it so and tighten the budget in this change: bench/check-budget --update"
      return "\(level), \(stage): \(numbers); \(advice)"
    }
  }

  /// Compares counts of a level with the budget; empty if they agree.
  public func check(_ level: FeatureLevel, _ counts: StageCounts) -> [Finding] {
    let budget = levels[level.rawValue] ?? [:]
    var counted = ["total": counts.total]
    for stage in Stage.ofTheSwitch { counted[stage.rawValue] = counts.perPacket[stage] ?? 0 }
    return (["total"] + Stage.ofTheSwitch.map(\.rawValue)).compactMap { name in
      let (limit, count) = (budget[name] ?? 0, counted[name] ?? 0)
      guard abs(count - limit) > max(StageBudget.slack, limit * StageBudget.tolerance) else { return nil }
      return Finding(level: level.rawValue, stage: name, budget: limit, counted: count)
    }
  }

  /// Reads the file at `path`.
  public init(contentsOf path: String) throws(BenchmarkError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BenchmarkError("\(path): cannot be read; bench/check-budget --update makes it")
    }
    do {
      self = try JSONDecoder().decode(StageBudget.self, from: data)
    } catch {
      throw BenchmarkError("\(path): is no budget; bench/check-budget --update makes it anew")
    }
  }

  /// The budget as JSON, stages in the order of the path.
  public func json() throws -> String { try OrderedJSON.encode(self) }

  private enum Key: String, CodingKey { case compiler, levels }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Writes levels and stages in the order of the path.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(compiler, forKey: .compiler)
    var all = container.nestedContainer(keyedBy: Name.self, forKey: .levels)
    for level in FeatureLevel.allCases.map(\.rawValue) {
      guard let stages = levels[level] else { continue }
      var one = all.nestedContainer(keyedBy: Name.self, forKey: Name(stringValue: level))
      for stage in Stage.ofTheSwitch.map(\.rawValue) + ["total"] {
        if let value = stages[stage] { try one.encode(value, forKey: Name(stringValue: stage)) }
      }
    }
  }
}
