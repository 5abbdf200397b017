import CShims
import Wire

/// The frames that most frames are, read in one go: untagged IPv4 with UDP or TCP, no options, no fragment, for this
/// switch to route, on a routed port that has nothing else to ask of them.
///
/// What ``Parser``, ``Classifier``, ``FlowKey`` and the checks of RFC 1812 do one after the other for any frame is done
/// here for these alone, with constants that are gathered once a burst, and noted in the same state. A frame that is not
/// of this kind, or has the least fault, is left to them untouched; the conformance tests compare both ways.
///
/// Cost: 110 instructions a frame.
struct PlainFrames {
  /// The first eight octets of the frame as they lie: the switch's MAC address, and no group bit in the source's.
  private let addresses: UInt64
  private let addressMask: UInt64
  private let largestFrame: UInt32
  /// Ingress port, and the offsets of both headers.
  private let places: UInt64
  private let assignments: UnsafeMutablePointer<Classifier.Assignment>
  private let classMask: UInt64
  private let classBase: UInt64
  private let key: PlainFlowKey

  @inline(always) private static var network: Int { EthernetHeader.length }
  @inline(always) private static var transport: Int { EthernetHeader.length &+ IPv4Header.minimumLength }
  @inline(always) private static var shortest: Int { transport &+ UDPHeader.length }

  /// - Parameter acceptsForeignMAC: every frame is for this switch to route whose destination is no group.
  @inline(always)
  init(
    on port: UnsafeMutablePointer<Port>, _ id: PortID, mac: MACAddress, acceptsForeignMAC: Bool, key: PlainFlowKey,
    assignments: UnsafeMutablePointer<Classifier.Assignment>
  ) {
    let groupBits: UInt64 = 1 << 48 | 1
    addresses = acceptsForeignMAC ? 0 : mac.bits.byteSwapped &>> 16
    addressMask = acceptsForeignMAC ? groupBits : groupBits | 0xFFFF_FFFF_FFFF
    largestFrame = port.pointee.largestFrame
    places = UInt64(id.rawValue) | UInt64(PlainFrames.network) << 32 | UInt64(PlainFrames.transport) << 48
    self.assignments = assignments
    classMask = port.pointee.plainClassMask
    classBase = port.pointee.plainClassBase
    self.key = key
  }

  /// What is read of a frame of this kind, before anything is noted.
  struct Found {
    /// Version to fragment offset; TTL to source; destination: as they lie.
    fileprivate let first: UInt64
    fileprivate let second: UInt64
    fileprivate let third: UInt64
    fileprivate let transport: UInt64
    fileprivate let flags: UInt64

    /// The destination address.
    @inline(always) var destination: UInt32 { UInt32(truncatingIfNeeded: third).byteSwapped }
    @inline(always) fileprivate var ipProtocol: UInt64 { (second &>> 8) & 0xFF }
  }

  /// Reads a frame, classifies it and takes its hash. Nil: it is not of this kind, and nothing was noted.
  ///
  /// - Returns: the destination address.
  @inline(always)
  func read(_ packet: Packet) -> UInt32? {
    guard let found = find(in: packet) else { return nil }
    note(found, in: packet)
    return found.destination
  }

  /// Reads a frame, and notes nothing. Nil: it is not of this kind.
  @inline(always)
  func find(in packet: Packet) -> Found? {
    let state = packet.state
    let base = UnsafeRawPointer(packet.bytes)
    let captured = Int(state.pointee.data_len)
    guard captured >= PlainFrames.shortest else { return nil }
    let kind = base.loadLittleEndian(UInt32.self, at: 12)
    // EtherType 0800, version 4, five words of header.
    guard (base.loadLittleEndian(UInt64.self, at: 0) ^ addresses) & addressMask == 0, kind & 0xFF_FFFF == 0x45_0008
    else { return nil }

    let first = base.loadLittleEndian(UInt64.self, at: PlainFrames.network)
    let second = base.loadLittleEndian(UInt64.self, at: PlainFrames.network &+ 8)
    let third = UInt64(base.loadLittleEndian(UInt32.self, at: PlainFrames.network &+ 16))
    let wireLength = state.pointee.wire_length
    let length = UInt32(UInt16(truncatingIfNeeded: first &>> 16).byteSwapped)
    let ipProtocol = UInt8(truncatingIfNeeded: second &>> 8)
    let room = wireLength &- UInt32(truncatingIfNeeded: PlainFrames.shortest)
    guard first & 0xFF3F_0000_0000_0000 == 0, PlainFrames.addsUp(first, second, third),
      // At least a UDP header, and no longer than the frame, which is at least as long as what was captured.
      length &- UInt32(truncatingIfNeeded: PlainFrames.shortest &- PlainFrames.network) <= room,
      wireLength <= largestFrame, second & 0xFF > 1,
      ipProtocol == IPProtocol.udp || ipProtocol == IPProtocol.tcp,
      PlainFrames.isUnicast(second &>> 32), PlainFrames.isUnicast(third)
    else { return nil }

    let ports = base.loadLittleEndian(UInt32.self, at: PlainFrames.transport).byteSwapped
    var transport = UInt64(ports &>> 16 | ports &<< 16)
    var flags = UInt64(PacketFlags.plain.rawValue | PacketFlags.ipv4.rawValue | PacketFlags.ports.rawValue)
    if ports & 0xFFFF == UInt32(UDPPort.roceV2), ipProtocol == IPProtocol.udp,
      min(captured, Int(length) &+ PlainFrames.network) >= PlainFrames.shortest &+ BaseTransportHeader.length
    {
      let queuePair = base.loadLittleEndian(UInt32.self, at: PlainFrames.shortest &+ 4) & 0xFFFF_FF00
      transport |= UInt64(queuePair.byteSwapped) &<< 32
      flags |= UInt64(PacketFlags.roce.rawValue)
    }
    return Found(first: first, second: second, third: third, transport: transport, flags: flags)
  }

