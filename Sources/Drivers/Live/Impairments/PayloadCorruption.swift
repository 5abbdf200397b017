import Dataplane
import Wire

/// Flips bits in the payload of frames.
enum PayloadCorruption {
  /// Flips different bits between the end of the headers and the end of the payload. False: the frame has no payload
  /// with so many bits, and is as it was.
  static func flip(_ bits: Int, of packet: Packet, _ fields: FrameFields, _ random: inout RandomStream) -> Bool {
    let available = (fields.end &- fields.payload) &* 8
    guard available >= bits else { return false }
    let base = packet.bytes + fields.payload
    // Sampling without replacement (Floyd): a bit that was chosen already is exchanged for the last one of the range.
    // At most 64 are chosen, so looking through them is quick.
    var chosen = InlineArray<64, Int>(repeating: -1)
    for index in 0..<bits {
      let last = available &- bits &+ index
      var bit = Int(truncatingIfNeeded: random.below(UInt64(last &+ 1)))
      for earlier in 0..<index where chosen[earlier] == bit { bit = last }
      chosen[index] = bit
      let octet = base.load(fromByteOffset: bit &>> 3, as: UInt8.self)
      base.storeBytes(of: octet ^ (0x80 &>> UInt8(bit & 7)), toByteOffset: bit &>> 3, as: UInt8.self)
    }
    return true
  }

  /// As ``flip(_:of:_:_:)``, and mends the invariant CRC of RoCE and the checksum of the transport, so that they are as
  /// right or wrong as they were. The invariant CRC of a frame that is not whole in memory stays.
  static func flipUnnoticed(
    _ bits: Int, of packet: Packet, _ fields: FrameFields, _ random: inout RandomStream
  ) -> Bool {
    // The checksum changes by what its words change (RFC 1624), whatever the pseudo-header is.
    let segment = UnsafeRawBufferPointer(
      start: packet.bytes + fields.transport, count: max(0, fields.networkEnd &- fields.transport))
    let before = InternetChecksum.checksum(of: segment)
    guard flip(bits, of: packet, fields, &random) else { return false }
    guard fields.transport > 0 else { return true }
    if fields.isRoCE, fields.isWhole {
      _ = ICRC.store(
        in: UnsafeMutableRawBufferPointer(
          start: packet.bytes + fields.network, count: fields.networkEnd &- fields.network))
    }
    let position: Int
    switch fields.ipProtocol {
    case 17: position = 6
    case 6: position = 16
    case 1, 58: position = 2
    default: return true
    }
    guard position &+ 2 <= segment.count else { return true }
    let field = packet.bytes + fields.transport + position
    let old = field.loadBigEndian(UInt16.self, at: 0)
    let isUDP = fields.ipProtocol == IPProtocol.udp
    // Zero says that the sender computed none (RFC 768).
    if isUDP, old == 0 { return true }
    let after = InternetChecksum.checksum(of: segment)
    let new = InternetChecksum.update(old, from: ~before, to: ~after)
    field.storeBigEndian(isUDP && new == 0 ? 0xFFFF : new, at: 0)
    return true
  }
}
