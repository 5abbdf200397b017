import Dataplane

/// What captures hear of packets that were dropped.
extension WorkerUnit {
  /// Tells captures how packets ended, wherever that was: what waits can be dropped long after it came, by the watchdog
  /// or with its port, and by another slice than the one that it came in on.
  @inline(never)
  mutating func tellEndings() {
    for number in 0..<device.pointee.endingCount {
      let ending = device.pointee.ending(number)
      guard ending.ingressPort != .none else { continue }
      // A tap knows which endings are its port's.
      for index in 0..<ports.count { ports[index].pointee.tap.ended(ending) }
      if watches.count > 0 { watches.base[ending.ingressPort.index].ended(ending) }
    }
    device.pointee.forgetEndings()
    for index in 0..<ports.count where ports[index].pointee.tap.isActive { ports[index].pointee.tap.publish() }
    for index in 0..<watches.count where watches.base[index].isActive { watches.base[index].publish() }
  }

  /// Gives a port another tap; one of another slice's port hears of drops alone. The switch records endings while any of
  /// them wants to.
  mutating func setTap(_ tap: CaptureTap, on port: PortID) {
    var isOwn = false
    for index in 0..<ports.count where ports[index].pointee.port == port {
      ports[index].pointee.tap = tap
      isOwn = true
    }
    if !isOwn { watches.base[port.index] = tap }
    var wantsEndings = false
    for index in 0..<ports.count { wantsEndings = wantsEndings || ports[index].pointee.tap.wantsEndings }
    for index in 0..<watches.count { wantsEndings = wantsEndings || watches.base[index].wantsEndings }
    device.pointee.recordsEndings = wantsEndings
    device.pointee.forgetEndings()
  }
}
