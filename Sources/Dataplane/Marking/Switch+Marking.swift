import CShims
import Wire

/// What marking means for a packet that comes to a queue.
enum MarkingVerdict {
  case pass
  case mark
  case drop
}

extension Switch {
  /// Judges a packet that comes to a queue by what it finds there. What cannot be marked is dropped if WRED is on.
  @inline(never)
  mutating func judgeAtEnqueue(_ packet: Packet, queue: Int) -> MarkingVerdict {
    let marking = egress.markings.base + queue
    let isCapable = packet.state.pointee.ecn != ECN.notCapable
    guard isCapable ? marking.pointee.marksAtEnqueue : marking.pointee.judgesNotCapable,
      marking.pointee.decides(egress.queues.base[queue].bytes)
    else { return .pass }
    return !isCapable && marking.pointee.dropsNotCapable ? .drop : .mark
  }

  @inline(never)
  mutating func dropByWRED(_ packet: Packet, queue: Int, on portID: PortID, at now: Tick) {
    measured.queues.base[queue].wredDrops &+= 1
    drop(packet, .wred, at: now, on: portID)
  }

  /// Marks a packet that leaves a queue, by what it leaves behind.
  @inline(__always)
  mutating func markAtDequeue(_ packet: Packet, queue: Int) {
    guard egress.markings.base[queue].decides(egress.queues.base[queue].bytes) else { return }
    mark(packet, queue: queue)
  }

  /// Marks a packet that was chosen, if it can be, and counts it.
  @inline(__always)
  func mark(_ packet: Packet, queue: Int) {
    if Marking.mark(packet) {
      measured.queues.base[queue].markedPackets &+= 1
      measured.queues.base[queue].markedBytes &+= UInt64(packet.state.pointee.wire_length)
    } else if packet.state.pointee.ecn == ECN.notCapable {
      measured.queues.base[queue].notCapable &+= 1
    }
  }
}
