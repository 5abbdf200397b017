import Foundation

/// A replay as a whole, from file to files: packets a second and resident memory against the size of the capture.
struct ReplaySuite: Suite {
  let name = "replay"
  let summary = "packets a second and resident memory of penstock replay against the size of the capture"

  func measure(_ run: BenchmarkRun) throws {
    let directory = try TemporaryDirectory()
    let configuration = directory.path + "/switch.yaml"
    try Data(ReplaySuite.configuration.utf8).write(to: URL(fileURLWithPath: configuration))
    let workload = try run.options.capture.map { try Workload.capture($0) } ?? WorkloadPlan.small.make()
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let sizes = run.options.isQuick ? [100_000, 1_000_000] : [100_000, 1_000_000, 5_000_000]
    var subjects: [Subject] = []
    for size in sizes {
      let capture = "\(directory.path)/\(size).pcap"
      try run.say("\(name): writing \(size) packets")
      try workload.frames.write(to: capture, packets: size)
      subjects.append(
        Subject(name: "\(size)") { _ in
          let child = try ChildProcess(
            program, ["replay", configuration, "--in", "in=\(capture)", "--any-mac", "--out", directory.path + "/out"])
          let outcome = try child.wait()
          return Sample(
            packets: UInt64(size), bytes: UInt64(Double(size) * workload.frames.meanFrameBytes),
            nanoseconds: outcome.nanoseconds,
            figures: [Figure("resident memory", Double(outcome.residentBytes) / 1e6, unit: "MB")])
        })
    }
    let measured = try run.interleave("\(name), \(workload.name)", subjects)
    for (size, one) in zip(sizes, measured) {
      var row = BenchmarkRow(
        suite: name, subject: "from file to files", workload: workload.name,
        frameBytes: workload.frames.meanFrameBytes, flows: workload.flows,
        variable: BenchmarkRow.Variable("packets", Double(size)))
      row.take(one)
      run.add(row)
    }
    if let steady = ReplaySuite.withoutStart(measured, workload) { run.add(steady) }
  }

  /// The rate of the packets by which the largest capture exceeds the smallest: without the start of the program.
  static func withoutStart(_ measured: [Measurement], _ workload: Workload) -> BenchmarkRow? {
    guard let small = measured.first, let large = measured.last, measured.count > 1 else { return nil }
    var rest = large
    rest.samples = zip(large.samples, small.samples).map { large, small in
      Sample(
        packets: large.packets - small.packets, bytes: large.bytes - small.bytes,
        nanoseconds: large.nanoseconds - small.nanoseconds)
    }
    var row = BenchmarkRow(
      suite: "replay", subject: "without the start of the program", workload: workload.name,
      frameBytes: workload.frames.meanFrameBytes, flows: workload.flows)
    row.take(rest)
    return row
  }

  private static let configuration = """
    switch: {name: bench, mac: "02:00:00:00:00:01"}
    ports:
      - {name: in, speed: 800G, address: [10.0.0.1/24, "fd00:1::1/64"]}
      - {name: out, speed: 800G, address: [10.1.0.0/31, "fd00:2::/127"]}
    neighbors:
      - {port: out, address: 10.1.0.1, mac: "02:00:00:01:00:01"}
      - {port: out, address: "fd00:2::1", mac: "02:00:00:01:00:01"}
    routes:
      - {prefix: 0.0.0.0/0, via: [{address: 10.1.0.1}]}
      - {prefix: "::/0", via: [{address: "fd00:2::1"}]}

    """
}
