import Drivers

extension LiveControl {
  /// See ``ControlledSwitch``.
  public func startCapture(of port: String, _ request: CaptureRequest) throws(ControlError) -> CaptureStatus {
    let speed = configuration.ports.first { $0.name == port }?.speed ?? .gigabits(100)
    return try captures.start(port, request) { _ in speed }
  }

  /// See ``ControlledSwitch``.
  public func captureStatus(of port: String, id: UInt64?) throws(ControlError) -> CaptureStatus {
    try captures.status(port, id: id)
  }

  /// See ``ControlledSwitch``.
  public func stopCapture(of port: String, id: UInt64?) throws(ControlError) -> CaptureStatus {
    try captures.stop(port, id: id)
  }

  /// Ends all captures and allows no more. To be called before the ports of the run are closed.
  public func endCaptures() { captures.end() }
}
