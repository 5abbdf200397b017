import Dataplane
import Testing

@testable import Drivers

/// Which worker moves what, and on which CPU.
@Suite("Workers and CPUs")
struct WorkerAssignmentTests {
  /// Plans of switches with so many slices each; 0: one that has no worker of its own.
  private static func plans(_ slices: [Int], _ workers: [WorkerSettings] = []) -> [LivePlan] {
    slices.map { count in
      var configuration = SwitchConfiguration()
      configuration.ports = (0..<4).map { PortConfiguration(name: "p\($0)", speed: .gigabits(1)) }
      configuration.owners = count < 2 ? [] : (0..<4).map { $0 % count }
      return LivePlan(
        configuration, workers: !workers.isEmpty ? workers : (0..<count).map { _ in WorkerSettings() })
    }
  }

  private static func assign(
    _ plans: [LivePlan], cpus: [Int]? = nil, allowed: [Int] = [0, 1, 2, 3]
  ) throws -> [String] {
    try WorkerAssignment.make(for: plans, cpus: cpus, allowed: allowed).map { worker in
      let slices = worker.slices.map { "\($0.plan).\($0.number)" }.joined(separator: " ")
      return "\(worker.name) \(worker.cpu.map(String.init) ?? "-"): \(slices)"
    }
  }

  @Test("Switches without workers of their own share one a CPU, in order, and leave the first CPU to control")
  func shared() throws {
    #expect(try Self.assign(Self.plans([0])) == ["worker0 1: 0.0"])
    #expect(try Self.assign(Self.plans([0, 0])) == ["worker0 1: 0.0", "worker1 2: 1.0"])
    #expect(
      try Self.assign(Self.plans([0, 0, 0, 0, 0])) == [
        "worker0 1: 0.0 1.0", "worker1 2: 2.0 3.0", "worker2 3: 4.0",
      ])
    #expect(try Self.assign(Self.plans([0, 0]), allowed: [0, 1]) == ["worker0 1: 0.0 1.0"])
    #expect(
      try Self.assign(Self.plans([0, 0]), cpus: [0, 1], allowed: [0, 1]) == ["worker0 0: 0.0", "worker1 1: 1.0"])
    #expect(try Self.assign(Self.plans([0, 0]), allowed: [5]) == ["worker0 -: 0.0 1.0"])
  }

  @Test("Slices have a worker each; control's CPU comes last, and what is too much shares")
  func slices() throws {
    #expect(try Self.assign(Self.plans([2])) == ["worker0 1: 0.0", "worker1 2: 0.1"])
    #expect(try Self.assign(Self.plans([2]), allowed: [0, 1]) == ["worker0 1: 0.0", "worker1 0: 0.1"])
    #expect(
      try Self.assign(Self.plans([3]), allowed: [0, 1]) == ["worker0 1: 0.0", "worker1 0: 0.1", "worker2 1: 0.2"])
    #expect(try Self.assign(Self.plans([2]), cpus: [3]) == ["worker0 3: 0.0", "worker1 3: 0.1"])
    #expect(
      try Self.assign(Self.plans([0, 2, 0])) == [
        "worker0 1: 0.0", "worker1 2: 2.0", "worker2 3: 1.0", "worker3 0: 1.1",
      ])
  }

  @Test("A CPU that is named is taken, and one that cannot be used is refused")
  func named() throws {
    let workers = [WorkerSettings(name: "left", cpu: 2), WorkerSettings(name: "right")]
    #expect(try Self.assign(Self.plans([2], workers)) == ["left 2: 0.0", "right 1: 0.1"])
    let both = [WorkerSettings(cpu: 1), WorkerSettings(cpu: 0)]
    #expect(try Self.assign(Self.plans([2], both), allowed: [0, 1]) == ["worker0 1: 0.0", "worker1 0: 0.1"])
    #expect(throws: LiveError.self) { try Self.assign(Self.plans([2], workers), allowed: [0, 1]) }
    #expect(throws: LiveError.self) { try Self.assign(Self.plans([0]), cpus: [7]) }
  }
}
