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

  /// The impairments of a port and what each has done, in the order of the settings.
  public func impairments(of port: PortID) -> [(settings: ImpairmentSettings, counters: ImpairmentCounters)] {
    let unit = unit
    let answer = Answer<[(ImpairmentSettings, ImpairmentCounters)]>([])
    mailbox.post {
      let port = unit.pointer.pointee.ports.base + port.index
      let ingress = port.pointee.ingress.settings.indices.map {
        (port.pointee.ingress.settings[$0], port.pointee.ingress.counters(of: $0))
      }
      let egress = port.pointee.egress.settings.indices.map {
        (port.pointee.egress.settings[$0], port.pointee.egress.counters(of: $0))
      }
      answer.set(ingress + egress)
    }
    return answer.value.map { (settings: $0.0, counters: $0.1) }
  }

  /// Lets a capture have copies of what passes a port; nil ends that.
  public func setTap(of session: CaptureSession?, on port: PortID) {
    let unit = unit
    mailbox.post { unit.pointer.pointee.ports.base[port.index].tap = session?.tap(ofWorker: 0) ?? .inactive }
  }
}
