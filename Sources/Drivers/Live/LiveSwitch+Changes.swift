import Dataplane

extension LiveSwitch {
  /// Replaces the impairments of a port, in both directions. What they hold leaves at its time.
  public func setImpairments(of port: PortID, _ settings: [ImpairmentSettings]) {
    change(port) { port in
      port.ingress.replace(settings)
      port.egress.replace(settings)
    }
  }

  /// Lets a capture have copies of what passes a port; nil ends that. Every worker has a tap: what comes in on the port
  /// can be dropped by any of them.
  ///
  /// - Parameter session: one for ``sliceCount`` workers.
  public func setTap(of session: CaptureSession?, on port: PortID) {
    let owner = owners[port.index]
    for (number, slice) in slices.enumerated() where number != owner {
      slice.mailbox.post { slice.unit.pointer.pointee.watch(port, session?.tap(ofWorker: number) ?? .inactive) }
    }
    change(port) { $0.tap = session?.tap(ofWorker: owner) ?? .inactive }
  }
}
