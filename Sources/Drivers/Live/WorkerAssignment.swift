import Dataplane

/// One worker of a run: its CPU, and what it moves.
struct WorkerAssignment: Equatable {
  /// A slice of a switch, by the places of both.
  struct Slice: Hashable {
    var plan: Int
    var number: Int
  }

  var name: String
  var cpu: Int?
  var slices: [Slice]

  /// Deals switches and slices out to workers, and workers to CPUs.
  ///
  /// A switch of several slices has a worker for each. Switches of one slice share workers, as many as there are CPUs for
  /// them. CPUs that are named are taken; the others follow in order, control's own, the first, last.
  ///
  /// - Parameters:
  ///   - cpus: those for workers; nil: all.
  ///   - allowed: those that the process may use.
  static func make(
    for plans: [LivePlan], cpus: [Int]?, allowed: [Int]
  ) throws(LiveError) -> [WorkerAssignment] {
    for cpu in (cpus ?? []) + plans.flatMap(\.workers).compactMap(\.cpu) where !allowed.contains(cpu) {
      throw LiveError(
        "CPU \(cpu) cannot be used; choose from \(allowed.map { "\($0)" }.joined(separator: ",")), or widen the "
          + "process's affinity (taskset, cgroup)")
    }
    let named = plans.flatMap(\.workers).compactMap(\.cpu)
    let usual = cpus ?? (allowed.count > 1 ? Array(allowed.dropFirst()) : [])
    let free = usual.filter { !named.contains($0) }
    var assignments = deal(plans, atMost: max(1, free.count))
    let unplaced = assignments.indices.filter { assignments[$0].cpu == nil }
    // On a machine with one CPU all share it, and nothing is pinned.
    guard !usual.isEmpty else { return assignments }
    var places = free.isEmpty ? usual : free
    if cpus == nil, unplaced.count > places.count { places += allowed.prefix(1).filter { !named.contains($0) } }
    for (position, index) in unplaced.enumerated() { assignments[index].cpu = places[position % places.count] }
    return assignments
  }

  /// Workers without CPUs, but for those that are named.
  private static func deal(_ plans: [LivePlan], atMost limit: Int) -> [WorkerAssignment] {
    var assignments: [WorkerAssignment] = []
    let single = plans.indices.filter { plans[$0].configuration.sliceCount == 1 && plans[$0].workers.isEmpty }
    let count = min(single.count, limit)
    for worker in 0..<count {
      let own = single.indices.filter { $0 * count / single.count == worker }.map { single[$0] }
      assignments.append(
        WorkerAssignment(name: "", cpu: nil, slices: own.map { Slice(plan: $0, number: 0) }))
    }
    for (index, plan) in plans.enumerated() where !single.contains(index) {
      for slice in 0..<plan.configuration.sliceCount {
        let settings = plan.workers.indices.contains(slice) ? plan.workers[slice] : WorkerSettings()
        assignments.append(
          WorkerAssignment(name: settings.name, cpu: settings.cpu, slices: [Slice(plan: index, number: slice)]))
      }
    }
    for index in assignments.indices where assignments[index].name.isEmpty {
      assignments[index].name = "worker\(index)"
    }
    return assignments
  }
}
