import Dataplane
import Wire

/// By what a frame is known again after switches have rewritten it: a hash of what they leave alone.
///
/// Of IP packets that is addresses, protocol, length, IPv4's identification and fragment offset, and everything behind the
/// IP header. MAC addresses, VLAN tags, TTL, DSCP, ECN, header checksum and padding do not count. Of other frames all but
/// the tags counts. Nothing is written into the frame.
struct FrameSignature: Equatable {
  /// Of the frame.
  let frame: UInt64
  /// Of the flow that it belongs to: addresses, protocol and ports, or the queue pair of RoCE.
  let flow: UInt64

  init(_ bytes: UnsafeMutableRawPointer, count: Int) {
    let fields = FrameFields.read(bytes, available: count)
    var hash = SignatureHash()
    guard fields.network > 0 else {
      // Behind the tags: from the EtherType in front of the payload on.
      hash.add(bytes, from: 0, to: min(12, count))
      flow = hash.value
      hash.add(bytes, from: max(12, fields.payload &- 2), to: count)
      frame = hash.value
      return
    }
    let network = bytes + fields.network
    let isIPv4 = network.load(as: UInt8.self) >> 4 == 4
    hash.add(network, from: isIPv4 ? 12 : 8, to: isIPv4 ? 20 : 40)
    hash.add(UInt64(network.load(fromByteOffset: isIPv4 ? 9 : 6, as: UInt8.self)))
    var flowHash = hash
    if fields.isRoCE {
      flowHash.add(UInt64(fields.queuePair))
    } else if fields.transport > 0, fields.transport &+ 4 <= fields.networkEnd {
      flowHash.add(UInt64(bytes.loadBigEndian(UInt32.self, at: fields.transport)))
    }
    flow = flowHash.value
    if isIPv4 { hash.add(UInt64(network.loadBigEndian(UInt32.self, at: 4))) }
    hash.add(UInt64(fields.networkEnd &- fields.network))
    let header = isIPv4 ? Int(network.load(as: UInt8.self) & 15) &* 4 : IPv6Header.length
    hash.add(network, from: header, to: fields.networkEnd &- fields.network)
    frame = hash.value
  }
}

/// A hash of 64 bits for telling frames apart: a multiplication and a fold for every eight octets. Cost: 1 ns for them.
private struct SignatureHash {
  private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inline(__always)
  mutating func add(_ word: UInt64) {
    let product = (value ^ word).multipliedFullWidth(by: 0xA24B_AED4_963E_E407)
    value = product.high ^ product.low &+ word
  }

  mutating func add(_ bytes: UnsafeMutableRawPointer, from start: Int, to end: Int) {
    var offset = start
    while offset &+ 8 <= end {
      add(bytes.loadBigEndian(UInt64.self, at: offset))
      offset &+= 8
    }
    var rest: UInt64 = 1
    while offset < end {
      rest = rest << 8 | UInt64(bytes.load(fromByteOffset: offset, as: UInt8.self))
      offset &+= 1
    }
    add(rest)
  }
}
