extension ControlClient {
  /// Starts a capture on a port. It ends when nobody asks for its status for some time.
  public func startCapture(
    of port: String, of device: String, _ request: CaptureRequest
  ) throws(ControlClientError) -> CaptureStatus {
    try decode(CaptureStatus.self, from: try send("POST", path(port, device), body: try encode(request)))
  }

  /// How a capture is getting on; keeps it alive.
  public func captureStatus(
    of port: String, of device: String, id: UInt64
  ) throws(ControlClientError) -> CaptureStatus {
    try decode(CaptureStatus.self, from: try send("GET", path(port, device), query: [("id", "\(id)")]))
  }

  /// Ends a capture; the file is complete then.
  public func stopCapture(
    of port: String, of device: String, id: UInt64
  ) throws(ControlClientError) -> CaptureStatus {
    try decode(CaptureStatus.self, from: try send("DELETE", path(port, device), query: [("id", "\(id)")]))
  }

  private func path(_ port: String, _ device: String) -> [String] {
    ["v1", "switches", device, "ports", port, "capture"]
  }
}
