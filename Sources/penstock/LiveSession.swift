import Control
import Dataplane
import Drivers
import Glibc

/// A run from start to end: what the main thread does while workers move packets.
struct LiveSession {
  private let live: LiveRun
  private let controls: [LiveControl]
  private let signals: EndSignals

  /// How often links are looked at, in microseconds: a port that lost its peer is out of its next-hop groups within
  /// twice that.
  private static let period: UInt32 = 4000
  /// How many such looks lie between two searches for lost peers: 100 ms.
  private static let roundsToReconnect = 25

  init(_ live: LiveRun, _ controls: [LiveControl], _ signals: EndSignals) {
    self.live = live
    self.controls = controls
    self.signals = signals
  }

  /// Runs until a signal asks for the end, or for a number of seconds. The devices stay open for what is read at the end.
  ///
  /// - Parameter server: answers requests meanwhile; nil: nobody does.
  func run(for seconds: Double?, _ server: (any ControlServer)?) throws {
    // Threads of the server are not to be pinned to a worker's CPU.
    try server?.start()
    // Also if the workers cannot start: requests are answered already.
    defer {
      controls.forEach { $0.endCaptures() }
      server?.stop()
    }
    try live.start()
    announce()
    let clock = ContinuousClock()
    let begin = clock.now
    var rounds = 0
    while !signals.areWaiting {
      if let seconds, clock.now - begin >= .seconds(seconds) { break }
      live.watchLinks()
      rounds += 1
      if rounds % LiveSession.roundsToReconnect == 0 { live.reconnect() }
      if signals.takeReload() { controls.forEach { reload($0) } }
      for control in controls {
        guard let outcome = control.rollBackIfDue() else { continue }
        Terminal.complain("\(control.name): nobody confirmed the new configuration: \(outcome)")
      }
      usleep(LiveSession.period)
    }
    controls.forEach { $0.end() }
    live.stop()
    // What left during the stop belongs into captures too.
    controls.forEach { $0.endCaptures() }
  }

  private func announce() {
    for each in live.switches {
      for port in each.portStatus {
        let state = port.link.isUp ? "up" : "down"
        Terminal.complain("\(each.name): \(port.name) on \(port.device) (\(port.driver)), link \(state)")
      }
    }
    for worker in live.workerStatus {
      let place = worker.cpu.map { "on CPU \($0)" } ?? "on any CPU"
      let shares = worker.shares.map { share in
        let isWhole = live.switches.first { $0.name == share.switch }?.sliceCount == 1
        return isWhole ? share.switch : "\(share.switch): \(share.ports.joined(separator: " "))"
      }
      Terminal.complain("\(worker.name) \(place): \(shares.joined(separator: ", "))")
    }
    if live.controlCPUs.isEmpty, !live.workerStatus.contains(where: { $0.cpu == nil }) {
      Terminal.complain("control has no CPU of its own: every CPU has a worker, which it takes some time from")
    }
  }

  private func reload(_ control: LiveControl) {
    do throws(ControlError) {
      let report = try control.reload(ReloadRequest())
      let changes = report.changes.isEmpty ? ["nothing differs"] : report.changes
      for change in changes { Terminal.complain("\(control.name): reload: \(change)") }
    } catch {
      Terminal.complain("\(control.name): reload: \(error)")
    }
  }
}
