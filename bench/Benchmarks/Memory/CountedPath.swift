/// A known number of packets through the switch in memory, for tools that count instructions and calls.
public enum CountedPath {
  /// Sends bursts of 32 frames of 64 octets through the switch, and returns how many packets it received.
  public static func run(_ level: FeatureLevel, bursts: Int) throws -> UInt64 {
    try BenchmarkMemory.start()
    let workload = WorkloadPlan.small.make()
    let configuration = BenchmarkSwitch(level: level).configuration(
      routes: workload.routes, frame: workload.frames.largest)
    let isBusy = level == .busy
    var bench = try MemoryBench(configuration, isBusy ? workload.frames.inAllClasses() : workload.frames)
    bench.run(bursts: bursts, isBusy: isBusy)
    return bench.received
  }
}
