import Dataplane
import Drivers
import Synchronization

/// The captures of one switch: at most one on each port, and the last one of each port for whoever asks what became of it.
final class PortCaptures: Sendable {
  private struct State {
    var captures: [Int: PortCapture] = [:]
    var lastID: UInt64 = 0
    var isEnding = false
  }

  private let portNames: @Sendable () -> [String]
  private let workers: Int
  private let attach: @Sendable (CaptureSession?, PortID) -> Void
  private let clock: @Sendable () -> CaptureClock
  private let state = Mutex(State())

  /// - Parameters:
  ///   - portNames: names of the ports now, by their places; nothing where none is.
  ///   - workers: how many can drop packets of a port.
  ///   - clock: the clock of the switch, as it shows now.
  ///   - attach: lets a session have copies of what passes a port; nil ends that. It returns when that is so.
  init(
    portNames: @autoclosure @escaping @Sendable () -> [String], workers: Int = 1,
    clock: @escaping @Sendable () -> CaptureClock,
    attach: @escaping @Sendable (CaptureSession?, PortID) -> Void
  ) {
    self.portNames = portNames
    self.workers = workers
    self.clock = clock
    self.attach = attach
  }

  private func index(of port: String) throws(ControlError) -> Int {
    let names = portNames()
    guard !port.isEmpty, let index = names.firstIndex(of: port) else {
      throw .unknown("port", port, among: names.filter { !$0.isEmpty })
    }
    return index
  }

  /// Starts a capture.
  ///
  /// - Throws: `notFound` for a port that does not exist, `unprocessable` for what cannot be captured or written,
  ///   `conflict` while a capture is under way on the port or into the file, `unavailable` when the switch is stopping.
  func start(_ port: String, _ request: CaptureRequest, speed: (Int) -> BitRate) throws(ControlError) -> CaptureStatus {
    let index = try index(of: port)
    return try state.withLock { state throws(ControlError) in
      guard !state.isEnding else {
        throw ControlError(.unavailable, "the switch is being stopped", remedy: "capture when it runs again")
      }
      if let busy = state.captures[index], !busy.hasEnded {
        throw ControlError(
          .conflict, "a capture into \(PrintableText.clean(busy.path)) is under way on port \(port)",
          remedy: "wait for its end, or stop it: DELETE /v1/switches/SWITCH/ports/\(port)/capture")
      }
      if state.captures.values.contains(where: { $0.path == request.path && !$0.hasEnded }) {
        throw ControlError(
          .conflict, "another port is captured into \(PrintableText.clean(request.path))", remedy: "name another file")
      }
      let settings = try request.settings(port: PortID(index), named: port, speed: speed(index))
      let capture = try PortCapture(state.lastID + 1, settings, request, workers: workers, clock: clock())
      let attach = attach
      try capture.start { attach($0, PortID(index)) }
      state.lastID += 1
      state.captures[index] = capture
      return capture.status()
    }
  }

  /// How the capture of a port is getting on. Whoever asks keeps it alive.
  ///
  /// - Parameter id: only if it is this one; nil: the last of the port.
  func status(_ port: String, id: UInt64?) throws(ControlError) -> CaptureStatus {
    try capture(port, id)?.status() ?? CaptureStatus(port: port)
  }

  /// Ends the capture of a port, and returns when the file is complete. One that is over stays as it is.
  func stop(_ port: String, id: UInt64?) throws(ControlError) -> CaptureStatus {
    guard let capture = try capture(port, id) else { return CaptureStatus(port: port) }
    capture.requestEnd(.stopped)
    capture.waitForEnd()
    return capture.status()
  }

  private func capture(_ port: String, _ id: UInt64?) throws(ControlError) -> PortCapture? {
    let index = try index(of: port)
    let capture = state.withLock { $0.captures[index] }
    if let id, capture?.id != id {
      throw ControlError(
        .notFound, "capture \(id) is not the last one on port \(port)",
        remedy: "it is over and another one was started; leave `id` out to ask for that")
    }
    return capture
  }

  /// Ends the capture of a port that leaves the switch, and forgets it: its place can be another port's.
  func end(_ port: String) {
    guard let index = portNames().firstIndex(of: port) else { return }
    guard let capture = state.withLock({ $0.captures.removeValue(forKey: index) }) else { return }
    capture.requestEnd(.ended)
    capture.waitForEnd()
  }

  /// Ends all captures and starts no more. Every file is complete when this returns.
  func end() {
    let captures = state.withLock { state in
      state.isEnding = true
      return Array(state.captures.values)
    }
    captures.forEach { $0.requestEnd(.ended) }
    captures.forEach { $0.waitForEnd() }
  }
}
