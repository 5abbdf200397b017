import CShims

/// Ports come to a running switch, and leave it.
///
/// The order, with everything but compiling done between two bursts of each slice's worker:
/// 1. A ``PortChange`` to what there was with the new ports is compiled. ``resizePools(to:)`` in every slice: what is set
///    aside for the new ports comes out of the pools, or not if that much is in use. ``install(_:at:by:)`` at their places.
/// 2. ``exchange(_:at:)``: tables know the new ports, and do not know those that leave.
/// 3. Ports that leave are taken down, and what waits for them is dropped. When no slice has anything of them any more
///    (``holdsNothing(of:)``), ``install(_:at:by:)`` makes their places vacant, and the pools get what they had.
extension Switch {
  /// What a switch has for each port, compiled for other ports than those that it has.
  public struct PortChange: ~Copyable {
    fileprivate let egress: EgressPorts
    fileprivate let buffer: Buffer
    fileprivate let pauses: PauseStates
    /// What it was compiled from.
    public let configuration: SwitchConfiguration

    /// Compiles a change for a switch that runs, which does not change. It may be called beside the worker.
    ///
    /// - Parameter configuration: has as many places as the switch.
    /// - Throws: ``SwitchError`` if the buffer cannot hold what is set aside; ``SwitchError/notReloadable`` if
    ///   ``SwitchConfiguration/canBecome(_:)`` says no.
    public init(_ configuration: SwitchConfiguration, for device: borrowing Switch) throws(SwitchError) {
      guard device.configuration.canBecome(configuration) else { throw .notReloadable }
      let own = device.slices.slice
      let slice = own.count == 1 ? Slice.whole : Slice(own.number, of: configuration)
      try BufferLayout.check(configuration, slice)
      egress = EgressPorts(configuration, slice, ticksPerSecond: device.ticksPerSecond)
      buffer = Buffer(configuration, slice)
      pauses = PauseStates(configuration, ticksPerSecond: device.ticksPerSecond)
      self.configuration = configuration
    }
  }

  /// A pool that has more in use than it would have.
  public struct PoolShortage: Equatable, Sendable {
    /// Bytes in use.
    public var usedBytes: UInt64
    /// Bytes that it would have.
    public var sizeBytes: UInt64
  }

  /// Gives the pools of the buffer the sizes that they have with other ports.
  ///
  /// - Returns: nil; or what stands against it, and then nothing has changed.
  public mutating func resizePools(to change: borrowing PortChange) -> PoolShortage? {
    for index in 0..<buffer.pools.count {
      let (used, size) = (buffer.pools.base[index].used, change.buffer.pools.base[index].size)
      guard used > size else { continue }
      return PoolShortage(usedBytes: UInt64(used) * buffer.cellBytes, sizeBytes: UInt64(size) * buffer.cellBytes)
    }
    for index in 0..<buffer.pools.count { buffer.pools.base[index].size = change.buffer.pools.base[index].size }
    return nil
  }

  /// Whether nothing of a port is in this slice: no packet waits for it or has come from it, and nobody wants its
  /// neighbour to stop.
  public func holdsNothing(of port: PortID) -> Bool {
    if buffer.portReserves.base[port.index].used != 0 { return false }
    for index in port.index * QueueID.count..<(port.index + 1) * QueueID.count {
      let group = buffer.groups.base[index]
      let queue = buffer.queues.base[index]
      if group.reserveUsed | group.sharedUsed | group.headroomUsed | queue.reserveUsed | queue.sharedUsed != 0 {
        return false
      }
      if egress.queues.base[index].first != nil || slices.holders.base[index] != 0 { return false }
    }
    return true
  }

  /// Drops what has come in on a port and still waits in queues of this slice, as ``DropReason/ingressDown``.
  ///
  /// - Complexity: linear in the packets that wait.
  public mutating func discardReceived(on port: PortID, at now: Tick) {
    for index in 0..<egress.queues.count {
      let queue = egress.queues.base + index
      var rest = queue.pointee.packets
      while rest > 0, let packet = queue.pointee.pop() {
        rest -= 1
        if packet.ingressPort != port {
          queue.pointee.push(packet)
          continue
        }
        release(packet, queue: index, at: now)
        drop(packet, .ingressDown, at: now)
      }
      guard queue.pointee.first == nil else { continue }
      queue.pointee.deficit = 0
      egress.ports.base[index >> 3].backlogged &= ~(1 << UInt8(index & 7))
    }
  }

  /// Gives places what a change has for them: ports, which are down, or nothing. Whatever was known about them is
  /// forgotten; what they counted stays in ``totals``.
  ///
  /// - Parameter places: they hold nothing (``holdsNothing(of:)``).
  public mutating func install(_ change: borrowing PortChange, at places: [Int], by now: Tick) {
    for place in places {
      var port = change.egress.ports.base[place]
      port.isUp = false
      port.wireFree = now
      port.isTouched = egress.ports.base[place].isTouched
      egress.ports.base[place] = port
      pauses.ports.base[place] = change.pauses.ports.base[place]
      buffer.portReserves.base[place] = change.buffer.portReserves.base[place]
      for index in place * QueueID.count..<(place + 1) * QueueID.count {
        egress.queues.base[index] = change.egress.queues.base[index]
        egress.shapers.base[index] = change.egress.shapers.base[index]
        egress.markings.base[index] = change.egress.markings.base[index]
        buffer.queues.base[index] = change.buffer.queues.base[index]
        buffer.groups.base[index] = change.buffer.groups.base[index]
        pauses.queues.base[index] = change.pauses.queues.base[index]
        pauses.priorities.base[index] = change.pauses.priorities.base[index]
        measured.queues.base[index] = QueueCounters()
        measured.latencies.base[index].reset()
      }
      counters.departed.add(measured.ports.base[place])
      measured.ports.base[place] = PortCounters()
    }
    // What DWRR grants follows the largest frame of all ports.
    for index in 0..<egress.queues.count {
      egress.queues.base[index].quantum = change.egress.queues.base[index].quantum
    }
  }
}

extension PortCounters {
  /// Adds what counts for the totals of a switch.
  fileprivate mutating func add(_ other: PortCounters) {
    rxPackets &+= other.rxPackets
    txPackets &+= other.txPackets
    consumedPackets &+= other.consumedPackets
    for index in 0..<32 { drops[index] &+= other.drops[index] }
  }
}
