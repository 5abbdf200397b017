import CShims
import Dataplane

/// What a worker has to do with the others of its switch.
extension WorkerUnit {
  /// Bursts that are taken out of a ring before ports are looked at again.
  private static let burstsPerRound = 8

  /// Takes in what other slices have for this one. Returns how many packets came.
  @inline(never)
  mutating func takeOver() -> Int {
    var moved = 0
    var index = 0
    while index < links.count {
      let link = links.base + index
      var message = SliceMessage()
      while link.pointee.messagesIn.take(&message) {
        device.pointee.receive(message, from: link.pointee.slice, at: LiveClock.now)
      }
      var bursts = 0
      while bursts < WorkerUnit.burstsPerRound {
        let count = link.pointee.packetsIn.take(into: &arrivals)
        if count == 0 { break }
        takeOver(at: LiveClock.now)
        moved &+= count
        bursts &+= 1
      }
      index &+= 1
    }
    return moved
  }

  @inline(__always)
  private mutating func takeOver(at now: Tick) {
    if watchedPorts == 0 { return device.pointee.takeOver(&arrivals, at: now) }
    device.pointee.recordsEndings = true
    device.pointee.takeOver(&arrivals, at: now)
    noteEndings()
  }

  /// Captures of ports of other slices hear of what was dropped here.
  @inline(never)
  private mutating func noteEndings() {
    for index in 0..<device.pointee.endingCount {
      let ending = device.pointee.ending(index)
      guard ending.ingressPort != .none else { continue }
      let tap = watches.base + ending.ingressPort.index
      guard tap.pointee.isActive else { continue }
      tap.pointee.ended(ending)
      tap.pointee.publish()
    }
    device.pointee.forgetEndings()
    device.pointee.recordsEndings = false
  }

  /// Hands packets that were received for ports of other slices to those. What does not fit into a ring is dropped.
  @inline(never)
  mutating func handOver() {
    while let slice = device.pointee.nextHandOver() {
      device.pointee.takeHandOver(to: slice, into: &departures)
      if departures.count == 0 { continue }
      let taken = link(to: slice).pointee.packetsOut.put(departures)
      if taken == departures.count {
        departures.removeAll()
      } else {
        device.pointee.dropHandOver(&departures, from: taken, at: LiveClock.now)
      }
    }
  }

  /// Tells other slices what they have to know. What does not fit into a ring is told in the next round.
  @inline(never)
  mutating func tell() {
    var index = 0
    while index < links.count {
      let link = links.base + index
      var message = SliceMessage()
      while link.pointee.messagesOut.hasRoom(), device.pointee.takeMessage(for: link.pointee.slice, &message) {
        _ = link.pointee.messagesOut.put(&message)
      }
      index &+= 1
    }
  }

  @inline(__always)
  private func link(to slice: Int) -> UnsafeMutablePointer<SliceLink> {
    // The list leaves the own slice out.
    links.base + (slice < number ? slice : slice &- 1)
  }

  /// Lets a capture of a port of another slice hear of drops here, or ends that.
  mutating func watch(_ port: PortID, _ tap: CaptureTap) {
    let watch = watches.base + port.index
    watchedPorts += (tap.wantsEndings ? 1 : 0) - (watch.pointee.wantsEndings ? 1 : 0)
    watch.pointee = tap
  }
}
