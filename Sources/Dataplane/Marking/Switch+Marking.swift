import CShims
import Wire

extension Switch {
  /// Marks a packet that comes to a queue, by what it finds there, or drops it if it cannot be marked and WRED is on.
  /// False: it was dropped.
  @inline(never)
  mutating func markAtEnqueue(_ packet: Packet, queue: Int, on portID: PortID, at now: Tick) -> Bool {
    let marking = egress.markings.base + queue
    let isCapable = packet.state.pointee.ecn != ECN.notCapable
    guard marking.pointee.marksAtEnqueue || !isCapable else { return true }
    guard marking.pointee.decides(egress.queues.base[queue].bytes) else { return true }
    if isCapable {
      countMark(packet, queue)
    } else if marking.pointee.dropsNotCapable {
      measured.queues.base[queue].wredDrops &+= 1
      drop(packet, .wred, at: now, on: portID)
      return false
    } else {
      measured.queues.base[queue].notCapable &+= 1
    }
    return true
  }

  /// Marks a packet that leaves a queue, by what it leaves behind.
  @inline(__always)
  mutating func markAtDequeue(_ packet: Packet, queue: Int) {
    guard egress.markings.base[queue].decides(egress.queues.base[queue].bytes) else { return }
    countMark(packet, queue)
  }

  @inline(__always)
  private func countMark(_ packet: Packet, _ queue: Int) {
    if Marking.mark(packet) {
      measured.queues.base[queue].markedPackets &+= 1
      measured.queues.base[queue].markedBytes &+= UInt64(packet.state.pointee.wire_length)
    } else if packet.state.pointee.ecn == ECN.notCapable {
      measured.queues.base[queue].notCapable &+= 1
    }
  }
}
