import Dataplane
import Wire

/// What the bytes of a frame say, for decorators of ports, which see frames before the switch has parsed them and after
/// it has rewritten them. A trivial value. Cost: 5 ns.
struct FrameFields {
  /// DSCP, or ``none`` without an IP header.
  var dscp = FrameFields.none
  /// A PFC or PAUSE frame.
  var isPause = false
  /// A base transport header was read (RoCEv1, RoCEv2).
  var isRoCE = false
  var opcode: UInt8 = 0
  var queuePair: UInt32 = 0
  var sequence: UInt32 = 0

  /// Offsets from the first byte of the frame. 0: there is no such header, or nothing of it to look at.
  var network = 0
  var transport = 0
  var ipProtocol: UInt8 = 0
  /// Where the payload behind all known headers begins and ends. Ethernet's padding and RoCE's invariant CRC are no
  /// payload.
  var payload = 0
  var end = 0
  /// Where the IP packet ends, as far as it is there, and whether all of it is.
  var networkEnd = 0
  var isWhole = false

  static let none: UInt8 = 0xFF

  /// Reads a packet's frame; of a cut or malformed one, what can be read.
  @inline(__always)
  static func read(_ packet: Packet) -> FrameFields { read(packet.bytes, available: packet.capturedLength) }

  /// Reads a frame.
  static func read(_ bytes: UnsafeMutableRawPointer, available: Int) -> FrameFields {
    var fields = FrameFields()
    fields.end = available
    fields.payload = min(EthernetHeader.length, available)
    guard let ethernet = EthernetHeader(at: bytes, available: available) else { return fields }
    var etherType = ethernet.etherType
    var offset = EthernetHeader.length
    // Two tags, as the switch itself looks behind.
    while EtherType.isVLAN(etherType), offset < EthernetHeader.length + 2 * VLANTag.length,
      let tag = VLANTag(at: bytes + offset, available: available &- offset)
    {
      etherType = tag.etherType
      offset &+= VLANTag.length
    }
    fields.payload = offset
    if etherType == EtherType.ipv4 {
      fields.readIPv4(bytes, at: offset)
    } else if etherType == EtherType.ipv6 {
      fields.readIPv6(bytes, at: offset)
    } else if etherType == EtherType.roceV1 {
      fields.readTransport(bytes, at: offset &+ GlobalRouteHeader.length)
    } else if etherType == EtherType.macControl,
      let control = MACControl(at: bytes + offset, available: available &- offset)
    {
      let opcode = control.opcode
      fields.isPause = opcode == MACControl.Opcode.priorityFlowControl || opcode == MACControl.Opcode.pause
    }
    return fields
  }

  private mutating func readIPv4(_ bytes: UnsafeMutableRawPointer, at offset: Int) {
    guard let header = IPv4Header(at: bytes + offset, available: end &- offset) else { return }
    network = offset
    dscp = header.trafficClassOctet >> 2
    payload = offset &+ header.headerLength
    endNetwork(at: offset &+ header.totalLength)
    guard !header.isFragment else { return }
    readUpperLayer(bytes, header.ipProtocol, at: payload)
  }

  private mutating func readIPv6(_ bytes: UnsafeMutableRawPointer, at offset: Int) {
    guard let header = IPv6Header(at: bytes + offset, available: end &- offset) else { return }
    network = offset
    dscp = header.dscp
    payload = offset &+ IPv6Header.length
    endNetwork(at: payload &+ Int(header.payloadLength))
    let upper = IPv6Extensions.walk(
      nextHeader: header.nextHeader, at: bytes + payload, available: end &- payload)
    guard !upper.isFragment, !upper.isTruncated else { return }
    readUpperLayer(bytes, upper.ipProtocol, at: payload &+ upper.offset)
  }

  private mutating func endNetwork(at claimed: Int) {
    isWhole = claimed <= end
    end = max(payload, min(end, claimed))
    networkEnd = end
  }

  private mutating func readUpperLayer(_ bytes: UnsafeMutableRawPointer, _ ipProtocol: UInt8, at offset: Int) {
    self.ipProtocol = ipProtocol
    transport = offset
    payload = min(offset, end)
    if ipProtocol == IPProtocol.udp, let header = UDPHeader(at: bytes + offset, available: end &- offset) {
      payload = offset &+ UDPHeader.length
      if header.destinationPort == UDPPort.roceV2 { readTransport(bytes, at: payload) }
    } else if ipProtocol == IPProtocol.tcp, let header = TCPHeader(at: bytes + offset, available: end &- offset) {
      payload = min(end, offset &+ header.headerLength)
    } else if ipProtocol == IPProtocol.icmp || ipProtocol == IPProtocol.icmpV6 {
      payload = min(end, offset &+ 8)
    }
  }

  private mutating func readTransport(_ bytes: UnsafeMutableRawPointer, at offset: Int) {
    guard let header = BaseTransportHeader(at: bytes + offset, available: end &- offset) else { return }
    isRoCE = true
    opcode = header.opcode.rawValue
    queuePair = header.destinationQP
    sequence = header.packetSequenceNumber
    payload = offset &+ BaseTransportHeader.length
    end = max(payload, end &- ICRC.length)
  }
}
