/// What a packet costs as something grows: flat where tables are direct or caches large enough.
///
/// Every point has a switch and a workload of its own, and all points take turns. What source and sink take with the same
/// frames is measured beside it and subtracted: with a million frames, reading them from memory costs more than the switch.
struct GrowthSuite: Suite {
  let name = "growth"
  let summary = "ns a packet against routes, flows, ports, next hops, queues in use, skew and size of frames"

  /// One point of a curve.
  struct Point {
    var variable: BenchmarkRow.Variable
    var plan = WorkloadPlan.small
    var device = BenchmarkSwitch()

    init(_ name: String, _ value: Double) { variable = BenchmarkRow.Variable(name, value) }
  }

  func measure(_ run: BenchmarkRun) throws {
    for (title, points) in GrowthSuite.curves(isQuick: run.options.isQuick) { try measure(title, points, run) }
  }

  private func measure(_ title: String, _ points: [Point], _ run: BenchmarkRun) throws {
    var subjects: [Subject] = []
    var workloads: [Workload] = []
    for point in points {
      try run.say("\(name), \(title): making \(Int(point.variable.value))")
      let workload = point.plan.make()
      workloads.append(workload)
      subjects.append(MemorySubject.source(workload, in: run))
      subjects.append(MemorySubject.make("\(Int(point.variable.value))", point.device, workload, in: run, isKept: true))
    }
    let measured = try run.interleave("\(name), \(title)", subjects)
    for (index, point) in points.enumerated() {
      let (source, whole) = (measured[2 * index], measured[2 * index + 1])
      var row = BenchmarkRow(
        suite: name, subject: title, workload: workloads[index].name,
        frameBytes: workloads[index].frames.meanFrameBytes, flows: workloads[index].flows, variable: point.variable)
      row.take(GrowthSuite.difference(whole, source))
      if let outside = Spread(source.samples.map(\.nanosecondsPerPacket)) {
        row.figures.append(Figure("source and sink, subtracted", outside.median, unit: "ns"))
      }
      run.add(row)
    }
  }

  /// What a subject took without what another did, round by round, for as many packets.
  static func difference(_ whole: Measurement, _ part: Measurement) -> Measurement {
    var result = whole
    for (index, other) in part.samples.enumerated() where index < result.samples.count {
      let packets = Double(result.samples[index].packets)
      let scale = packets / Double(max(1, other.packets))
      result.samples[index].nanoseconds -= other.nanoseconds * scale
      if let cycles = other.cycles { result.samples[index].cycles? -= cycles * scale }
    }
    return result
  }

  /// All curves, each with its points. Routes are all used: every one has a flow of its own.
  static func curves(isQuick: Bool) -> [(title: String, points: [Point])] {
    func points(_ name: String, _ values: [Int], _ change: (inout Point, Int) -> Void) -> [Point] {
      values.map { value in
        var point = Point(name, Double(value))
        change(&point, value)
        return point
      }
    }
    let millions = isQuick ? [1, 1000, 1_000_000] : [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
    return [
      ("routes", points("routes", millions) { $0.plan.spread(over: $1) }),
      (
        "routes, IPv6",
        points("routes", millions) { point, count in
          point.plan = .ipv6
          point.plan.spread(over: count)
        }
      ),
      ("flows", points("flows", millions) { $0.plan.flows = $1 }),
      (
        "flows, Zipf",
        points("flows", isQuick ? [1000, 1_000_000] : [100, 1000, 10_000, 100_000, 1_000_000]) { point, count in
          point.plan.flows = count
          point.plan.skew = 1.1
        }
      ),
      (
        "ports",
        points("ports", isQuick ? [2, 16, 64] : [2, 4, 8, 16, 32, 64]) { point, count in
          point.device.ports = count
          point.device.nextHops = count - 1
        }
      ),
      (
        "next hops", points("next hops", isQuick ? [2, 32, 512] : [2, 8, 32, 128, 512]) { $0.device.nextHops = $1 }
      ),
      ("queues in use", points("queues", isQuick ? [1, 8] : [1, 2, 4, 8]) { $0.device.classes = $1 }),
      (
        "access rules that do not match",
        points("rules", isQuick ? [1, 100] : [1, 10, 100, 1000]) { $0.device.rules = $1 }
      ),
      (
        "size of frames",
        points("bytes", isQuick ? [64, 1518, 9018] : [64, 128, 256, 512, 1024, 1518, 4096, 9018]) { point, bytes in
          point.plan = WorkloadPlan("\(bytes) B", .fixed(bytes))
        }
      ),
    ]
  }
}

extension WorkloadPlan {
  /// Sends to so many prefixes, with a flow for each, and no fewer flows than before.
  fileprivate mutating func spread(over prefixes: Int) {
    self.prefixes = prefixes
    flows = max(flows, prefixes)
  }
}
