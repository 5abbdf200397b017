import CShims
import Dataplane

/// What a worker has to do with the others of its switch.
extension WorkerUnit {
  /// Packets in a ring to another worker at which nothing more is received until it has caught up. As with one worker that
  /// is late, frames then wait in devices, and are lost there if they have to be, before any work was done for them.
  private static let highWater = SliceLinks.packetCapacity / 4

  /// Whether other workers keep up with what is received here.
  @inline(__always)
  var mayReceive: Bool {
    var index = 0
    while index < links.count {
      if links.base[index].packetsOut.count > WorkerUnit.highWater { return false }
      index &+= 1
    }
    return true
  }

  /// Takes in what other slices have for this one: as many packets a round as its ports can send. Returns how many came.
  @inline(never)
  mutating func takeOver() -> Int {
    var moved = 0
    var index = 0
    let most = max(1, ports.count / links.count)
    while index < links.count {
      let link = links.base + index
      var message = SliceMessage()
      while link.pointee.messagesIn.take(&message) {
        device.pointee.receive(message, from: link.pointee.slice, at: LiveClock.now)
      }
      var bursts = 0
      while bursts < most {
        let count = link.pointee.packetsIn.take(into: &arrivals)
        if count == 0 { break }
        link.pointee.packetsTaken &+= UInt64(truncatingIfNeeded: count)
        device.pointee.takeOver(&arrivals, at: LiveClock.now)
        if device.pointee.endingCount != 0 { tellEndings() }
        moved &+= count
        bursts &+= 1
      }
      index &+= 1
    }
    return moved
  }

  /// Hands packets that were received for ports of other slices to those. What does not fit into a ring is dropped.
  @inline(never)
  mutating func handOver() {
    while let slice = device.pointee.nextHandOver() {
      device.pointee.takeHandOver(to: slice, into: &departures)
      if departures.count == 0 { continue }
      let link = link(to: slice)
      let taken = link.pointee.packetsOut.put(departures)
      link.pointee.packetsPut &+= UInt64(truncatingIfNeeded: taken)
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
    if device.pointee.nextMessages() == nil { return }
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
}
