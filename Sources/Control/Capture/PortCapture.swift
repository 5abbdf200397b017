import Drivers
import Glibc
import Synchronization

/// A capture on a port of a running switch, from its start to a complete file.
///
/// A thread of its own ends it, so that neither requests nor the thread that watches links wait for a disk.
final class PortCapture: Sendable {
  private struct State {
    var lastAsked: ContinuousClock.Instant
    var elapsed: Duration?
    var isToStop: CaptureStatus.State?
    var end: (state: CaptureStatus.State, outcome: CaptureOutcome)?
  }

  let id: UInt64
  private let session: CaptureSession
  private let begin: ContinuousClock.Instant
  private let duration: Duration?
  private let lease: Duration
  private let state: Mutex<State>

  /// How often it looks whether it is over, in microseconds.
  private static let period: UInt32 = 5000

  /// Creates the file, and nothing flows into it yet.
  init(
    _ id: UInt64, _ settings: CaptureSettings, _ request: CaptureRequest, workers: Int, clock: CaptureClock
  ) throws(ControlError) {
    do throws(CaptureError) {
      session = try CaptureSession(settings, workers: workers, clock: clock)
    } catch {
      throw ControlError(
        .unprocessable, "\(PrintableText.clean(error.path)): \(error.problem)",
        remedy: "name a file that the user of the switch can write to, on the switch's host")
    }
    self.id = id
    let now = ContinuousClock.now
    begin = now
    duration = request.durationSeconds.map { .seconds($0) }
    lease = .seconds(request.leaseSeconds ?? CaptureRequest.usualLease)
    state = Mutex(State(lastAsked: now))
  }

  /// Starts it.
  ///
  /// - Parameter attach: lets a session have copies of packets, or ends that, and returns when that is so.
  func start(_ attach: @escaping @Sendable (CaptureSession?) -> Void) throws(ControlError) {
    do throws(CaptureError) {
      try session.start()
    } catch {
      throw ControlError(.failed, error.problem, remedy: "raise the limit of threads (ulimit -u)")
    }
    attach(session)
    let isStarted = ServerThread.start { [self] in
      var reason = isOver
      while reason == nil {
        usleep(PortCapture.period)
        reason = isOver
      }
      conclude(reason ?? .stopped, attach)
    }
    guard isStarted else {
      conclude(.failed, attach)
      throw ControlError(.failed, "no thread can be made", remedy: "raise the limit of threads (ulimit -u)")
    }
  }

  /// The file is complete when this returns.
  private func conclude(_ reason: CaptureStatus.State, _ attach: (CaptureSession?) -> Void) {
    // The worker has let go of the tap when this returns; only then may the session end.
    attach(nil)
    let outcome = session.finish()
    state.withLock { state in
      state.elapsed = .now - begin
      state.end = (outcome.error == nil ? reason : .failed, outcome)
    }
  }

  private var isOver: CaptureStatus.State? {
    if session.isFinished { return .complete }
    let now = ContinuousClock.now
    if let duration, now - begin >= duration { return .expired }
    return state.withLock { state in
      state.isToStop ?? (now - state.lastAsked >= lease ? .abandoned : nil)
    }
  }

  /// Asks it to end, and says as what; the first one who asks has a say.
  func requestEnd(_ reason: CaptureStatus.State) { state.withLock { $0.isToStop = $0.isToStop ?? reason } }

  /// Waits until the file is complete. It has been asked to end.
  func waitForEnd() {
    while !hasEnded { usleep(1000) }
  }

  /// Whether the file is complete.
  var hasEnded: Bool { state.withLock { $0.end != nil } }

  /// The file.
  var path: String { session.settings.path }

  /// How it is getting on.
  ///
  /// - Parameter renews: whoever asks wants it to go on.
  func status(renews: Bool = true) -> CaptureStatus {
    var status = CaptureStatus(port: session.settings.portName, state: .running)
    let outcome: CaptureOutcome
    let elapsed: Duration
    (outcome, elapsed, status.state) = state.withLock { state in
      if renews { state.lastAsked = .now }
      let elapsed = state.elapsed ?? .now - begin
      guard let end = state.end else { return (session.outcome, elapsed, .running) }
      return (end.outcome, elapsed, end.state)
    }
    status.id = id
    status.path = path
    status.packets = outcome.packets
    status.missedPackets = outcome.missed
    status.elapsedSeconds = elapsed / .seconds(1)
    status.error = outcome.error.map { PrintableText.clean($0.description) } ?? ""
    return status
  }
}
