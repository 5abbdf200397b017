import TestSupport

/// An ICMP message in a frame that left the switch, taken apart on plain arrays.
struct Message: Equatable {
  var destinationMAC: UInt64
  var sourceMAC: UInt64
  var source: [UInt8]
  var destination: [UInt8]
  var ttl: UInt8
  var dscp: UInt8
  var ecn: UInt8
  var type: UInt8
  var code: UInt8
  /// The four octets behind the checksum.
  var parameter: [UInt8]
  /// What follows.
  var body: [UInt8]
  /// Octets behind the IP packet.
  var padding: [UInt8]
  var isWhole = true

  /// Reads an untagged frame; nil if it is no ICMP, if its lengths contradict each other, or if a checksum is wrong.
  init?(_ frame: [UInt8]) {
    guard frame.count >= 14 + 20 + 8 else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { frame[range].reduce(0) { $0 << 8 | UInt64($1) } }
    destinationMAC = number(0..<6)
    sourceMAC = number(6..<12)
    let isIPv4 = number(12..<14) == 0x0800
    guard isIPv4 || number(12..<14) == 0x86DD, frame[14] >> 4 == (isIPv4 ? 4 : 6) else { return nil }
    let length = isIPv4 ? Int(number(16..<18)) : 40 + Int(number(18..<20))
    let start = 14 + (isIPv4 ? 4 * Int(frame[14] & 15) : 40)
    guard frame.count >= 14 + length, length >= start - 14 + 8, frame[isIPv4 ? 23 : 20] == (isIPv4 ? 1 : 58) else {
      return nil
    }
    source = Array(isIPv4 ? frame[26..<30] : frame[22..<38])
    destination = Array(isIPv4 ? frame[30..<34] : frame[38..<54])
    ttl = frame[isIPv4 ? 22 : 21]
    let octet = isIPv4 ? frame[15] : frame[14] << 4 | frame[15] >> 4
    (dscp, ecn) = (octet >> 2, octet & 3)
    let message = Array(frame[start..<14 + length])
    (type, code) = (message[0], message[1])
    parameter = Array(message[4..<8])
    body = Array(message[8...])
    padding = Array(frame[(14 + length)...])
    // A sum with its checksum in place comes to zero.
    if isIPv4 {
      guard Frame.checksum(Array(frame[14..<start])) == 0, Frame.checksum(message) == 0 else { return nil }
    } else {
      let pseudo = source + destination + Frame.octets(UInt64(message.count), count: 4) + [0, 0, 0, 58]
      guard Frame.checksum(pseudo + message) == 0 else { return nil }
    }
  }

  /// The parameter as a number: the MTU, or identifier and sequence.
  var number: UInt32 { parameter.reduce(0) { $0 << 8 | UInt32($1) } }
}
