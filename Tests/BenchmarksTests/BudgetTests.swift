import Foundation
import TestSupport
import Testing

@testable import Benchmarks

struct BudgetTests {
  private let counts = StageCounts(perPacket: [.parse: 100, .forward: 200, .admit: 10, .source: 5000])
  private var budget: StageBudget { StageBudget(compiler: "6.3.1", [(.lossless, counts)]) }

  private func changed(_ stage: Stage, by difference: Double) -> [StageBudget.Finding] {
    var perPacket = counts.perPacket
    perPacket[stage, default: 0] += difference
    return budget.check(.lossless, StageCounts(perPacket: perPacket))
  }

  @Test func whatWasCountedMeetsItsOwnBudget() {
    #expect(budget.check(.lossless, counts).isEmpty)
    #expect(budget.levels["lossless"] == ["parse": 100, "forward": 200, "admit": 10, "total": 310])
  }

  @Test func threeInAHundredPass() {
    #expect(changed(.forward, by: 6).isEmpty)
    #expect(changed(.forward, by: -6).isEmpty)
  }

  @Test func moreFailsAndNamesTheStage() {
    let findings = changed(.forward, by: 7)
    #expect(findings == [.init(level: "lossless", stage: "forward", budget: 200, counted: 207)])
    #expect(findings[0].isOver)
    let text = findings[0].description
    #expect(text.hasPrefix("lossless, forward: 207.0 instructions a packet, budget 200.0 (+3.5 %); make it cheaper"))
    #expect(text.contains("bench/check-budget --update"))
  }

  @Test func lessAsksToTighten() {
    let findings = changed(.parse, by: -20)
    #expect(findings.map(\.stage) == ["total", "parse"])
    #expect(findings.allSatisfy { !$0.isOver && $0.description.contains("tighten the budget") })
  }

  @Test func aStageWithoutBudgetIsOver() {
    #expect(changed(.mark, by: 5).map(\.stage) == ["mark"])
    #expect(changed(.mark, by: 2).isEmpty)
  }

  @Test func instructionsOutsideOfTheSwitchDoNotCount() {
    #expect(changed(.source, by: 100_000).isEmpty)
  }

  @Test func aLevelWithoutBudgetFails() {
    #expect(!budget.check(.busy, counts).isEmpty)
  }

  @Test func theFileComesBackAsItWas() throws {
    let directory = try ScratchDirectory()
    let path = try directory.write(budget.json(), to: "budget.json")
    #expect(try StageBudget(contentsOf: path) == budget)
    #expect(throws: BenchmarkError.self) { _ = try StageBudget(contentsOf: directory["absent.json"]) }
    try directory.write("{}", to: "broken.json")
    #expect(throws: BenchmarkError.self) { _ = try StageBudget(contentsOf: directory["broken.json"]) }
  }

  @Test func theProjectsOwnBudgetAddsUp() throws {
    let budget = try StageBudget(contentsOf: Program.packageDirectory + "/bench/budget.json")
    #expect(Set(budget.levels.keys) == ["lossless", "busy"])
    for (level, stages) in budget.levels {
      let total = try #require(stages["total"])
      let sum = stages.filter { $0.key != "total" }.values.reduce(0, +)
      #expect(abs(sum - total) < 1, "\(level)")
      #expect(stages.keys.allSatisfy { $0 == "total" || Stage(rawValue: $0) != nil })
    }
  }
}
