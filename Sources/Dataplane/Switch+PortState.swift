import CShims

extension Switch {
  /// Takes a port up or down between bursts. Next-hop groups do without a port that is down, and the stations that were
  /// learned on it are forgotten; what waits in its queues stays there, and leaves from `now` on when it is up again.
  public mutating func setPort(_ port: PortID, isUp: Bool, at now: Tick) {
    let state = egress.ports.base + port.index
    guard state.pointee.isUp != isUp else { return }
    state.pointee.isUp = isUp
    tables.groups.setPort(port, isUp: isUp)
    resetPauses(of: port, at: now)
    guard isUp else {
      moveReports(from: port)
      return tables.stations.forget(port)
    }
    state.pointee.wireFree = max(state.pointee.wireFree, now)
    touch(port)
  }

  /// Whether a port is up.
  public func isUp(_ port: PortID) -> Bool { egress.ports.base[port.index].isUp }

  /// Drops what waits in the queues of a port, as a switch does whose link is gone: senders that are paused for it go on.
  ///
  /// - Complexity: linear in the packets that wait.
  public mutating func discardQueued(on port: PortID, at now: Tick) {
    let state = egress.ports.base + port.index
    for queue in 0..<QueueID.count {
      let index = port.index * QueueID.count + queue
      while let packet = mode == .direct ? egress.queues.base[index].popUncounted() : egress.queues.base[index].pop() {
        if mode != .direct { release(packet, queue: index, at: now) }
        drop(packet, .egressDown, at: now, on: port)
      }
      egress.queues.base[index].deficit = 0
    }
    state.pointee.backlogged = 0
  }

  /// Says that the wire behind a port was not to be had until a tick, whatever the port's rate: nothing that was held up
  /// is made up for in a burst.
  public mutating func holdWire(of port: PortID, until tick: Tick) {
    egress.ports.base[port.index].wireFree = max(egress.ports.base[port.index].wireFree, tick)
  }
}
