import Dataplane

extension LiveSwitch {
  /// Lets a capture have copies of what passes a port; nil ends that. Every worker has a tap: what comes in on the port
  /// can be dropped by any of them.
  ///
  /// - Parameter session: one for ``sliceCount`` workers.
  public func setTap(of session: CaptureSession?, on port: PortID) {
    for (number, slice) in slices.enumerated() {
      slice.mailbox.post { slice.unit.pointer.pointee.setTap(session?.tap(ofWorker: number) ?? .inactive, on: port) }
    }
  }
}
