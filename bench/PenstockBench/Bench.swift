import Dataplane

/// Prints nanoseconds a packet, by rounds, so that noise shows.
@main
struct Bench {
  static func main() throws {
    let bursts = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 100_000 : 100_000
    for length in CommandLine.arguments.count > 1 ? [60] : [60, 1082] {
      let workload = Workload(length: length)
      var memory = try InMemory(workload)
      memory.run(bursts: 1000)
      for _ in 0..<5 {
        let source = time { memory.runSource(bursts: bursts) } / Double(bursts * 32)
        let before = memory.sent
        let all = time { memory.run(bursts: bursts) }
        let each = all / Double(memory.sent - before)
        print("\(length) B: source \(source) ns, with switch \(each) ns a packet: \(1000 / each) Mpps")
      }
    }
  }

  private static func time(_ body: () -> Void) -> Double {
    let elapsed = ContinuousClock().measure(body)
    return Double(elapsed.components.seconds) * 1e9 + Double(elapsed.components.attoseconds) / 1e9
  }
}
