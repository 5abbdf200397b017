import Dataplane

/// Pause storms: found when they must be, and not before.
enum WatchdogCases {
  private static let source = "SONiC PFC watchdog; IEEE 802.3 annex 31D"

  /// All cases of a configuration.
  static func all(_ user: SwitchConfiguration) -> [ConformanceCase] {
    [
      ConformanceCase(.watchdog, "storm and restoration") { experiment in
        guard let watchdog = user.watchdog else { throw NotApplicable("the watchdog is off") }
        // Pauses of a slow port last longer, so fewer frames renew them.
        let rank = PortRank.all(user).min { $0.speed < $1.speed }
        var bench = try Bench.lossless(user, rank: rank, senders: 1)
        bench.configuration.watchdog = watchdog
        return try storm(experiment, bench, watchdog)
      }
    ]
  }

  private static func storm(
    _ experiment: Experiment, _ bench: Bench, _ watchdog: WatchdogConfiguration
  ) throws -> [Check] {
    let egress = bench.configuration.ports[bench.egress.index]
    let length = bench.usualFrame
    let start = 1_000_000
    let count = 10
    let detection = Int(watchdog.detection.count)
    let interval = max(1, WireTheory.quanta(1, at: egress.speed) * 65_535 / 2)
    guard detection / interval < 1_000_000 else { throw NotApplicable("the detection time is too long to be tried") }
    let arrival = WireTheory.arrival(1, length: length, start: start, port: bench.port)
    let storm = arrival + detection
    let end = storm + 10 * interval
    let lastXOFF = (end - 1) / interval * interval
    let restored = watchdog.restoration.map { lastXOFF + Int($0.count) }
    var laboratory = try experiment.laboratory(bench.configuration, packets: 256)
    laboratory.hold(bench.egress, bench.holding, from: .zero, until: Tick(UInt64(end)))
    laboratory.add(
      bench.flow(bench.ingress[0], length: length, count: UInt64(count), start: start))
    laboratory.run(until: Tick(UInt64((restored ?? end) + 1_000_000)))
    func tick(_ kind: PauseEvent.Kind) -> Double {
      Double(laboratory.observed.first { $0.event.kind == kind }?.event.tick.rawValue ?? 0)
    }
    var checks = [
      Check(
        "storm found", formula: "detection after the queue has packets, is paused and sends nothing", source: source,
        unit: "ps", expected: Double(storm), measured: tick(.storm)),
      Check(
        "storms", formula: "1", source: source, unit: "storms", expected: 1,
        measured: Double(laboratory.observed.count { $0.event.kind == .storm })),
    ]
    if let restored {
      checks.append(
        Check(
          "queue restored", formula: "restoration after the last XOFF; XON does not count", source: source, unit: "ps",
          expected: Double(restored), measured: tick(.restored)))
    }
    let (dropped, sent) = watchdog.action == .drop ? (count, 0) : (0, count)
    checks += [
      Check(
        "frames dropped", formula: watchdog.action == .drop ? "all" : "0", source: source, unit: "frames",
        expected: Double(dropped), measured: Double(laboratory.records[0].dropped)),
      Check(
        "frames sent", formula: watchdog.action == .drop ? "0" : "all", source: source, unit: "frames",
        expected: Double(sent), measured: Double(laboratory.records[0].departed)),
    ]
    return checks
  }
}