  /// The hash of the flow of a frame. Cost: 31 instructions.
  @inline(always)
  func hash(of found: Found) -> UInt32 {
    key.hash(
      addresses: found.second &>> 32 | found.third &<< 32, key: found.transport &<< 8 | found.ipProtocol)
  }

  /// Notes what was read, with class and hash.
  @inline(always)
  private func note(_ found: Found, in packet: Packet) {
    let state = packet.state
    state.pointee.flow_hash = hash(of: found)
    let trafficClassOctet = (found.first &>> 8) & 0xFF
    let dscp = trafficClassOctet &>> 2
    let assignment = UInt64(assignments[Int(truncatingIfNeeded: dscp & classMask | classBase)].word)
    let note = UnsafeMutableRawPointer(state)
    note.storeLittleEndian(0, at: PST_ROUTE_WORD)
    note.storeLittleEndian(places, at: PST_PLACE_WORD)
    note.storeLittleEndian(UInt64(EtherType.ipv4) | found.flags &<< 32 | assignment &<< 48, at: PST_KIND_WORD)
    note.storeLittleEndian(
      0xFFFF_FFFF | (assignment &>> 16) &<< 32 | dscp &<< 40 | (trafficClassOctet & 3) &<< 48
        | found.ipProtocol &<< 56, at: PST_CLASS_WORD)
    note.storeLittleEndian(found.transport, at: PST_TRANSPORT_WORD)
    state.pointee.network_length = UInt16(truncatingIfNeeded: found.first &>> 16).byteSwapped
    state.pointee.pcp = 0
  }

  /// Notes what is asked of a frame that has left a switch without queues: its ports, and that it was routed.
  @inline(always)
  func noteDirect(in packet: Packet, egress: PortID) {
    let note = UnsafeMutableRawPointer(packet.state)
    let flags = UInt64(PacketFlags.plainRouted.rawValue | PacketFlags.ipv4.rawValue)
    note.storeLittleEndian(places | UInt64(egress.rawValue) &<< 16, at: PST_PLACE_WORD)
    note.storeLittleEndian(UInt64(EtherType.ipv4) | flags &<< 32, at: PST_KIND_WORD)
  }

  /// RFC 1071 over 20 octets: ones' complement arithmetic is arithmetic modulo 2^16 - 1, of which 2^32 - 1 is a multiple,
  /// and which does not ask for the order of octets. A header that is right adds up to a multiple of 2^16 - 1, and is not
  /// zero; a number is a multiple if its product with the inverse of 2^16 - 1 modulo 2^64 is no larger than the largest
  /// quotient (Granlund and Montgomery, 1994, section 9).
  @inline(always)
  private static func addsUp(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> Bool {
    let sum = (first & 0xFFFF_FFFF) &+ (first &>> 32) &+ (second & 0xFFFF_FFFF) &+ (second &>> 32) &+ third
    return sum &* 0xFFFE_FFFE_FFFE_FFFF <= UInt64.max / 0xFFFF
  }

  /// Whether an address, of which the first octet lies lowest, is one that a router takes (RFC 1812 section 5.3.7): not
  /// in 0/8 nor 127/8, and below 224/8.
  @inline(always)
  private static func isUnicast(_ address: UInt64) -> Bool {
    let first = UInt8(truncatingIfNeeded: address)
    return first &- 1 < 223 && first != 127
  }
}

extension UnsafeRawPointer {
  @inline(always)
  fileprivate func loadLittleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value {
    Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}

extension UnsafeMutableRawPointer {
  @inline(always)
  fileprivate func storeLittleEndian(_ value: UInt64, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
  }
}
