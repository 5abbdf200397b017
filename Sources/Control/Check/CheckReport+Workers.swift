import Dataplane

extension CheckReport {
  /// One worker of a live run.
  public struct WorkerPlan: Codable, Equatable, Sendable {
    /// Its name; absent: `worker` and its number in the run.
    public var name: String?
    /// Its CPU; absent: one that is free.
    public var cpu: Int?
    /// Its ports.
    public var ports: [String]
  }

  static func workers(of loaded: LoadedConfiguration) -> [WorkerPlan]? {
    if loaded.workers.isEmpty { return nil }
    let configuration = loaded.configuration
    return loaded.workers.enumerated().map { number, worker in
      let ports = configuration.ports.enumerated().filter { port, _ in
        configuration.owners.isEmpty || configuration.owners[port] == number
      }
      return WorkerPlan(
        name: worker.name.isEmpty ? nil : worker.name, cpu: worker.cpu, ports: ports.map(\.element.name))
    }
  }

  /// Which worker has which ports.
  func workerTable(_ style: Style) -> [String] {
    guard let workers else { return [] }
    var table = TextTable([("worker", .left), ("CPU", .left), ("ports", .left)])
    for (number, worker) in workers.enumerated() {
      table.add([
        worker.name ?? "\(number + 1)", worker.cpu.map(String.init) ?? "any", worker.ports.joined(separator: " "),
      ])
    }
    return table.lines(style: style)
  }
}
