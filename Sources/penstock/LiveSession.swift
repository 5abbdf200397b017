import Control
import Dataplane
import Drivers
import Glibc

/// A run from start to end: what the main thread does while workers move packets.
struct LiveSession {
  private let live: LiveRun
  private let signals: EndSignals
  private let isJSON: Bool

  /// How often links are looked at, in microseconds: a port that lost its peer is out of its next-hop groups within
  /// twice that.
  private static let period: UInt32 = 4000

  init(_ live: LiveRun, _ signals: EndSignals, isJSON: Bool) {
    self.live = live
    self.signals = signals
    self.isJSON = isJSON
  }

  /// Runs until a signal asks for the end, or for a number of seconds.
  func run(for seconds: Double?) throws {
    do {
      try live.start()
    } catch {
      live.close()
      throw error
    }
    announce()
    let clock = ContinuousClock()
    let begin = clock.now
    while !signals.areWaiting {
      if let seconds, clock.now - begin >= .seconds(seconds) { break }
      live.watchLinks()
      usleep(LiveSession.period)
    }
    live.stop()
    defer { live.close() }
    try conclude()
  }

  private func announce() {
    for each in live.switches {
      for (name, port) in zip(each.portNames, each.ports) {
        let state = port.link.isUp ? "up" : "down"
        Terminal.complain("\(each.name): \(name) on \(port.device) (\(port.driver)), link \(state)")
      }
    }
    for worker in live.workerStatus {
      let place = worker.cpu.map { "on CPU \($0)" } ?? "on any CPU"
      Terminal.complain("\(worker.name) \(place): \(worker.switches.joined(separator: ", "))")
    }
  }

  private func conclude() throws {
    for each in live.switches {
      let totals = each.read { $0.totals }
      if totals.isConserved { continue }
      Terminal.complain("error: packets were lost in the accounts of \(each.name); please report this")
    }
    try Terminal.say(LiveSummary(live).text())
  }
}
