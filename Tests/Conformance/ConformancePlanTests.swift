import Dataplane
import Testing

@testable import Conformance

/// The cases as a whole, for configurations of all kinds.
@Suite struct ConformancePlanTests {
  @Test(arguments: [PauseMode.priority, .link])
  func aWholeConfigurationPasses(mode: PauseMode) throws {
    var leaf = LaboratoryLeaf.make(ports: 4)
    leaf.pause.mode = mode
    for index in 2..<4 {
      leaf.ports[index].speed = .gigabits(25)
      leaf.ports[index].mtu = 1500
    }
    for result in try ConformancePlan(leaf).run() {
      let failed = result.checks.filter { !$0.isMet }.map {
        "\($0.quantity): expected \($0.expected) \($0.unit) (\($0.rule)), measured \($0.measured)"
      }
      #expect(failed.isEmpty, "\(result.name): \(failed)")
    }
  }

  @Test func markingAtEnqueueIsTriedByWhatPacketsFind() throws {
    var leaf = LaboratoryLeaf.make(ports: 3)
    for index in leaf.ports.indices { leaf.ports[index].queues[3].ecn?.moment = .enqueue }
    for one in MarkingCases.all(leaf) { try expectPassed(one) }
    for one in MarkingCases.all(leaf) {
      try expectFailed(one) {
        for index in $0.ports.indices { $0.ports[index].queues[3].ecn?.pmax = Probability(partsPerMillion: 100_000) }
      }
      try expectFailed(one) {
        for index in $0.ports.indices { $0.ports[index].queues[3].ecn?.moment = .dequeue }
      }
    }
  }

  @Test(arguments: WatchdogAction.allCases)
  func stormsAreFoundWithEveryAction(action: WatchdogAction) throws {
    var leaf = LaboratoryLeaf.make(ports: 3, gigabits: 25)
    leaf.watchdog?.action = action
    for one in WatchdogCases.all(leaf) {
      try expectPassed(one)
      try expectFailed(one) { $0.watchdog?.detection = .milliseconds(100) }
    }
  }

  @Test func otherRefreshesFail() throws {
    let leaf = LaboratoryLeaf.make(ports: 3)
    try expectPassed(PauseCases.sends(leaf))
    try expectFailed(PauseCases.sends(leaf)) { $0.pause.refresh = .microseconds(100) }
    try expectFailed(PauseCases.sends(leaf)) { $0.pause.quanta = 60_000 }
    try expectFailed(PauseCases.expires(leaf)) { $0.pause.mode = .off }
    try expectFailed(PauseCases.leavesOthers(leaf)) { $0.pause.mode = .off }
  }

  @Test func whatCannotBeShownDoesNotApply() throws {
    var lossy = LaboratoryLeaf.make(ports: 4)
    for index in lossy.ports.indices { lossy.ports[index].queues[3].isLossless = false }
    var simulator = LaboratoryLeaf.make(ports: 4)
    simulator.buffer.model = .hpcc
    var off = LaboratoryLeaf.make(ports: 4)
    off.pause.mode = .off
    var short = LaboratoryLeaf.make(ports: 4)
    short.pause.quanta = 8
    let single = LaboratoryLeaf.make(ports: 1)
    for configuration in [lossy, simulator, off, short, single] {
      for result in try ConformancePlan(configuration).run() {
        #expect(result.verdict != .failed, "\(result.name): \(result.checks.filter { !$0.isMet })")
      }
      let results = try ConformancePlan(configuration).only([.incast]).run()
      #expect(results.allSatisfy { $0.verdict == .notApplicable && $0.reason?.isEmpty == false })
    }
  }

  @Test func namesOfCasesAreUnique() {
    let names = ConformancePlan.builtIn().cases.map { "\($0.subject) \($0.name)" }
    #expect(Set(names).count == names.count)
  }
}
