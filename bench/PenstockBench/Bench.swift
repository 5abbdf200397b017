import Dataplane
import Glibc

/// Measures the packet path in memory: nanoseconds a packet, each row beside a calibration loop, in rounds.
///
/// Usage: penstock-bench [rounds [bursts]]. With `--callgrind STEP`, runs that step alone, a known number of packets, for
/// `bench/instructions`.
@main
struct Bench {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.first == "--callgrind" { return try count(Array(arguments.dropFirst())) }
    let numbers = arguments.compactMap { Int($0) }
    let rounds = numbers.first ?? 5
    let bursts = numbers.count > 1 ? numbers[1] : 30_000
    for length in [60, 1082] {
      print("\n\(length + 4) B RoCEv2, 4096 flows, one core: ns a packet, median of \(rounds) rounds (least)")
      try measure(Workload(length: length), rounds: rounds, bursts: length == 60 ? bursts : bursts / 4)
    }
    try measureCongested(rounds: rounds, bursts: bursts)
    print(
      "\ncalibration: \(text(calibrate())) ns for 100 rounds of shift, exclusive or and multiply, each waiting for the last"
    )
  }

  /// All steps in turn, round by round, so that noise falls on all of them alike.
  private static func measure(_ workload: Workload, rounds: Int, bursts: Int) throws {
    let steps = Stages.steps(from: workload)
    var samples = Array(repeating: [Double](), count: steps.count + 1)
    for _ in 0..<rounds {
      for (index, step) in steps.enumerated() {
        var stepped = workload
        stepped.configuration = step.configuration
        var memory = try InMemory(stepped)
        memory.run(bursts: 2000)
        let before = memory.received
        let elapsed = time { memory.run(bursts: bursts) }
        samples[index + 1].append(elapsed / Double(memory.received - before))
        if index == 0 { samples[0].append(time { memory.runSource(bursts: bursts) } / Double(bursts * 32)) }
      }
    }
    let names = ["source and sink alone: allocate, fill, free"] + steps.map(\.name)
    for (name, values) in zip(names, samples) {
      let sorted = values.sorted()
      print(row(name, sorted[sorted.count / 2], sorted[0]))
    }
  }

  /// Everything on, and everything busy: eight backlogged DWRR queues a port, PFC in cycles, ECN.
  private static func measureCongested(rounds: Int, bursts: Int) throws {
    for length in [60, 1082] {
      let workload = Workload.congested(length: length)
      var samples: [Double] = []
      for round in 0..<rounds {
        var memory = try InMemory(workload)
        memory.runCongested(bursts: 2000)
        let (sent, pauses, marked) = (memory.sent, memory.pauseFrames, memory.marked)
        let elapsed = time { memory.runCongested(bursts: bursts) }
        let packets = memory.sent - sent
        samples.append(elapsed / Double(packets))
        if round == 0 {
          print(
            "\n\(length + 4) B RoCEv2, buffer, PFC, ECN and eight DWRR queues, all busy: \(packets) packets,",
            "\(memory.pauseFrames - pauses) pause frames, \(memory.marked - marked) marked, \(memory.dropped) dropped")
        }
      }
      samples.sort()
      print(row("+ congested: everything on and busy", samples[samples.count / 2], samples[0]))
    }
  }

  private static func row(_ name: String, _ median: Double, _ least: Double) -> String {
    let padded = name + String(repeating: " ", count: max(0, 52 - name.count))
    return "  \(padded) \(text(median)) (\(text(least)))  \(text(1000 / median)) Mpps (\(text(1000 / least)))"
  }

  /// One decimal.
  private static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Runs one step for callgrind and prints how many packets it handled.
  private static func count(_ arguments: [String]) throws {
    var workload = Workload()
    let steps = Stages.steps(from: workload)
    let index = arguments.first.flatMap { Int($0) } ?? 0
    guard steps.indices.contains(index) else {
      print("steps: 0 to \(steps.count - 1)")
      exit(64)
    }
    workload.configuration = steps[index].configuration
    var memory = try InMemory(workload)
    memory.run(bursts: 500)
    print("\(memory.received) \(steps[index].name)")
  }

  private static func calibrate() -> Double {
    var value = UInt64(CommandLine.arguments.count)
    let elapsed = time { for _ in 0..<10_000_000 { value = (value ^ (value >> 7)) &* 0x9E37_79B9_7F4A_7C15 } }
    // Something must depend on the result, or there is nothing to time.
    if value == 42 { print(value) }
    return (elapsed / 100_000).rounded()
  }

  private static func time(_ body: () -> Void) -> Double {
    let elapsed = ContinuousClock().measure(body)
    return Double(elapsed.components.seconds) * 1e9 + Double(elapsed.components.attoseconds) / 1e9
  }
}
