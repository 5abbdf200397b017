import Dataplane

/// Congestion marking: the probability at every queue length.
enum MarkingCases {
  private static let source = "Floyd and Jacobson 1993, on the instantaneous queue; RFC 3168"

  /// The profile of the first lossless queue that has one.
  static func all(_ user: SwitchConfiguration) -> [ConformanceCase] {
    [
      ConformanceCase(.ecn, "marking curve") { experiment in
        var ample = user
        ample.buffer = BufferConfiguration()
        ample.buffer.size = ByteCount(64 << 30)
        ample.buffer.headroom = ByteCount(1 << 20)
        ample.buffer.lossless.threshold = .dynamic(log2Alpha: 7)
        let bench = try Bench.lossless(ample, senders: 1)
        guard let profile = bench.configuration.ports[bench.egress.index].queues[bench.queue.index].ecn else {
          throw NotApplicable("the lossless queue \(bench.queue.rawValue) has no ECN profile")
        }
        return try curve(experiment, bench, profile)
      }
    ]
  }

  private static func curve(_ experiment: Experiment, _ bench: Bench, _ profile: ECNProfile) throws -> [Check] {
    let kmin = Double(profile.kmin.bytes)
    let kmax = Double(profile.kmax.bytes)
    let pmax = Double(profile.pmax.partsPerMillion) / 1e6
    let length = Int(kmax) / bench.usualFrame > 20_000 ? bench.largestFrame : bench.usualFrame
    let frames = Int(kmax) / length + 32
    guard frames < 60_000 else { throw NotApplicable("Kmax is too far away for the laboratory") }
    let rounds = max(1, min(20, 20_000 / frames))
    var laboratory = try experiment.laboratory(bench.configuration, packets: frames + 64)
    laboratory.recordsDepartures = true
    let filling = WireTheory.arrival(frames + 8, length: length, start: 0, port: bench.port)
    let egress = bench.configuration.ports[bench.egress.index]
    let draining = WireTheory.picoseconds(bytes: (frames + 8) * WireTheory.slot(length), at: egress.speed)
    for round in 0..<rounds {
      let begin = round * (filling + draining + 2_000_000)
      laboratory.hold(
        bench.egress, bench.holding, from: Tick(UInt64(begin)), until: Tick(UInt64(begin + filling + 1_500_000)))
      var flow = bench.flow(bench.ingress[0], length: length, count: UInt64(frames), start: begin + 1_000_000)
      flow.ecn = 2
      laboratory.add(flow)
    }
    laboratory.run()
    var (below, above, marks, expected, variance) = (0, 0, 0.0, 0.0, 0.0)
    var position = [Int](repeating: 0, count: rounds)
    for departure in laboratory.departures {
      position[departure.flow] += 1
      let i = position[departure.flow]
      let queued = Double((profile.moment == .dequeue ? frames - i : i - 1) * length)
      if queued <= kmin {
        below += departure.isMarked ? 1 : 0
      } else if queued > kmax {
        above += departure.isMarked ? 0 : 1
      } else {
        let probability = pmax * (queued - kmin) / (kmax - kmin)
        expected += probability
        variance += probability * (1 - probability)
        marks += departure.isMarked ? 1 : 0
      }
    }
    let spread = variance.squareRoot()
    return [
      Check(
        "frames marked at or below Kmin", formula: "0", source: source, unit: "frames", expected: 0,
        measured: Double(below)),
      Check(
        "frames not marked above Kmax", formula: "0", source: source, unit: "frames", expected: 0,
        measured: Double(above)),
      Check(
        "frames marked between them", formula: "sum of Pmax (q - Kmin) / (Kmax - Kmin), 4 standard deviations",
        source: source, unit: "frames", expected: (expected * 1000).rounded() / 1000, measured: marks,
        tolerance: (4000 * spread).rounded() / 1000),
      Check(
        "frames seen", formula: "rounds x frames", source: source, unit: "frames",
        expected: Double(rounds * frames), measured: Double(laboratory.departures.count)),
    ]
  }
}
