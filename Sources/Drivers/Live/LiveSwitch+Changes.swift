import Dataplane

extension LiveSwitch {
  /// Lets a capture have copies of what passes a port; nil ends that.
  public func setTap(of session: CaptureSession?, on port: PortID) {
    let unit = unit
    mailbox.post { unit.pointer.pointee.setTap(session?.tap(ofWorker: 0) ?? .inactive, on: port) }
  }
}
