import Dataplane
import Drivers

extension ConfigurationReader {
  /// Reads `workers`: how many, or one by one.
  func readWorkers(_ field: Field) {
    readWorkerList(field)
    guard configuration.sliceCount > 1, configuration.buffer.model == .hpcc else { return }
    field.report(
      "the buffer of model `hpcc` cannot be divided among \(configuration.sliceCount) workers",
      "write `workers: 1`, or `model: asic` under `buffer`")
  }

  private func readWorkerList(_ field: Field) {
    let portCount = configuration.ports.count
    let most = UInt64(max(1, min(Slice.most, portCount)))
    guard field.isList else {
      let what = "a number of workers, at most one a port"
      guard let count = field.integer(1...most, what) else { return }
      workers = Array(repeating: WorkerSettings(), count: Int(count))
      freePorts = Set(configuration.ports.map(\.name))
      configuration.owners = count == 1 ? [] : (0..<portCount).map { $0 % Int(count) }
      return
    }
    guard let list = field.list("[{name: w1, cpu: 1, ports: [h1, h2]}]") else { return }
    if list.isEmpty { return field.report("there is no worker", "write at least one, or leave `workers` out") }
    guard UInt64(list.count) <= most else {
      return field.report("there are \(list.count) workers for \(portCount) ports", "write at most \(most)")
    }
    readWorkers(list, field)
  }

  private func readWorkers(_ list: [Field], _ field: Field) {
    var owners: [Int?] = configuration.ports.map { _ in nil }
    var places: [Int: Int] = [:]
    var names: [String: Int] = [:]
    var cpus: [UInt64: Int] = [:]
    var isWhole = true
    for (number, entry) in list.enumerated() {
      var settings = WorkerSettings()
      guard let section = entry.section(ConfigurationSchema.worker) else {
        isWhole = false
        continue
      }
      if let field = section["name"], let name = field.name("a worker name") {
        if let first = names.updateValue(field.line, forKey: name) {
          field.report("a worker named `\(name)` exists already, in line \(first)", "write another name")
        }
        settings.name = name
      }
      if let field = section["cpu"], let cpu = field.integer(0...127, "a CPU") {
        if let first = cpus.updateValue(field.line, forKey: cpu) {
          field.report("CPU \(cpu) has a worker already, in line \(first)", "name another, or leave `cpu` out")
        }
        settings.cpu = Int(cpu)
      }
      if let ports = section["ports"] {
        places[number] = ports.line
        for port in ports.oneOrMore() ?? [] where !give(port, to: number, &owners) { isWhole = false }
      }
      workers.append(settings)
    }
    // What a port that is written wrong leaves open says nothing about the others.
    if isWhole { deal(list.count, places: Set(places.keys), &owners, field) }
  }

  /// False: the port is not there to be given.
  private func give(_ field: Field, to worker: Int, _ owners: inout [Int?]) -> Bool {
    guard let name = field.text("a port", example: "h1") else { return false }
    guard let port = ports[name] else {
      field.report("there is no port `\(name)`", Suggestion.remedy(for: name, among: configuration.ports.map(\.name)))
      return false
    }
    if owners[port.index] != nil {
      field.report("port `\(name)` has a worker already", "name it once")
      return false
    }
    owners[port.index] = worker
    return true
  }

  /// Ports that nobody named go to the workers that named none, in turn.
  private func deal(_ count: Int, places: Set<Int>, _ owners: inout [Int?], _ field: Field) {
    let open = (0..<count).filter { !places.contains($0) }
    var next = 0
    for port in owners.indices where owners[port] == nil {
      guard !open.isEmpty else {
        return field.report(
          "port `\(configuration.ports[port].name)` has no worker", "name it under one, or leave `ports` of one out")
      }
      owners[port] = open[next % open.count]
      freePorts.insert(configuration.ports[port].name)
      next += 1
    }
    for worker in 0..<count where !owners.contains(worker) {
      return field.report("worker \(worker + 1) of the list has no port", "give it one, or leave it out")
    }
    configuration.owners = count == 1 ? [] : owners.map { $0 ?? 0 }
  }
}
