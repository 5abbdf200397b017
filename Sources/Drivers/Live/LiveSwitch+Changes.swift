import Dataplane

extension LiveSwitch {
  /// Replaces the impairments of a port, in both directions. What they hold leaves at its time.
  public func setImpairments(of port: PortID, _ settings: [ImpairmentSettings]) {
    let unit = unit
    mailbox.post {
      let port = unit.pointer.pointee.ports.base + port.index
      port.pointee.ingress.replace(settings)
      port.pointee.egress.replace(settings)
    }
  }

  /// Lets a capture have copies of what passes a port; nil ends that.
  public func setTap(of session: CaptureSession?, on port: PortID) {
    let unit = unit
    mailbox.post { unit.pointer.pointee.ports.base[port.index].tap = session?.tap(ofWorker: 0) ?? .inactive }
  }
}
