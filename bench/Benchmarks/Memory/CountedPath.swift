/// A known number of packets through the switch in memory, for tools that count instructions and calls, and for those who
/// change the packet path.
public struct CountedPath: ~Copyable {
  private var bench: MemoryBench
  private let isBusy: Bool

  /// A switch for frames of 64 octets.
  public init(_ level: FeatureLevel) throws {
    try BenchmarkMemory.start()
    let workload = WorkloadPlan.small.make()
    let configuration = BenchmarkSwitch(level: level).configuration(
      routes: workload.routes, frame: workload.frames.largest)
    let isBusy = level == .busy
    let bench = try MemoryBench(configuration, isBusy ? workload.frames.inAllClasses() : workload.frames)
    self.isBusy = isBusy
    self.bench = bench
  }

  /// Sends bursts of 32 frames through the switch, and returns how many packets it has received.
  public mutating func run(bursts: Int) -> UInt64 {
    bench.run(bursts: bursts, isBusy: isBusy)
    return bench.received
  }

  /// Times windows of 1000 bursts, 2 to 4 ms each, one after the other: nanoseconds a packet with source and sink, in
  /// rising order. The least is what the path takes when nothing else uses the core and its caches.
  public mutating func time(windows: Int) -> [Double] {
    var received = run(bursts: 1000)
    var times: [Double] = []
    for _ in 0..<windows {
      let start = ContinuousClock.now
      let after = run(bursts: 1000)
      let nanoseconds = Double(start.duration(to: .now).components.attoseconds) / 1e9
      times.append(nanoseconds / Double(max(1, after - received)))
      received = after
    }
    return times.sorted()
  }
}
