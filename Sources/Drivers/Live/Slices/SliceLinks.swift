import Dataplane

/// The rings between the workers of one switch: for each two of them, one of packets and one of messages in either
/// direction.
final class SliceLinks: Sendable {
  // Flat memory with one producer and one consumer each.
  nonisolated(unsafe) private let packets: [PacketRing]
  nonisolated(unsafe) private let messages: [MessageRing]
  private let count: Int

  /// Packets that a ring takes: what a worker can receive while another one is off its CPU for some milliseconds.
  static let packetCapacity = 8192

  /// Creates all rings between `count` slices.
  ///
  /// - Parameter ports: of the switch; each can have eight groups that change and a storm.
  init(slices count: Int, ports: Int) throws(LiveError) {
    self.count = count
    var packets: [PacketRing] = []
    var messages: [MessageRing] = []
    var isWhole = true
    let capacity = max(1024, 9 * ports).nextPowerOfTwo
    for _ in 0..<(count * (count - 1)) where isWhole {
      if let ring = PacketRing.create(capacity: SliceLinks.packetCapacity) {
        packets.append(ring)
      } else {
        isWhole = false
      }
      if let ring = MessageRing.create(capacity: capacity) { messages.append(ring) } else { isWhole = false }
    }
    guard isWhole else {
      for ring in packets { ring.free() }
      for ring in messages { ring.free() }
      throw LiveError("no memory for the rings between \(count) workers; use fewer")
    }
    self.packets = packets
    self.messages = messages
  }

  /// Frees the packets that are on their way; the workers have ended, and packet memory is still there.
  func free() {
    for ring in packets { ring.free() }
    for ring in messages { ring.free() }
  }

  /// What one slice has to do with each of the others.
  func links(of slice: Int) -> [SliceLink] {
    (0..<count).filter { $0 != slice }.map { other in
      let (out, back) = (place(from: slice, to: other), place(from: other, to: slice))
      return SliceLink(
        slice: other, packetsOut: packets[out], packetsIn: packets[back], messagesOut: messages[out],
        messagesIn: messages[back])
    }
  }

  private func place(from source: Int, to target: Int) -> Int {
    source * (count - 1) + (target < source ? target : target - 1)
  }
}

/// What one slice has to do with one other: the ends of four rings.
struct SliceLink {
  let slice: Int
  let packetsOut: PacketRing
  let packetsIn: PacketRing
  let messagesOut: MessageRing
  let messagesIn: MessageRing
  /// Packets that were put into ``packetsOut``, and that were taken from ``packetsIn``. Written by the worker, read by
  /// control.
  var packetsPut: UInt64 = 0
  var packetsTaken: UInt64 = 0
}

extension Int {
  /// The least power of two that is more than a positive number.
  fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - leadingZeroBitCount) }
}
