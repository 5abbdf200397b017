import Dataplane

/// Pause frames that the switch sends and obeys.
enum PauseCases {
  private static let source = "IEEE 802.3 annex 31B and 31D; IEEE 802.1Q clause 36"
  private static let start = 1_000_000

  /// All cases of a configuration.
  static func all(_ user: SwitchConfiguration) -> [ConformanceCase] {
    [sends(user), expires(user), leavesOthers(user)]
  }

  /// XOFF at once, refreshed in time, XON once.
  static func sends(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.pause, "XOFF, refresh and XON") { experiment in
      let bench = try Bench.lossless(user, senders: 1)
      let length = bench.largestFrame
      let story = try Filling.untilDrops(bench, length: length, starts: [start], fixed: [nil]).trace.stories[0]
      let xoff = WireTheory.arrival(story.xoff, length: length, start: start, port: bench.port)
      let pause = bench.configuration.pause
      let interval = WireTheory.refresh(pause, at: bench.speed)
      let release = max(xoff + 3 * interval + interval / 2, xoff + 1_000_000)
      var laboratory = try experiment.laboratory(bench.configuration, packets: story.xoff + 64)
      laboratory.hold(bench.egress, bench.holding, from: .zero, until: Tick(UInt64(release)))
      laboratory.add(bench.flow(bench.ingress[0], length: length, count: UInt64(story.xoff), start: start))
      laboratory.run()
      let frames = laboratory.pauseFrames.filter { $0.port == bench.ingress[0] }
      let stops = frames.filter { $0.xoff != 0 }
      let gaps = zip(stops, stops.dropFirst()).map { Double($1.tick - $0.tick) }
      let isLink = pause.mode == .link
      return [
        Check(
          "first XOFF leaves", formula: "with the last bit of the frame that brings it", source: source, unit: "ps",
          expected: Double(xoff), measured: Double(stops.first?.tick.rawValue ?? 0)),
        Check(
          "shortest time to the next XOFF", formula: pause.refresh == nil ? "quanta x 512 / C / 2" : "refresh",
          source: source, unit: "ps", expected: Double(interval), measured: gaps.min() ?? 0),
        Check(
          "longest time to the next XOFF", formula: pause.refresh == nil ? "quanta x 512 / C / 2" : "refresh",
          source: source, unit: "ps", expected: Double(interval), measured: gaps.max() ?? 0),
        Check(
          "time in XOFF", formula: "pause quanta", source: source, unit: "quanta", expected: Double(pause.quanta),
          measured: Double(stops.first?.quanta ?? 0)),
        Check(
          "priorities in XOFF, as a bit mask", formula: "those of the group", source: source, unit: "mask",
          expected: Double(isLink ? 0xFF : bench.announced), measured: Double(stops.first?.xoff ?? 0)),
        Check(
          "XON frames", formula: "1", source: source, unit: "frames", expected: 1,
          measured: Double(frames.count { $0.xoff == 0 })),
      ]
    }
  }

  /// A pause ends by itself.
  static func expires(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.pause, "a pause that is not renewed ends") { experiment in
      var bench = try Bench.lossless(user, senders: 1)
      bench.configuration.pause.response = user.pause.response
      let speed = bench.configuration.ports[bench.egress.index].speed
      let length = bench.usualFrame
      var laboratory = try experiment.laboratory(bench.configuration, packets: 64)
      laboratory.inject(bench.egress, bench.holding, quanta: 65_535, at: Tick(UInt64(start)))
      // By then any response time is over.
      let pause = WireTheory.quanta(65_535, at: speed)
      let response = Int(bench.configuration.pause.response.time(at: speed).count)
      let first = start + response + 1_000_000
      laboratory.add(bench.flow(bench.ingress[0], length: length, count: 2, start: first))
      laboratory.run()
      let arrival = WireTheory.arrival(1, length: length, start: first, port: bench.port)
      return [
        Check(
          "first frame leaves", formula: "65535 x 512 / C after the XOFF", source: source, unit: "ps",
          expected: Double(max(arrival, start + pause)),
          measured: Double(laboratory.records[0].firstDeparture.rawValue)),
        Check(
          "frames delivered", formula: "2", source: source, unit: "frames", expected: 2,
          measured: Double(laboratory.records[0].departed)),
      ]
    }
  }

  /// A paused priority leaves the other queues alone.
  static func leavesOthers(_ user: SwitchConfiguration) -> ConformanceCase {
    ConformanceCase(.pause, "other priorities flow while one is paused") { experiment in
      let bench = try Bench.lossless(user, senders: 1)
      guard bench.configuration.pause.mode == .priority else {
        throw NotApplicable("link-level PAUSE stops every priority")
      }
      let qos = bench.configuration.qos
      let others = (0..<8).filter { trafficClass in
        qos.trafficClassToQueue[trafficClass] != bench.queue
          && qos.trafficClassToPriorityGroup[trafficClass] != bench.group
          && !(0..<8).contains {
            bench.holding & 1 << UInt8($0) != 0 && qos.pfcPriorityToQueue[$0] == qos.trafficClassToQueue[trafficClass]
          }
      }
      guard !others.isEmpty else { throw NotApplicable("all classes share one queue") }
      let length = bench.usualFrame
      var laboratory = try experiment.laboratory(bench.configuration, packets: 256)
      laboratory.hold(bench.egress, bench.holding, from: .zero, until: Tick(UInt64(start + 1_000_000_000)))
      laboratory.add(bench.flow(bench.ingress[0], length: length, count: 8, start: start))
      for trafficClass in others {
        var flow = bench.flow(bench.ingress[0], length: length, count: 8, start: start)
        flow.trafficClass = TrafficClass(trafficClass)
        laboratory.add(flow)
      }
      laboratory.run(until: Tick(UInt64(start + 900_000_000)))
      // The buffer may refuse some of a lossy class; none may wait.
      let passed = laboratory.records.dropFirst().filter { $0.arrived == 8 && $0.departed + $0.dropped == 8 }.count
      return [
        Check(
          "classes of which nothing waits, of \(others.count)", formula: "all", source: source, unit: "classes",
          expected: Double(others.count), measured: Double(passed)),
        Check(
          "frames of the paused class that leave", formula: "0", source: source, unit: "frames", expected: 0,
          measured: Double(laboratory.records[0].departed)),
      ]
    }
  }
}
